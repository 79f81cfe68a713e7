"""What was changed by hand: against the record of the last apply, and property by property against files."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from vedette.content.item import Item
from vedette.content.kinds import KINDS, WATCHLIST, WATCHLIST_ITEM, Kind
from vedette.content.managed import Mark, Place, Record, digest, place_of, read_record
from vedette.content.management_client import ManagementClient
from vedette.content.normal_form import normal_form
from vedette.content.plan_reports import change_json
from vedette.content.planning import Action, Cause, Change, Plan, make_plan
from vedette.content.remote import Found, list_items
from vedette.content.watchlist_rows import digest_of_rows
from vedette.content.workspace import Workspace
from vedette.core.printable import printable


@dataclass(frozen=True, slots=True)
class Drift:
    """What has changed by hand, what of the set is gone, and what is there beside it."""

    workspace: Workspace
    record: Record
    changes: tuple[Change, ...]
    gone: tuple[Place, ...]
    others: tuple[Found, ...]

    def as_plan(self) -> Plan:
        """The plan that would undo it."""
        return Plan(self.workspace, self.record, self.changes)


def find_drift(
    client: ManagementClient,
    workspace: Workspace,
    items: Sequence[Item],
    *,
    set: str,
    kinds: Sequence[Kind],
    with_others: bool,
    secrets: Collection[str] = (),
) -> Drift:
    """With items, each property that differs from its file; without, what is not as it was after the last apply."""
    if items:
        kinds_too = kinds if with_others else ()
        made = make_plan(client, workspace, items, set=set, kinds=kinds_too, extra_rows=True, secrets=secrets)
        changes = [each for each in made.changed if _by_hand(each, made.record)]
        others = made.others if with_others else ()
        return Drift(workspace, made.record, tuple(changes), (), _meant(others, kinds))
    record = read_record(client, workspace, set)
    types = {type for type, _, _ in record.marks}
    filled = {place for place, mark in record.marks.items() if mark.rows}
    if filled:
        types.add(WATCHLIST_ITEM.type)
    wanted = [kind for kind in KINDS if kind.type in types or (with_others and kind in kinds)]
    parents = {parent for _, parent, _ in record.marks if parent} | {name for _, _, name in filled}
    listed = list_items(client, workspace, wanted, lambda parent: with_others or parent.name.casefold() in parents)
    rows: dict[str, list[Found]] = defaultdict(list)
    found: list[Found] = []
    for each in listed:
        of_list = (WATCHLIST.type, "", each.item.parent.casefold())
        if each.item.kind is WATCHLIST_ITEM and of_list in filled:
            rows[of_list[2]].append(each)
        else:
            found.append(each)
    there = {place_of(each.item): each for each in found}
    changed = [
        Change(Action.UPDATE, each.item, each, cause=Cause.HAND)
        for place, each in there.items()
        if place in record.marks and _differs(record.marks[place], each, rows[place[2]])
    ]
    gone = tuple(place for place, mark in record.marks.items() if place not in there and mark.applied)
    others = [each for place, each in there.items() if place not in record.marks] if with_others else []
    return Drift(workspace, record, tuple(changed), gone, _meant(others, kinds))


def drift_lines(drift: Drift, lines_of: Callable[[Change], Iterator[str]]) -> Iterator[str]:
    """For people; a change is told by `lines_of`."""
    for change in drift.changes:
        yield from lines_of(change)
    for type, parent, name in drift.gone:
        yield printable(f"- {type} {f'{parent}/' if parent else ''}{name}  (deleted by hand)")
    for each in drift.others:
        yield printable(f"? {each.item.kind.name} {each.item.title}  ({each.item.name}, not from these files)")
    counts = [f"{len(drift.changes) + len(drift.gone)} changed by hand"]
    counts += [f"{len(drift.others)} not from these files"] if drift.others else []
    yield printable(f"{drift.workspace.title}: {', '.join(counts)}.")


def drift_json(drifts: Sequence[Drift]) -> str:
    """For machines."""
    told = [
        {
            "id": each.workspace.id,
            "name": each.workspace.title,
            "changes": [change_json(change) for change in each.changes],
            "deleted": [{"type": type, "parent": parent, "name": name} for type, parent, name in each.gone],
            "unmanaged": [_other(other) for other in each.others],
        }
        for each in drifts
    ]
    return orjson.dumps({"workspaces": told}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _by_hand(change: Change, record: Record) -> bool:
    """Whether somebody changed the resource; of one that is missing, whether it was there."""
    mark = record.marks.get(place_of(change.item), Mark())
    if change.action is Action.CREATE:
        return bool(mark.applied)
    return change.cause in (Cause.HAND, Cause.BOTH, Cause.UNKNOWN)


def _differs(mark: Mark, found: Found, rows: Sequence[Found]) -> bool:
    if mark.rows and found.item.kind is WATCHLIST and mark.rows != digest_of_rows(rows):
        return True
    return bool(mark.seen) and mark.seen != digest(normal_form(found.item))


def _meant(found: Sequence[Found], kinds: Sequence[Kind]) -> tuple[Found, ...]:
    return tuple(each for each in found if each.item.kind in kinds)


def _other(found: Found) -> dict[str, Any]:
    item = found.item
    return {"kind": item.kind.name, "name": item.name, "title": item.title} | (
        {"parent": item.parent} if item.parent else {}
    )
