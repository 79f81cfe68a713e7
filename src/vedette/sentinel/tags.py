"""Tags at a scope, of whatever is there: a resource, a resource group, a subscription, or a resource of elsewhere.

https://learn.microsoft.com/rest/api/resources/tags
"""

from collections.abc import Callable, Iterable
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.changes import check_tags
from vedette.arm.context import Context
from vedette.arm.resource import RESOURCE_GROUP, SUBSCRIPTION, Resource
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.shapes import as_object, fields, one_of
from vedette.core.errors import InvalidInput, NotFound
from vedette.state.documents import Document
from vedette.state.store import Transaction

TAGS = "Microsoft.Resources/tags"
_DEFAULT = "default"

_properties = fields({"tags": as_object})
_replaced = fields({"properties": _properties}, required=("properties",))
_changed = fields(
    {"operation": one_of("Merge", "Replace", "Delete"), "properties": _properties},
    required=("operation", "properties"),
)

Change = Callable[[dict[str, str]], dict[str, str]]


def tags_of(context: Context, id: str) -> dict[str, str]:
    """The tags of a scope that keeps them in a document of their own, such as a subscription."""
    document = context.state.get(_own_id(id))
    return dict(document.body["properties"]["tags"]) if document else {}


def tags_resource(served: Iterable[Resource]) -> Resource:
    """The tags of a scope; `served` are all resource types, of which the tracked ones hold their own tags."""
    by_type = {each.type.lower(): each for each in served}

    def holder(context: Context, path: ResourcePath) -> str | None:
        """The id of the document that holds the tags itself; None when they have a document of their own."""
        scope = path.parent
        if path.name.lower() != _DEFAULT or scope is None:
            raise NotFound("ResourceNotFound", f"Tags are at '{{scope}}/providers/{TAGS}/{_DEFAULT}'.")
        resource = by_type.get(scope.type.lower())
        if resource is not None and resource.type == SUBSCRIPTION:
            return None
        if resource is None:
            return scope.id if context.state.get(scope.id) is not None else None
        if not resource.tracked and resource.type != RESOURCE_GROUP:
            raise InvalidInput("ResourceTypeDoesNotSupportTags", f"The resource type '{resource.type}' has no tags.")
        return scope.id

    def get(context: Context, call: Call) -> Answer:
        held = holder(context, call.path)
        if held is None:
            return _answer(call, tags_of(context, call.path.parent_id))
        document = context.state.get(held)
        return _answer(call, (document.body.get("tags") or {}) if document else {})

    def change(context: Context, call: Call, changed: Change) -> Answer:
        held = holder(context, call.path)
        with context.state.transaction() as transaction:
            if held is None:
                return _answer(call, _change_own(transaction, call.path, changed))
            document = transaction.get(held)
            if document is None:
                raise NotFound("ResourceNotFound", f"The resource '{held}' was not found.")
            return _answer(call, _change_held(transaction, document, changed))

    def put(context: Context, call: Call) -> Answer:
        sent = check_tags(_replaced("body", _content(call.body))["properties"].get("tags"))
        return change(context, call, lambda _existing: sent)

    def patch(context: Context, call: Call) -> Answer:
        body = _changed("body", _content(call.body))
        sent = check_tags(body["properties"].get("tags"))
        return change(context, call, lambda existing: check_tags(_OPERATIONS[body["operation"]](existing, sent)))

    def delete(context: Context, call: Call) -> Answer:
        change(context, call, lambda _existing: {})
        return Answer(200)

    return Resource(
        TAGS,
        key="tagName",
        methods=frozenset({"GET", "PUT", "PATCH", "DELETE"}),
        extends_any=True,
        handlers={"GET": get, "PUT": put, "PATCH": patch, "DELETE": delete},
    )


def _content(body: Any) -> dict[str, Any]:
    """The body without its envelope, which clients send back as they read it."""
    sent = as_object("body", body)
    return {name: value for name, value in sent.items() if name.lower() not in ("id", "name", "type")}


def _answer(call: Call, tags: dict[str, str]) -> Answer:
    return Answer(200, {"id": call.path.id, "name": call.path.name, "type": TAGS, "properties": {"tags": dict(tags)}})


def _change_held(transaction: Transaction, document: Document, changed: Change) -> dict[str, str]:
    tags = changed(document.body.get("tags") or {})
    transaction.put(
        id=document.id,
        type=document.type,
        scope=document.scope,
        name=document.name,
        body=document.body | {"tags": tags},
    )
    return tags


def _change_own(transaction: Transaction, path: ResourcePath, changed: Change) -> dict[str, str]:
    id = _own_id(path.parent_id)
    existing = transaction.get(id)
    tags = changed(dict(existing.body["properties"]["tags"]) if existing else {})
    transaction.put(id=id, type=TAGS, scope=path.parent_id, name=_DEFAULT, body={"properties": {"tags": tags}})
    return tags


def _own_id(scope: str) -> str:
    return f"{scope}/providers/{TAGS}/{_DEFAULT}"


def _merge(existing: dict[str, str], sent: dict[str, str]) -> dict[str, str]:
    """Names meet in any letter case; a name that is there keeps its casing."""
    stored = {name.lower(): name for name in existing}
    return existing | {stored.get(name.lower(), name): value for name, value in sent.items()}


def _delete(existing: dict[str, str], sent: dict[str, str]) -> dict[str, str]:
    """A tag goes only when its value is the one that was sent."""
    gone = {(name.lower(), value) for name, value in sent.items()}
    return {name: value for name, value in existing.items() if (name.lower(), value) not in gone}


_OPERATIONS: dict[str, Callable[[dict[str, str], dict[str, str]], dict[str, str]]] = {
    "Merge": _merge,
    "Replace": lambda _existing, sent: sent,
    "Delete": _delete,
}
