"""Watchlists: lists that queries join with, made of what is uploaded with them, piece by piece, or of single items.

A watchlist's name is its alias, which queries call it by. What an upload brings is added to what is there, save items
that are there already: https://learn.microsoft.com/azure/sentinel/watchlists-manage#bulk-update-a-watchlist
"""

from dataclasses import replace
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import delete, put, shown
from vedette.arm.resource import Body, Resource
from vedette.core.errors import Conflict, InvalidInput, Unavailable, Unsupported
from vedette.core.instants import instant_of
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.operation_statuses import accepted
from vedette.sentinel.user_info import user_info
from vedette.sentinel.watchlist_content import check_content
from vedette.sentinel.watchlist_documents import ITEM, WATCHLIST, changed
from vedette.sentinel.watchlist_rows import TABLE, watchlist_row
from vedette.sentinel.watchlist_work import REMOVE, UPLOAD, stage
from vedette.sentinel.workspaces import WORKSPACE, newer_exists, workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_WAIT = 30.0  # seconds of a request for an upload or a removal, which go on without it
_KEYED_SINCE = "2020"  # the first version has watchlists without a search key
_POLLED_SINCE = "2025"  # newer versions only know of deletions that are polled
_REMOTE = frozenset({"azurestorage", "azure storage", "remote storage", "remotestorage"})
"""As older and newer versions name a source that is a storage account."""


def _validate(_context: Context, call: Call, body: Body) -> Body:
    properties: dict[str, Any] = body["properties"]
    if not properties.get("itemsSearchKey") and call.query["api-version"] >= _KEYED_SINCE:
        raise InvalidInput("BadRequest", "'properties.itemsSearchKey' is missing.", target="properties.itemsSearchKey")
    for name in ("source", "sourceType"):
        if str(properties.get(name, "")).lower() in _REMOTE:
            raise _from_storage(f"properties.{name}")
    for name in ("sasUri", "sourceUri"):
        if properties.get(name):
            raise _from_storage(f"properties.{name}")
    alias = properties.get("watchlistAlias")
    if alias and str(alias).lower() != call.path.name.lower():
        raise InvalidInput(
            "BadRequest",
            f"'properties.watchlistAlias' is '{str(alias)[:60]}', and the watchlist's name, which is its alias, "
            f"'{call.path.name}'.",
            target="properties.watchlistAlias",
        )
    if properties.get("rawContent"):
        check_content(properties)
    return body


def _from_storage(place: str) -> Unsupported:
    return Unsupported(
        "WatchlistSourceNotSupported",
        f"'{place}': watchlists are not read from storage accounts here; send their content in "
        "'properties.rawContent'.",
        target=place,
    )


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    before: dict[str, Any] = existing.body["properties"] if existing else {}
    if existing is not None:
        _require_idle(existing)
    sent = {name: value for name, value in body["properties"].items() if name != "rawContent"}
    held = before.get("itemsSearchKey")
    key = sent.get("itemsSearchKey") or held  # the oldest version has none
    if existing and held and key != held and transaction.count(ITEM, existing.id):
        raise InvalidInput(
            "BadRequest",
            f"'properties.itemsSearchKey' is '{str(key)[:60]}'; it stays '{held}' while the watchlist has items.",
            target="properties.itemsSearchKey",
        )
    properties = changed(sent, existing, context.clock.now(), user_info(call.principal), context.estate.tenant_id) | {
        "watchlistId": before.get("watchlistId") or context.new_id(),
        "watchlistType": "watchlist",
        **({"itemsSearchKey": key} if key else {}),
        "watchlistAlias": existing.name if existing else call.path.name,
        "provisioningState": "Succeeded",
        "uploadStatus": "Complete",
    }
    content = body["properties"].get("rawContent")
    if not content:
        return body | {"properties": properties}
    staged = {**properties, "rawContent": content}
    operation = stage(context, transaction, call.path, UPLOAD, staged, user_info(call.principal))
    properties |= {"provisioningState": "InProgress", "uploadStatus": "InProgress"}
    return body | {"properties": properties, "operation": operation}


def _require_idle(document: Document) -> None:
    """Raises Conflict while an upload or the removal of a watchlist is going on."""
    state = document.body["properties"]["provisioningState"]
    if state in ("InProgress", "Deleting"):
        going_on = "its items are being uploaded" if state == "InProgress" else "it is being deleted"
        raise Conflict("Conflict", f"The watchlist '{document.name}' cannot be changed yet: {going_on}.")


def _after_put(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    properties = document.body["properties"]
    status = "Create" if properties["created"] == properties["updated"] else "Update"
    row = watchlist_row(properties, status, instant_of(properties["updated"]), context.new_id())
    transaction.emit(workspace_of(context, call.path).id, TABLE, row)


def _put(context: Context, call: Call) -> Answer:
    answer = put(context, WATCHLISTS, call)
    if _work(context, call) is None:
        return answer
    document = context.state.get(call.path.id)
    return answer if document is None else replace(answer, body=shown(context, WATCHLISTS, call, document))


def _work(context: Context, call: Call) -> str | None:
    """Start the work that a request has begun, and wait for it a while. None where there is nothing to do.

    Raises Unavailable for what has failed."""
    document = context.state.get(call.path.id)
    name: str | None = document.body.get("operation") if document else None
    if name is None:
        return None
    context.operations.start(name)
    context.operations.wait(name, _WAIT)
    operation = context.operations.find(name)
    if operation is not None and operation.body["status"] == "Failed":
        error = operation.body["error"]
        raise Unavailable(error["code"], error["message"])
    return name


def _remove(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    """Only begun here: each of its items leaves a row that says so, and there may be many."""
    _require_idle(document)
    operation = stage(context, transaction, call.path, REMOVE, {}, user_info(call.principal))
    properties = document.body["properties"] | {"provisioningState": "Deleting"}
    body = {**document.body, "properties": properties, "operation": operation}
    transaction.put(id=document.id, type=document.type, scope=document.scope, name=document.name, body=body)


def _delete(context: Context, call: Call) -> Answer:
    answer = delete(context, WATCHLISTS, call)
    operation = _work(context, call)
    if operation is not None and context.state.get(call.path.id) is not None:
        return accepted(context, call, operation)
    is_new = call.query["api-version"] >= _POLLED_SINCE
    return Answer(204) if is_new else answer


def _show(_context: Context, _call: Call, document: Document) -> Body:
    return {name: value for name, value in document.body.items() if name != "operation"}


WATCHLISTS = Resource(
    WATCHLIST,
    key="watchlistAlias",
    parent=WORKSPACE,
    require=require_onboarded,
    read_only=frozenset({"provisioningState", "uploadStatus", "watchlistId", "watchlistType", "isDeleted", "tenantId"})
    | {"created", "updated", "createdBy", "updatedBy"},
    validate=_validate,
    fill=_fill,
    after_put=_after_put,
    remove=_remove,
    handlers={"PUT": _put, "DELETE": _delete},
    show=_show,
    newer_exists=newer_exists("watchlist"),
    page=100,
)
