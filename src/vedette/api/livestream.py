"""Rows of a query as they arrive, over server-sent events: an API of Vedette's own.

`GET /vedette/workspaces/{id}/hunting/live?query=…&interval=2`, or POST with `{query, interval?, since?}`. The query is
run again and again over what arrived since the run before, as a near-real-time rule is, so a row is pushed once; a
query that counts counts what is new each time. Events: `rows` with `{from, to, columns, rows, truncated}`; an empty one
that only moves the id on; `end` with a reason and whether to `retry`. The id is the instant up to which all was told: a
client that comes back with it as `Last-Event-ID` misses nothing, for up to an hour.

https://learn.microsoft.com/azure/sentinel/livestream, https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from vedette.api.disconnection import in_thread
from vedette.api.hunting import Hunter, hunter_of
from vedette.api.query_json import encode_result
from vedette.api.query_request import read_json_body
from vedette.api.services import Services
from vedette.arm.shapes import any_text, fields, text
from vedette.core.errors import InvalidInput, Throttled, TimedOut, Unavailable, VedetteError
from vedette.core.instants import arm_time, instant_of
from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import Limits
from vedette.logs.result import QueryResult

MOST_OF_ALL: Final = 50
MOST_OF_A_CALLER: Final = 5
LONGEST: Final = 3600.0
"""Seconds that a stream lasts; its client comes back, and its permissions are looked at again."""

_INTERVALS: Final = (1.0, 60.0)
_DEFAULT_INTERVAL: Final = 2.0
_BACK: Final = timedelta(hours=1)
_HEARTBEAT: Final = 15.0
_STOP_NOTICED: Final = 0.1
_PASSING: Final = (TimedOut, Unavailable, Throttled)
_LIMITS: Final = Limits(timeout=timedelta(seconds=30), rows=1000, bytes=4_000_000)
_body = fields({"query": text, "since": any_text, "interval": lambda _place, value: value}, required=("query",))


def routes(services: Services) -> list[BaseRoute]:
    """Who may query the workspace may follow a query; of each table what the caller may read."""
    streams = Streams(services)
    return [Route("/vedette/workspaces/{workspace_id}/hunting/live", streams.live, methods=["GET", "POST"])]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query to follow, from which arrival on, and how many seconds apart it is run."""

    query: str
    since: datetime
    interval: float


