"""Deny assignments: what nobody but the excluded may do at a scope, whatever their roles.

Those that a caller may make are narrower than those of the system, which are made by no API:
https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
"""

from collections.abc import Mapping
from typing import Any

from vedette.access.roles import DENY_ASSIGNMENT, EVERYONE
from vedette.arm.call import Answer, Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, anything, fields, list_of, text, truth, wrong
from vedette.core.errors import Forbidden, NotFound
from vedette.core.instants import arm_time
from vedette.sentinel.role_filters import parse_role_filter
from vedette.sentinel.scope_documents import around, page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_FILTERS = ("atScope", "denyAssignmentName", "principalId", "gdprExportPrincipalId")

_READ = "/read"

_principal = fields({"id": text, "type": text, "displayName": any_text, "email": any_text}, required=("id", "type"))
_permission = fields(
    {
        "actions": list_of(text),
        "notActions": list_of(text),
        "dataActions": list_of(text, most=0),
        "notDataActions": list_of(text, most=0),
        "condition": any_text,
        "conditionVersion": any_text,
    },
    required=("actions",),
)
_properties = fields(
    {
        "denyAssignmentName": text,
        "description": any_text,
        "permissions": list_of(_permission, least=1),
        "principals": list_of(_principal, least=1),
        "excludePrincipals": list_of(_principal),
        "doNotApplyToChildScopes": truth,
        "denyAssignmentEffect": any_text,
    },
    required=("denyAssignmentName", "permissions", "principals"),
    others=anything,
)


def _validate(_context: Context, call: Call, body: Body) -> Body:
    properties = _properties("properties", body["properties"])
    excluded = properties.setdefault("excludePrincipals", [])
    for permission in properties["permissions"]:
        _check_permission(permission)
    for principal in properties["principals"]:
        if principal["type"].lower() == "group":
            raise wrong("properties.principals", "names users, service principals or everyone, not groups")
        if principal["id"] == EVERYONE and not excluded:
            raise wrong("properties.excludePrincipals", "names at least one principal when everyone is denied")
    if properties.get("doNotApplyToChildScopes"):
        raise wrong("properties.doNotApplyToChildScopes", "is false for a deny assignment that is made by a caller")
    if properties.get("denyAssignmentEffect", "enforced").lower() != "enforced":
        raise wrong("properties.denyAssignmentEffect", "is 'enforced'; others are not served")
    own = {
        "doNotApplyToChildScopes": False,
        "denyAssignmentEffect": "enforced",
        "isSystemProtected": False,
        "scope": call.path.scope or "/",
    }
    return {"properties": {"description": ""} | properties | own}


def _check_permission(permission: dict[str, Any]) -> None:
    place = "properties.permissions"
    if permission.get("condition"):
        raise wrong(place, "has a condition, and conditions are not evaluated here")
    for name in ("notActions", "dataActions", "notDataActions"):
        permission.setdefault(name, [])
    reads_are_left = any(each.lower() in ("*", "*/read") for each in permission["notActions"])
    for action in permission["actions"]:
        if _may_match_a_read(action) and not reads_are_left:
            raise wrong(place, f"denies '{action[:200]}', and reading cannot be denied by a caller")


def _may_match_a_read(pattern: str) -> bool:
    """Whether some action that ends with `/read` is covered: a star stands for whatever is missing."""
    _, star, last = pattern.lower().rpartition("*")
    return last.endswith(_READ) or (bool(star) and _READ.endswith(last))


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    if existing is not None:
        _check_own(existing)
    made = existing.body["properties"] if existing else {}
    who = call.principal.object_id
    properties = body["properties"] | {"createdBy": made.get("createdBy", who), "updatedBy": who}
    return {"properties": properties, "systemData": system_data(call.principal, context.clock.now(), existing)}


def _check_own(document: Document) -> None:
    if document.body["properties"].get("isSystemProtected"):
        raise Forbidden(
            "DenyAssignmentIsSystemProtected", f"The deny assignment '{document.name}' is the system's own."
        )


def _show(_context: Context, _call: Call, document: Document) -> Body:
    times = {
        "createdOn": arm_time(document.created, "microseconds"),
        "updatedOn": arm_time(document.modified, "microseconds"),
    }
    return document.body | {"properties": document.body["properties"] | times}


def _remove(_context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
    _check_own(document)
    transaction.delete(document.id)


def _list(context: Context, call: Call) -> Answer:
    asked = parse_role_filter(call.query.get("$filter"), _FILTERS)
    documents = around(context, DENY_ASSIGNMENT, call.path.scope, below="atScope" not in asked)
    found = [each for each in documents if _is_asked(context, each.body["properties"], asked)]
    if "gdprExportPrincipalId" in asked:
        return page_of(call, found, _named_only)
    return page_of(call, found, lambda document: shown(context, DENY_ASSIGNMENTS, call, document))


def _is_asked(context: Context, properties: dict[str, Any], asked: Mapping[str, str]) -> bool:
    name, denied, exported = (asked.get(each) for each in _FILTERS[1:])
    listed = [str(each["id"]).lower() for each in properties.get("principals") or ()]
    excluded = [str(each["id"]).lower() for each in properties.get("excludePrincipals") or ()]
    if name is not None and properties["denyAssignmentName"].lower() != name.lower():
        return False
    if exported is not None and exported.lower() not in (*listed, *excluded):
        return False
    return denied is None or bool({denied.lower(), *context.roles.groups_of(denied)} & set(listed))


def _named_only(document: Document) -> dict[str, Any]:
    properties = document.body["properties"]
    told = {name: properties[name] for name in ("denyAssignmentName", "description") if name in properties}
    return {"id": document.id, "name": document.name, "type": document.type, "properties": told}


def _missing(path: ResourcePath) -> NotFound:
    return NotFound("DenyAssignmentNotFound", f"The deny assignment '{path.name}' is not found.")


DENY_ASSIGNMENTS = Resource(
    DENY_ASSIGNMENT,
    key="denyAssignmentId",
    extends_any=True,
    missing=_missing,
    read_only=frozenset({"isSystemProtected", "scope", "createdOn", "createdBy", "updatedOn", "updatedBy"}),
    validate=_validate,
    fill=_fill,
    show=_show,
    remove=_remove,
    handlers={"LIST": _list},
)
