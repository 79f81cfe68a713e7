"""What `vedette hunt live` does when its stream ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from vedette.cli import live
from vedette.cli.ready import Server
from vedette.content.refused import Refused

ID = "2026-01-31T12:00:00Z"
ROWS = 'data: {"columns": [{"name": "n"}], "rows": [[1]], "truncated": false}'


def _end(retry: str) -> str:
    return f'data: {{"code": "Timeout", "message": "It took too long.", "retry": {retry}}}'


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> tuple[list[list[str]], list[str]]:
    """The streams that are answered one after the other, and the ids that they are asked for with."""
    answers: list[list[str]] = []
    asked: list[str] = []

    class Answering:
        server = SimpleNamespace(workspace_id="w")

        def lines(self, _path: str, _body: Any, last_event_id: str) -> Iterator[str]:
            asked.append(last_event_id)
            yield from answers.pop(0)

    @contextmanager
    def connected(_server: Server) -> Iterator[Any]:
        yield Answering()

    monkeypatch.setattr(live, "connected", connected)
    monkeypatch.setattr(live, "_RETRY_SECONDS", 0.0)
    return answers, asked


def test_it_comes_back_after_an_error_that_passes(
    streams: tuple[list[list[str]], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    answers, asked = streams
    answers += [[f"id: {ID}", "retry: 2000", "", "event: end", _end("true"), ""], ["event: rows", ROWS, ""]]
    found = live.follow(cast("Server", None), "T", 1.0, threading.Event())
    assert next(found) == {"n": 1}
    assert asked == ["", ID]
    assert "It took too long. It is tried again." in capsys.readouterr().err


def test_it_stops_for_an_error_that_stays(streams: tuple[list[list[str]], list[str]]) -> None:
    streams[0].append(["event: end", _end("false"), ""])
    with pytest.raises(Refused, match="too long"):
        next(live.follow(cast("Server", None), "T", 1.0, threading.Event()))


def test_what_the_server_says_steers_no_terminal(
    streams: tuple[list[list[str]], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    end = _end("true").replace("It took too long.", "\\u001b[2JGone.")
    more = ROWS.replace("false", 'true, "to": "\\u001b[2Jnow"')
    streams[0].extend([["event: rows", more, "", "event: end", end, ""], ["event: rows", ROWS, ""]])
    found = live.follow(cast("Server", None), "T", 1.0, threading.Event())
    assert [next(found), next(found)] == [{"n": 1}, {"n": 1}]
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "until \\x1b[2Jnow than" in told
    assert "vedette: \\x1b[2JGone. It is tried again." in told
