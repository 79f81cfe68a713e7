"""Requests of the server's own: to whom they may go, and what comes back."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from vedette.core.egress import send
from vedette.core.errors import InvalidInput, TooLarge, Unavailable
from vedette.core.settings import EgressSettings


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was sent; `/moved` with a redirect, `/slow` too late, `/large` with more than is taken."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/slow":
            threading.Event().wait(0.4)
        self.send_response(302 if self.path.startswith("/moved") else 202)
        if self.path == "/moved-nowhere":
            self.send_header("Location", "https://[bad")
        self.send_header("X-Given", self.headers.get("X-Given", ""))
        self.end_headers()
        self.wfile.write(b"x" * 2000 if self.path == "/large" else body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def allowed(base: str) -> EgressSettings:
    return EgressSettings((base.removeprefix("http://"),), private_addresses=True, bytes=1000)


def test_an_answer_of_any_status_is_one(base: str, allowed: EgressSettings) -> None:
    answer = send("POST", f"{base}/", allowed, headers={"X-Given": "yes", "Host": "elsewhere"}, body=b"hello")
    assert (answer.status, answer.headers["x-given"], answer.body) == (202, "yes", b"hello")
    assert send("POST", f"{base}/moved", allowed).status == 302


@pytest.mark.parametrize(
    "settings",
    [
        EgressSettings(),
        EgressSettings(("127.0.0.1",), private_addresses=True),
        EgressSettings(("*.example.org",), private_addresses=True),
    ],
)
def test_nothing_goes_to_a_host_that_is_not_allowed(base: str, settings: EgressSettings) -> None:
    with pytest.raises(InvalidInput, match="--egress-host 127") as refused:
        send("POST", f"{base}/?secret=1", settings)
    assert refused.value.code == "EgressNotAllowed"
    assert "secret" not in refused.value.message


def test_nothing_goes_to_a_private_address_unless_it_may(base: str, allowed: EgressSettings) -> None:
    with pytest.raises(InvalidInput, match="--egress-private"):
        send("POST", base, EgressSettings(allowed.hosts))
    for url in ("file:///etc/passwd", "ftp://127.0.0.1/", "http:///x", "nothing"):
        with pytest.raises(InvalidInput):
            send("GET", url, allowed)


def test_what_is_late_or_too_large_is_no_answer(base: str, allowed: EgressSettings) -> None:
    with pytest.raises(Unavailable):
        send("POST", f"{base}/slow", allowed, seconds=0.1)
    with pytest.raises(TooLarge):
        send("POST", f"{base}/large", allowed)
    with pytest.raises(Unavailable, match="does not answer"):
        send("POST", "http://127.0.0.1:9/", EgressSettings(("127.0.0.1:9",), private_addresses=True))


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("https://[bad", {}),
        ("https://a..example.com/", {}),
        (f"https://{'a' * 64}.example.com/", {}),
        ("{base}/a\x01b", {}),
        ("{base}/", {"X-Given": "é€"}),
        ("{base}/", {"X-Given": "a\r\nX-Other: b"}),
        ("{base}/", {"X Given": "a"}),
        ("{base}/moved-nowhere", {}),
    ],
)
def test_what_cannot_be_sent_is_refused(base: str, allowed: EgressSettings, url: str, headers: dict[str, str]) -> None:
    settings = replace(allowed, hosts=(*allowed.hosts, "*.example.com"))
    with pytest.raises(InvalidInput) as refused:
        send("POST", url.format(base=base), settings, headers=headers, body=b"x")
    assert refused.value.code == "EgressInvalid"
    assert "é" not in refused.value.message
