"""Microsoft Graph, as far as the directory goes: users, groups, applications, service principals and who is in what.

https://learn.microsoft.com/graph/api/overview. `/v1.0` and `/beta` answer alike. What else Graph has
is refused by name.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from vedette.access.directory_changes import DirectoryChanges, not_found
from vedette.access.directory_defaults import DEFAULT_DOMAIN, TENANT_NAME
from vedette.access.directory_objects import Kind
from vedette.access.principals import PrincipalKind
from vedette.api.authentication import authenticate
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import next_link, one, page, shown
from vedette.api.graph_permissions import (
    ORGANIZATION_READERS,
    check,
    check_over,
    check_read,
    check_scopes,
    check_write,
)
from vedette.api.graph_query import graph_query, refuse_unknown, selected
from vedette.api.graph_relations import caller_id_of, related
from vedette.api.graph_security import security
from vedette.api.graph_subscriptions import subscriptions
from vedette.api.json_response import JsonResponse
from vedette.api.request_addresses import base_of
from vedette.api.services import Services
from vedette.arm.json_reader import read_json
from vedette.core.errors import Forbidden, InvalidInput, Unsupported

VERSIONS: Final = ("v1.0", "beta")

_METHODS: Final = ["GET", "POST", "PATCH", "DELETE"]
_KINDS: Final = {kind.value.lower(): kind for kind in Kind}
_BY_APP_ID: Final = re.compile(r"(applications|serviceprincipals)\(appid='([^']{1,100})'\)", re.IGNORECASE)
_SENSITIVE: Final = frozenset(
    {"accountEnabled", "isAssignableToRole", "keyCredentials", "passwordProfile", "userPrincipalName"}
)
_OWN_READERS: Final = frozenset(
    {"User.Read", "User.ReadWrite", "User.ReadBasic.All", "User.Read.All", "User.ReadWrite.All"}
    | {"Directory.Read.All", "Directory.ReadWrite.All"}
)
_MOST_IDS: Final = 1000
_SERVED: Final = (
    "users, groups, applications, servicePrincipals, me, organization, domains, directoryObjects and security"
)


def routes(services: Services) -> list[BaseRoute]:
    """Everything under `/v1.0` and `/beta`; each handler checks one of Graph's permissions."""
    changes = DirectoryChanges(
        services.state, services.directory, services.sign_ins.sessions, services.estate, services.new_id
    )

    async def handle(request: Request) -> Response:
        principal = await authenticate(request, services)
        body: Any = None
        if request.method in ("POST", "PATCH"):
            data = await read_body(request, MEGABYTE)
            body = await run_sync(read_json, data) if data.strip() else {}
        _, version, *segments = request.scope["path"].split("/")
        matched = _BY_APP_ID.fullmatch(segments[0]) if segments else None
        if matched:
            segments = [matched[1], _id_of_application(services, _KINDS[matched[1].lower()], matched[2]), *segments[1:]]
        call = GraphCall(
            services,
            changes,
            request.method,
            version.lower(),
            tuple(segments),
            {name if not name.startswith("$") else name.lower(): value for name, value in request.query_params.items()},
            body,
            principal,
            base_of(request, services) + request.scope["path"],
            request.headers,
        )
        return await run_sync(_answer, call)

    return [Route(f"/{version}/{{path:path}}", handle, methods=_METHODS) for version in VERSIONS]


def _answer(call: GraphCall) -> Response:
    named = call.segments[0].lower() if call.segments else ""
    kind = _KINDS.get(named)
    if kind is not None:
        return _of_kind(call, kind)
    handler = _SINGLE.get(named)
    if handler is None:
        raise Unsupported("NotImplemented", f"Microsoft Graph's '{named[:100]}' is not served here; {_SERVED} are.")
    return handler(call)


def _of_kind(call: GraphCall, kind: Kind) -> Response:
    match call.method, call.segments[1:]:
        case "GET", ():
            return _list(call, kind)
        case "GET", (count,) if count.lower() == "$count":
            check_read(call.services, call.principal, kind)
            return PlainTextResponse(str(call.services.directory.count(kind, graph_query(kind, call.query).where)))
        case "POST", ():
            check_write(call.services, call.principal, kind)
            return JsonResponse(one(call.changes.create(kind, call.sent()), call.version, None), 201)
        case _, (id,):
            return _item(call, kind, id)
        case _, (id, relation, *rest):
            return related(call, kind, id, (relation, *rest))
        case _:
            raise call.not_served()


def _list(call: GraphCall, kind: Kind) -> Response:
    check_read(call.services, call.principal, kind)
    asked = graph_query(kind, call.query)
    found = call.services.directory.find(kind, asked.where, order=asked.order, limit=asked.top + 1, offset=asked.offset)
    following = next_link(call.address, call.query, asked.offset + asked.top) if len(found) > asked.top else ""
    count = call.services.directory.count(kind, asked.where) if asked.count else None
    values = [shown(each, asked.select) for each in found[: asked.top]]
    return JsonResponse(page(values, call.version, kind.value, count=count, following=following))


