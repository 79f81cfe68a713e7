"""Snapshots: all of a source, once a week for each automation that asks for it.

https://learn.microsoft.com/azure/defender-for-cloud/continuous-export
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.arm.context import Context
from vedette.core.instants import arm_time, instant_of
from vedette.sentinel.defender.events import event_of
from vedette.sentinel.defender.exporting import enabled, export
from vedette.sentinel.defender.types import EXPORTED, Exported
from vedette.state.documents import Document
from vedette.state.indexed import position_of

WEEK: Final = timedelta(days=7)
SNAPSHOT: Final = "Vedette/exportSnapshots"
"""The type of the documents that say how far an automation's snapshot of a source has come."""

_TOGETHER: Final = 200  # documents in one transaction


def take_due(context: Context, now: datetime) -> None:
    """Take the snapshots that are due: the first when an automation is first looked at, then each after a week. One
    that was interrupted goes on behind the last document that it told of."""
    with context.state.transaction() as transaction:
        automations = enabled(transaction)
    for automation in automations:
        for type, exported in _asked(automation):
            while _go_on(context, automation, type, exported, now):
                pass


def _asked(automation: Document) -> Iterator[tuple[str, Exported]]:
    sources = {str(each.get("eventSource")).lower() for each in automation.body["properties"].get("sources") or []}
    return ((type, each) for type, each in EXPORTED.items() if each.has_snapshot and each.snapshot.lower() in sources)


def _go_on(context: Context, automation: Document, type: str, exported: Exported, now: datetime) -> bool:
    """Tell of the next documents of a snapshot that is due. Whether there may be more."""
    id = f"{automation.id}/vedetteSnapshots/{exported.snapshot}"
    with context.state.transaction() as transaction:
        held = transaction.get(id)
        present = transaction.get(automation.id)
        told: dict[str, Any] = held.body if held else {}
        began = instant_of(told["began"]) if told else now
        if present is None or (told and told["done"] and now < began + WEEK):
            return False
        if not told or told["done"]:
            began, told = now, {"after": None}
        rest = context.state.list(type, limit=_TOGETHER, after=told["after"])  # nobody writes meanwhile
        for document in rest:
            event = event_of(
                transaction,
                document,
                context.estate.subscription_resource_id,
                context.estate.tenant_id,
                is_snapshot=True,
            )
            export(context, transaction, present, event)
        more = len(rest) == _TOGETHER
        after = position_of(type, (), rest[-1]) if more else None
        body = {"began": arm_time(began), "after": after, "done": not more}
        transaction.put(id=id, type=SNAPSHOT, scope=automation.id, name=exported.snapshot, body=body)
    return more