class Streams:
    """The streams that are open, counted by caller; used on the event loop's thread only."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._open = Counter[str]()
        self._running = anyio.CapacityLimiter(2)

    async def live(self, request: Request) -> Response:
        """Begin a stream. Raises Throttled where too many are open, KqlError for a query that is wrong."""
        hunter = await hunter_of(request, self._services)
        asked = await self._asked(request)
        self._check(hunter)
        await self._query(hunter, asked.query, asked.since, asked.since)
        return _EventStream(self, hunter, asked)

    def enter(self, hunter: Hunter) -> None:
        """Count a stream of a caller in. Raises Throttled."""
        self._check(hunter)
        self._open[hunter.principal.object_id] += 1

    def leave(self, hunter: Hunter) -> None:
        """Count it out again."""
        self._open[hunter.principal.object_id] -= 1
        self._open += Counter()

    async def events(self, hunter: Hunter, asked: Asked) -> AsyncGenerator[bytes]:
        """The events of a stream until its end."""
        told, began, spoke = asked.since, monotonic(), monotonic()
        while monotonic() - began < LONGEST:
            until = min(self._services.clock.now(), self._services.logs.settled())
            if until > told:
                try:
                    result = await self._query(hunter, asked.query, told, until)
                except VedetteError as error:
                    yield _end(error.code, error.message, retry=isinstance(error, _PASSING))
                    return
                if any(batch.num_rows for batch in result.batches):
                    yield _rows(result, told, until)
                    spoke = monotonic()
                told = until
            if monotonic() - spoke >= _HEARTBEAT:
                yield f"id: {arm_time(told)}\n\n".encode()
                spoke = monotonic()
            if not await self._rest(asked.interval):
                yield _end("ServerStopping", "The server is stopping. Come back soon.", retry=True)
                return
        yield _end("StreamEnded", f"A stream lasts {LONGEST:.0f} seconds. Begin another.", retry=True)

    async def _rest(self, seconds: float) -> bool:
        """Wait; false where the server stops meanwhile."""
        until = monotonic() + seconds
        while monotonic() < until:
            if self._services.stopping.is_set():
                return False
            await anyio.sleep(_STOP_NOTICED)
        return True

    async def _query(self, hunter: Hunter, query: str, start: datetime, end: datetime) -> QueryResult:
        def run(cancellation: Cancellation) -> QueryResult:
            return self._services.logs.query(
                hunter.scope,
                query,
                timespan=(start, end),
                by_arrival=True,
                now=end,
                limits=_LIMITS,
                cancellation=cancellation,
                caller=hunter.caller,
            )

        return await in_thread(run, self._running)

    def _check(self, hunter: Hunter) -> None:
        if self._open.total() >= MOST_OF_ALL or self._open[hunter.principal.object_id] >= MOST_OF_A_CALLER:
            raise Throttled(
                "TooManyStreams",
                f"{MOST_OF_A_CALLER} streams of one caller and {MOST_OF_ALL} of all are open at a time.",
                _HEARTBEAT,
            )

    async def _asked(self, request: Request) -> Asked:
        if request.method == "POST":
            sent: dict[str, Any] = _body("body", await read_json_body(request))
        else:
            sent = _body("query string", {name: each for name, each in request.query_params.items() if name in _NAMES})
        now = self._services.clock.now()
        since = request.headers.get("last-event-id") or sent.get("since")
        return Asked(sent["query"], _since(since, now), _interval(sent.get("interval")))


_NAMES: Final = frozenset({"query", "since", "interval"})


class _EventStream(Response):
    media_type = "text/event-stream"

    def __init__(self, streams: Streams, hunter: Hunter, asked: Asked) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams = streams
        self._hunter = hunter
        self._asked = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the end of the stream or until the client goes away, whose query is given up then."""
        self._streams.enter(self._hunter)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(partial(_until_gone, receive, group.cancel_scope))
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                begun = f"id: {arm_time(self._asked.since)}\nretry: 2000\n\n".encode()
                await send({"type": "http.response.body", "body": begun, "more_body": True})
                async with aclosing(self._streams.events(self._hunter, self._asked)) as events:
                    async for event in events:
                        await send({"type": "http.response.body", "body": event, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
                group.cancel_scope.cancel()
        finally:
            self._streams.leave(self._hunter)


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _rows(result: QueryResult, start: datetime, end: datetime) -> bytes:
    columns = [{"name": column.name, "type": column.type.value} for column in result.columns]
    head = orjson.dumps(
        {"from": arm_time(start), "to": arm_time(end), "truncated": result.truncated, "columns": columns}
    )
    body = head[:-1] + b',"rows":[' + b"".join(encode_result(result.batches, result.columns)) + b"]}"
    return b"id: " + arm_time(end).encode() + b"\nevent: rows\ndata: " + body + b"\n\n"


def _end(code: str, message: str, *, retry: bool) -> bytes:
    return b"event: end\ndata: " + orjson.dumps({"code": code, "message": message, "retry": retry}) + b"\n\n"


def _since(text: str | None, now: datetime) -> datetime:
    if not text:
        return now
    try:
        asked = instant_of(text)
    except ValueError as error:
        raise InvalidInput("InvalidInput", f"'{text[:40]}' is no instant.") from error
    return min(max(asked, now - _BACK), now)


def _interval(value: Any) -> float:
    try:
        seconds = _DEFAULT_INTERVAL if value in (None, "") else float(value)
    except (TypeError, ValueError):
        seconds = 0.0
    least, most = _INTERVALS
    if not least <= seconds <= most:
        raise InvalidInput("InvalidInput", f"'interval' is a number of seconds from {least:g} to {most:g}.")
    return seconds
