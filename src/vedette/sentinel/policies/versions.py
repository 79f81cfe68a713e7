"""Versions of definitions and initiatives: each as it was put last, kept beside the current one.

https://learn.microsoft.com/rest/api/policyauthorization/policy-definition-versions
"""

from typing import Any, Final

from vedette.arm.call import Answer, Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.controller import put, shown
from vedette.arm.resource import Body, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.core.errors import InvalidInput
from vedette.policy.definition import read_definition
from vedette.policy.initiative import read_initiative
from vedette.sentinel.policies.built_ins import built_in, built_ins
from vedette.sentinel.policies.definitions import with_references
from vedette.sentinel.policies.resources import SET_VERSIONS, VERSIONS
from vedette.sentinel.policies.types import DEFINITION, SET_DEFINITION, SET_VERSION, VERSION
from vedette.sentinel.scope_documents import page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_OWNERS: Final = {VERSION.lower(): DEFINITION, SET_VERSION.lower(): SET_DEFINITION}


def validate(_context: Context, call: Call, body: Body) -> Body:
    """See `Validate`: it is one of its definition's, and read as that is."""
    properties = body["properties"]
    if str(properties.get("version") or call.path.name).lower() != call.path.name.lower():
        raise InvalidInput("InvalidPolicyDefinitionVersion", "'properties.version' is the version in the address.")
    body = {"properties": properties | {"version": call.path.name}}
    if call.path.type.lower() != SET_VERSION.lower():
        read_definition(call.path.parent_id, call.path.names[0], properties)
        return body
    return with_references(body, read_initiative(call.path.parent_id, call.path.names[0], properties))


def fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """See `Fill`: a version that is newer than all becomes the definition's own."""
    owner = transaction.get(call.path.parent_id)
    kind = "Custom" if call.path.scope else "BuiltIn"
    mode = {} if call.path.type.lower() == SET_VERSION.lower() else {"mode": "Indexed"}
    properties: Body = {**mode, **body["properties"], "policyType": kind}
    if owner is not None:
        held = owner.body["properties"]
        versions = sorted({call.path.name, *held["versions"]}, key=_order, reverse=True)
        newest = properties if versions[0] == call.path.name else held
        transaction.change(owner, owner.body | {"properties": newest | {"versions": versions}})
    return {"properties": properties, "systemData": system_data(call.principal, context.clock.now(), existing)}


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.partition("-")[0].split("."))


def keep(_context: Context, _call: Call, transaction: Transaction, document: Document) -> None:
    """See `After`: what a definition is put as, is a version of it."""
    version = document.body["properties"]["version"]
    type = SET_VERSION if document.type.lower() == SET_DEFINITION.lower() else VERSION
    properties = {name: each for name, each in document.body["properties"].items() if name != "versions"}
    body = document.body | {"properties": properties}
    transaction.put(id=f"{document.id}/versions/{version}", type=type, scope=document.id, name=version, body=body)


def find(context: Context, path: ResourcePath) -> Document | None:
    """A stored version, or that of a built-in definition."""
    owner = built_in(path.parent_id) if path.parent else None
    made = None if owner is None else _of(owner)
    return context.state.get(path.id) or (made if made is not None and made.name == path.name else None)


def _of(owner: Document) -> Document:
    version = str(owner.body["properties"]["version"])
    type = SET_VERSION if owner.type.lower() == SET_DEFINITION.lower() else VERSION
    id = f"{owner.id}/versions/{version}"
    return Document(id, type, owner.id.lower(), version, "", owner.body, owner.created, owner.modified)


def none(_context: Context, _path: ResourcePath) -> list[Document]:
    """Lists are made by `listed`."""
    return []


def _resource(type: str) -> Resource:
    return SET_VERSIONS if type.lower() == SET_VERSION.lower() else VERSIONS


def get(context: Context, call: Call) -> Answer:
    """One version."""
    found = find(context, call.path)
    if found is None:
        missing = _resource(call.path.type).missing
        assert missing is not None
        raise missing(call.path)
    return Answer(200, _shown(context, call, found))


def put_version(context: Context, call: Call) -> Answer:
    """201 where it is new, else 200."""
    return put(context, _resource(call.path.type), call)


def _shown(context: Context, call: Call, document: Document) -> dict[str, Any]:
    body = shown(context, _resource(document.type), call, document)
    body.pop("etag", None)
    return body


def listed(context: Context, call: Call) -> Answer:
    """The versions of a definition, the newest first."""
    found = context.state.list(call.path.type, call.path.parent_id)
    owner = built_in(call.path.parent_id)
    if not found and owner is not None:
        found = [_of(owner)]
    found.sort(key=lambda each: _order(each.name), reverse=True)
    return page_of(call, found, lambda each: _shown(context, call, each))


def list_all(context: Context, call: Call) -> Answer:
    """POST `listPolicyDefinitionVersions`: the versions of all definitions of a scope."""
    type = SET_VERSION if "set" in call.path.types[0].lower() else VERSION
    below = f"{call.path.scope}/providers/{_OWNERS[type.lower()]}"
    found = [each for each in context.state.list(type) if each.id.lower().startswith(f"{below.lower()}/")]
    if not call.path.scope:
        found += [_of(each) for each in built_ins(_OWNERS[type.lower()])]
    return page_of(call, found, lambda each: _shown(context, call, each))
