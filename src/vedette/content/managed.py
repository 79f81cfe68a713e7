"""What of a workspace is managed from files: a record that is kept in the workspace itself, beside what it speaks of.

The record is one saved search, or a few, whose query is a table of the items that were applied from files, each with
a digest of what was applied; people can run it, and any machine that applies finds it. Only what is in it may be
pruned: what somebody made by hand, what another tool manages and what the service put there are not.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from vedette.content.bodies import property_of
from vedette.content.item import Item
from vedette.content.kinds import SAVED_SEARCH
from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.content.workspace import Workspace
from vedette.core.errors import Conflict, InvalidInput

CATEGORY = "Vedette content"
DEFAULT_SET = "default"
_PREFIX = "vedette-content"
_TRIES = 5
_ROWS = 250  # of a part; its query stays far below what a saved search may have
_SET = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}")
_HEAD = "datatable(Type:string, Parent:string, Name:string, Applied:string, Seen:string, Rows:string)["
_OLD_HEAD = "datatable(Type:string, Parent:string, Name:string, Applied:string, Seen:string)["

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of a managed item: a digest of what the file said, and of what the workspace then showed.

    Both are empty of an item whose apply was begun, and is not known to have ended. `rows` is a digest of a watchlist's
    rows, where its file has them.
    """

    applied: str = ""
    seen: str = ""
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is managed from a set of files, by the place of each item, and the etags of the record's own parts."""

    set: str
    marks: Mapping[Place, Mark]
    etags: Mapping[str, str]


def place_of(item: Item) -> Place:
    """Where an item stands in a workspace, whatever kind of saved search it is; names are told apart without case."""
    return item.kind.type, item.parent.casefold(), item.name.casefold()


def check_set(name: str) -> str:
    """The name of a set of content, as it may be. Raises InvalidInput."""
    if _SET.fullmatch(name) is None:
        raise InvalidInput("InvalidSet", f"A set of content is named with a-z, 0-9, '-', '_' and '.', not '{name}'.")
    return name


def is_record(resource: Mapping[str, Any]) -> bool:
    """Whether a saved search is a part of a record, and no content."""
    return property_of(resource, "category") == CATEGORY


def digest(body: Any) -> str:
    """By what a body is known again; of its normal form, in which order and spelling do not count."""
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS, default=str.casefold)
    return hashlib.sha256(text).hexdigest()[:24]


def read_record(client: ManagementClient, workspace: Workspace, set: str) -> Record:
    """What is managed there under the name of that set. Raises InvalidInput where the record was tampered with."""
    marks: dict[Place, Mark] = {}
    etags: dict[str, str] = {}
    for resource in client.all(workspace.collection(SAVED_SEARCH), {"api-version": SAVED_SEARCH.version}):
        name = str(resource.get("name") or str(resource.get("id", "")).rpartition("/")[2]).rpartition("/")[2]
        if not is_record(resource) or not _is_part(name, set):
            continue
        etags[name] = str(resource.get("etag") or "")
        marks |= dict(_rows(name, str(property_of(resource, "query") or "")))
    return Record(set, marks, etags)


def write_record(client: ManagementClient, workspace: Workspace, record: Record, marks: Mapping[Place, Mark]) -> Record:
    """Keep what is managed now. Raises Conflict where another apply of the set has written meanwhile."""
    if dict(record.marks) == dict(marks):
        return record
    rows = sorted(marks.items())
    parts = [rows[at : at + _ROWS] for at in range(0, len(rows), _ROWS)]
    etags: dict[str, str] = {}
    for number, part in enumerate(parts, 1):
        name = f"{_PREFIX}-{record.set}-{number}"
        etags[name] = _put(client, workspace, record, name, number, part)
    for name in record.etags.keys() - etags.keys():
        client.send("DELETE", workspace.path(SAVED_SEARCH, name), {"api-version": SAVED_SEARCH.version})
    return Record(record.set, dict(marks), etags)


def keep_marks(client: ManagementClient, workspace: Workspace, record: Record, marks: Mapping[Place, Mark]) -> Record:
    """Keep what became of the record's marks; what another apply of the set has written meanwhile stays.

    Raises Conflict where others write all the time, Refused and Unavailable.
    """
    changed = {place: mark for place, mark in marks.items() if record.marks.get(place) != mark}
    gone = record.marks.keys() - marks.keys()
    for _ in range(_TRIES):
        try:
            return write_record(client, workspace, record, marks)
        except Conflict:
            record = read_record(client, workspace, record.set)
            marks = {place: mark for place, mark in record.marks.items() if place not in gone} | changed
    return write_record(client, workspace, record, marks)


def _put(
    client: ManagementClient,
    workspace: Workspace,
    record: Record,
    name: str,
    number: int,
    rows: list[tuple[Place, Mark]],
) -> str:
    text = ",\n".join(
        ", ".join(_quoted(cell) for cell in (*place, mark.applied, mark.seen, mark.rows)) for place, mark in rows
    )
    properties = {
        "category": CATEGORY,
        "displayName": f"Vedette content: {record.set} {number}",
        "query": f"{_HEAD}\n{text}\n]",
    }
    etag = record.etags.get(name, "")
    if not etag and _is_there(client, workspace, name):
        raise _applied_meanwhile(workspace, record)
    body = {"properties": properties} | ({"etag": etag} if etag else {})
    try:
        sent = client.send("PUT", workspace.path(SAVED_SEARCH, name), {"api-version": SAVED_SEARCH.version}, body)
    except Refused as refusal:
        if refusal.status == 409 and not refusal.details.get("uncertain"):
            raise _applied_meanwhile(workspace, record) from refusal
        raise
    return str(sent.body.get("etag") or "")


def _is_there(client: ManagementClient, workspace: Workspace, name: str) -> bool:
    try:
        client.ask("GET", workspace.path(SAVED_SEARCH, name), {"api-version": SAVED_SEARCH.version})
    except Refused as refusal:
        if refusal.status == 404:
            return False
        raise
    return True


def _applied_meanwhile(workspace: Workspace, record: Record) -> Conflict:
    return Conflict(
        "AppliedMeanwhile",
        f"{workspace.title}: another apply of the set '{record.set}' has written its record meanwhile. Apply again.",
    )


def _rows(name: str, query: str) -> Iterator[tuple[Place, Mark]]:
    lines = query.splitlines()
    if not lines or lines[0].strip() not in (_HEAD, _OLD_HEAD):
        raise _damaged(name, lines[0] if lines else "it is empty")
    for line in lines[1:-1]:
        try:
            type, parent, item, applied, seen, *rows = orjson.loads(f"[{line.rstrip().removesuffix(',')}]")
        except (orjson.JSONDecodeError, ValueError) as error:
            raise _damaged(name, line) from error
        yield (str(type), str(parent), str(item)), Mark(str(applied), str(seen), str(rows[0]) if rows else "")


def _damaged(name: str, found: str) -> InvalidInput:
    return InvalidInput(
        "RecordDamaged",
        f"The record of what is managed, the saved search '{name}', is damaged: {found[:80]} Undo what changed it, or "
        "delete it and apply again: what is in the files is recorded anew, and what is in no file any more is then "
        "managed by nobody.",
    )


def _quoted(cell: str) -> str:
    """A text of KQL that is one of JSON too."""
    return orjson.dumps(cell).decode()


def _is_part(name: str, set: str) -> bool:
    head, _, number = name.rpartition("-")
    return head == f"{_PREFIX}-{set}" and number.isdigit()
