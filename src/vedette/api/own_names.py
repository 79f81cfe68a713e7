"""Requests by names that are not ours are refused, where whoever asks is let in.

A web page may have its own name resolve to this machine (DNS rebinding) and then ask with a browser of its visitor;
the browser sends that name as Host.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vedette.access.addresses import Addresses
from vedette.core.errors import InvalidInput


class OwnNames:
    """The middleware for a server that checks no credential."""

    def __init__(self, app: ASGIApp, addresses: Addresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. Raises InvalidInput (code InvalidHostName)."""
        if scope["type"] == "http":
            hosts = Request(scope).headers.getlist("host")
            if len(hosts) != 1 or not self._addresses.is_ours(hosts[0]):
                raise InvalidInput(
                    "InvalidHostName",
                    "The Host header of the request names another server. Where no credential is checked, this one "
                    "answers only to localhost, its own address and the names of the services that it stands in for.",
                )
        await self._app(scope, receive, send)
