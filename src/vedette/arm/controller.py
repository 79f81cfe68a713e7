"""The life of a management request: its type, its permission, what it is under, then the method or the action."""

from dataclasses import replace
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.changes import check_tracked, merged, system_data
from vedette.arm.context import Context
from vedette.arm.envelope import bare_etag, received_body, received_etag
from vedette.arm.identities import forget_identities, with_identity
from vedette.arm.listing import list_documents, shown
from vedette.arm.locks import check_locks
from vedette.arm.published_body import published_body
from vedette.arm.resource import SUBSCRIPTION, Action, Body, Resource, ResourceTypes
from vedette.arm.resource_ids import ResourcePath
from vedette.arm.versions import require_version, version_headers
from vedette.core.errors import Conflict, NotFound, PreconditionFailed, Unsupported, VedetteError
from vedette.state.documents import Document
from vedette.state.store import Transaction

_WRITES = frozenset({"PUT", "PATCH", "DELETE", "CREATE"})


class MethodNotAllowed(VedetteError):
    """The resource type is served and does not take this method; `allowed` are those that it takes."""

    def __init__(self, call: Call, allowed: tuple[str, ...]) -> None:
        super().__init__("MethodNotAllowed", f"'{call.path.type}' does not take the method {call.method} here.")
        self.allowed = allowed


def answer(context: Context, types: ResourceTypes, call: Call) -> Answer:
    """Do what a call asks for.

    Raises Forbidden before it tells whether anything exists; MethodNotAllowed; NotFound (InvalidResourceType,
    ResourceNotFound …); Unsupported; InvalidInput; Conflict for an etag in the body, PreconditionFailed for one in a
    header.
    """
    told = _of_version(context, types, call)
    reply = _done(context, types, call)
    return replace(reply, headers={**reply.headers, **told}) if told else reply


def _of_version(context: Context, types: ResourceTypes, call: Call) -> dict[str, str]:
    """What to say of the version that was asked in; what is wrong with it is found where it is needed."""
    above = call.path.parent
    resource = types.get(call.path.type) or (types.get(above.type) if above else None)
    version = call.query.get("api-version")
    if resource is None or not version:
        return {}
    return version_headers(
        resource.type, require_version(version), context.clock.now(), strict=context.strict_api_version
    )


def _done(context: Context, types: ResourceTypes, call: Call) -> Answer:
    _require_subscription(context, types, call.path)
    _refuse_action(context, types, call)
    action = _action(types, call)
    if action is not None:
        return _act(context, types, call, *action)
    resource = types.require(call.path)
    if call.method == "POST" and call.path.is_item:
        return _act_on_collection(context, types, call, resource)
    method = _method(resource, call)
    require_version(call.query.get("api-version"))
    _authorize(context, resource, call, method)
    _require_served(resource, method)
    call = replace(call, above=_require_lineage(context, types, call.path))
    if method in _WRITES:
        check_locks(context.state, resource.type, call.method, call.path.id)
    if resource.require is not None:
        resource.require(context, call.path)
    if method in ("PUT", "PATCH") and context.policies is not None:
        call = context.policies.requested(context, resource, call)
    if method in resource.handlers:
        return resource.handlers[method](context, call)
    match method:
        case "LIST":
            return list_documents(context, resource, call)
        case "PUT":
            return put(context, resource, call)
        case "PATCH":
            return patch(context, resource, call)
        case "DELETE":
            return delete(context, resource, call)
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


def _action(types: ResourceTypes, call: Call) -> tuple[Resource, str, Action | None] | None:
    """The type, name and action that a POST names; no action for one on a resource that need not be there."""
    owner = None if call.path.is_item else call.path.parent
    if call.method != "POST" or owner is None or len(owner.names) != len(call.path.names):
        return None
    resource = types.get(owner.type)
    named = call.path.types[-1].lower()
    if resource is None:
        return None
    for name, action in (*resource.actions.items(), *((early, None) for early in resource.early_actions)):
        if name.lower() == named:
            return resource, name, action
    return None


def _refuse_action(context: Context, types: ResourceTypes, call: Call) -> None:
    """Raises Unsupported for an action that a resource type only refuses, and Forbidden before."""
    owner = call.path if call.path.is_item else call.path.parent
    if call.method != "POST" or owner is None or len(owner.names) != len(call.path.names):
        return
    resource = types.get(owner.type)
    name = call.path.name if call.path.is_item else call.path.types[-1]
    is_type = not call.path.is_item and types.get(call.path.type) is not None
    if resource is None or is_type or resource.refusal(name) is None:
        return
    require_version(call.query.get("api-version"))
    context.roles.check(call.principal, resource.action_permission(name), call.path.parent_id or "/")
    _require_served(resource, name)


def _require_served(resource: Resource, name: str) -> None:
    """Raises Unsupported (OperationNotSupported) with the resource type's reason."""
    why = resource.refusal(name)
    if why is not None:
        raise Unsupported("OperationNotSupported", f"'{name}' of '{resource.type}' is not served here: {why}.")


