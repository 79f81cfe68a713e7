"""The life of the process: it starts, says so, answers over TLS, keeps others off its data, and stops in time."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

SCRIPT = """
import sys
from pathlib import Path
from vedette.core.errors import VedetteError
from vedette.core.settings import Settings
from vedette.server.serve import serve
try:
    serve(Settings(Path(sys.argv[1]), host=sys.argv[3], port=int(sys.argv[4]), ready_file=Path(sys.argv[2])))
except VedetteError as error:
    sys.exit(f"{error.code}: {error.message}")
"""
KEYS = {
    "https",
    "console",
    "http",
    "proxy",
    "ca",
    "tenant_id",
    "subscription_id",
    "resource_group",
    "workspace_name",
    "workspace_id",
    "primary_shared_key",
    "secondary_shared_key",
    "client_id",
    "client_secret",
    "identity_endpoint",
    "identity_header",
}

Start = Callable[..., subprocess.Popen[str]]


class Servers:
    """Starts servers on one data directory, and leaves none behind."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *, ready: str = "ready.json", host: str = "127.0.0.1", port: int = 0) -> subprocess.Popen[str]:
        paths = (str(self.directory / "data"), str(self.directory / ready))
        command = [sys.executable, "-c", SCRIPT, *paths, host, str(port)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers on a data directory of the test's own."""
    servers = Servers(tmp_path)
    yield servers.start
    servers.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The data directory of a server that tests share."""
    servers = Servers(tmp_path_factory.mktemp("shared"))
    yield servers
    servers.end()


@pytest.fixture(scope="module")
def told(shared: Servers) -> dict[str, str]:
    """The ready file of the server that tests share."""
    return ready(shared.start(), shared.directory / "ready.json")


def ready(process: subprocess.Popen[str], path: Path) -> dict[str, str]:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "the server did not become ready"
        time.sleep(0.01)
    return json.loads(path.read_text())


def text_of(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> float:
    began = time.monotonic()
    process.send_signal(number)
    process.wait(10)
    return time.monotonic() - began


def cpu_seconds(process: subprocess.Popen[str]) -> float:
    """What the process has used, by which a test sees that it is at work."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def client(told: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=told["https"], verify=ssl.create_default_context(cafile=told["ca"]), trust_env=False)


def token(told: dict[str, str]) -> dict[str, str]:
    with client(told) as http:
        form = {
            "grant_type": "client_credentials",
            "client_id": told["client_id"],
            "client_secret": told["client_secret"],
            "scope": "https://management.azure.com/.default",
        }
        answer = http.post(f"/{told['tenant_id']}/oauth2/v2.0/token", data=form)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_it_starts_says_so_answers_and_stops(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    process = start()
    told = ready(process, path)
    assert set(told) == KEYS
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    kept = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "data").iterdir() if file.is_file()}
    assert set(kept.values()) == {0o600}, kept
    with client(told) as http:
        assert http.get("/vedette/status").status_code == 401
        bearer = token(told)
        assert http.get("/vedette/status", headers=bearer).status_code == 200
        half_open = socket.create_connection(("127.0.0.1", int(told["proxy"].rpartition(":")[2])))
        assert stop(process) < 5
        half_open.close()
    assert process.returncode == 0
    assert not path.exists()
    assert not (tmp_path / "data" / "ready.json").exists()
    said = "".join(process.communicate())
    secrets = [told["client_secret"], told["primary_shared_key"], bearer["Authorization"]]
    assert not any(secret in said for secret in secrets)


def test_ctrl_c_stops_a_query_in_flight_and_answers_it(start: Start, tmp_path: Path) -> None:
    process = start()
    told = ready(process, tmp_path / "ready.json")
    endless = "range x from 1 to 100000000 step 1 | extend k = 1"
    query = f"{endless} | join kind=inner ({endless}) on k | count"
    with client(told) as http, ThreadPoolExecutor() as asking:
        bearer = token(told)
        path = f"/v1/workspaces/{told['workspace_id']}/query"
        answer = asking.submit(http.post, path, json={"query": query}, headers=bearer, timeout=30)
        before = cpu_seconds(process)
        while cpu_seconds(process) < before + 0.5:
            time.sleep(0.01)
        assert stop(process, signal.SIGINT) < 5
        assert answer.result().status_code == 503
        assert answer.result().json()["error"]["code"] == "QueryCancelled"
    assert process.returncode == 0


def test_a_restart_keeps_the_estate_the_authority_and_the_key(start: Start, tmp_path: Path) -> None:
    first = start()
    before = ready(first, tmp_path / "ready.json")
    authority = Path(before["ca"]).read_bytes()
    first.kill()
    first.wait()
    stale = (tmp_path / "ready.json").read_text()
    second = start()
    while text_of(tmp_path / "ready.json") == stale:
        time.sleep(0.01)
    after = ready(second, tmp_path / "ready.json")
    changing = {"https", "http", "proxy", "console", "identity_endpoint", "identity_header"}
    assert {name: after[name] for name in KEYS - changing} == {name: before[name] for name in KEYS - changing}
    assert Path(after["ca"]).read_bytes() == authority
    with client(after) as http:
        assert http.get("/vedette/status", headers=token(after)).status_code == 200


def test_a_second_server_on_the_same_data_is_refused_by_name(shared: Servers, told: dict[str, str]) -> None:
    second = shared.start(ready="second.json")
    _, said = second.communicate(timeout=30)
    assert second.returncode == 1
    assert said.startswith("DataDirectoryInUse: ")
    assert str(shared.started[0].pid) in said
    assert told["https"] in said
    assert not (shared.directory / "second.json").exists()
    with client(told) as http:
        assert http.get("/vedette/status", headers=token(told)).status_code == 200


def test_a_port_in_use_is_named(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(port=port)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.startswith("AddressInUse: ")
    assert str(port) in said
    assert not (tmp_path / "ready.json").exists()


def test_the_plain_listener_wants_a_token_all_the_same(told: dict[str, str]) -> None:
    assert told["http"].startswith("http://127.0.0.1:")
    with httpx.Client(base_url=told["http"], trust_env=False) as http:
        assert http.get("/vedette/status").status_code == 401
        assert http.get("/vedette/status", headers=token(told)).status_code == 200


def test_old_tls_is_refused(told: dict[str, str]) -> None:
    address = ("127.0.0.1", int(told["https"].rpartition(":")[2]))
    context = ssl.create_default_context(cafile=told["ca"])
    with socket.create_connection(address) as raw, context.wrap_socket(raw, server_hostname="localhost") as wrapped:
        assert wrapped.version() == "TLSv1.3"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(told["ca"])
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(address) as raw, pytest.raises(ssl.SSLError):
        old.wrap_socket(raw, server_hostname="localhost")


def test_public_names_are_reached_through_the_proxy(told: dict[str, str]) -> None:
    context = ssl.create_default_context(cafile=told["ca"])
    with httpx.Client(proxy=told["proxy"], verify=context, trust_env=False) as http:
        found = http.get(f"https://login.microsoftonline.com/{told['tenant_id']}/v2.0/.well-known/openid-configuration")
        assert found.json()["token_endpoint"].startswith("https://login.microsoftonline.com/")
        assert http.get("https://management.azure.com/subscriptions?api-version=2022-12-01").status_code == 401
        with pytest.raises(httpx.ProxyError, match="403"):
            http.get("https://example.com/")


def test_an_unwritable_ready_file_is_an_error_and_not_a_hang(start: Start, tmp_path: Path) -> None:
    process = start(ready="no/such/directory/ready.json")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "no/such/directory" in said
