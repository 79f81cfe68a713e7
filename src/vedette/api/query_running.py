"""Runs queries for callers, whichever API they come by: in turn, off the event loop, and only while somebody waits."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from threading import Event
from typing import Any, Final, TypeVar

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from vedette.access.principals import Principal
from vedette.api.disconnection import in_thread, while_connected
from vedette.api.json_response import JsonResponse
from vedette.api.query_gate import QueryGate
from vedette.engine.cancellation import Cancellation

AT_ONCE: Final = 5
"""Queries of one caller that run at a time."""

GONE: Final = 499
"""The status of an answer that nobody is there to read; for the log."""

_RUNNING: Final = 8
_WRITING: Final = 2

T = TypeVar("T")


class QueryRunner:
    """`rate` is of requests that one caller may send in 30 seconds. Of all callers so many queries run at once, and so
    many answers are written; the rest wait their turn."""

    def __init__(self, rate: int = 200) -> None:
        self.gate = QueryGate(rate, AT_ONCE)
        self._running = anyio.CapacityLimiter(_RUNNING)
        self._writing = anyio.CapacityLimiter(_WRITING)

    async def run(
        self, principal: Principal, ask: Callable[[Cancellation], T], limiter: anyio.CapacityLimiter | None = None
    ) -> T:
        """The result of `ask` in a worker thread; what lasts long waits at a `limiter` of its own. Raises Throttled and
        what `ask` raises."""
        self.gate.count(principal.object_id)
        async with self.gate.running(principal.object_id):
            return await in_thread(ask, limiter or self._running)

    async def answer(
        self,
        request: Request,
        stopping: Event,
        principal: Principal,
        ask: Callable[[Cancellation], Any],
        limiter: anyio.CapacityLimiter | None = None,
    ) -> Response:
        """The result of `ask` as JSON, while the caller waits for it. Raises as `run` does, and Unavailable."""
        try:
            told = await while_connected(request, stopping, partial(self.run, principal, ask, limiter))
        except ClientDisconnect:
            return Response(status_code=GONE)
        return JsonResponse(told)

    async def write(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of an answer, each made in a worker thread."""
        while (piece := await anyio.to_thread.run_sync(next, pieces, None, limiter=self._writing)) is not None:
            yield piece
