"""Where secrets and passwords are compared: two at a time, so that a flood of them holds up nobody else's threads."""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

_AT_A_TIME: Final = 2

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class SecretChecks:
    """The threads for it; made for one server, and used from its event loop."""

    def __init__(self) -> None:
        self._limiter: CapacityLimiter | None = None

    async def run(
        self, check: Callable[_Arguments, _Result], *arguments: _Arguments.args, **named: _Arguments.kwargs
    ) -> _Result:
        """What `check` gives, or raises, once it is its turn."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(_AT_A_TIME)
        return await run_sync(lambda: check(*arguments, **named), limiter=self._limiter)
