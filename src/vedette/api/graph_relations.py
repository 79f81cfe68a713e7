"""What hangs on directory objects in Microsoft Graph: members, groups, secrets, permissions, sessions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from starlette.responses import Response

from vedette.access.app_roles import assignments_of, give, take
from vedette.access.directory_changes import not_found
from vedette.access.directory_objects import DirectoryObject, Kind, time_text
from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import next_link, page, shown
from vedette.api.graph_permissions import APP_ROLE_WRITERS, MEMBER_WRITERS, check, check_over, check_read, check_write
from vedette.api.graph_query import graph_query, refuse_unknown, selected
from vedette.api.json_response import JsonResponse
from vedette.core.errors import InvalidInput

_MEMBERS: Final = frozenset({"members", "transitivemembers"})
_GROUPS: Final = frozenset({"memberof", "transitivememberof"})
_EMPTY: Final = frozenset({"owners", "ownedobjects"})  # nobody owns objects here; administrators rule over all of them
_KEYED: Final = (Kind.APPLICATION, Kind.SERVICE_PRINCIPAL)


def related(call: GraphCall, kind: Kind, id: str, rest: tuple[str, ...]) -> Response:
    """Answer for what hangs on the object of an id. Raises Forbidden, NotFound, InvalidInput, and Unsupported."""
    relation = rest[0].lower().removeprefix("microsoft.graph.")
    if relation in _ACTIONS and call.method == "POST" and len(rest) == 1:
        return _ACTIONS[relation](call, kind, id)
    if relation == "approleassignments" and kind is Kind.SERVICE_PRINCIPAL:
        return _app_roles(call, id, rest[1:])
    if call.method == "GET" and len(rest) == 1:
        return _listed(call, kind, id, relation)
    if relation == "members" and kind is Kind.GROUP and rest[-1].lower() == "$ref":
        return _change_members(call, id, rest[1:-1])
    raise call.not_served()


def _listed(call: GraphCall, kind: Kind, id: str, relation: str) -> Response:
    check_read(call.services, call.principal, kind)
    object, directory = call.object(kind, id), call.services.directory
    if relation in _MEMBERS and kind is Kind.GROUP:
        return _objects(call, directory.members_of(object.id, transitive=relation.startswith("transitive")))
    if relation in _GROUPS and kind is not Kind.APPLICATION:
        whole = relation.startswith("transitive")
        return _objects(
            call, sorted(directory.groups_of(object.id)) if whole else directory.direct_groups_of(object.id)
        )
    if relation in _EMPTY:
        return JsonResponse(page((), call.version, "directoryObjects"))
    raise call.not_served()


def _objects(call: GraphCall, ids: Iterable[str]) -> Response:
    """A page of objects of several kinds."""
    asked = graph_query(Kind.GROUP, {name: value for name, value in call.query.items() if name != "$select"})
    if asked.where is not None or asked.order:
        raise call.not_served()
    wanted = list(ids)
    found = [call.services.directory.get(id) for id in wanted[asked.offset : asked.offset + asked.top]]
    values = [shown(each, selected(call.query), typed=True) for each in found if each is not None]
    rest = len(wanted) > asked.offset + asked.top
    following = next_link(call.address, call.query, asked.offset + asked.top) if rest else ""
    count = len(wanted) if asked.count else None
    return JsonResponse(page(values, call.version, "directoryObjects", count=count, following=following))


def _change_members(call: GraphCall, id: str, named: tuple[str, ...]) -> Response:
    """POST members/$ref with the member's address, DELETE members/{id}/$ref."""
    check(call.services, call.principal, MEMBER_WRITERS)
    group = call.object(Kind.GROUP, id)
    if group.shown.get("isAssignableToRole") is True:
        check_over(call.services, call.principal, group.id)
    match call.method, named:
        case "POST", ():
            member = str(call.sent().get("@odata.id", "")).rstrip("/").rpartition("/")[2]
            found = call.services.directory.get(member)
            if found is None:
                raise not_found(member)
            call.changes.add_member(group, found)
        case "DELETE", (member,):
            call.changes.remove_member(group, member)
        case _:
            raise call.not_served()
    return Response(status_code=204)


