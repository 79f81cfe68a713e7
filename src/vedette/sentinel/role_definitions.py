"""Role definitions: the built-in ones, and custom ones, which are kept once and shown at every scope they reach.

https://learn.microsoft.com/rest/api/authorization/role-definitions and
https://learn.microsoft.com/azure/role-based-access-control/custom-roles
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vedette.access.role_definitions import ROLE_DEFINITION, Permission, RoleDefinition, built_in_roles
from vedette.access.roles import ROLE_ASSIGNMENT, custom_role_id
from vedette.access.scopes import covers
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, put
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.arm.shapes import any_text, fields, list_of, text, wrong
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.sentinel.role_filters import parse_role_filter
from vedette.sentinel.scope_documents import page_of
from vedette.state.conditions import Match
from vedette.state.documents import Document
from vedette.state.store import Transaction

_BUILT_IN, _CUSTOM = "BuiltInRole", "CustomRole"
_MOST = 5000  # https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits


def _action(place: str, value: Any) -> str:
    """A pattern of actions: `*`, or `Microsoft.X/type/verb` with stars anywhere."""
    pattern = text(place, value)
    if len(pattern) > 1000 or any(character.isspace() for character in pattern):
        raise wrong(place, "is an action such as 'Microsoft.SecurityInsights/*/read'")
    return pattern


_permission = fields(
    {
        "actions": list_of(_action),
        "notActions": list_of(_action),
        "dataActions": list_of(_action),
        "notDataActions": list_of(_action),
        "condition": any_text,
        "conditionVersion": any_text,
    }
)
_properties = fields(
    {
        "roleName": text,
        "description": any_text,
        "type": any_text,
        "permissions": list_of(_permission, least=1, most=100),
        "assignableScopes": list_of(text, least=1, most=2000),
    },
    required=("roleName", "permissions", "assignableScopes"),
    others=lambda _place, value: value,
)


def shown_permission(permission: Permission) -> dict[str, list[str]]:
    """A permission as the API shows it."""
    return {
        "actions": list(permission.actions),
        "notActions": list(permission.not_actions),
        "dataActions": list(permission.data_actions),
        "notDataActions": list(permission.not_data_actions),
    }


def home_of(scope: str) -> str:
    """The id of the subscription that a scope is in, before which Azure writes a role's id; "" outside of one."""
    parts = scope.strip("/").split("/")
    return f"/{parts[0]}/{parts[1]}" if len(parts) > 1 and parts[0].lower() == "subscriptions" else ""


def _canonical(call: Call) -> Call:
    """The call for the place where a custom role is kept."""
    return replace(call, path=parse_id(custom_role_id(call.path.name)))


def _envelope(scope: str, name: str, properties: dict[str, Any]) -> dict[str, Any]:
    id = f"{home_of(scope)}/providers/{ROLE_DEFINITION}/{name}"
    return {"id": id, "type": ROLE_DEFINITION, "name": name, "properties": properties}


def _built_in(scope: str, role: RoleDefinition) -> dict[str, Any]:
    properties = {
        "roleName": role.name,
        "type": _BUILT_IN,
        "description": "",
        "assignableScopes": ["/"],
        "permissions": [shown_permission(each) for each in role.permissions],
    }
    return _envelope(scope, role.id, properties)


def _custom(scope: str, document: Document) -> dict[str, Any]:
    return _envelope(scope, document.name, document.body["properties"])


def _validate(context: Context, call: Call, body: Body) -> Body:
    properties = _properties("properties", body["properties"])
    for permission in properties["permissions"]:
        if permission.get("condition"):
            raise InvalidInput("ConditionNotSupported", "Conditions of a role's permissions are not evaluated here.")
        for name in ("actions", "notActions", "dataActions", "notDataActions"):
            permission.setdefault(name, [])
        if not permission["actions"] and not permission["dataActions"]:
            raise wrong("properties.permissions", "has a permission with neither 'actions' nor 'dataActions'")
    scopes = [_assignable(each) for each in properties["assignableScopes"]]
    for scope in scopes:
        context.roles.check(call.principal, f"{ROLE_DEFINITION}/write", f"{scope}/providers/{ROLE_DEFINITION}")
    return {"properties": properties | {"type": _CUSTOM, "assignableScopes": scopes}}


def _assignable(scope: str) -> str:
    """A scope that a custom role may be assigned at, in its one form: anything that has an id but the tenant."""
    path = parse_id(scope) if scope.strip("/") else None
    if path is None or "*" in scope or not path.is_item:
        raise InvalidInput(
            "InvalidAssignableScope",
            f"'{scope[:200]}' is no scope of a custom role: neither the tenant nor a wildcard can be.",
        )
    return path.id


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    properties = body["properties"]
    if existing is None and transaction.count(ROLE_DEFINITION) >= _MOST:
        raise Conflict("RoleDefinitionLimitExceeded", f"The limit of {_MOST} custom roles is reached.")
    _check_name(transaction, properties["roleName"], call.path.name)
    if existing is not None:
        _check_existing(context, call, transaction, existing, properties["assignableScopes"])
    now = arm_time(context.clock.now(), "microseconds")
    made = existing.body["properties"] if existing else {}
    times = {
        "createdOn": made.get("createdOn", now),
        "updatedOn": now,
        "createdBy": made.get("createdBy", call.principal.object_id),
        "updatedBy": call.principal.object_id,
    }
    return {"properties": {"description": ""} | properties | times}


