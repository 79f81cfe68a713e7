"""Tokens for programs on this machine that hold no secret: the two endpoints by which Azure's SDKs get one on Azure.

The App Service form is guarded by a secret that `vedette env` prints, as on App Service the platform sets it; with it
every managed identity can be had. The form of virtual machines asks for no secret at all, so it gives the identity of
this machine only, which has no role until somebody gives it one. Both are served on the loopback listener alone.

https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

import hmac
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.directory_objects import MANAGED, DirectoryObject, Kind, principal_of
from vedette.access.local_identities import machine_identity, program_identity
from vedette.access.principals import Principal
from vedette.access.signing_keys import LIFETIME
from vedette.api.json_response import NOT_CACHED, JsonResponse
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound
from vedette.state.conditions import AnyElement, Compare

MACHINE_PATH: Final = "/metadata/identity/oauth2/token"
PROGRAM_PATH: Final = "/msi/token"

_NAMING: Final = ("client_id", "object_id", "principal_id", "mi_res_id", "msi_res_id", "resource_id")


class _BadRequest(Exception):
    """A request that is refused, in the shape in which the platform refuses it."""

    def __init__(self, message: str, *, error: str = "invalid_request", status: int = 400) -> None:
        super().__init__(message)
        self.message, self.error, self.status = message, error, status


def routes(services: Services) -> list[BaseRoute]:
    """The two routes; they are open, for they are where programs without a secret get a token."""

    async def of_machine(request: Request) -> Response:
        _require_loopback(request, services)
        try:
            if request.headers.get("metadata", "").lower() != "true":
                raise _BadRequest("Required metadata header not specified")
            if "x-forwarded-for" in request.headers:  # a proxy passes on what a stranger asked it to fetch
                raise _BadRequest("A request with the header X-Forwarded-For is not answered")
            identity = machine_identity(services.directory, services.estate)
            asked = _asked(request)
            if asked and _found(services, *asked).id != identity.object_id:
                raise _BadRequest("Identity not found")
            return _answer(request, services, identity)
        except _BadRequest as refused:
            return _refusal(refused)

    async def of_program(request: Request) -> Response:
        _require_loopback(request, services)
        try:
            given = request.headers.get("x-identity-header", "")
            if not hmac.compare_digest(given.encode(), services.identity_header.encode()):
                raise _BadRequest(
                    "The header X-IDENTITY-HEADER is not the one of this server. It is a new one at each start of the "
                    "server; 'vedette env' prints it.",
                    status=401,
                )
            asked = _asked(request)
            if not asked:
                return _answer(request, services, program_identity(services.directory, services.estate))
            return _answer(request, services, principal_of(_found(services, *asked), services.estate.tenant_id))
        except _BadRequest as refused:
            return _refusal(refused)

    return [Route(MACHINE_PATH, of_machine), Route(PROGRAM_PATH, of_program)]


def _require_loopback(request: Request, services: Services) -> None:
    """The plain listener, which is bound to loopback only, by one of its own names. Raises NotFound."""
    address = f"http://{request.headers.get('host', '').lower()}"
    if request.url.scheme != "http" or address not in services.addresses.own():
        raise NotFound("NotFound", "The requested path does not exist.")


def _asked(request: Request) -> tuple[str, str] | None:
    """The identity that the request names, by which parameter."""
    named = [(name, request.query_params[name]) for name in _NAMING if request.query_params.get(name)]
    if len(named) > 1:
        raise _BadRequest("More than one identity is named")
    return named[0] if named else None


def _found(services: Services, parameter: str, value: str) -> DirectoryObject:
    """The managed identity of an id. Raises _BadRequest where there is none, or it is disabled."""
    if parameter in ("object_id", "principal_id"):
        found = services.directory.get(value)
    elif parameter == "client_id":
        found = services.directory.service_principal_of(value)
    else:
        has = AnyElement(("folded", "alternativeNames"), Compare((), "eq", value.lower()))
        found = next(iter(services.directory.find(Kind.SERVICE_PRINCIPAL, has, limit=1)), None)
    if found is None or found.shown.get("servicePrincipalType") != MANAGED or not found.is_enabled:
        raise _BadRequest("Identity not found")
    return found


def _answer(request: Request, services: Services, identity: Principal) -> Response:
    for name in ("api-version", "resource"):
        if not request.query_params.get(name):
            raise _BadRequest(f"Required query variable '{name}' is missing")
    try:
        told = identity_token(services, identity, request.query_params["resource"])
    except InvalidInput as error:
        raise _BadRequest(error.message, error=error.code) from error
    return JsonResponse(told, headers=NOT_CACHED)


def identity_token(services: Services, identity: Principal, resource: str) -> dict[str, Any]:
    """What an identity endpoint answers with a token for a resource. Raises InvalidInput (invalid_resource)."""
    if not services.tokens.accepts_audience(resource):
        raise InvalidInput(
            "invalid_resource",
            f"AADSTS500011: The resource principal named {resource[:200]} was not found in the tenant",
        )
    issued = services.tokens.issue(identity, resource, base=services.addresses.https, version="1.0")
    lifetime = str(int(LIFETIME.total_seconds()))
    return {
        "access_token": issued.text,
        "client_id": identity.application_id,
        "expires_in": lifetime,
        "expires_on": str(issued.expires),
        "ext_expires_in": lifetime,
        "not_before": str(issued.not_before),
        "resource": resource,
        "token_type": "Bearer",
    }


def _refusal(refused: _BadRequest) -> Response:
    return JsonResponse({"error": refused.error, "error_description": refused.message}, refused.status)
