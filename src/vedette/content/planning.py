"""What would change in a workspace so that it has what files say: item by item, property by property.

An item is what has its name in the workspace. Where neither the file nor the resource has changed since the last apply,
nothing differs, whatever a service adds to what it is sent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from vedette.content.bodies import properties_of
from vedette.content.differences import Difference, differences
from vedette.content.item import Item
from vedette.content.kinds import (
    ALERT_RULE,
    ALERT_RULE_ACTION,
    KINDS,
    PLAYBOOK,
    SAVED_SEARCH,
    WATCHLIST,
    WATCHLIST_ITEM,
    Kind,
)
from vedette.content.managed import Mark, Place, Record, digest, place_of, read_record
from vedette.content.management_client import ManagementClient
from vedette.content.masking import masked
from vedette.content.normal_form import normal_form
from vedette.content.playbook_triggers import playbook_id
from vedette.content.remote import Found, list_items
from vedette.content.watchlist_rows import RowChange, compare_rows, content_of
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput


class Action(Enum):
    """What is done with an item."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    NONE = "none"


class Cause(Enum):
    """Why an item differs, by the record of the last apply."""

    FILE = "file"  # the file has changed, or was never applied
    HAND = "hand"  # somebody changed the resource since
    BOTH = "both"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with an item: as its file says it, or for a deletion as the workspace has it."""

    action: Action
    item: Item
    found: Found | None = None
    differences: tuple[Difference, ...] = ()
    cause: Cause = Cause.UNKNOWN
    rows: RowChange | None = None

    @property
    def body_differs(self) -> bool:
        """Whether the resource itself is to be sent, not only rows of a watchlist."""
        return self.action is Action.CREATE or any(not each.place.startswith("items") for each in self.differences)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every item of the files, and what else is to be deleted; what of the workspace is not in the files."""

    workspace: Workspace
    record: Record
    changes: tuple[Change, ...]
    others: tuple[Found, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> list[Change]:
        """What is not as it should be."""
        return [each for each in self.changes if each.action is not Action.NONE]

    def count(self, action: Action) -> int:
        """How many items something is done with."""
        return sum(each.action is action for each in self.changes)


def make_plan(
    client: ManagementClient,
    workspace: Workspace,
    items: Sequence[Item],
    *,
    set: str,
    prune: bool = False,
    by_title: bool = False,
    kinds: Collection[Kind] = (),
    extra_rows: bool = False,
    secrets: Collection[str] = (),
) -> Plan:
    """What would make the workspace what the items say. Raises InvalidInput for items that contradict each other.

    With `prune`, what is managed and is in no file any more is deleted, and so are rows of watchlists. With `by_title`
    an item that has no resource of its name is taken for the only one of its kind and title. `kinds` are looked at
    beside those of the items. With `extra_rows` rows of watchlists that their files do not have are told too.
    Differences are shown without what is secret, and without the texts that are `secrets`.
    """
    check_items(items)
    record = read_record(client, workspace, set)
    managed = {type for type, _, _ in record.marks} if prune else frozenset[str]()
    wanted = [
        kind
        for kind in KINDS
        if kind in kinds or kind.type in managed or any(each.kind.type == kind.type for each in items)
    ]
    parents = _parents(items, record if prune else None)
    filled = {place_of(each) for each in items if each.kind is WATCHLIST and content_of(each) is not None}
    listed = [*wanted, *([WATCHLIST_ITEM] if filled and WATCHLIST_ITEM not in wanted else [])]

    attached = any(each.kind is ALERT_RULE_ACTION for each in items)

    def has_children(parent: Item) -> bool:
        of_other_name = by_title and attached and parent.kind is ALERT_RULE
        return of_other_name or place_of(parent) in parents or place_of(parent) in filled

    found = list_items(client, workspace, listed, has_children)
    items = _with_playbooks(client, workspace, items)
    if by_title:
        items = _renamed(items, found)
    items = _attached(items, found)
    made = _compared(workspace, record, items, found, prune, keep_extra=not (prune or extra_rows))
    shown = (replace(each, differences=tuple(masked(each.differences, secrets))) for each in made.changes)
    return replace(made, changes=tuple(shown))


def check_items(items: Iterable[Item]) -> None:
    """Raises InvalidInput for two items of one name, which would overwrite each other."""
    seen: dict[Place, Item] = {}
    for item in items:
        other = seen.setdefault(place_of(item), item)
        if other is not item:
            raise InvalidInput(
                "DuplicateItem",
                f"{item.source or item.name}: {item.kind.name} '{item.title}' has the name '{item.name}', which "
                f"'{other.title}' has already" + (f" ({other.source})." if other.source else "."),
            )


def _parents(items: Iterable[Item], record: Record | None) -> set[Place]:
    """The places of resources whose children have to be looked at."""
    types = {kind.name: kind.type for kind in KINDS}
    places = {(types[each.kind.parent], "", each.parent.casefold()) for each in items if each.kind.parent}
    if record is not None:
        child_of = {ALERT_RULE_ACTION.type: ALERT_RULE.type, WATCHLIST_ITEM.type: WATCHLIST.type}
        places |= {(child_of[type], "", parent) for type, parent, _ in record.marks if type in child_of}
    return places


def _with_playbooks(client: ManagementClient, workspace: Workspace, items: Sequence[Item]) -> Sequence[Item]:
    """The items with the ids of playbooks that are only named. Raises InvalidInput for one that is not there."""
    own = {each.name.casefold(): workspace.path_of(each) for each in items if each.kind is PLAYBOOK}
    ids: dict[str, str] = {}
    told: list[Item] = []
    for each in items:
        properties = properties_of(each.body)
        name = str(properties.get("logicAppResourceId") or "")
        if each.kind is not ALERT_RULE_ACTION or not name or name.startswith("/"):
            told.append(each)
            continue
        if name.casefold() not in ids:
            ids[name.casefold()] = own.get(name.casefold()) or playbook_id(client, workspace, name)
        known = {**properties, "logicAppResourceId": ids[name.casefold()]}
        told.append(replace(each, body={**each.body, "properties": known}))
    return told


def _attached(items: Sequence[Item], found: Sequence[Found]) -> list[Item]:
    """The items, with an action that starts a playbook which its rule starts already as that action."""
    there = {_attachment(each.item): each.item.name for each in found if each.item.kind is ALERT_RULE_ACTION}
    return [
        replace(each, name=there.get(_attachment(each), each.name)) if each.kind is ALERT_RULE_ACTION else each
        for each in items
    ]


def _attachment(item: Item) -> tuple[str, str]:
    return item.parent.casefold(), str(properties_of(item.body).get("logicAppResourceId") or "").casefold()


def _renamed(items: Sequence[Item], found: Sequence[Found]) -> list[Item]:
    """The items with the names of the resources that they are by their titles; children follow their parents."""
    there = {place_of(each.item) for each in found}
    claimed = {place_of(each) for each in items}
    by_title: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for each in found:
        if not each.item.kind.parent and place_of(each.item) not in claimed:
            by_title[each.item.kind.name, each.item.title.casefold()].append(each.item)
    names: dict[tuple[str, str], str] = {}
    for item in items:
        same = by_title.get((item.kind.name, item.title.casefold()), [])
        if item.kind.parent or place_of(item) in there or not same:
            continue
        if len(same) > 1:
            raise InvalidInput(
                "AmbiguousTitle",
                f"{item.source or item.name}: {len(same)} resources of the workspace are called '{item.title}': "
                f"{', '.join(each.name for each in same)}.",
            )
        names[item.kind.name, item.name.casefold()] = same[0].name
    return [
        replace(
            each,
            name=names.get((each.kind.name, each.name.casefold()), each.name),
            parent=names.get((each.kind.parent, each.parent.casefold()), each.parent),
        )
        for each in items
    ]


def _compared(
    workspace: Workspace,
    record: Record,
    items: Sequence[Item],
    found: Sequence[Found],
    prune: bool,
    *,
    keep_extra: bool,
) -> Plan:
    there = {place_of(each.item): each for each in found}
    rows: dict[str, list[Found]] = defaultdict(list)
    for each in found:
        if each.item.kind is WATCHLIST_ITEM:
            rows[each.item.parent.casefold()].append(each)
    filled = {each.name.casefold() for each in items if each.kind is WATCHLIST and content_of(each) is not None}
    changes = [
        _change(each, there.get(place_of(each)), record, rows[each.name.casefold()], keep_extra=keep_extra)
        for each in items
    ]
    claimed = {place_of(each) for each in items}
    others = [
        each
        for place, each in there.items()
        if place not in claimed and not (each.item.kind is WATCHLIST_ITEM and each.item.parent.casefold() in filled)
    ]
    if prune:
        gone = [each for each in others if place_of(each.item) in record.marks and not _falls(each, others, record)]
        _check_turned(items, gone)
        changes += [Change(Action.DELETE, each.item, each) for each in gone]
        others = [each for each in others if place_of(each.item) not in record.marks]
    return Plan(workspace, record, tuple(changes), tuple(others))


def _check_turned(items: Sequence[Item], gone: Sequence[Found]) -> None:
    """What is in a file as another kind is most likely misspelt there. Raises InvalidInput."""
    types = (ALERT_RULE.type, SAVED_SEARCH.type)
    named = {each.name.casefold(): each for each in items if each.kind.type in types}
    for each in gone:
        item = named.get(each.item.name.casefold())
        if item is not None and each.item.kind.type in types:
            raise InvalidInput(
                "OtherKind",
                f"{item.source or item.name}: '{item.name}' is a {item.kind.name} here, and the {each.item.kind.name} "
                f"'{each.item.title}' in the workspace, which --prune would delete. Mend the file, or remove the "
                f"{each.item.kind.name} with 'vedette content remove'.",
            )


def _falls(each: Found, others: Sequence[Found], record: Record) -> bool:
    """Whether a child goes with its parent."""
    return any(
        parent.item.kind.name == each.item.kind.parent
        and parent.item.name.casefold() == each.item.parent.casefold()
        and place_of(parent.item) in record.marks
        for parent in others
    )


def _change(item: Item, found: Found | None, record: Record, rows: Sequence[Found], *, keep_extra: bool) -> Change:
    wanted = normal_form(item)
    has_rows = item.kind is WATCHLIST and content_of(item) is not None
    row_change = compare_rows(item, rows, keep_extra=keep_extra) if has_rows else None
    if found is None:
        told = tuple(differences({}, wanted))
        return Change(Action.CREATE, item, None, told, Cause.FILE, row_change)
    mark = record.marks.get(place_of(item), Mark())
    before = normal_form(found.item)
    told = () if _settled(mark, wanted, before) else tuple(differences(before, wanted))
    if row_change is not None and (row_change.added or row_change.extra):
        told = (*told, Difference("items", f"{len(row_change.extra)} too many", f"{len(row_change.added)} more"))
    if not told:
        return Change(Action.NONE, item, found, rows=row_change)
    return Change(Action.UPDATE, item, found, told, _cause(mark, wanted, before, row_change), row_change)


def _settled(mark: Mark, wanted: object, before: object) -> bool:
    """Whether both are as they were when the one was made of the other."""
    return bool(mark.applied) and mark.applied == digest(wanted) and mark.seen == digest(before)


def _cause(mark: Mark, wanted: object, before: object, rows: RowChange | None) -> Cause:
    """Rows that are as they were after the last apply differ because the file has changed."""
    if not mark.applied:
        return Cause.UNKNOWN
    of_file, of_hand = mark.applied != digest(wanted), mark.seen != digest(before)
    if rows is not None and (rows.added or rows.extra):
        if not mark.rows and not of_file and not of_hand:
            return Cause.UNKNOWN
        by_hand = bool(mark.rows) and mark.rows != rows.before
        of_file, of_hand = of_file or not by_hand, of_hand or by_hand
    return Cause.BOTH if of_file and of_hand else Cause.FILE if of_file else Cause.HAND
