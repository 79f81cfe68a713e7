"""The ids by which a request is spoken of: ours, the caller's correlation id, and the caller's own, echoed."""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette.core.ids import NewId

_GRAPH = ("/v1.0/", "/beta/")  # which has names of its own for them
_ECHOED = re.compile(r"[\w.:;{}|/+=-]{1,128}", re.ASCII)  # what may go back into a header


class RequestIds:
    """The middleware that names each request and says so in the answer's headers."""

    def __init__(self, app: ASGIApp, new_id: NewId) -> None:
        self._app = app
        self._new_id = new_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with `state.request_id` and the others, and its answer back with the ids."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = self._new_id()
        ids = {
            "x-ms-request-id": request_id,
            "x-ms-correlation-request-id": _echo(headers, "x-ms-correlation-request-id") or request_id,
        }
        if client_id := _echo(headers, "x-ms-client-request-id"):
            ids["x-ms-client-request-id"] = client_id
        if scope["path"].lower().startswith(_GRAPH):
            ids["request-id"] = request_id
            ids["client-request-id"] = _echo(headers, "client-request-id") or request_id
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["correlation_id"] = ids["x-ms-correlation-request-id"]
        state["client_request_id"] = ids.get("x-ms-client-request-id", "")

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(ids)
            await send(message)

        await self._app(scope, receive, named)


def client_request_id(request: Request) -> str:
    """The caller's own id of its request, as far as it can be told back; empty where there is none."""
    return _echo(request.headers, "x-ms-client-request-id") or ""


def _echo(headers: Headers, name: str) -> str | None:
    value = headers.get(name, "")
    return value if _ECHOED.fullmatch(value) else None
