"""`vedette up`: one server a directory, the same one after a restart, gone without a trace on Ctrl-C."""

import json
import os
import signal
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.command import VEDETTE
from tests.clients.sdk import collect, rows

STOP_SECONDS = 5.0


@contextmanager
def up(data: Path, *flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    ready_file = data.parent / f"{data.name}.ready.json"
    command = [*VEDETTE, "up", "--data", str(data), "--port", "0", "--ready-file", str(ready_file), *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            while not ready_file.exists():
                assert process.poll() is None, process.communicate()
                time.sleep(0.02)
            yield process, json.loads(ready_file.read_text())
        finally:
            process.kill()


def test_ctrl_c_stops_it_in_time_and_takes_the_ready_files_away(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (process, ready):
        own = data / "ready.json"
        assert json.loads(own.read_text()) == ready
        assert stat.S_IMODE(own.stat().st_mode) == 0o600
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=2 * STOP_SECONDS)
        assert time.monotonic() - began < STOP_SECONDS
        assert process.returncode == 0, err
    assert not own.exists()
    assert not (tmp_path / "data.ready.json").exists()
    for shown in ("https", "proxy", "ca", "tenant_id", "workspace_id", "primary_shared_key", "client_secret"):
        assert ready[shown] in out, shown
    assert "vedette query '" in out


def test_a_second_server_on_the_directory_is_refused_by_name(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (process, ready):
        second = subprocess.run(
            [*VEDETTE, "up", "--data", str(data), "--port", "0"], capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert second.stdout == ""
        assert second.stderr == (
            f"vedette: The data directory '{data}' is in use by Vedette, process {process.pid} at {ready['https']}. "
            "Stop that one first, or choose another directory with --data.\n"
        )


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with up(tmp_path / "one") as (_process, ready):
        port = ready["https"].rpartition(":")[2]
        second = subprocess.run(
            [*VEDETTE, "up", "--data", str(tmp_path / "two"), "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert second.stderr.startswith(f"vedette: Cannot listen on 127.0.0.1 port {port}: Address already in use.")
    assert second.stderr.count("\n") == 1


def test_everything_is_the_same_after_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (process, before):
        collect(before, "Kept", [{"user": "ann"}])
        process.terminate()
        process.wait(2 * STOP_SECONDS)
    with up(data) as (_process, after):
        addresses = {"https", "http", "proxy", "console", "identity_endpoint", "identity_header"}  # new at each start
        assert {name: after[name] for name in after.keys() - addresses} == {
            name: before[name] for name in before.keys() - addresses
        }
        assert rows(after, "Kept_CL | project user_s") == [["ann"]]


def test_secrets_in_the_data_directory_are_their_owners_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (_process, ready):
        for path in (data, *data.rglob("*")):
            if (
                path.is_file()
                and path != Path(ready["ca"])
                and any(
                    secret in path.read_bytes()
                    for secret in (
                        b"PRIVATE KEY",
                        ready["client_secret"].encode(),
                        ready["primary_shared_key"].encode(),
                    )
                )
            ):
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        ssl.create_default_context(cafile=ready["ca"])
        assert os.access(ready["ca"], os.R_OK)
