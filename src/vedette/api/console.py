"""The web console under `/console/`: its files, its own pages, and what it must know before anybody has signed in.

Everything under `/console/` that is no file is a page that the console draws itself, and answered with its one
document. It speaks to the public APIs only; nothing here does anything on anybody's behalf.
"""

from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from vedette import __version__
from vedette.access.oauth_clients import CONSOLE_PATH
from vedette.access.well_known import CONSOLE
from vedette.api.console_files import INDEX, answer_file, find_file, is_asset
from vedette.api.json_response import JsonResponse
from vedette.api.request_addresses import base_of
from vedette.api.services import Services
from vedette.core.errors import NotFound

_AUDIENCES: Final = {
    "arm": "https://management.azure.com",
    "logs": "https://api.loganalytics.io",
    "graph": "https://graph.microsoft.com",
    "kusto": "https://kusto.kusto.windows.net",
}
_FOREIGN_AUDIENCES: Final = {**dict.fromkeys(_AUDIENCES, "https://management.azure.com"), "graph": None}
"""Of people of another tenant: one token for all, which any program of Entra's can have; Graph here is not theirs."""

_NOT_BUILT: Final = (
    "Build it with <code>make console</code>, which needs Node.js 20 or newer "
    "(<code>apt-get install nodejs npm</code>), and load this page again."
)
_OTHER_NAME: Final = (
    "The console is at <code>{}/console/</code>. To have it under the name by which you came, start the server with "
    "<code>--host</code> and that name."
)


def routes(services: Services) -> list[BaseRoute]:
    """The routes, open: the files are the same for everybody, and who signs in has no token yet."""
    headers = security_headers(services)

    async def page(request: Request) -> Response:
        if not _is_own_name(request, services):
            return _told("This name is not the server's", _OTHER_NAME.format(escape(services.addresses.https)), 421)
        if _must_be_secure(request, services):
            return RedirectResponse(f"{services.addresses.https}{request.state.sent_path}", 307)
        return await run_sync(_answer, request, headers)

    async def config(request: Request) -> Response:
        return JsonResponse(described(request, services), headers={"Cache-Control": "no-cache"})

    return [
        Route("/console/config.json", config),
        Route("/console", page),
        Route("/console/{name:path}", page),
    ]


def described(request: Request, services: Services) -> dict[str, Any]:
    """Where and as which program the console signs people in, and what its tokens are for."""
    identity = services.settings.identity
    tenant = services.estate.tenant_id
    return {
        "authority": identity.console_issuer or f"{base_of(request, services)}/{tenant}/v2.0",
        "tenantId": tenant,
        "clientId": identity.console_client or CONSOLE,
        "audiences": _FOREIGN_AUDIENCES if identity.console_client else _AUDIENCES,
        "signIn": "none" if services.sign_ins.anybody else "oidc",
        "version": __version__,
        "virtualClock": services.settings.virtual_clock,
    }


def security_headers(services: Services) -> dict[str, str]:
    """What a browser is told with each file: nothing comes from elsewhere and nothing is sent elsewhere, but to the
    issuer of another tenant where people are signed in by that. The editor brings styles of its own making."""
    issuer = urlsplit(services.settings.identity.console_issuer)
    elsewhere = f"connect-src 'self' {issuer.scheme}://{issuer.netloc}; " if issuer.netloc else ""
    return {
        "Content-Security-Policy": (
            f"default-src 'self'; {elsewhere}style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def _is_own_name(request: Request, services: Services) -> bool:
    """Whether the page came by a name at which somebody who has signed in can be sent back to."""
    return f"{request.url.scheme}://{request.headers.get('host', '').lower()}" in services.addresses.own()


def _told(title: str, text: str, status: int) -> Response:
    """A plain page that says something; the text is HTML."""
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Vedette</title></head>'
        f"<body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
    )
    headers = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}
    return HTMLResponse(page, status, headers)


def _must_be_secure(request: Request, services: Services) -> bool:
    """Whether the page came in the clear, where nobody can sign in."""
    return request.url.scheme != "https" and not services.sign_ins.anybody


def _answer(request: Request, headers: dict[str, str]) -> Response:
    name = request.path_params.get("name", "")
    if not name and not request.state.sent_path.endswith("/"):
        return RedirectResponse(CONSOLE_PATH, 308)
    file = find_file(name or INDEX)
    if file is None and is_asset(name):
        raise NotFound("NotFound", f"The console has no file '{name[:200]}'.")
    file = file or find_file(INDEX)
    if file is None:
        return _told("The console is not built", _NOT_BUILT, 404)
    return answer_file(request, file, headers)
