"""Each request is counted and timed, and has a line in the log: at debug if it went well, at info or warning if not.

The line says what was asked of which API and by whom. It has no query string, header or body: those hold secrets.
"""

from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette.access.principals import Principal
from vedette.api.planes import plane_of
from vedette.core.metrics import OTHER, Metrics

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OWN = ("/vedette/", "/metrics")
_PATH_CHARACTERS = 400
_FAILED = 500

log = structlog.get_logger("vedette.request")


class Observation:
    """The middleware that sees every request's beginning and its answer's end."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when its answer is sent or given up."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._seen(scope, status or _FAILED, perf_counter() - began)

    def _seen(self, scope: Scope, status: int, seconds: float) -> None:
        path, method = scope["path"], scope["method"]
        plane = "vedette" if path.lower().startswith(_OWN) else plane_of(path).value
        code = scope["state"].get("error_code", "")
        self._metrics.requests.add(1, plane, method if method in _METHODS else OTHER, str(status))
        self._metrics.request_seconds.observe(seconds, plane)
        if code:
            self._metrics.refused_requests.add(1, plane, code)
        principal = scope["state"].get("principal")
        tell = log.debug if status < 400 else log.info if status < _FAILED else log.warning
        tell(
            "request",
            request_id=scope["state"].get("request_id", ""),
            method=method,
            path=path[:_PATH_CHARACTERS],
            plane=plane,
            principal=principal.object_id if isinstance(principal, Principal) else "",
            status=status,
            milliseconds=round(seconds * 1000, 1),
            **({"code": code} if code else {}),
        )
