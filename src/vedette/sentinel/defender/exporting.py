"""Which automations take an event, and what they do with it, in the caller's transaction."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import structlog

from vedette.access.scopes import covers
from vedette.arm.context import Context
from vedette.automation.trigger_bodies import sentinel_trigger
from vedette.core.ids import derived_id
from vedette.sentinel.defender.calls import Waiting, call_playbook
from vedette.sentinel.defender.events import Event, event_of, region_of
from vedette.sentinel.defender.rows import row_of
from vedette.sentinel.defender.rule_sets import takes
from vedette.sentinel.defender.types import ASSESSMENT, AUTOMATION, EXPORTED, SUB_ASSESSMENT
from vedette.state.changes import Change
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]

_SCORE_STEP: Final = 0.01
"""The least change of a score that is told: https://learn.microsoft.com/azure/defender-for-cloud/benefits-of-continuous-export"""
_TOLD_DELETED: Final = frozenset((ASSESSMENT, SUB_ASSESSMENT))
_log = structlog.get_logger(__name__)


def export_changes(context: Context, transaction: Transaction, changes: Iterable[Change]) -> None:
    """Export documents that were made, changed, or deleted, each from its first state to its last."""
    automations = enabled(transaction)
    if not automations:
        return
    for before, after in _states(changes):
        document, action = (after, "Insert") if after is not None else (before, "Delete")
        if document is None or not _is_told(before, after):
            continue
        told = "Write" if action == "Insert" and document.type not in _TOLD_DELETED else action
        subscription = context.estate.subscription_resource_id
        event = event_of(transaction, document, subscription, context.estate.tenant_id, action=told)
        for automation in automations:
            export(context, transaction, automation, event)


def enabled(transaction: Transaction) -> list[Document]:
    """The automations that are on."""
    return [each for each in transaction.list(AUTOMATION) if each.body["properties"].get("isEnabled") is True]


def export(context: Context, transaction: Transaction, automation: Document, event: Event) -> bool:
    """Do what an automation does with an event, if it takes it. Whether it does."""
    properties: Json = automation.body["properties"]
    scopes: list[Json] = properties.get("scopes") or []
    if not any(covers(str(each["scopePath"]), event.resource or "/") for each in scopes):
        return False
    sources: list[Json] = properties.get("sources") or []
    named = [each for each in sources if str(each.get("eventSource")).lower() == event.source.lower()]
    if not any(takes(each.get("ruleSets"), event.body) for each in named):
        return False
    for index, action in enumerate(properties.get("actions") or []):
        _act(context, transaction, automation, index, action, event)
    return True


def _act(
    context: Context, transaction: Transaction, automation: Document, index: int, action: Json, event: Event
) -> None:
    match str(action["actionType"]).lower():
        case "workspace":
            _add_row(context, transaction, automation, action, event)
        case "logicapp":
            _start(context, transaction, automation, index, action, event)
        case _:
            pass


def _add_row(context: Context, transaction: Transaction, automation: Document, action: Json, event: Event) -> None:
    """A row of what is there; what was deleted has none."""
    if event.action == "Delete":
        return
    workspace = context.workspaces.by_resource_id(str(action["workspaceResourceId"]))
    if workspace is None:
        _log.warning(
            "an automation exports to a workspace that is not of this server",
            automation=automation.id,
            workspace=action["workspaceResourceId"],
        )
        return
    table, row = row_of(event, context.clock.now(), region_of(transaction, event.resource))
    transaction.emit_all(workspace.id, table, [row], soon=False)  # many are fed at once; a query sees them all the same


def _start(
    context: Context, transaction: Transaction, automation: Document, index: int, action: Json, event: Event
) -> None:
    """Have the playbook's trigger fire with the event."""
    playbook = str(action["logicAppResourceId"])
    workflow = transaction.get(playbook)
    trigger = None if workflow is None else trigger_of(workflow, action, event)
    if workflow is None or trigger is None:
        what = "there is no such workflow" if workflow is None else "it has no trigger for this event"
        _log.warning("an automation starts no playbook", automation=automation.id, playbook=playbook, reason=what)
        return
    name = derived_id("export", automation.id.lower(), str(index), event.document.id.lower(), event.document.etag)
    call = Waiting(name, automation.id, workflow.id, trigger, event.body, context.clock.now())
    call_playbook(context, transaction, call)


def trigger_of(workflow: Document, action: Mapping[str, Any], event: Event) -> str | None:
    """The trigger that an event is given to: the one that the action's address named, else the connector's trigger for
    its source, else one that waits for requests."""
    triggers: Json = workflow.body["properties"].get("definition", {}).get("triggers") or {}
    named = str(action.get("trigger") or "").lower()
    found = next((name for name in triggers if name.lower() == named), None)
    path = EXPORTED[event.document.type.lower()].trigger
    if found is None and path:
        found = sentinel_trigger(workflow, lambda each: each == path)
    if found is not None:
        return found
    return next((name for name, each in triggers.items() if str(each.get("type", "")).lower() == "request"), None)


def _states(changes: Iterable[Change]) -> Iterator[tuple[Document | None, Document | None]]:
    states: dict[str, tuple[Document | None, Document | None]] = {}
    for change in changes:
        key = change.document.id.lower()
        states[key] = (states[key][0] if key in states else change.before, change.after)
    return iter(states.values())


def _is_told(before: Document | None, after: Document | None) -> bool:
    """Whether there is something to tell: that it came, or that it is another, a score by more than a little; of some
    types also that it went."""
    if after is None:
        return before is not None and before.type in _TOLD_DELETED
    if before is None:
        return True
    old, new = before.body["properties"], after.body["properties"]
    if "score" not in new or "score" not in old:
        return old != new
    moved = abs(new["score"]["current"] - old["score"]["current"]) >= _SCORE_STEP
    rest = [{name: each for name, each in fields.items() if name != "score"} for fields in (old, new)]
    return moved or old["score"]["max"] != new["score"]["max"] or rest[0] != rest[1]
