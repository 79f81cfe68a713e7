"""Role assignments at any scope: the tenant, a management group, a subscription, a group, or any resource.

https://learn.microsoft.com/rest/api/authorization/role-assignments and
https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any, Final

from vedette.access.role_definitions import ROLE_DEFINITION, RoleDefinition
from vedette.access.roles import ROLE_ASSIGNMENT, custom_role, custom_role_id, role_id_of
from vedette.access.scopes import covers
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, put, shown
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import any_text, anything, fields, one_of, text
from vedette.core.errors import Conflict, InvalidInput, NotFound, Unsupported
from vedette.core.instants import arm_time
from vedette.sentinel.role_definitions import home_of
from vedette.sentinel.role_filters import parse_role_filter
from vedette.sentinel.scope_documents import around, page_of
from vedette.state.conditions import Compare, Condition, In
from vedette.state.documents import Document
from vedette.state.store import Transaction

_ROLE_ID = re.compile(rf"(?:/.+)?/providers/{re.escape(ROLE_DEFINITION)}/([^/\s]{{1,90}})/?", re.IGNORECASE)
_MOST: Final = 4000  # https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits
_TYPES = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")

_properties = fields(
    {
        "roleDefinitionId": text,
        "principalId": text,
        "principalType": one_of(*_TYPES),
        "description": any_text,
        "condition": any_text,
        "conditionVersion": any_text,
        "delegatedManagedIdentityResourceId": any_text,
    },
    required=("roleDefinitionId", "principalId"),
    others=anything,
)


def _validate(context: Context, call: Call, body: Body) -> Body:
    properties = _properties("properties", body["properties"])
    if properties.get("condition"):
        raise Unsupported("ConditionNotSupported", "Conditions of role assignments are not evaluated here.")
    role = _ROLE_ID.fullmatch(properties["roleDefinitionId"])
    if role is None:
        raise InvalidInput(
            "InvalidRoleDefinitionId", f"The role definition ID '{properties['roleDefinitionId'][:200]}' is not valid."
        )
    principal = _guid("InvalidPrincipalId", "principal ID", properties["principalId"])
    return {
        "properties": properties
        | {
            "roleDefinitionId": f"{home_of(call.path.scope)}/providers/{ROLE_DEFINITION}/{role[1].lower()}",
            "principalId": principal,
            "principalType": properties["principalType"] if _says_type(call) else _type_of(context, principal),
            "scope": call.path.scope or "/",
        }
    }


def _says_type(call: Call) -> bool:
    """Whether the caller said what the principal is; the published shape says `User` for one that did not."""
    body: dict[str, Any] = call.body
    sent: Any = next((each for name, each in body.items() if name.lower() == "properties"), None) or {}
    return any(name.lower() == "principaltype" and value is not None for name, value in sent.items())


def _guid(code: str, what: str, text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise InvalidInput(code, f"The {what} '{text[:80]}' is not valid. The {what} must be a GUID.") from error


def _type_of(context: Context, principal: str) -> str:
    """What the directory knows a principal as. One that is named with its type may be of another directory."""
    found = context.roles.type_of(principal)
    if found is None:
        raise InvalidInput(
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory {context.estate.tenant_id}. "
            "Check that you have the correct principal ID. For one of another directory, say its 'principalType'.",
        )
    return found


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    properties = body["properties"]
    _role(transaction, context, call, properties)
    if existing is not None:
        _check_kept(existing, properties)
    _check_others(transaction, call, properties)
    made = existing.body["properties"] if existing else {}
    who = call.principal.object_id
    return {"properties": properties | {"createdBy": made.get("createdBy", who), "updatedBy": who}}


def _role(transaction: Transaction, context: Context, call: Call, properties: dict[str, Any]) -> RoleDefinition:
    """The role that is assigned. Raises InvalidInput for one that does not exist, or not for this scope."""
    guid = role_id_of(properties)
    document = transaction.get(custom_role_id(guid))
    role = custom_role(document) if document else context.roles.definition(guid)
    if role is None or not any(covers(each, call.path.scope) for each in role.assignable_scopes):
        raise InvalidInput(
            "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist here."
        )
    return role


def _check_kept(existing: Document, properties: dict[str, Any]) -> None:
    kept = existing.body["properties"]
    if kept["principalId"] != properties["principalId"] or role_id_of(kept) != role_id_of(properties):
        raise InvalidInput(
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, role definition ID and scope are not allowed to be updated.",
        )


def _check_others(transaction: Transaction, call: Call, properties: dict[str, Any]) -> None:
    of_principal = Compare(("properties", "principalId"), "eq", properties["principalId"])
    for other in transaction.list(ROLE_ASSIGNMENT, call.path.parent_id, where=of_principal):
        is_same = role_id_of(other.body["properties"]) == role_id_of(properties)
        if is_same and other.name.lower() != call.path.name.lower():
            raise Conflict(
                "RoleAssignmentExists",
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{other.name.replace('-', '')}.",
            )
    if transaction.count(ROLE_ASSIGNMENT) >= _MOST and transaction.get(call.path.id) is None:
        raise Conflict("RoleAssignmentLimitExceeded", f"The limit of {_MOST} role assignments is reached.")


def _put(context: Context, call: Call) -> Answer:
    _guid("InvalidRoleAssignmentId", "role assignment ID", call.path.name)
    return Answer(201, put(context, ROLE_ASSIGNMENTS, call).body)


def _delete(context: Context, call: Call) -> Answer:
    document = context.state.get(call.path.id)
    answer = delete(context, ROLE_ASSIGNMENTS, call)
    if answer.status != 200 or document is None:
        return answer
    return Answer(200, shown(context, ROLE_ASSIGNMENTS, call, document))


def _show(_context: Context, _call: Call, document: Document) -> Body:
    times = {
        "createdOn": arm_time(document.created, "microseconds"),
        "updatedOn": arm_time(document.modified, "microseconds"),
    }
    return document.body | {"properties": document.body["properties"] | times}


def _list(context: Context, call: Call) -> Answer:
    asked = parse_role_filter(call.query.get("$filter"), ("atScope", "assignedTo", "principalId", "asTarget"))
    of_principal = _of(context, call, asked)
    found = [*around(context, ROLE_ASSIGNMENT, call.path.scope, of_principal, below="atScope" not in asked)]
    return page_of(call, found, lambda document: shown(context, ROLE_ASSIGNMENTS, call, document))


def _of(context: Context, call: Call, asked: Any) -> Condition | None:
    """The assignments of the principals that a filter names; `assignedTo` counts groups in."""
    ids = [*_asked_ids(context, call, asked)]
    return In(("properties", "principalId"), tuple(ids)) if ids else None


def _asked_ids(context: Context, call: Call, asked: Any) -> Iterator[str]:
    if "principalId" in asked:
        yield asked["principalId"].lower()
    for name in ("assignedTo", "asTarget"):
        if name in asked:
            id = asked[name] or call.principal.object_id
            yield id.lower()
            yield from context.roles.groups_of(id)


def _missing(path: ResourcePath) -> NotFound:
    return NotFound("RoleAssignmentNotFound", f"The role assignment '{path.name}' is not found.")


ROLE_ASSIGNMENTS = Resource(
    ROLE_ASSIGNMENT,
    key="roleAssignmentName",
    extends_any=True,
    missing=_missing,
    read_only=frozenset({"scope", "createdOn", "createdBy", "updatedOn", "updatedBy"}),
    validate=_validate,
    fill=_fill,
    show=_show,
    handlers={"LIST": _list, "PUT": _put, "DELETE": _delete},
)
