"""The life of a management request: its type, its permission, what it is under, then the method or the action."""

from dataclasses import replace
from itertools import islice
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.envelope import bare_etag, envelope, received_body, received_etag
from vedette.arm.odata import parse_filter, parse_order
from vedette.arm.paging import Page, next_link, requested_page
from vedette.arm.resource import Action, Resource, ResourceTypes
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.versions import require_version
from vedette.core.errors import Conflict, InvalidInput, NotFound, PreconditionFailed, VedetteError
from vedette.state.documents import Document
from vedette.state.store import Transaction


class MethodNotAllowed(VedetteError):
    """The resource type is served and does not take this method; `allowed` are those that it takes."""

    def __init__(self, call: Call, allowed: tuple[str, ...]) -> None:
        super().__init__("MethodNotAllowed", f"'{call.path.type}' does not take the method {call.method} here.")
        self.allowed = allowed


def answer(context: Context, types: ResourceTypes, call: Call) -> Answer:
    """Do what a call asks for.

    Raises Forbidden before it tells whether anything exists; MethodNotAllowed; NotFound (InvalidResourceType,
    ResourceNotFound …); InvalidInput; Conflict for an etag in the body, PreconditionFailed for one in a header.
    """
    action = _action(types, call)
    if action is not None:
        return _act(context, types, call, *action)
    resource = types.require(call.path)
    method = _method(resource, call)
    require_version(call.query.get("api-version"))
    _authorize(context, resource, call, method)
    _require_lineage(context, types, call.path)
    if resource.require is not None:
        resource.require(context, call.path)
    match method:
        case "LIST":
            return _list(context, resource, call)
        case "PUT":
            return _put(context, resource, call)
        case "DELETE":
            return _delete(context, resource, call)
        case _:
            return _get(context, resource, call)


def find(context: Context, resource: Resource, path: ResourcePath) -> Document | None:
    """The document of a path, from the state store or the type's own source."""
    return resource.source.find(context, path) if resource.source else context.state.get(path.id)


def not_found(resource: Resource, path: ResourcePath) -> NotFound:
    """What to say of a resource that does not exist."""
    if resource.missing is not None:
        return resource.missing(path)
    place = f" under resource group '{path.resource_group}'" if path.resource_group else ""
    name = "/".join((resource.type, *path.names))
    return NotFound("ResourceNotFound", f"The Resource '{name}'{place} was not found.")


def _action(types: ResourceTypes, call: Call) -> tuple[Resource, str, Action] | None:
    owner = None if call.path.is_item else call.path.parent
    if call.method != "POST" or owner is None or len(owner.names) != len(call.path.names):
        return None
    resource = types.get(owner.type)
    named = call.path.types[-1].lower()
    found = (
        next(((name, act) for name, act in resource.actions.items() if name.lower() == named), None)
        if resource
        else None
    )
    return (resource, *found) if resource and found else None


def _act(context: Context, types: ResourceTypes, call: Call, resource: Resource, name: str, action: Action) -> Answer:
    owner = call.path.parent
    assert owner is not None
    require_version(call.query.get("api-version"))
    context.roles.check(call.principal, resource.permission(f"{name}/action"), owner.id)
    _require_lineage(context, types, owner)
    if resource.require is not None:
        resource.require(context, owner)
    document = find(context, resource, owner)
    if document is None:
        raise not_found(resource, owner)
    return action(context, replace(call, path=owner), document)


def _method(resource: Resource, call: Call) -> str:
    reads = "GET" if call.path.is_item else "LIST"
    method = reads if call.method in ("GET", "HEAD") else call.method
    here = {"GET", "PUT", "DELETE", "PATCH"} if call.path.is_item else {"LIST"}
    if method not in here & resource.methods:
        allowed = {"GET" if each == "LIST" else each for each in here & resource.methods}
        raise MethodNotAllowed(call, tuple(sorted(allowed)))
    return method


def _authorize(context: Context, resource: Resource, call: Call, method: str) -> None:
    if method == "LIST" and resource.visible is not None:
        return
    verb = {"GET": "read", "LIST": "read", "DELETE": "delete"}.get(method, "write")
    scope = call.path.parent_id if method == "LIST" else call.path.id
    context.roles.check(call.principal, resource.permission(verb), scope or "/")


def _require_lineage(context: Context, types: ResourceTypes, path: ResourcePath) -> None:
    resource = types.get(path.type)
    parent = path.parent
    if resource and resource.parent and (parent is None or parent.type.lower() != resource.parent.lower()):
        raise NotFound("InvalidResourceType", f"'{resource.type}' is only served under '{resource.parent}'.")
    for ancestor in path.lineage:
        if resource and resource.extends_any and types.get(ancestor.type) is None:
            continue
        above = types.require(ancestor)
        if find(context, above, ancestor) is None:
            raise not_found(above, ancestor)