def _act(
    context: Context, types: ResourceTypes, call: Call, resource: Resource, name: str, action: Action | None
) -> Answer:
    owner = call.path.parent
    assert owner is not None
    require_version(call.query.get("api-version"))
    context.roles.check(call.principal, resource.action_permission(name), owner.id)
    _require_lineage(context, types, owner)
    check_locks(context.state, resource.type, call.method, owner.id)
    if resource.require is not None:
        resource.require(context, owner)
    document = find(context, resource, owner) if action else None
    if action and document is None:
        raise not_found(resource, owner)
    call = replace(call, path=owner, body=_as_published(resource, call, call.body))
    return action(context, call, document) if action and document else resource.early_actions[name](context, call)


def _act_on_collection(context: Context, types: ResourceTypes, call: Call, resource: Resource) -> Answer:
    named = call.path.name.lower()
    found = next((pair for pair in resource.collection_actions.items() if pair[0].lower() == named), None)
    if found is None:
        raise MethodNotAllowed(call, _allowed(resource, call))
    name, action = found
    require_version(call.query.get("api-version"))
    context.roles.check(call.principal, resource.action_permission(name), call.path.parent_id)
    _require_lineage(context, types, call.path)
    check_locks(context.state, resource.type, call.method, call.path.parent_id)
    return action(context, replace(call, body=_as_published(resource, call, call.body)))


def _method(resource: Resource, call: Call) -> str:
    """The method as resource types name it: `LIST` is a GET of a collection, `CREATE` a PUT of one, `ASK` a POST."""
    whole = {"GET": "LIST", "HEAD": "LIST", "PUT": "CREATE", "POST": "ASK"}
    part = {"HEAD": "GET"}
    named = (part if call.path.is_item else whole).get(call.method, call.method)
    if named not in _here(resource, call) and resource.refusal(named) is None:
        raise MethodNotAllowed(call, _allowed(resource, call))
    return named


def _here(resource: Resource, call: Call) -> frozenset[str]:
    return resource.methods & ({"GET", "PUT", "DELETE", "PATCH"} if call.path.is_item else {"LIST", "CREATE", "ASK"})


def _allowed(resource: Resource, call: Call) -> tuple[str, ...]:
    """The methods of HTTP that a path takes."""
    wire = {"LIST": "GET", "CREATE": "PUT", "ASK": "POST"}
    return tuple(sorted(wire.get(each, each) for each in _here(resource, call)))


def _authorize(context: Context, resource: Resource, call: Call, method: str) -> None:
    if method == "LIST" and resource.visible is not None:
        return
    if method in ("GET", "LIST", "ASK") and (resource.read_by_all or (resource.read_in_tenant and not call.path.scope)):
        return
    verb = {"GET": "read", "LIST": "read", "ASK": "read", "DELETE": "delete"}.get(method, "write")
    scope = call.path.id if call.path.is_item else call.path.parent_id
    if resource.authorized_at is not None:
        scope = resource.authorized_at(context, call.path)
    context.roles.check(call.principal, resource.permission(verb), scope or "/")


def _require_subscription(context: Context, types: ResourceTypes, path: ResourcePath) -> None:
    """That a subscription is none of this server's is said to everybody, as Azure says it; it tells of nothing here."""
    outermost = (*path.lineage, path)[0]
    elsewhere = outermost.name.lower() != context.estate.subscription_id.lower()
    if outermost.type.lower() == SUBSCRIPTION.lower() and outermost.is_item and elsewhere:
        raise not_found(types.require(outermost), outermost)


def _require_lineage(context: Context, types: ResourceTypes, path: ResourcePath) -> str:
    """The id of the nearest document above, "" for none. Raises NotFound where something above is not there."""
    resource, nearest = types.get(path.type), ""
    expected = resource.places(path) if resource else ()
    above = path.parent.type if path.parent else ""
    if resource and expected and above.lower() not in {each.lower() for each in expected}:
        raise NotFound("InvalidResourceType", f"'{resource.type}' is only served under '{expected[0]}'.")
    for ancestor in path.lineage:
        if resource and resource.extends_any and types.get(ancestor.type) is None:
            continue
        type = types.require(ancestor)
        if find(context, type, ancestor) is None:
            raise not_found(type, ancestor)
        if type.source is None:
            nearest = ancestor.id
    return nearest


def _get(context: Context, resource: Resource, call: Call) -> Answer:
    document = find(context, resource, call.path)
    if document is None:
        raise not_found(resource, call.path)
    if call.method == "HEAD":
        return Answer(204)
    return Answer(200, shown(context, resource, call, document))


def put(context: Context, resource: Resource, call: Call) -> Answer:
    """Make or replace what a call names."""
    body = _checked(context, resource, call, received_body(call.body, resource.read_only))
    with context.state.transaction() as transaction:
        document, is_new = _put_in(context, resource, call, transaction, body)
    return Answer(resource.created_status if is_new else 200, shown(context, resource, call, document))


def _put_in(
    context: Context, resource: Resource, call: Call, transaction: Transaction, body: Body
) -> tuple[Document, bool]:
    _check_place(resource, call, transaction)
    existing = transaction.get(call.path.id)
    _check_preconditions(context, resource, call, existing, received_etag(call.body))
    return _change(context, resource, call, transaction, body, existing), existing is None


