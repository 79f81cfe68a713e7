"""The console's files: what is found, what is told of them, and that nothing else is reached."""

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from vedette.api import console_files
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.settings import IdentitySettings

BASE = "https://127.0.0.1:8443"
INDEX = b"<!doctype html><title>Vedette</title>" + b" " * 200_000
SCRIPT = b"console.log('vedette')"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the wheel has it, with compressed files only."""
    folder = tmp_path / "console"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html.gz").write_bytes(gzip.compress(INDEX, 9, mtime=0))
    (folder / "assets" / "index-Ab3_x-9Z.js.gz").write_bytes(gzip.compress(SCRIPT, 9, mtime=0))
    monkeypatch.setattr(console_files, "_FOLDERS", (tmp_path / "nowhere", folder))
    return folder


@pytest.fixture
def browser(anonymous: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(anonymous, "follow_redirects", False)
    return anonymous


def test_the_document_at_every_page(browser: TestClient, wheel: Path) -> None:
    for path in ("/console/", "/console/incidents", "/console/workspaces/a.b/rules/x", "/console/hosts/dc01.corp.com/"):
        answer = browser.get(path)
        assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, INDEX, "no-cache"), path
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-encoding"] == "gzip"
    assert "x-ms-routing-request-id" not in answer.headers


def test_a_hashed_name_is_kept_for_a_year(browser: TestClient, wheel: Path) -> None:
    answer = browser.get("/console/assets/index-Ab3_x-9Z.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.content == SCRIPT


@pytest.mark.parametrize("name", ["assets/gone-Ab3_x-9Z.js", "assets/gone", "favicon.ico", "x/y.css", "index.html.map"])
def test_a_file_that_is_not_there(browser: TestClient, wheel: Path, name: str) -> None:
    answer = browser.get(f"/console/{name}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NotFound")


def test_the_fallback_is_here_and_nowhere_else(browser: TestClient, wheel: Path) -> None:
    assert browser.get("/consoles").status_code == 401
    assert browser.get("/incidents").status_code == 401
    moved = browser.get("/console")
    assert (moved.status_code, moved.headers["location"]) == (308, "/console/")


def test_asking_again(browser: TestClient, wheel: Path) -> None:
    etag = browser.get("/console/").headers["etag"]
    again = browser.get("/console/", headers={"If-None-Match": f'"other", {etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    (wheel / "index.html.gz").write_bytes(gzip.compress(INDEX + b"!", 9, mtime=0))
    assert browser.get("/console/", headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("encoding", ["identity", "br", "gzip;q=0", ""])
def test_a_client_without_gzip(browser: TestClient, wheel: Path, encoding: str) -> None:
    answer = browser.get("/console/", headers={"Accept-Encoding": encoding})
    assert "content-encoding" not in answer.headers
    assert answer.content == INDEX
    assert answer.headers["content-length"] == str(len(INDEX))
    assert answer.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_head_alone(browser: TestClient, wheel: Path, encoding: str) -> None:
    asked = {"Accept-Encoding": encoding}
    head, whole = browser.head("/console/", headers=asked), browser.get("/console/", headers=asked)
    assert (head.status_code, head.content) == (200, b"")
    kept = ("content-length", "content-type", "content-encoding", "etag")
    assert [head.headers.get(each) for each in kept] == [whole.headers.get(each) for each in kept]


def test_only_reading(browser: TestClient, wheel: Path) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert browser.request(method, "/console/index.html").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/console/../estate.json",
        "/console/%2e%2e/secret.txt",
        "/console/..%2fsecret.txt",
        "/console/assets/..%5c..%5csecret.txt",
        "/console/%2fetc/passwd",
        "/console/assets/%00.js",
        "/console/.hidden.txt",
        "/console/link.txt",
    ],
)
def test_no_way_out(browser: TestClient, wheel: Path, path: str) -> None:
    (wheel.parent / "secret.txt").write_text("secret")
    (wheel / ".hidden.txt").write_text("secret")
    (wheel / "link.txt").symlink_to(wheel.parent / "secret.txt")
    answer = browser.get(path)
    assert answer.status_code in (400, 401, 404), answer.status_code
    assert b"secret" not in answer.content.replace(b"/secret.txt", b"").replace(b"secret.txt'", b"")


def test_what_a_checkout_has(browser: TestClient, wheel: Path) -> None:
    """A file that was built after its compressed copy is the one that is shown."""
    plain = wheel / "index.html"
    plain.write_bytes(b"new")
    past = (wheel / "index.html.gz").stat().st_mtime_ns
    os.utime(plain, ns=(past + 1, past + 1))
    assert browser.get("/console/").content == b"new"
    os.utime(plain, ns=(past - 1, past - 1))
    assert browser.get("/console/").content == INDEX


def test_nothing_is_built(browser: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_files, "_FOLDERS", (tmp_path,))
    answer = browser.get("/console/incidents")
    assert answer.status_code == 404
    assert "make console" in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert browser.get("/console/assets/index-Ab3_x-9Z.js").status_code == 404


def test_names_that_no_file_system_takes(browser: TestClient, wheel: Path) -> None:
    for name in ("a" * 300, "a/" * 3000, f"{'a' * 253}"):
        assert browser.get(f"/console/{name}").content == INDEX
        assert browser.get(f"/console/assets/{name}").status_code == 404


def test_what_a_browser_is_told(browser: TestClient, wheel: Path) -> None:
    for path in ("/console/", "/console/assets/index-Ab3_x-9Z.js"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == (
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"


def test_in_the_clear_there_is_no_sign_in(services: Services, wheel: Path) -> None:
    clear = TestClient(make_app(services), base_url="http://127.0.0.1:8080", follow_redirects=False)
    answer = clear.get("/console/incidents")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{BASE}/console/incidents")


def test_by_a_name_that_nobody_can_be_sent_back_to(browser: TestClient, wheel: Path) -> None:
    for host in ("siem.example:8443", "127.0.0.1:1", "management.azure.com"):
        answer = browser.get("/console/incidents", headers={"Host": host})
        assert (answer.status_code, f"{BASE}/console/" in answer.text) == (421, True), host
    assert browser.get("/console/", headers={"Host": "LOCALHOST:8443"}).status_code == 200


def test_config(browser: TestClient, services: Services) -> None:
    told = browser.get("/console/config.json").json()
    assert told["authority"] == f"{BASE}/{services.estate.tenant_id}/v2.0"
    assert told["tenantId"] == services.estate.tenant_id
    assert told["audiences"].keys() == {"arm", "logs", "graph", "kusto"}
    assert all(map(services.tokens.accepts_audience, told["audiences"].values()))
    assert (told["signIn"], told["virtualClock"]) == ("oidc", False)
    other = browser.get("/console/config.json", headers={"Host": "localhost:8443"}).json()
    assert other["authority"].startswith("https://localhost:8443/")
    assert browser.get(other["authority"].removeprefix("https://localhost:8443") + "/.well-known/openid-configuration")


def test_another_tenants_people(services: Services, changed: Callable[..., TestClient], wheel: Path) -> None:
    issuer = "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111/v2.0"
    client = changed(IdentitySettings(trusted_issuers=(issuer,), console_client="app"))
    told = client.get("/console/config.json").json()
    assert (told["authority"], told["clientId"], told["audiences"]["graph"]) == (issuer, "app", None)
    policy = client.get("/console/").headers["content-security-policy"]
    assert "connect-src 'self' https://login.microsoftonline.com;" in policy


def test_whoever_comes_is_let_in(services: Services) -> None:
    anybody = replace(services, sign_ins=replace(services.sign_ins, anybody=services.estate.client_object_id))
    client = TestClient(make_app(anybody), base_url="http://127.0.0.1:8080", follow_redirects=False)
    assert client.get("/console/config.json").json()["signIn"] == "none"
    assert client.get("/console/").status_code in (200, 404)


@pytest.fixture
def changed(services: Services) -> Callable[[IdentitySettings], TestClient]:
    """Makes a client of the server with other settings of who signs in."""

    def make(identity: IdentitySettings) -> TestClient:
        other = replace(services, settings=replace(services.settings, identity=identity))
        return TestClient(make_app(other), base_url=BASE)

    return make
