"""What Azure Resource Manager says beside each answer: where it was routed, and what is left of the caller's budget.

This server refuses nobody for asking often. It counts as Azure does, because some clients pace themselves by the count.
https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

import threading
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette.access.principals import Principal
from vedette.access.workspaces import LOCATION
from vedette.api.planes import Plane, plane_of
from vedette.core.clock import Clock

_MOST_CALLERS = 10_000  # whose budgets are remembered


@dataclass(frozen=True, slots=True)
class Budget:
    """So many requests at once, and so many more each second."""

    size: int
    refill: float


READS = Budget(250, 25)
WRITES = Budget(200, 10)
DELETES = Budget(200, 10)
_BY_METHOD = {
    "PUT": ("writes", WRITES),
    "PATCH": ("writes", WRITES),
    "POST": ("writes", WRITES),
    "DELETE": ("deletes", DELETES),
}


class Budgets:
    """What is left of each caller's budgets. Safe in any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def spend(self, caller: str, kind: str, budget: Budget) -> int:
        """Count one request of a kind; the answer is how many are left, never less than none."""
        now = self._clock.now().timestamp()
        with self._lock:
            left, then = self._left.pop((caller, kind), (float(budget.size), now))
            refilled = min(budget.size, left + max(now - then, 0) * budget.refill)
            self._left[caller, kind] = (max(refilled - 1, 0), now)
            if len(self._left) > _MOST_CALLERS:
                del self._left[next(iter(self._left))]
            return int(self._left[caller, kind][0])


class ArmHeaders:
    """The middleware that adds these headers to the answers of the management plane."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._budgets = Budgets(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""
        if scope["type"] != "http" or plane_of(scope["path"]) is not Plane.ARM:
            await self._app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers(scope))
            await send(message)

        await self._app(scope, receive, told)

    def _headers(self, scope: Scope) -> dict[str, str]:
        state = scope.get("state", {})
        stamp = f"{self._clock.now():%Y%m%dT%H%M%SZ}"
        headers = {"x-ms-routing-request-id": f"{LOCATION.upper()}:{stamp}:{state.get('request_id', '')}"}
        principal = state.get("principal")
        if isinstance(principal, Principal):
            kind, budget = _BY_METHOD.get(scope["method"], ("reads", READS))
            left = self._budgets.spend(principal.object_id, kind, budget)
            level = "subscription" if scope["path"].lower().startswith("/subscriptions/") else "tenant"
            headers[f"x-ms-ratelimit-remaining-{level}-{kind}"] = str(left)
        return headers
