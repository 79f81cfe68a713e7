"""Notes of what happened to incidents and alerts, for automation rules: kept in the transaction in which it happened.

A note is there once for each event, until automation has dealt with it; where nobody has rules none is made.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.access.workspaces import Workspace
from vedette.core.acting import current_act
from vedette.state.documents import Document
from vedette.state.store import Transaction

NOTE: Final = "Vedette.Automation/notes"
AUTOMATION_RULE: Final = "Microsoft.SecurityInsights/automationRules"
RULE_ACTION: Final = "Microsoft.SecurityInsights/alertRules/actions"

_WATCHED: Final = ("title", "description", "severity", "status", "owner", "labels", "classification")
_COUNTED: Final = ("alertsCount", "commentsCount", "tactics")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something is changed: by an automation rule, or a playbook that one started. `chain` are the ids of the rules
    that led to it, which are not carried out for it again."""

    source: str
    chain: tuple[str, ...] = ()


_CAUSE: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current_cause() -> Cause | None:
    """Why what is done in this context is done; None where no automation does it."""
    return _CAUSE.get()


@contextmanager
def caused_by(cause: Cause) -> Generator[None]:
    """Let changes in the block be known as automation's."""
    token = _CAUSE.set(cause)
    try:
        yield
    finally:
        _CAUSE.reset(token)


def note_incident(
    transaction: Transaction,
    workspace: Workspace,
    incident: Document,
    before: Mapping[str, Any] | None,
    now: datetime,
    *,
    alerts_added: bool,
) -> None:
    """Note that an incident was created, with no `before`, or what of it was updated."""
    if not transaction.count(AUTOMATION_RULE, workspace.resource_id):
        return
    changes: dict[str, Any] = {}
    if before is not None:
        changes = _changes(before, incident.body["properties"])
        if not changes:
            return
    _put(
        transaction,
        {
            "workspace": workspace.resource_id,
            "about": "Incident",
            "event": "Created" if before is None else "Updated",
            "id": incident.id,
            "changes": changes,
            "source": _source(alerts_added=alerts_added),
            "at": now.isoformat(),
        },
    )


def note_alert(transaction: Transaction, workspace: Workspace, alert: Document, rule_id: str, now: datetime) -> None:
    """Note that an alert was created, and by which rule."""
    if not transaction.count(AUTOMATION_RULE, workspace.resource_id) and not transaction.count(RULE_ACTION, rule_id):
        return
    _put(
        transaction,
        {
            "workspace": workspace.resource_id,
            "about": "Alert",
            "event": "Created",
            "id": alert.id,
            "rule": rule_id,
            "changes": {},
            "source": _source(alerts_added=False),
            "at": now.isoformat(),
        },
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What was and what is, by property."""
    changes = {name: [before.get(name), after.get(name)] for name in _WATCHED if before.get(name) != after.get(name)}
    old, new = before["additionalData"], after["additionalData"]
    return changes | {name: [old.get(name), new.get(name)] for name in _COUNTED if old.get(name) != new.get(name)}


def _source(*, alerts_added: bool) -> str:
    """Who made a change, as conditions name it."""
    cause, act = _CAUSE.get(), current_act()
    if cause is not None:
        return cause.source
    if alerts_added or act is None:
        return "AlertGrouping"
    return "User" if act.who.kind == "User" else "Application"


def _put(transaction: Transaction, body: dict[str, Any]) -> None:
    cause = _CAUSE.get()
    number = transaction.next_number("", "automation note")
    name = f"{number:020d}"
    chain = list(cause.chain) if cause is not None else []
    transaction.put(
        id=f"/vedette/automationNotes/{name}", type=NOTE, scope="", name=name, body={**body, "chain": chain}
    )
