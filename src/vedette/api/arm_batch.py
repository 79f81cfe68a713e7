"""Several management requests in one: `POST /batch`, as Azure Resource Manager's portal and scripts send it.

Each request goes through the whole application by itself, with the caller's token: it is authorized, counted, logged
and refused as if it had come alone. No documentation has its contract; clients send `{requests: [{httpMethod, name,
url or relativeUrl, requestHeaderDetails, content}]}` and read `{responses: [{name, httpStatusCode, headers, content,
contentLength}]}`: https://maciejporebski.github.io/azure-management-batch-api
"""

from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Scope

from vedette.api.authentication import authenticate
from vedette.api.bodies import read_body
from vedette.api.json_response import JsonResponse
from vedette.api.planes import Plane, plane_of
from vedette.api.services import Services
from vedette.arm.json_reader import LARGEST, read_object
from vedette.arm.versions import require_version
from vedette.core.errors import InvalidInput

MOST_REQUESTS = 20
_METHODS = frozenset({"GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"})
_OWN_HEADERS = frozenset({b"authorization", b"host", b"content-length", b"content-type", b"connection"})
"""What a request inside a batch cannot say for itself: it is the same caller, on the same connection."""

_SHARED = ("type", "asgi", "http_version", "scheme", "client", "server", "root_path")
_LONGEST_HEADER = 4096


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request of a batch; `target` is its path with the query."""

    name: str
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    content: bytes


@dataclass(slots=True)
class _Reply:
    """What the application answers to one request."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: Message) -> None:
        """What an ASGI server is for the application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


def routes(services: Services) -> list[BaseRoute]:
    """`/batch`. It asks for a token; what each request in it may do is asked for that request."""

    async def handle(request: Request) -> Response:
        await authenticate(request, services)
        require_version(request.query_params.get("api-version"))
        asked = _read(read_object(await read_body(request, LARGEST)))
        return JsonResponse({"responses": [_told(each, await _answer(request, each)) for each in asked]})

    return [Route("/batch", handle, methods=["POST"])]


def _read(body: dict[str, Any]) -> list[_Asked]:
    """The requests of a batch. Raises InvalidInput (InvalidBatchRequest) with the place of what is wrong."""
    listed = next((each for name, each in body.items() if name.lower() == "requests"), None)
    if not isinstance(listed, list) or not listed:
        raise _wrong("requests", "is a list of requests that is not empty")
    requests = cast("list[Any]", listed)
    if len(requests) > MOST_REQUESTS:
        raise _wrong("requests", f"has at most {MOST_REQUESTS} requests; here are {len(requests)}")
    return [_asked(each, f"requests[{index}]") for index, each in enumerate(requests)]


def _asked(value: Any, place: str) -> _Asked:
    if not isinstance(value, dict):
        raise _wrong(place, "is an object")
    fields = {name.lower(): each for name, each in cast("dict[str, Any]", value).items()}
    method = str(fields.get("httpmethod") or "GET").upper()
    if method not in _METHODS:
        raise _wrong(f"{place}.httpMethod", f"is one of {', '.join(sorted(_METHODS))}")
    content = fields.get("content")
    return _Asked(
        name=str(fields.get("name") or fields.get("id") or ""),
        method=method,
        target=_target(fields.get("relativeurl") or fields.get("url"), place),
        headers=_headers(fields.get("requestheaderdetails"), place),
        content=b"" if content is None or method in ("GET", "HEAD", "DELETE") else orjson.dumps(content),
    )


def _target(url: Any, place: str) -> str:
    """The path and query of an address; the host of a full one is this server's in any case."""
    if not isinstance(url, str) or not url.strip():
        raise _wrong(f"{place}.url", "is an address, or relativeUrl is one")
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise _wrong(f"{place}.url", "is an address") from None
    path = "/" + parts.path.lstrip("/")
    folded = unquote(path).lower().rstrip("/")
    if plane_of(folded) is not Plane.ARM or not folded.startswith(("/subscriptions", "/providers", "/tenants")):
        raise _wrong(f"{place}.url", "is an address of the management API")
    return f"{path}?{parts.query}"


def _headers(value: Any, place: str) -> tuple[tuple[bytes, bytes], ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise _wrong(f"{place}.requestHeaderDetails", "is an object of strings")
    headers: list[tuple[bytes, bytes]] = []
    for name, text in cast("dict[str, Any]", value).items():
        if not isinstance(text, str) or not _is_plain(name) or not _is_plain(text):
            raise _wrong(f"{place}.requestHeaderDetails", "is an object of strings that a header can hold")
        if name.lower().encode() not in _OWN_HEADERS:
            headers.append((name.lower().encode(), text.encode()))
    return tuple(headers)


def _is_plain(text: str) -> bool:
    return len(text) <= _LONGEST_HEADER and text.isascii() and text.isprintable()


async def _answer(request: Request, asked: _Asked) -> _Reply:
    path, _, query = asked.target.partition("?")
    own = [pair for pair in request.scope["headers"] if pair[0] in (b"authorization", b"host")]
    scope: Scope = {
        **{name: request.scope[name] for name in _SHARED if name in request.scope},
        "method": asked.method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            *own,
            *asked.headers,
            (b"content-type", b"application/json"),
            (b"content-length", str(len(asked.content)).encode()),
        ],
        "state": {},
    }
    reply = _Reply()
    received = False

    async def receive() -> Message:
        nonlocal received
        if received:
            return {"type": "http.disconnect"}
        received = True
        return {"type": "http.request", "body": asked.content, "more_body": False}

    await request.app(scope, receive, reply.send)
    return reply


def _told(asked: _Asked, reply: _Reply) -> dict[str, Any]:
    told: dict[str, Any] = {"httpStatusCode": reply.status, "headers": reply.headers}
    if asked.name:
        told["name"] = asked.name
    content = orjson.loads(reply.body) if reply.body else None
    return told | {"content": content, "contentLength": len(reply.body)}


def _wrong(place: str, rule: str) -> InvalidInput:
    return InvalidInput("InvalidBatchRequest", f"'{place}' {rule}.", target=place)