def _check_name(transaction: Transaction, name: str, guid: str) -> None:
    folded = name.lower()
    taken = any(role.name.lower() == folded for role in built_in_roles().values()) or any(
        document.body["properties"]["roleName"].lower() == folded and document.name != guid
        for document in transaction.list(ROLE_DEFINITION)
    )
    if taken:
        raise Conflict("RoleDefinitionWithSameNameExists", f"A role definition with the name '{name}' exists already.")


def _check_existing(
    context: Context, call: Call, transaction: Transaction, existing: Document, scopes: list[str]
) -> None:
    """Who changes a role may do so wherever it is assignable; a scope with assignments stays."""
    for scope in existing.body["properties"]["assignableScopes"]:
        context.roles.check(call.principal, f"{ROLE_DEFINITION}/write", f"{scope}/providers/{ROLE_DEFINITION}")
    for assignment in _assignments(transaction, existing.name):
        if not any(covers(scope, assignment.scope) for scope in scopes):
            raise InvalidInput(
                "RoleDefinitionHasAssignments",
                f"The role is assigned at '{assignment.scope}', so that scope stays assignable.",
            )


def _assignments(transaction: Transaction, guid: str) -> list[Document]:
    return transaction.list(
        ROLE_ASSIGNMENT, where=Match(("properties", "roleDefinitionId"), "endswith", f"/{guid.lower()}")
    )


def _put(context: Context, call: Call) -> Answer:
    kept = _canonical(call)
    if kept.path.name in built_in_roles():
        raise InvalidInput("CannotUpdateBuiltInRole", f"'{kept.path.name}' is built in and cannot be changed.")
    made = put(context, ROLE_DEFINITIONS, kept).body
    return Answer(201, _envelope(call.path.scope, made["name"], made["properties"]))


def _delete(context: Context, call: Call) -> Answer:
    kept = _canonical(call)
    if kept.path.name in built_in_roles():
        raise InvalidInput("CannotDeleteBuiltInRole", f"'{kept.path.name}' is built in and cannot be deleted.")
    document = context.state.get(kept.path.id)
    if document is None:
        return Answer(204)
    for scope in document.body["properties"]["assignableScopes"]:
        context.roles.check(call.principal, f"{ROLE_DEFINITION}/delete", f"{scope}/providers/{ROLE_DEFINITION}")
    answer = delete(context, ROLE_DEFINITIONS, kept)
    return Answer(200, _custom(call.path.scope, document)) if answer.status == 200 else answer


def _before_delete(_context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
    if _assignments(transaction, document.name):
        raise InvalidInput(
            "RoleDefinitionHasAssignments", "There are existing role assignments referencing role: remove them first."
        )
    transaction.delete(document.id)


def _get(context: Context, call: Call) -> Answer:
    guid = call.path.name.lower()
    role = built_in_roles().get(guid)
    if role is not None:
        return Answer(200, _built_in(call.path.scope, role))
    document = context.state.get(custom_role_id(guid))
    if document is None or not _is_seen(context, call, document):
        raise _missing(call.path)
    return Answer(200, _custom(call.path.scope, document))


def _is_seen(context: Context, call: Call, document: Document) -> bool:
    """Whether a custom role is there at the scope of a call; at the tenant for those who may read it somewhere."""
    scopes: list[str] = document.body["properties"]["assignableScopes"]
    if call.path.scope:
        return any(covers(scope, call.path.scope) or covers(call.path.scope, scope) for scope in scopes)
    access = context.roles.access(call.principal)
    return any(access.allows(f"{ROLE_DEFINITION}/read", f"{scope}/providers/{ROLE_DEFINITION}") for scope in scopes)


def _list(context: Context, call: Call) -> Answer:
    asked = parse_role_filter(call.query.get("$filter"), ("atScopeAndBelow", "roleName", "type"))
    found = [each for each in _roles(context, call, below="atScopeAndBelow" in asked) if _is_asked(each, asked)]
    return page_of(call, found, lambda role: role)


def _roles(context: Context, call: Call, *, below: bool) -> Iterator[dict[str, Any]]:
    """What may be assigned at the scope of a call, or `below` it too: all built-in roles and some custom ones."""
    scope = call.path.scope
    yield from (_built_in(scope, role) for role in built_in_roles().values())
    for document in context.state.list(ROLE_DEFINITION):
        scopes: list[str] = document.body["properties"]["assignableScopes"]
        at = any(covers(each, scope) for each in scopes) or (below and any(covers(scope, each) for each in scopes))
        if at if scope else _is_seen(context, call, document):
            yield _custom(scope, document)


def _is_asked(role: dict[str, Any], asked: Any) -> bool:
    properties = role["properties"]
    return all(str(properties[name]).lower() == asked[name].lower() for name in ("roleName", "type") if name in asked)


def _missing(path: ResourcePath) -> NotFound:
    return NotFound(
        "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{path.name}' does not exist."
    )


ROLE_DEFINITIONS = Resource(
    ROLE_DEFINITION,
    key="roleDefinitionId",
    extends_any=True,
    read_in_tenant=True,
    missing=_missing,
    read_only=frozenset({"createdOn", "createdBy", "updatedOn", "updatedBy"}),
    validate=_validate,
    fill=_fill,
    remove=_before_delete,
    handlers={"GET": _get, "LIST": _list, "PUT": _put, "DELETE": _delete},
)
