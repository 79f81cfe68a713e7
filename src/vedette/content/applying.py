"""Carries a plan out: only what differs is sent, in the order of what needs what, several at a time.

What is sent bears the etag that the plan was made with, so that a change which somebody made since is not overwritten.
The first refusal ends it, unless told otherwise; what was begun is ended, and each item's outcome is told. What was
applied is recorded as managed, also when something else failed, so that the same command goes on where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from enum import Enum
from threading import Event
from typing import Any

from vedette.content.dependencies import stages
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE_ACTION, WATCHLIST, WATCHLIST_ITEM, Scope
from vedette.content.managed import Mark, Place, Record, digest, keep_marks, place_of
from vedette.content.management_client import ManagementClient
from vedette.content.normal_form import normal_form
from vedette.content.planning import Action, Change, Plan
from vedette.content.playbook_triggers import with_trigger_address
from vedette.content.refused import Refused
from vedette.content.remote import AT_ONCE, Found, found_item, read_item
from vedette.content.watchlist_rows import pieces
from vedette.content.workspace import Workspace
from vedette.core.errors import Conflict, VedetteError

_ETAG_TRIES = 3


class Status(Enum):
    """What became of a change."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change and what became of it; `error` says why it failed."""

    change: Change
    status: Status
    error: VedetteError | None = None
    seen: Item | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply came to: every change of the plan, in its order.

    `broken` is what ended it before its time, such as an interrupt, or why what was done could not be recorded.
    """

    outcomes: tuple[Outcome, ...]
    failed: tuple[Outcome, ...] = field(default=())
    broken: BaseException | None = None

    def count(self, status: Status, action: Action | None = None) -> int:
        """How many changes became that."""
        return sum(each.status is status and action in (None, each.change.action) for each in self.outcomes)


def apply_plan(
    client: ManagementClient,
    plan: Plan,
    *,
    keep_going: bool = False,
    manage: bool = True,
    at_once: int = AT_ONCE,
    told: Callable[[Outcome], None] = lambda _outcome: None,
    trigger_client: Callable[[str], ManagementClient] | None = None,
) -> Applied:
    """Make the workspace what the plan says. Refusals of items are in the outcomes, and so is what ended it.

    Raises what happens before anything is changed.

    With `manage` the items of the plan are recorded as managed. `trigger_client` gives the client that asks for the
    address of a playbook's trigger by the playbook's id, where that is another than the workspace's.
    """
    changed = plan.changed
    record = _begun(client, plan) if manage and changed else plan.record
    outcomes = {
        id(each): Outcome(each, Status.UNCHANGED if each.action is Action.NONE else Status.SKIPPED)
        for each in plan.changes
    }
    stop = Event()
    broken: BaseException | None = None

    def run(change: Change) -> Outcome:
        if stop.is_set():
            return Outcome(change, Status.SKIPPED)
        try:
            return Outcome(change, Status.DONE, seen=_carry_out(client, plan.workspace, change, trigger_client))
        except VedetteError as error:
            if not keep_going:
                stop.set()
            return Outcome(change, Status.FAILED, error)
        except BaseException:
            stop.set()
            raise

    failed: set[tuple[str, str]] = set()
    with ThreadPoolExecutor(at_once, thread_name_prefix="apply") as workers:
        for group in _groups(plan):
            ready = [each for each in group if _parent(each.item) not in failed]
            futures: dict[Future[Outcome], Change] = {workers.submit(run, each): each for each in ready}
            try:
                for future in as_completed(futures):
                    told(future.result())
            except BaseException as error:
                broken = error
                stop.set()
                workers.shutdown(cancel_futures=True)
            for future, change in futures.items():
                outcomes[id(change)] = _ended(future, change)
            failed |= {
                (each.item.kind.name, each.item.name.casefold())
                for each in group
                if outcomes[id(each)].status is not Status.DONE
            }
            if broken is not None:
                break
    ordered = tuple(outcomes[id(each)] for each in plan.changes)
    if manage:
        try:
            keep_marks(client, plan.workspace, record, _marks(plan, record, ordered))
        except VedetteError as error:
            broken = broken or error
    return Applied(ordered, tuple(each for each in ordered if each.status is Status.FAILED), broken)


def _ended(future: Future[Outcome], change: Change) -> Outcome:
    """What became of a change, also where it was not begun, or ended in something that nobody expected."""
    if future.cancelled():
        return Outcome(change, Status.SKIPPED)
    return Outcome(change, Status.FAILED) if future.exception() is not None else future.result()


def _groups(plan: Plan) -> list[list[Change]]:
    """First what is made and changed, in the order of the kinds; then what is deleted, the other way round."""
    of_item = {id(each.item): each for each in plan.changed}
    made = stages(each.item for each in plan.changed if each.action is not Action.DELETE)
    gone = stages(each.item for each in plan.changed if each.action is Action.DELETE)
    return [[of_item[id(item)] for item in group] for group in (*made, *reversed(gone))]


def _begun(client: ManagementClient, plan: Plan) -> Record:
    """Record what is about to be made, so that it is known as managed whatever happens to this process."""
    new = {place_of(each.item): Mark() for each in plan.changed if each.action is Action.CREATE}
    return keep_marks(client, plan.workspace, plan.record, {**new, **plan.record.marks})


def _marks(plan: Plan, record: Record, outcomes: Sequence[Outcome]) -> dict[Place, Mark]:
    marks = {**record.marks}
    for each in outcomes:
        place = place_of(each.change.item)
        if each.change.action is Action.DELETE:
            if each.status is Status.DONE:
                marks = {other: mark for other, mark in marks.items() if not _is_or_below(other, place)}
        elif each.status is Status.DONE and each.seen is not None:
            rows = each.change.rows.after if each.change.rows else ""
            marks[place] = Mark(digest(normal_form(each.change.item)), digest(normal_form(each.seen)), rows)
        elif each.status is Status.UNCHANGED and each.change.found is not None:
            seen = digest(normal_form(each.change.found.item))
            known = marks.get(place, Mark()).rows  # what somebody added by hand stays known as that
            rows = known or (each.change.rows.before if each.change.rows else "")
            marks[place] = Mark(digest(normal_form(each.change.item)), seen, rows)
        elif _is_not_there(each) and place not in plan.record.marks and marks.get(place) == Mark():
            del marks[place]
    return marks


def _is_not_there(outcome: Outcome) -> bool:
    """Whether it is sure that nothing was made of what was to be: a lost answer, or an interrupt, says nothing."""
    error = outcome.error
    if outcome.change.action is not Action.CREATE:
        return False
    refused = isinstance(error, Refused) and not error.details.get("uncertain")
    return outcome.status is Status.SKIPPED or refused


def _parent(item: Item) -> tuple[str, str]:
    return item.kind.parent, item.parent.casefold()


def _is_or_below(place: Place, gone: Place) -> bool:
    return place == gone or (place[1] == gone[2] and place[0] in _CHILDREN.get(gone[0], ()))


_CHILDREN = {"alertRules": ("actions",), "watchlists": ("watchlistItems",)}


def _carry_out(
    client: ManagementClient,
    workspace: Workspace,
    change: Change,
    trigger_client: Callable[[str], ManagementClient] | None,
) -> Item:
    if change.action is Action.DELETE:
        _delete(client, workspace, change)
        return change.item
    item = change.item
    if item.kind is ALERT_RULE_ACTION:
        item = with_trigger_address(item, client, trigger_client)
    seen = change.found.item if change.found else item
    if change.body_differs:
        seen = _put(client, workspace, item, change.found)
    if change.rows is not None:
        _change_rows(client, workspace, item, change)
    return seen


def _put(client: ManagementClient, workspace: Workspace, item: Item, found: Found | None) -> Item:
    """Send an item. A conflict over an etag that means nothing, or that an own lost request made, is looked into."""
    etag = found.etag if found else ""
    for _ in range(_ETAG_TRIES):
        try:
            return _send(client, workspace, item, etag)
        except Refused as refusal:
            if refusal.status not in (409, 412):
                raise
            now = read_item(client, workspace, item)
            if now is not None and normal_form(now.item) == normal_form(item):
                return now.item
            if now is None or found is None or normal_form(now.item) != normal_form(found.item):
                if now is not None and now.etag != etag:
                    raise Conflict(
                        "ChangedMeanwhile",
                        f"It was changed in {workspace.title} after the plan was made, and was left as it is now. "
                        f"Plan again. ({refusal.message})",
                    ) from refusal
                raise
            if now.etag == etag:
                raise
            etag = now.etag
    raise Conflict("ChangedMeanwhile", f"It changes in {workspace.title} all the time.")


def _send(client: ManagementClient, workspace: Workspace, item: Item, etag: str) -> Item:
    path = workspace.path_of(item)
    body = sent_body(item, workspace)
    headers: Mapping[str, str] = {}
    if etag and item.kind.scope in (Scope.WORKSPACE, Scope.SENTINEL):
        body = {**body, "etag": etag}
    elif etag:
        headers = {"If-Match": etag}
    sent = client.send("PUT", path, {"api-version": item.kind.version}, body, headers)
    client.finish(sent, path)
    if not sent.body.get("properties"):
        now = read_item(client, workspace, item)
        return now.item if now else item
    return found_item(item.kind, sent.body, item.parent).item


def sent_body(item: Item, workspace: Workspace) -> dict[str, Any]:
    """What a PUT of an item sends, but for its etag. A watchlist's rows follow by themselves."""
    body = {name: value for name, value in item.body.items() if name.lower() not in ("etag", "id", "name", "type")}
    if item.kind is not WATCHLIST:
        return body
    hidden = ("rawcontent", "numberoflinestoskip", "contenttype")
    properties = {name: each for name, each in body["properties"].items() if name.lower() not in hidden}
    return {**body, "properties": properties}


