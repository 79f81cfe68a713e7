"""Errors as the wire tells them: a status for each class, the envelope of the API called, and nothing internal."""

from http import HTTPStatus
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedette.access.addresses import Addresses
from vedette.api.json_response import JsonResponse
from vedette.api.kusto_errors import one_api
from vedette.api.planes import Plane, plane_of
from vedette.api.query_errors import access_error, compile_error
from vedette.arm.statuses import usual_status
from vedette.core.clock import SystemClock
from vedette.core.errors import (
    Forbidden,
    NotFound,
    Throttled,
    TooLarge,
    Unauthenticated,
    Unavailable,
    VedetteError,
)
from vedette.kql.diagnostics import KqlError

log = structlog.get_logger("vedette.api")

_RETRY_AFTER = "5"  # seconds
_CODES = {404: "NotFound", 405: "MethodNotAllowed", 413: "RequestEntityTooLarge"}
_SENTENCES = {
    404: "The requested path does not exist.",
    405: "This path does not take this method.",
    413: "The body of the request is too large.",
}


class Errors:
    """The middleware that turns whatever a handler raises into an answer."""

    def __init__(self, app: ASGIApp, addresses: Addresses, tenant_id: str) -> None:
        self._app = app
        self._addresses = addresses
        self._tenant_id = tenant_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for what is raised before the answer has begun, raise what comes after."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if begun:
                raise
            await self._answer(Request(scope), error)(scope, receive, send)

    def _answer(self, request: Request, error: Exception) -> Response:
        plane = plane_of(request.url.path)
        request_id = getattr(request.state, "request_id", "")
        request.state.error_code = _code(error)
        if not isinstance(error, VedetteError | HTTPException):
            log.error(
                "request failed", request_id=request_id, method=request.method, path=request.url.path, exc_info=error
            )
            code = "UnspecifiedError" if plane is Plane.COLLECTOR else "InternalServerError"
            return JsonResponse(_envelope(plane, code, _internal(request_id)), 500)
        if isinstance(error, HTTPException):
            return _http_answer(plane, error)
        headers = self._headers(request, error)
        if plane in (Plane.INGESTION, Plane.INTELLIGENCE):
            headers["x-ms-error-code"] = error.code
        body = body_of(plane, error)
        if plane is Plane.GRAPH:
            body["error"]["innerError"] = {
                "date": SystemClock().now().strftime("%Y-%m-%dT%H:%M:%S"),
                "request-id": request.state.request_id,
                "client-request-id": request.headers.get("client-request-id", request.state.request_id)[:128],
            }
        return JsonResponse(body, status_of(plane, error), headers)

    def _headers(self, request: Request, error: VedetteError) -> dict[str, str]:
        if isinstance(error, Unauthenticated):
            base = self._addresses.base(request.headers.get("host"))
            return {"WWW-Authenticate": _challenge(f"{base}/{self._tenant_id}", error.message)}
        if isinstance(error, Throttled):
            return {"Retry-After": str(error.seconds)}
        if isinstance(error, Unavailable):
            return {"Retry-After": _RETRY_AFTER}
        return {}


def _code(error: Exception) -> str:
    """The error's code, as metrics and the log name it."""
    if isinstance(error, VedetteError):
        return error.code
    return _CODES.get(error.status_code, "BadRequest") if isinstance(error, HTTPException) else "InternalServerError"


def status_of(plane: Plane, error: VedetteError) -> int:
    """The HTTP status of an error in that API."""
    if plane is Plane.COLLECTOR and isinstance(error, TooLarge):
        return 404  # documented: https://learn.microsoft.com/rest/api/loganalytics/create-request
    if plane is Plane.KUSTO and isinstance(error, NotFound):
        return 400  # so Kusto has it; its SDKs take a 404 for a server that has no such API
    return usual_status(error)


def body_of(plane: Plane, error: VedetteError) -> dict[str, Any]:
    """The JSON body of an error in that API."""
    if plane is Plane.KUSTO:
        return one_api(error)
    if plane is Plane.QUERY and isinstance(error, KqlError):
        return compile_error(error)
    if plane is Plane.QUERY and isinstance(error, Forbidden) and error.code == "AuthorizationFailed":
        return access_error(error)
    if plane is Plane.INTELLIGENCE and isinstance(error, Throttled):
        return {"statusCode": usual_status(error), "message": error.message}
    body = _envelope(plane, error.code, error.message)
    if plane in (Plane.ARM, Plane.QUERY):
        body["error"] |= {
            name: error.details[name]
            for name in ("target", "details", "additionalInfo", "innererror")
            if name in error.details
        }
    return body


def _envelope(plane: Plane, code: str, message: str) -> dict[str, Any]:
    match plane:
        case Plane.COLLECTOR:
            return {"Error": code, "Message": message}
        case Plane.LOGIN:
            return {"error": "invalid_request", "error_description": message}
        case _:
            return {"error": {"code": code, "message": message}}


def _http_answer(plane: Plane, error: HTTPException) -> Response:
    """Starlette's own refusals: a path or a method that no route takes, a body over its route's limit."""
    code = _CODES.get(error.status_code, "BadRequest")
    bare = error.detail == HTTPStatus(error.status_code).phrase
    message = _SENTENCES.get(error.status_code, error.detail) if bare else error.detail
    status = 404 if plane is Plane.COLLECTOR and error.status_code == 413 else error.status_code
    return JsonResponse(_envelope(plane, code, message), status, error.headers)


def _challenge(authority: str, description: str) -> str:
    """What an ARM 401 tells SDKs: https://learn.microsoft.com/entra/identity-platform/claims-challenge."""
    safe = "".join(
        character if " " <= character <= "~" and character not in '"\\' else "'" for character in description
    )
    return f'Bearer authorization_uri="{authority}", error="invalid_token", error_description="{safe}"'


def _internal(request_id: str) -> str:
    return f"The server met an error of its own. Its log has the details under the request id '{request_id}'."
