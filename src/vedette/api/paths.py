"""Paths as clients really write them: doubled and final slashes are taken away, tricks are refused, casing is kept."""

import re
from collections.abc import Iterable

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from vedette.core.errors import InvalidInput

_SLASHES = re.compile(r"/{2,}")
_ENCODED_SEPARATOR = re.compile(rb"%(2f|5c|00)", re.IGNORECASE)
_ENCODED_SCOPE = re.compile(rb"\A/(%2f)?(subscriptions|providers)(%2f[^/%]+)+(?=/)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


class Paths:
    """The middleware that gives routes a path of single slashes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with the path as it was sent in `state.sent_path`.

        Raises InvalidInput (code InvalidUri) for a path that could be read in two ways.
        """
        if scope["type"] == "http":
            path = plain_path(scope["path"], scope.get("raw_path") or b"")
            scope.setdefault("state", {})["sent_path"] = scope["path"]
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(scope, receive, send)


def plain_path(path: str, raw_path: bytes) -> str:
    """`path` (decoded) with runs of slashes made one and the last one dropped.

    An encoded slash, a backslash, a control character or a dot segment is refused, for the part that checks
    permissions and the part that finds the resource must see the same segments. The one exception is a scope that some
    SDKs encode whole, such as `/%2Fsubscriptions%2F…/providers/…`. Raises InvalidInput.
    """
    plain = _SLASHES.sub("/", path)
    if len(plain) > 1:
        plain = plain.removesuffix("/")
    dotted = any(segment in (".", "..") for segment in plain.split("/"))
    if dotted or _CONTROL.search(plain) or _ENCODED_SEPARATOR.search(_ENCODED_SCOPE.sub(b"", raw_path, count=1)):
        raise InvalidInput(
            "InvalidUri",
            "The path of the request holds an encoded slash, a backslash, a control character or a dot segment.",
        )
    return plain


def any_case(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The same routes, their fixed segments matching in any letter case; parameters keep the caller's."""
    matched = list(routes)
    for route in matched:
        if isinstance(route, Route):
            route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    return matched