def _get(context: Context, resource: Resource, call: Call) -> Answer:
    document = find(context, resource, call.path)
    if document is None:
        raise not_found(resource, call.path)
    if call.method == "HEAD":
        return Answer(204)
    return Answer(200, _shown(resource, call, document))


def _shown(resource: Resource, call: Call, document: Document) -> dict[str, Any]:
    if resource.show is not None:
        document = replace(document, body=resource.show(call, document))
    return envelope(document)


def _list(context: Context, resource: Resource, call: Call) -> Answer:
    page = requested_page(call.query, default=resource.page, largest=resource.largest_page)
    documents = _documents(context, resource, call, page)
    body: dict[str, Any] = {"value": [_shown(resource, call, document) for document in documents[: page.size]]}
    if len(documents) > page.size:
        body["nextLink"] = next_link(call.base, call.path.id, call.query, page)
    return Answer(200, body)


def _documents(context: Context, resource: Resource, call: Call, page: Page) -> list[Document]:
    """The documents of the page, and one more when there is another page."""
    condition, order = call.query.get("$filter"), call.query.get("$orderby")
    where, orders = parse_filter(condition) if condition else None, parse_order(order) if order else ()
    if resource.source is None:
        return context.state.list(
            resource.type, call.path.parent_id, where=where, order=orders, limit=page.size + 1, offset=page.offset
        )
    if where is not None or orders:
        raise InvalidInput("InvalidFilter", f"'{resource.type}' takes neither '$filter' nor '$orderby'.")
    visible = resource.visible
    listed = (
        document
        for document in resource.source.list(context, call.path)
        if visible is None or visible(context, call.principal, document)
    )
    return list(islice(listed, page.offset, page.offset + page.size + 1))


def _put(context: Context, resource: Resource, call: Call) -> Answer:
    etag = received_etag(call.body)
    body = received_body(call.body, resource.read_only)
    if resource.validate is not None:
        body = resource.validate(context, call, body)
    with context.state.transaction() as transaction:
        existing = transaction.get(call.path.id)
        _check_preconditions(context, resource, call, existing, etag)
        if resource.fill is not None:
            body = resource.fill(context, call, transaction, body, existing)
        document = _write(context, resource, call, transaction, body, existing)
        if resource.after_put is not None:
            resource.after_put(context, call, transaction, document)
    return Answer(resource.created_status if existing is None else 200, _shown(resource, call, document))


def _write(
    context: Context,
    resource: Resource,
    call: Call,
    transaction: Transaction,
    body: dict[str, Any],
    existing: Document | None,
) -> Document:
    if resource.write is not None:
        return resource.write(context, call, transaction, body, existing)
    document, _ = transaction.put(
        id=call.path.id, type=resource.type, scope=call.path.parent_id, name=call.path.name, body=body
    )
    return document


def _delete(context: Context, resource: Resource, call: Call) -> Answer:
    with context.state.transaction() as transaction:
        existing = transaction.get(call.path.id)
        _check_preconditions(context, resource, call, existing, None)
        if existing is None:
            return Answer(204)
        _remove(context, resource, call, transaction, existing)
        if resource.after_delete is not None:
            resource.after_delete(context, call, transaction, existing)
    return Answer(200)


def _remove(context: Context, resource: Resource, call: Call, transaction: Transaction, document: Document) -> None:
    if resource.remove is not None:
        resource.remove(context, call, transaction, document)
        return
    transaction.delete(document.id)
    transaction.delete_below(document.id)


def _check_preconditions(
    context: Context, resource: Resource, call: Call, existing: Document | None, etag: str | None
) -> None:
    if not _holds(call.if_match, existing):
        raise PreconditionFailed(
            "PreconditionFailed", f"The header If-Match is '{call.if_match}', which '{call.path.id}' does not have."
        )
    if call.if_none_match is not None and _holds(call.if_none_match, existing):
        raise PreconditionFailed(
            "PreconditionFailed", f"The header If-None-Match is '{call.if_none_match}', and '{call.path.id}' has it."
        )
    if existing is not None and etag not in (None, "*", existing.etag):
        message = resource.newer_exists or _newer_exists
        raise Conflict("Conflict", message(context, call.path))


def _holds(header: str | None, existing: Document | None) -> bool:
    if header is None:
        return True
    if existing is None:
        return False
    etags = {bare_etag(each) for each in header.split(",")}
    return "*" in etags or existing.etag in etags


def _newer_exists(_context: Context, path: ResourcePath) -> str:
    return f"Newer instance of '{path.id}' exists. Etag does not match. Data was not saved."
