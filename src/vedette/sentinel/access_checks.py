"""What a caller may do at a scope, and whether a principal may do this or that there.

https://learn.microsoft.com/rest/api/authorization/permissions; `checkAccess` as command lines and admission webhooks
send it: `{"Subject": {"Attributes": {"ObjectId": …}}, "Actions": [{"Id": …, "IsDataAction": false}]}`.
"""

from collections.abc import Iterator
from typing import Any, cast

from vedette.access.principal_access import Denial, Grant, PrincipalAccess
from vedette.access.role_definitions import ROLE_DEFINITION
from vedette.access.roles import ROLE_ASSIGNMENT
from vedette.access.scopes import covers
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Resource
from vedette.arm.shapes import as_object, list_of, text, truth, wrong
from vedette.sentinel.role_definitions import home_of, shown_permission

_MOST_ACTIONS = 500


def _permissions(context: Context, call: Call) -> Answer:
    grants = context.roles.access(call.principal).grants_at(call.path.scope)
    held = {permission for grant in grants for permission in grant.role.permissions}
    ordered = sorted(held, key=lambda permission: (permission.actions, permission.data_actions))
    return Answer(200, {"value": [shown_permission(each) for each in ordered]})


def _check_access(context: Context, call: Call) -> Answer:
    body = as_object("body", call.body)
    ids, scope = [*_subject(context, call, body)], _place(call, body)
    if ids[0].lower() != call.principal.object_id.lower():
        context.roles.check(call.principal, f"{ROLE_ASSIGNMENT}/read", call.path.scope or "/")
        access = context.roles.access_of(ids)
    else:
        access = context.roles.access(call.principal)
    actions = list_of(as_object, least=1, most=_MOST_ACTIONS)("Actions", _field(body, "Actions"))
    return Answer(200, [_decision(access, scope, each) for each in actions])


def _subject(context: Context, call: Call, body: dict[str, Any]) -> Iterator[str]:
    """The object id of who is asked about, by default the caller, and the ids of the groups."""
    subject = as_object("Subject", _field(body, "Subject") or {})
    attributes = as_object("Subject.Attributes", _field(subject, "Attributes") or {})
    named: Any = _field(attributes, "ObjectId") or _field(subject, "principalId") or _field(subject, "objectId")
    if isinstance(named, list) and len(cast("list[Any]", named)) == 1:
        named = named[0]
    id = call.principal.object_id if named is None else text("Subject.Attributes.ObjectId", named)
    yield id
    yield from context.roles.groups_of(id)


def _place(call: Call, body: dict[str, Any]) -> str:
    """The id that is asked about: the scope of the call, or what the body names below it."""
    scope = call.path.scope or "/"
    resource = as_object("Resource", _field(body, "Resource") or {})
    named = _field(resource, "Id")
    if named is None:
        return scope
    if not covers(scope, text("Resource.Id", named)):
        raise wrong("Resource.Id", f"is at or below '{scope}'")
    return named


def _decision(access: PrincipalAccess, scope: str, asked: dict[str, Any]) -> dict[str, Any]:
    action = text("Actions.Id", _field(asked, "Id"))
    data = truth("Actions.IsDataAction", _field(asked, "IsDataAction") or False)
    grant, denial = access.granted_by(action, scope, data=data), access.denied_by(action, scope, data=data)
    decision = "Denied" if denial else "Allowed" if grant else "NotAllowed"
    return {
        "actionId": action,
        "accessDecision": decision,
        "isDataAction": data,
        "roleAssignment": _shown_grant(grant) if grant else None,
        "denyAssignment": _shown_denial(denial) if denial else None,
        "timeToLiveInMs": 0,
    }


def _shown_grant(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.assignment,
        "roleDefinitionId": f"{home_of(grant.scope)}/providers/{ROLE_DEFINITION}/{grant.role.id}",
        "principalId": grant.principal_id,
        "principalType": grant.principal_type,
        "scope": grant.scope,
        "condition": None,
    }


def _shown_denial(denial: Denial) -> dict[str, Any]:
    return {"id": denial.id, "denyAssignmentName": denial.name, "scope": denial.scope}


def _field(object: dict[str, Any], name: str) -> Any:
    """The value of a field in any letter case."""
    return next((value for each, value in object.items() if each.lower() == name.lower()), None)


PERMISSIONS = Resource(
    "Microsoft.Authorization/permissions",
    methods=frozenset({"LIST"}),
    extends_any=True,
    handlers={"LIST": _permissions},
)
CHECK_ACCESS = Resource(
    "Microsoft.Authorization/checkAccess",
    methods=frozenset({"ASK"}),
    extends_any=True,
    handlers={"ASK": _check_access},
)
CLASSIC_ADMINISTRATORS = Resource(
    "Microsoft.Authorization/classicAdministrators",
    methods=frozenset({"LIST"}),
    parent="Microsoft.Resources/subscriptions",
    handlers={"LIST": lambda _context, _call: Answer(200, {"value": []})},
)
