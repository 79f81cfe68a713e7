"""How much one caller may ask at a time: so many requests in half a minute, so many queries at once, the rest in line.

https://learn.microsoft.com/azure/azure-monitor/service-limits#log-queries-and-language
"""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import anyio

from vedette.core.errors import Throttled

WINDOW: Final = 30.0
"""Seconds that requests are counted over."""

QUEUE: Final = 200
QUEUE_SECONDS: Final = 180.0
_CALLERS: Final = 1000  # that are kept in mind without looking whether they still ask
_CODE: Final = "TooManyRequests"


@dataclass(slots=True)
class _Caller:
    running: anyio.CapacityLimiter
    begun: deque[float] = field(default_factory=deque[float])


class QueryGate:
    """Lets queries in, a caller at a time. To be used on the event loop's thread.

    `rate` is of requests in 30 seconds and `at_once` of running queries; 0 is without bound. `clock` gives seconds.
    """

    def __init__(self, rate: int, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._at_once = at_once
        self._clock = clock
        self._callers: dict[str, _Caller] = {}

    def count(self, caller: str) -> None:
        """Note a request of a caller. Raises Throttled for one too many; that one does not count."""
        if self._rate == 0:
            return
        now = self._clock()
        begun = self._caller(caller).begun
        while begun and begun[0] <= now - WINDOW:
            begun.popleft()
        if len(begun) >= self._rate:
            raise Throttled(
                _CODE,
                f"Only {self._rate} queries in {WINDOW:.0f} seconds are answered for one caller.",
                begun[0] + WINDOW - now,
            )
        begun.append(now)

    @asynccontextmanager
    async def running(self, caller: str) -> AsyncIterator[None]:
        """Within the context one query of a caller runs. Waits in line for its turn; raises Throttled where the line is
        full or does not move."""
        if self._at_once == 0:
            yield
            return
        limiter, turn = self._caller(caller).running, object()
        if limiter.statistics().tasks_waiting >= QUEUE:
            raise Throttled(_CODE, f"{QUEUE} queries of this caller wait already.", WINDOW)
        try:
            with anyio.fail_after(QUEUE_SECONDS):
                await limiter.acquire_on_behalf_of(turn)
        except TimeoutError as error:
            waited = f"The query waited {QUEUE_SECONDS:.0f} seconds for others of this caller to end."
            raise Throttled(_CODE, waited, WINDOW) from error
        try:
            yield
        finally:
            limiter.release_on_behalf_of(turn)

    def _caller(self, name: str) -> _Caller:
        if name not in self._callers:
            if len(self._callers) >= _CALLERS:
                self._forget_idle()
            self._callers[name] = _Caller(anyio.CapacityLimiter(self._at_once or 1))
        return self._callers[name]

    def _forget_idle(self) -> None:
        """Forget callers that have not asked for a while; there are never more than asked within the window."""
        horizon = self._clock() - WINDOW
        self._callers = {
            name: caller
            for name, caller in self._callers.items()
            if caller.running.borrowed_tokens or (caller.begun and caller.begun[-1] > horizon)
        }
