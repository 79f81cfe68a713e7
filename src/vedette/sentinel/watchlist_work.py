"""The work on many items of a watchlist: an upload, a removal, and the round of rows that must not grow too old.

It is done a piece at a time, each piece in a transaction with its rows, so that others do not wait long; and it is
begun again after a server was killed, when what is done already is found and left alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import Any

import orjson

from vedette.access.workspaces import Workspace
from vedette.arm.context import Context
from vedette.arm.operations import OPERATIONS, Running, Work
from vedette.arm.resource_ids import ResourcePath, parse_id
from vedette.core.errors import VedetteError
from vedette.sentinel.watchlist_content import read_items
from vedette.sentinel.watchlist_documents import ITEM, WATCHLIST, item_properties, later
from vedette.sentinel.watchlist_rows import TABLE, Status, item_row, watchlist_row
from vedette.sentinel.workspaces import workspace_of
from vedette.state.documents import Document
from vedette.state.indexed import Position, position_of
from vedette.state.store import StateStore, Transaction

UPLOAD = "watchlist upload"
REMOVE = "watchlist removal"
EVERY = timedelta(days=1)
"""How often rows are looked for that have grown old."""

_STAGED = "Vedette/watchlistUploads"
_REFRESHED = "Vedette/watchlistRefreshes"
_PIECE = 1000
_PAGE = 5000
_REFRESH = timedelta(days=12)  # https://learn.microsoft.com/azure/sentinel/watchlists#limitations-of-watchlists


def stage(
    context: Context,
    transaction: Transaction,
    path: ResourcePath,
    kind: str,
    properties: Mapping[str, Any],
    by: Mapping[str, str],
) -> str:
    """Record the work on a watchlist beside what else the transaction writes; give its name to `start` afterwards.

    `properties` are those of the watchlist with its `rawContent`, kept until the work is over.
    """
    name = context.operations.record(transaction, kind, path.id, {"by": dict(by), "correlation": context.new_id()})
    if properties:
        staged = {"properties": dict(properties)}
        transaction.put(id=_staged_id(path.id), type=_STAGED, scope=path.id, name=name, body=staged)
    return name


def _staged_id(watchlist_id: str) -> str:
    return f"/vedette/watchlistUploads{watchlist_id.lower()}"


def _upload(context: Context, running: Running) -> None:
    """Add the items of the staged content that the watchlist does not have."""
    path = parse_id(running.subject)
    workspace, staged = workspace_of(context, path), context.state.get(_staged_id(running.subject))
    if staged is None:
        return
    properties, made = staged.body["properties"], parse_id(running.subject)
    new = _new_items(read_items(properties), _known(context.state, running.subject))
    done = 0
    while piece := list(islice(new, _PIECE)):
        running.check()
        now, names = context.clock.now(), [context.new_id() for _ in piece]
        items = [
            item_properties(
                {"itemsKeyValue": values}, name, None, now, running.parameters["by"], properties["tenantId"]
            )
            for name, values in zip(names, piece, strict=True)
        ]
        rows = [item_row(properties, item, "Create", now, running.parameters["correlation"]) for item in items]
        with context.state.transaction() as transaction:
            transaction.create_all(
                type=ITEM,
                scope=made.id,
                ids=[f"{made.id}/watchlistItems/{name}" for name in names],
                bodies=[{"properties": item} for item in items],
                first=done,
            )
            transaction.emit_all(workspace.id, TABLE, rows)
        done += len(piece)
    _end(context, running.subject)


def _new_items(items: Iterable[dict[str, str]], known: set[bytes]) -> Iterator[dict[str, str]]:
    for item in items:
        digest = _digest(item)
        if digest not in known:
            known.add(digest)
            yield item


def _known(state: StateStore, watchlist_id: str) -> set[bytes]:
    """What the items that are there say, in short."""
    return {_digest(item.body["properties"]["itemsKeyValue"]) for page in _pages(state, watchlist_id) for item in page}


def _digest(values: Mapping[str, Any]) -> bytes:
    return blake2b(orjson.dumps(values, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _pages(state: StateStore, watchlist_id: str) -> Iterator[list[Document]]:
    after: Position | None = None
    while page := state.list(ITEM, watchlist_id, limit=_PAGE, after=after):
        yield page
        after = position_of(ITEM.lower(), (), page[-1])


def _end(context: Context, watchlist_id: str, state: str = "Succeeded") -> None:
    """Say how the work ended."""
    with context.state.transaction() as transaction:
        transaction.delete(_staged_id(watchlist_id))
        document = transaction.get(watchlist_id)
        if document is None:
            return
        over = {"provisioningState": state, "uploadStatus": "Complete" if state == "Succeeded" else state}
        body = {name: value for name, value in document.body.items() if name != "operation"}
        body["properties"] = document.body["properties"] | over
        transaction.put(id=document.id, type=document.type, scope=document.scope, name=document.name, body=body)


def _remove(context: Context, running: Running) -> None:
    """Delete the items, then the watchlist; each leaves a row."""
    path = parse_id(running.subject)
    workspace, watchlist = workspace_of(context, path), context.state.get(running.subject)
    if watchlist is None:
        return
    properties, correlation = watchlist.body["properties"], running.parameters["correlation"]
    more = True
    while more:
        running.check()
        with context.state.transaction() as transaction:
            items = transaction.list(ITEM, watchlist.id, limit=_PIECE)
            more = bool(items)
            transaction.delete_all(items)
            _emit_items(transaction, workspace, properties, items, "Delete", context.clock.now(), correlation)
            if not more:
                now = later(context.clock.now(), properties)
                transaction.emit(workspace.id, TABLE, watchlist_row(properties, "Delete", now, correlation))
                transaction.delete(watchlist.id)
                transaction.delete_below(watchlist.id, keep=[OPERATIONS])  # who polls this one finds it


def _emit_items(
    transaction: Transaction,
    workspace: Workspace,
    watchlist: Mapping[str, Any],
    items: Iterable[Document],
    status: Status,
    now: datetime,
    correlation: str,
) -> None:
    rows: list[dict[str, Any]] = []
    for item in items:
        properties = item.body["properties"]
        rows.append(item_row(watchlist, properties, status, later(now, properties), correlation))
    transaction.emit_all(workspace.id, TABLE, rows)


def watchlist_works(context: Context) -> dict[str, Work]:
    """The work of the operations on watchlists."""
    return {UPLOAD: partial(_guarded, _upload, context), REMOVE: partial(_guarded, _remove, context)}


def _guarded(work: Callable[[Context, Running], None], context: Context, running: Running) -> None:
    """The work; where it fails, the watchlist says so and can be changed again."""
    try:
        work(context, running)
    except VedetteError:
        if not running.is_stopping:
            _end(context, running.subject, "Failed")
        raise


def refresh(context: Context, now: datetime) -> None:
    """Write the rows of watchlists again that were last written twelve days ago, so that the table's retention does
    not take what the watchlist still has."""
    for workspace in context.workspaces.all():
        for watchlist in context.state.list(WATCHLIST, workspace.resource_id):
            _refresh(context, workspace, watchlist, now)


def _refresh(context: Context, workspace: Workspace, watchlist: Document, now: datetime) -> None:
    id, properties = f"{watchlist.id}/vedette/refresh", watchlist.body["properties"]
    last = context.state.get(id)
    since = datetime.fromisoformat(last.body["at"]) if last else watchlist.created
    if now - since < _REFRESH or properties["provisioningState"] != "Succeeded":
        return
    correlation = context.new_id()
    for page in _pages(context.state, watchlist.id):
        for start in range(0, len(page), _PIECE):
            with context.state.transaction() as transaction:
                found = (transaction.get(each.id) for each in page[start : start + _PIECE])
                still = [each for each in found if each is not None]
                _emit_items(transaction, workspace, properties, still, "Update", now, correlation)
    with context.state.transaction() as transaction:
        row = watchlist_row(properties, "Update", later(now, properties), correlation)
        transaction.emit(workspace.id, TABLE, row)
        body = {"at": now.isoformat()}
        transaction.put(id=id, type=_REFRESHED, scope=watchlist.id, name="refresh", body=body)