def _change_rows(client: ManagementClient, workspace: Workspace, item: Item, change: Change) -> None:
    """Add the rows that are missing, some thousands a request; then take away what is too much."""
    assert change.rows is not None
    key = str(item.body["properties"].get("itemsSearchKey") or "")
    path = workspace.path_of(item)
    for text in pieces(change.rows.added, key):
        body = sent_body(item, workspace)
        upload = {"rawContent": text, "contentType": "text/csv", "numberOfLinesToSkip": 0}
        body = {**body, "properties": {**body["properties"], **upload}}
        sent = client.send("PUT", path, {"api-version": item.kind.version}, body)
        client.finish(sent, path)
    for each in change.rows.extra:
        place = workspace.path(WATCHLIST_ITEM, each.item.name, item.name)
        client.send("DELETE", place, {"api-version": WATCHLIST_ITEM.version})


def _delete(client: ManagementClient, workspace: Workspace, change: Change) -> None:
    """Remove an item, unless it has changed since the plan was made; one that is gone already is gone."""
    path = workspace.path_of(change.item)
    now = read_item(client, workspace, change.item)
    if now is None:
        return
    if change.found is not None and normal_form(now.item) != normal_form(change.found.item):
        raise Conflict("ChangedMeanwhile", f"It was changed in {workspace.title} after the plan was made. Plan again.")
    sent = client.send("DELETE", path, {"api-version": change.item.kind.version})
    client.finish(sent, path)
