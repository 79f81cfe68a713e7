"""Where secrets and passwords are compared: two at a time, so that a flood of them holds up nobody else's threads."""

from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple, Unpack

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from vedette.core.errors import Throttled

_AT_A_TIME: Final = 2
_MOST_WAITING: Final = 200
_RETRY_AFTER: Final = 5.0  # seconds

_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")


class SecretChecks:
    """The threads for it; made for one server, and used from its event loop."""

    def __init__(self) -> None:
        self._limiter = CapacityLimiter(_AT_A_TIME)
        self._waiting = 0  # the limiter counts those who come at once only when their turns begin

    async def run(self, check: Callable[[Unpack[_Arguments]], _Result], *arguments: *_Arguments) -> _Result:
        """What `check` gives, or raises, once it is its turn. Raises Throttled where too many wait."""
        if self._waiting >= _MOST_WAITING:
            raise Throttled("TooManyRequests", "Too many sign-ins are waiting. Try again later.", _RETRY_AFTER)
        self._waiting += 1
        try:
            return await run_sync(check, *arguments, limiter=self._limiter)
        finally:
            self._waiting -= 1