def check(context: Context, types: ResourceTypes, call: Call) -> None:
    """Return if nothing speaks against a PUT or DELETE, as far as it can be told without doing it: its type and
    version, the permission, locks, and where all that it is under is there the body, if it has one.

    Raises VedetteError."""
    _of_version(context, types, call)
    _require_subscription(context, types, call.path)
    resource = types.require(call.path)
    method = _method(resource, call)
    require_version(call.query.get("api-version"))
    _authorize(context, resource, call, method)
    _require_served(resource, method)
    check_locks(context.state, resource.type, call.method, call.path.id)
    try:
        call = replace(call, above=_require_lineage(context, types, call.path))
        if resource.require is not None:
            resource.require(context, call.path)
    except NotFound:
        return
    if method == "PUT" and call.body is not None and context.policies is not None:
        call = context.policies.requested(context, resource, call)
    if call.method == "PUT" and call.body is not None and method not in resource.handlers:
        body = _checked(context, resource, call, received_body(call.body, resource.read_only))
        if resource.tracked:
            check_tracked(body, context.state.get(call.path.id))


class _Undone(Exception):
    """Ends a transaction whose outcome was only to be seen."""


def rehearse(context: Context, types: ResourceTypes, call: Call) -> Body | None:
    """What a PUT would leave of the resource that is there, as the API would show it; nothing is changed. None for a
    type whose changes are more than a document. Raises VedetteError as the PUT would."""
    resource = types.require(call.path)
    if "PUT" in resource.handlers or resource.source is not None:
        return None
    call = replace(call, above=_require_lineage(context, types, call.path))
    body = _checked(context, resource, call, received_body(call.body, resource.read_only))
    left: list[Document] = []
    try:
        with context.state.transaction() as transaction:
            left.append(_put_in(context, resource, call, transaction, body)[0])
            raise _Undone
    except _Undone:
        return shown(context, resource, call, left[0])


def patch(context: Context, resource: Resource, call: Call) -> Answer:
    """Merge what was sent into what is there; the whole is checked and completed as that of a PUT is."""
    etag = received_etag(call.body)
    patch = _as_published(resource, call, received_body(call.body, resource.read_only))
    with context.state.transaction() as transaction:
        _check_place(resource, call, transaction)
        existing = transaction.get(call.path.id)
        if existing is None:
            raise not_found(resource, call.path)
        _check_preconditions(context, resource, call, existing, etag)
        whole = merged(received_body(existing.body, resource.read_only), patch)
        body = _checked(context, resource, replace(call, method="PUT"), whole)
        document = _change(context, resource, call, transaction, body, existing)
    return Answer(200, shown(context, resource, call, document))


def _check_place(resource: Resource, call: Call, transaction: Transaction) -> None:
    """What was found before this transaction began holds in it too. Raises NotFound, and Conflict (ScopeLocked)."""
    if call.above and transaction.get(call.above) is None:
        name = call.above.rpartition("/")[2]
        raise NotFound(
            "ParentResourceNotFound",
            f"Can not perform requested operation on nested resource. Parent resource '{name}' not found.",
        )
    check_locks(transaction, resource.type, call.method, call.path.id)


def _checked(context: Context, resource: Resource, call: Call, body: Body) -> Body:
    """The whole of a document's body, as its published shape and its type have it."""
    body = _as_published(resource, call, body)
    return body if resource.validate is None else resource.validate(context, call, body)


def _as_published(resource: Resource, call: Call, body: Any) -> Any:
    if not resource.published_shape:
        return body
    return published_body(call.path, call.method, require_version(call.query.get("api-version")), body)


def _change(
    context: Context,
    resource: Resource,
    call: Call,
    transaction: Transaction,
    body: dict[str, Any],
    existing: Document | None,
) -> Document:
    if resource.tracked:
        body = check_tracked(body, existing)
        body["systemData"] = system_data(call.principal, context.clock.now(), existing)
    if resource.fill is not None:
        body = resource.fill(context, call, transaction, body, existing)
    body = with_identity(context, call, transaction, body)
    document = _write(context, resource, call, transaction, body, existing)
    if resource.after_put is not None:
        resource.after_put(context, call, transaction, document)
    return document


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
        id=call.path.id, type=resource.document_type, scope=call.path.parent_id, name=call.path.name, body=body
    )
    return document


def delete(context: Context, resource: Resource, call: Call) -> Answer:
    """Delete what a call names."""
    with context.state.transaction() as transaction:
        existing = transaction.get(call.path.id)
        _check_preconditions(context, resource, call, existing, None)
        if existing is None:
            if resource.deleted_once:
                raise not_found(resource, call.path)
            return Answer(204)
        _remove(context, resource, call, transaction, existing)
        if "identity" in existing.body or "location" in existing.body:  # a group has no identity, but what is in it
            forget_identities(context, transaction, call.path.id)
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
    unnamed = resource.etag_to_replace and etag is None and call.if_match is None and call.method == "PUT"
    if existing is not None and (unnamed or etag not in (None, "*", existing.etag)):
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
