"""A live server in a process of its own, started the way a person starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

Ready = dict[str, str]
READY_SECONDS = 60.0
EXIT_SECONDS = 5.0


@contextmanager
def running(directory: Path, *flags: str) -> Iterator[Ready]:
    """`vedette up` on `directory`/data with these flags; gives what its ready file says, and checks that it stops."""
    path = directory / "ready.json"
    command = [sys.executable, "-m", "vedette.cli.main", "up", "--port", "0", "--data", str(directory / "data")]
    command += ["--query-rate", "0"]  # tests share one caller; the last of two options counts
    with (directory / "server.log").open("w+") as log:
        process = subprocess.Popen(
            [*command, "--ready-file", str(path), *flags],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        )
        try:
            yield _ready(process, path)
            _stop(process)
        except BaseException:
            process.kill()
            process.wait()
            log.seek(0)
            sys.stderr.write(log.read())
            raise


def _ready(process: subprocess.Popen[bytes], path: Path) -> Ready:
    deadline = time.monotonic() + READY_SECONDS
    while not path.exists():
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode} before it was ready")
        if time.monotonic() > deadline:
            pytest.fail(f"the server was not ready within {READY_SECONDS:.0f} s")
        time.sleep(0.02)
    return json.loads(path.read_text())


def _stop(process: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(2 * EXIT_SECONDS)
    assert process.returncode == 0
    assert time.monotonic() - began < EXIT_SECONDS


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """A server that the tests of a session share; they tell their things apart by name."""
    with running(tmp_path_factory.mktemp("server")) as ready:
        yield ready


@pytest.fixture
def virtual_server(tmp_path: Path) -> Iterator[Ready]:
    """A server of the test's own whose clock moves only when told."""
    with running(tmp_path, "--virtual-clock") as ready:
        yield ready


@pytest.fixture
def start_server(tmp_path: Path) -> Callable[..., object]:
    """`running` on the test's own directory, for tests that restart a server or choose its flags."""

    def start(*flags: str) -> object:
        return running(tmp_path, *flags)

    return start