def _app_roles(call: GraphCall, id: str, rest: tuple[str, ...]) -> Response:
    """https://learn.microsoft.com/graph/api/serviceprincipal-list-approleassignments and its siblings."""
    state, tenant_id = call.services.state, call.services.estate.tenant_id
    if call.method == "GET" and not rest:
        check_read(call.services, call.principal, Kind.SERVICE_PRINCIPAL)
        refuse_unknown(call.query)
        principal = call.object(Kind.SERVICE_PRINCIPAL, id)
        values = [document.body["object"] for document in assignments_of(state, principal.id)]
        return JsonResponse(page(values, call.version, "appRoleAssignments"))
    check(call.services, call.principal, APP_ROLE_WRITERS)
    principal = call.object(Kind.SERVICE_PRINCIPAL, id)
    if call.method == "DELETE" and len(rest) == 1:
        with state.transaction() as transaction:
            if not take(transaction, tenant_id, principal.id, rest[0]):
                raise not_found(rest[0])
        return Response(status_code=204)
    if call.method != "POST" or rest:
        raise call.not_served()
    sent = call.sent()
    resource = call.object(Kind.SERVICE_PRINCIPAL, str(sent.get("resourceId", "")))
    role_id = str(sent.get("appRoleId", "")).lower()
    if role_id not in {role.get("id") for role in resource.shown.get("appRoles", ())}:
        raise InvalidInput("Request_BadRequest", "Permission being assigned was not found on application.")
    at = time_text(call.services.wall_clock.now())
    with state.transaction() as transaction:
        made = give(transaction, tenant_id, principal, resource, role_id, at)
    return JsonResponse(made, 201)


def _add_password(call: GraphCall, kind: Kind, id: str) -> Response:
    object = _keyed(call, kind, id)
    sent = call.sent().get("passwordCredential") or {}
    if not isinstance(sent, dict):
        raise InvalidInput("Request_BadRequest", "'passwordCredential' must be an object.")
    return JsonResponse(call.changes.add_secret(object, sent))


def _remove_password(call: GraphCall, kind: Kind, id: str) -> Response:
    call.changes.remove_secret(_keyed(call, kind, id), str(call.sent().get("keyId", "")))
    return Response(status_code=204)


def _revoke(call: GraphCall, kind: Kind, id: str) -> Response:
    """People may end their own sessions; those of others, who may write users."""
    if kind is not Kind.USER:
        raise call.not_served()
    user = call.object(kind, id)
    if user.id != call.principal.object_id:
        check_write(call.services, call.principal, kind)
        check_over(call.services, call.principal, user.id)
    call.changes.revoke_sessions(user)
    return JsonResponse({"value": True})


def _member_groups(call: GraphCall, kind: Kind, id: str) -> Response:
    """https://learn.microsoft.com/graph/api/directoryobject-getmembergroups"""
    check_read(call.services, call.principal, kind)
    groups = sorted(call.services.directory.groups_of(call.object(kind, id).id))
    return JsonResponse(page((), call.version, "Collection(Edm.String)") | {"value": groups})


def _check_groups(call: GraphCall, kind: Kind, id: str) -> Response:
    """https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups"""
    check_read(call.services, call.principal, kind)
    asked: Mapping[str, Any] = call.sent()
    ids = asked.get("groupIds")
    if not isinstance(ids, list) or len(ids) > 20:
        raise InvalidInput("Request_BadRequest", "'groupIds' is a list of at most 20 ids.")
    groups = call.services.directory.groups_of(call.object(kind, id).id)
    return JsonResponse({"value": [each for each in map(str, ids) if each.lower() in groups]})


def caller_id_of(call: GraphCall, object: DirectoryObject) -> str:
    """The id of what an object is as a caller: an application comes as its service principal."""
    if object.kind is not Kind.APPLICATION:
        return object.id
    principal = call.services.directory.service_principal_of(str(object.application_id))
    return object.id if principal is None else principal.id


def _keyed(call: GraphCall, kind: Kind, id: str) -> DirectoryObject:
    if kind not in _KEYED:
        raise call.not_served()
    check_write(call.services, call.principal, kind)
    object = call.object(kind, id)
    check_over(call.services, call.principal, caller_id_of(call, object))
    return object


_ACTIONS: Final[Mapping[str, Callable[[GraphCall, Kind, str], Response]]] = {
    "addpassword": _add_password,
    "removepassword": _remove_password,
    "revokesigninsessions": _revoke,
    "getmembergroups": _member_groups,
    "checkmembergroups": _check_groups,
}
