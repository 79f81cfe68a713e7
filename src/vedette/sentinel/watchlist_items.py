"""The items of a watchlist, one by one.

https://learn.microsoft.com/rest/api/securityinsights/watchlist-items
"""

from typing import Any, cast

import orjson

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import instant_of
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.user_info import user_info
from vedette.sentinel.watchlist_documents import ITEM, WATCHLIST, item_properties, later
from vedette.sentinel.watchlist_rows import TABLE, Status, item_row
from vedette.sentinel.workspaces import newer_exists, workspace_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_LARGEST = 1_000_000  # bytes of an item


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    values = body["properties"].get("itemsKeyValue")
    if not isinstance(values, dict) or not values:
        raise InvalidInput(
            "BadRequest",
            "'properties.itemsKeyValue' is an object with the item's columns.",
            target="properties.itemsKeyValue",
        )
    if len(orjson.dumps(body)) > _LARGEST:
        raise InvalidInput("BadRequest", f"An item of a watchlist has at most {_LARGEST} bytes.")
    return body


def _fill(context: Context, call: Call, _transaction: Transaction, body: Body, existing: Document | None) -> Body:
    name = existing.name if existing else call.path.name
    properties = item_properties(
        body["properties"],
        name,
        existing,
        context.clock.now(),
        user_info(call.principal),
        context.estate.tenant_id,
    )
    return body | {"properties": properties}


def _after_put(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    properties = document.body["properties"]
    status: Status = "Create" if properties["created"] == properties["updated"] else "Update"
    _emit(context, call, transaction, properties, status)


def _after_delete(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    _emit(context, call, transaction, document.body["properties"], "Delete")


def _emit(context: Context, call: Call, transaction: Transaction, item: dict[str, Any], status: Status) -> None:
    watchlist = transaction.get(call.path.parent_id)
    if watchlist is None:
        raise NotFound("ResourceNotFound", f"There is no watchlist '{call.path.parent_id.rpartition('/')[2]}'.")
    of = cast("dict[str, Any]", watchlist.body["properties"])
    now = later(context.clock.now(), item) if status == "Delete" else instant_of(item["updated"])
    row = item_row(of, item, status, now, context.new_id())
    transaction.emit(workspace_of(context, call.path).id, TABLE, row)


WATCHLIST_ITEMS = Resource(
    ITEM,
    key="watchlistItemId",
    parent=WATCHLIST,
    require=require_onboarded,
    read_only=frozenset({"watchlistItemType", "watchlistItemId", "isDeleted", "tenantId"})
    | {"created", "updated", "createdBy", "updatedBy"},
    validate=_validate,
    fill=_fill,
    after_put=_after_put,
    after_delete=_after_delete,
    newer_exists=newer_exists("watchlist item"),
    page=100,
)
