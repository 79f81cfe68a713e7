"""Policy definitions and initiatives: of a subscription, a management group, or built in.

https://learn.microsoft.com/rest/api/policyauthorization/policy-definitions
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from vedette.access.scopes import folded, root_group
from vedette.arm.call import Answer, Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.controller import delete, not_found, put, shown
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import Conflict, InvalidInput
from vedette.policy.definition import read_definition
from vedette.policy.initiative import Initiative, read_initiative
from vedette.policy.limits import MOST_DEFINITIONS, MOST_SETS
from vedette.policy.parameters import Parameter
from vedette.sentinel.policies.built_ins import built_in, built_ins
from vedette.sentinel.policies.catalog import initiative_facts
from vedette.sentinel.policies.resources import DEFINITIONS, SET_DEFINITIONS
from vedette.sentinel.policies.types import ASSIGNMENT, SET_DEFINITION
from vedette.sentinel.scope_documents import ancestors, page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NAME: Final = re.compile(r"[^<>*%&:?/\\+#]{1,128}(?<![. ])")
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(-\w+)?")
_FIRST: Final = "1.0.0"
_FILTER: Final = re.compile(
    r"\s*(?:(atExactScope)\(\)|policyType\s+(?:-?eq)\s+'?([\w]+)'?|category\s+(?:-?eq)\s+'([^']*)')\s*", re.IGNORECASE
)


def validate(_context: Context, call: Call, body: Body) -> Body:
    """See `Validate`: the rule is read as it is evaluated later."""
    _check_name(call)
    read_definition(call.path.id, call.path.name, body["properties"])
    return _plain(body)


def validate_set(context: Context, call: Call, body: Body) -> Body:
    """See `Validate`: every definition is there, and has values for its parameters."""
    _check_name(call)
    initiative = read_initiative(call.path.id, call.path.name, body["properties"])
    initiative_facts(context, initiative)
    return _plain(with_references(body, initiative))


def _check_name(call: Call) -> None:
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput(
            "InvalidPolicyDefinitionName",
            f"The name '{call.path.name[:128]}' has 1 to 128 characters, none of <>*%&:?/\\+#, and ends with no period "
            "or space.",
        )


def _plain(body: Body) -> Body:
    """Only its properties: what else files of definitions have is in its address."""
    properties = body["properties"]
    version = properties.get("version")
    if version is not None and _VERSION.fullmatch(str(version)) is None:
        raise InvalidInput(
            "InvalidPolicyDefinitionVersion", f"The version '{str(version)[:40]}' is none such as 1.2.3."
        )
    return {"properties": properties}


def with_references(body: Body, initiative: Initiative) -> Body:
    """The body with a reference and a version for each of its definitions."""
    members = [
        {"definitionVersion": each.version or "1.*.*", **sent, "policyDefinitionReferenceId": each.reference_id}
        for sent, each in zip(body["properties"]["policyDefinitions"], initiative.members, strict=True)
    ]
    return body | {"properties": body["properties"] | {"policyDefinitions": members}}


def fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """See `Fill`."""
    most = MOST_SETS if call.path.type.lower() == SET_DEFINITION.lower() else MOST_DEFINITIONS
    if existing is None and call.path.scope and transaction.count(call.path.type, call.path.parent_id) >= most:
        raise InvalidInput("PolicyDefinitionQuotaExceeded", f"A scope has at most {most} of '{call.path.type}'.")
    sent = body["properties"]
    if existing is not None:
        _check_parameters(context, call, sent, existing)
    version = str(sent.get("version") or (sent.get("metadata") or {}).get("version") or _FIRST)
    versions = [version, *_versions(existing)]
    properties = {
        "mode": "Indexed",
        **sent,
        "policyType": "Custom" if call.path.scope else "BuiltIn",
        "version": version,
        "versions": list(dict.fromkeys(versions)),
    }
    if call.path.type.lower() == SET_DEFINITION.lower():
        properties.pop("mode")
    return {"properties": properties, "systemData": system_data(call.principal, context.clock.now(), existing)}


def _versions(existing: Document | None) -> list[str]:
    return list(existing.body["properties"].get("versions") or []) if existing else []


def _check_parameters(context: Context, call: Call, sent: Body, existing: Document) -> None:
    """A parameter that an assignment may rely on stays what it is; a new one has a default."""
    if not any(_names(each, existing.id) for each in context.state.list(ASSIGNMENT)):
        return
    before, after = _parameters(existing.body["properties"]), _parameters(sent)
    for name, each in before.items():
        if name in after and after[name].type != each.type:
            raise InvalidInput(
                "InvalidUpdateOfPolicyDefinition",
                f"The type of the parameter '{each.name}' of an assigned policy stays.",
            )
    for name, each in after.items():
        if name not in before and not each.has_default:
            raise InvalidInput(
                "InvalidUpdateOfPolicyDefinition",
                f"The new parameter '{each.name}' of a policy that is assigned needs a 'defaultValue'.",
            )


def _parameters(properties: Body) -> dict[str, Parameter]:
    if "policyDefinitions" in properties:
        return read_initiative("", "", properties).parameters
    return read_definition("", "", properties).parameters


def _names(assignment: Document, id: str) -> bool:
    return folded(str(assignment.body["properties"].get("policyDefinitionId", ""))) == folded(id)


def put_definition(context: Context, call: Call) -> Answer:
    """201, whether it was there or not: clients take nothing else."""
    return Answer(201, put(context, DEFINITIONS, call).body)


def delete_definition(context: Context, call: Call) -> Answer:
    """Delete one that nothing uses. Raises Conflict (PolicyDefinitionInUse …)."""
    resource = _resource(call)
    with context.state.transaction() as transaction:
        if transaction.get(call.path.id) is None and built_in(call.path.id) is not None:
            raise InvalidInput("BuiltInPolicyCannotBeDeleted", f"'{call.path.name}' is built in.")
    using = [each.name for each in context.state.list(ASSIGNMENT) if _names(each, call.path.id)]
    if using:
        raise Conflict(
            "PolicyDefinitionInUse" if resource is DEFINITIONS else "PolicySetDefinitionInUse",
            f"'{call.path.name}' cannot be deleted: it is used by the policy assignments '{', '.join(using)[:500]}'.",
        )
    sets = [
        each.name
        for each in context.state.list(SET_DEFINITION)
        for member in each.body["properties"]["policyDefinitions"]
        if folded(str(member.get("policyDefinitionId", ""))) == folded(call.path.id)
    ]
    if sets:
        raise Conflict(
            "PolicyDefinitionInUse",
            f"'{call.path.name}' cannot be deleted: it is in the policy set definitions '{', '.join(sets)[:500]}'.",
        )
    return delete(context, resource, call)


def _resource(call: Call) -> Resource:
    return SET_DEFINITIONS if call.path.type.lower() == SET_DEFINITION.lower() else DEFINITIONS


def find(context: Context, path: ResourcePath) -> Document | None:
    """One of its place, or a built-in one, which is everywhere."""
    return context.state.get(path.id) or built_in(path.id) or built_in(f"/providers/{path.type}/{path.name}")


def none(_context: Context, _path: ResourcePath) -> list[Document]:
    """Lists are made by `listed`."""
    return []


def get(context: Context, call: Call) -> Answer:
    """One of its place, or a built-in one."""
    resource = _resource(call)
    found = find(context, call.path)
    if found is None:
        raise not_found(resource, call.path)
    if call.method == "HEAD":
        return Answer(204)
    return Answer(200, _shown(context, call, found))


def _shown(context: Context, call: Call, document: Document) -> dict[str, Any]:
    body = shown(context, _resource(call), call, document)
    body.pop("etag", None)
    return body


def listed(context: Context, call: Call) -> Answer:
    """Those of a scope, of the management group above it, and those that are built in; `$filter` chooses."""
    match = _FILTER.fullmatch(call.query["$filter"]) if call.query.get("$filter") else None
    if call.query.get("$filter") and match is None:
        raise InvalidInput(
            "InvalidFilter", "It is filtered by atExactScope(), policyType eq 'a type', or category eq 'a category'."
        )
    exact, type, category = match.groups() if match else (None, None, None)
    found = [
        each
        for each in (_here(context, call) if exact else _around(context, call))
        if (type is None or each.body["properties"]["policyType"].lower() == type.lower())
        and (category is None or _category(each).lower() == category.lower())
    ]
    return page_of(call, found, lambda each: _shown(context, call, each))


def _category(document: Document) -> str:
    metadata: Any = document.body["properties"].get("metadata")
    return str(metadata.get("category", "")) if isinstance(metadata, dict) else ""


def _here(context: Context, call: Call) -> Iterator[Document]:
    kind = _resource(call).type
    yield from context.state.list(kind, call.path.parent_id)
    if not call.path.scope:
        held = {each.id.lower() for each in context.state.list(kind, "")}
        yield from (each for each in built_ins(kind) if each.id.lower() not in held)


def _around(context: Context, call: Call) -> Iterator[Document]:
    kind = _resource(call).type
    held: set[str] = set()
    places = [*ancestors(call.path.parent_id, root_group(context.estate.tenant_id)), call.path.parent_id]
    for place in dict.fromkeys(["", *places]):
        for each in context.state.list(kind, place):
            held.add(each.id.lower())
            yield each
    yield from (each for each in built_ins(kind) if each.id.lower() not in held)