def _item(call: GraphCall, kind: Kind, id: str) -> Response:
    match call.method:
        case "GET":
            check_read(call.services, call.principal, kind)
            refuse_unknown(call.query)
            return JsonResponse(one(call.object(kind, id), call.version, selected(call.query)))
        case "PATCH":
            check_write(call.services, call.principal, kind)
            object, sent = call.object(kind, id), call.sent()
            if not _SENSITIVE.isdisjoint(sent):
                check_over(call.services, call.principal, caller_id_of(call, object))
            call.changes.update(object, sent)
            return Response(status_code=204)
        case "DELETE":
            check_write(call.services, call.principal, kind)
            object = call.object(kind, id)
            check_over(call.services, call.principal, caller_id_of(call, object))
            call.changes.delete(object)
            return Response(status_code=204)
        case _:
            raise call.not_served()


def _me(call: GraphCall) -> Response:
    if call.principal.kind is not PrincipalKind.USER:
        raise InvalidInput("BadRequest", "/me request is only valid with delegated authentication flow.")
    if call.principal.tenant_id != call.services.estate.tenant_id:
        raise Forbidden("Authorization_RequestDenied", "The caller is of another tenant than this server's.")
    rest = call.segments[1:]
    if call.method == "GET" and not rest:
        check_scopes(call.principal, _OWN_READERS)
        user = call.object(Kind.USER, call.principal.object_id)
        return JsonResponse(one(user, call.version, selected(call.query)))
    if rest and (call.method == "GET" or rest[0].lower().endswith("revokesigninsessions")):
        return related(call, Kind.USER, call.principal.object_id, rest)
    raise call.not_served()


def _organization(call: GraphCall) -> Response:
    rest = call.segments[1:]
    if call.method != "GET" or len(rest) > 1:
        raise call.not_served()
    _check_tenant_read(call)
    organization = {
        "id": call.services.estate.tenant_id,
        "displayName": TENANT_NAME,
        "tenantType": "AAD",
        "verifiedDomains": [
            {"capabilities": "", "isDefault": True, "isInitial": True, "name": DEFAULT_DOMAIN, "type": "Managed"}
        ],
    }
    if not rest:
        return JsonResponse(page([organization], call.version, "organization"))
    if rest[0].lower() != call.services.estate.tenant_id:
        raise not_found(rest[0])
    return JsonResponse(organization)


def _domains(call: GraphCall) -> Response:
    if call.method != "GET" or len(call.segments) > 1:
        raise call.not_served()
    _check_tenant_read(call)
    domain = {"id": DEFAULT_DOMAIN, "authenticationType": "Managed", "isDefault": True, "isVerified": True}
    return JsonResponse(page([domain], call.version, "domains"))


def _directory_objects(call: GraphCall) -> Response:
    match call.method, tuple(segment.lower().removeprefix("microsoft.graph.") for segment in call.segments[1:]):
        case "POST", ("getbyids",):
            return _by_ids(call)
        case "GET", (id,):
            found = call.services.directory.get(id)
            check_read(call.services, call.principal, Kind.USER if found is None else found.kind)
            if found is None:
                raise not_found(id)
            return JsonResponse(shown(found, selected(call.query), typed=True))
        case _:
            raise call.not_served()


def _by_ids(call: GraphCall) -> Response:
    """https://learn.microsoft.com/graph/api/directoryobject-getbyids: those of the kinds that the caller may read."""
    body = call.sent()
    ids, types = body.get("ids"), body.get("types") or []
    if not isinstance(ids, list) or len(ids) > _MOST_IDS or not isinstance(types, list):
        raise InvalidInput("Request_BadRequest", f"'ids' is a list of at most {_MOST_IDS} ids, 'types' one of names.")
    wanted = {str(each).lower() for each in types}
    for kind in Kind:
        if not wanted or kind.singular.lower() in wanted:
            check_read(call.services, call.principal, kind)
    found = (call.services.directory.get(str(id)) for id in dict.fromkeys(ids))
    chosen = [each for each in found if each is not None and (not wanted or each.kind.singular.lower() in wanted)]
    return JsonResponse(page([shown(each, None, typed=True) for each in chosen], call.version, "directoryObjects"))


_Handler = Callable[[GraphCall], Response]
_SINGLE: Final[Mapping[str, _Handler]] = {
    "me": _me,
    "organization": _organization,
    "domains": _domains,
    "directoryobjects": _directory_objects,
    "security": security,
    "subscriptions": subscriptions,
}


def _check_tenant_read(call: GraphCall) -> None:
    principal = call.principal
    if principal.kind is not PrincipalKind.USER or principal.tenant_id != call.services.estate.tenant_id:
        check(call.services, principal, ORGANIZATION_READERS)


def _id_of_application(services: Services, kind: Kind, application_id: str) -> str:
    directory = services.directory
    found = directory.application(application_id) if kind is Kind.APPLICATION else None
    if kind is Kind.SERVICE_PRINCIPAL:
        found = directory.service_principal_of(application_id)
    return application_id if found is None else found.id
