"""The actions of automation rules: what they change of an incident, and the playbooks that they start.

https://learn.microsoft.com/rest/api/securityinsights/automation-rules/create-or-update
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.automation.trigger_bodies import (
    ALERT_PATH,
    INCIDENT_PATH,
    alert_outputs,
    incident_outputs,
    sentinel_trigger,
)
from vedette.automation.workflows.effects import Parts
from vedette.automation.workflows.starting import Started, fire
from vedette.core.errors import Conflict, InvalidInput, Throttled, VedetteError
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.incident_properties import checked
from vedette.detect.incidents import INCIDENT, TASK, change_incident
from vedette.expressions.values import Json, text_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

MAX_TASKS = 40
_CLASSIFIED = ("classification", "classificationReason", "classificationComment")


STARTABLE = "Vedette.Automation/startable"
"""The type of the document beside an analytics rule's action that says which playbook its maker may start."""


def startable_id(action_id: str) -> str:
    """The id of that document."""
    return f"{action_id}/providers/{STARTABLE}/default"


@dataclass(frozen=True, slots=True)
class Acting:
    """On what an action acts, and for which rule."""

    parts: Parts
    workspace: Workspace
    rule: Document
    note: Document
    now: datetime

    @property
    def who(self) -> str:
        """How changes by the rule are signed."""
        return f"Automation rule - {self.rule.body['properties']['displayName']}"

    @property
    def chain(self) -> tuple[str, ...]:
        """The rules that led here, this one included."""
        return (*self.note.body["chain"], self.rule.id.lower())


class ActionFailed(Exception):
    """An action that could not be done; `message` says why in the words of the health table."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def modify(transaction: Transaction, acting: Acting, incident: Document, given: Json) -> Document:
    """Set the properties that are given; labels are added to those that are there. Raises ActionFailed."""
    known = incident.body["properties"]
    changes: Json = {name: given[name] for name in ("severity", "status") if given.get(name)}
    if given.get("owner"):
        changes["owner"] = given["owner"]
    names = {each["labelName"].lower() for each in known.get("labels") or []}
    added = [each for each in given.get("labels") or [] if text_of(each.get("labelName")).lower() not in names]
    if added:
        changes["labels"] = [*(known.get("labels") or []), *added]
    status = text_of(changes.get("status") or known["status"]).lower()
    if status == "closed":
        changes |= _classification(given, known)
    wanted = {**{name: known[name] for name in known if name not in _CLASSIFIED}, **changes}
    if status == "closed":
        wanted = {**{name: known[name] for name in _CLASSIFIED if name in known}, **wanted}
    try:
        after = checked(wanted)
    except InvalidInput as error:
        raise ActionFailed(f"Could not modify properties. {error.message}") from error
    changed: Json = {name: after.get(name) for name in ("severity", "status", "labels", "owner", *_CLASSIFIED)}
    if all(known.get(name) == value for name, value in changed.items()):
        return incident
    return change_incident(transaction, acting.workspace, incident, changed, modified_by=acting.who, now=acting.now)


def _classification(given: Json, known: Json) -> Json:
    """How an incident is classified that is closed: as the rule says, else as it is, else not determined."""
    if given.get("classification"):
        return {name: given[name] for name in _CLASSIFIED if given.get(name)}
    return {} if known.get("classification") else {"classification": "Undetermined"}


def add_task(transaction: Transaction, acting: Acting, incident: Document, given: Json, order: int) -> Document:
    """Add a task to an incident, once. Raises ActionFailed."""
    title = text_of(given.get("title"))
    if transaction.count(TASK, incident.id) >= MAX_TASKS:
        raise ActionFailed(f"Could not add task: {title}. The incident has {MAX_TASKS} tasks already.")
    name = derived_id("task of a rule", acting.note.name, acting.rule.id, str(order))
    now, who = arm_time(acting.now), {"name": acting.who}
    properties: Json = {
        "title": title,
        "status": "New",
        "createdTimeUtc": now,
        "createdBy": who,
        "lastModifiedTimeUtc": now,
        "lastModifiedBy": who,
    }
    if given.get("description"):
        properties["description"] = text_of(given["description"])
    transaction.put(
        id=f"{incident.id}/tasks/{name}", type=TASK, scope=incident.id, name=name, body={"properties": properties}
    )
    return change_incident(transaction, acting.workspace, incident, {}, modified_by=acting.who, now=acting.now)


def start_playbook(transaction: Transaction, acting: Acting, subject: Document, id: str) -> Document | None:
    """Start a playbook on an incident or alert; None where a condition of its trigger does not hold.

    Raises ActionFailed.
    """
    name = id.rpartition("/")[2]
    workflow = transaction.get(id)
    if workflow is None:
        raise _not_started(
            name, "Either the playbook was not found, or Microsoft Sentinel was missing permissions on it."
        )
    event = acting.note.body
    is_incident = subject.type == INCIDENT
    wanted = INCIDENT_PATH if is_incident else ALERT_PATH
    trigger = sentinel_trigger(workflow, lambda path: path == wanted)
    if trigger is None:
        raise _not_started(name, "Contains an unsupported trigger type.")
    state = acting.parts.state
    if is_incident:
        kind = {"Created": "Create", "Updated": "Update"}[event["event"]]
        updates = _updates(event) if kind == "Update" else None
        event_id = derived_id("event", acting.note.name)
        outputs = incident_outputs(state, acting.workspace, subject, kind, event_id, updates)
    else:
        outputs = alert_outputs(state, acting.workspace, subject)
    origin = Started(by=acting.who, chain=acting.chain)
    try:
        runs = fire(transaction, acting.parts.clock, acting.parts.new_id, workflow, trigger, outputs, origin)
    except Conflict as error:
        raise _not_started(name, "The playbook was disabled.") from error
    except Throttled as error:
        raise _not_started(name, "Too many requests, exceeding workflow throttling limits.") from error
    except VedetteError as error:
        raise _not_started(name, f"Invalid template definition. {error.message}") from error
    return runs[0] if runs else None


def _not_started(name: str, why: str) -> ActionFailed:
    return ActionFailed(f"Could not trigger playbook: {name}. {why}")


def _updates(event: Any) -> Json:
    """What an update changed, as the trigger's body tells it."""
    return {
        "updatedBy": {"source": event["source"]},
        "updatedFields": list(event["changes"]),
        **{name: {"from": before, "to": after} for name, (before, after) in event["changes"].items()},
    }
