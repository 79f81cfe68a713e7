"""The tasks of an incident, which its row shows too.

https://learn.microsoft.com/rest/api/securityinsights/incident-tasks
"""

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.detect.incidents import INCIDENT, TASK
from vedette.sentinel.extension import as_first_made, extension
from vedette.sentinel.incidents import take_up, take_up_above
from vedette.sentinel.people import person
from vedette.state.documents import Document
from vedette.state.store import Transaction

_COMPLETED = "lastCompletedTimeUtc"
MAX_TASKS = 40
"""https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#incident-limits"""


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    if not body["properties"]["title"].strip():
        raise InvalidInput("BadRequest", "Invalid properties for task: 'properties.title' is missing.")
    return body


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now, who = arm_time(context.clock.now()), person(context, call.principal)
    if existing is None and transaction.count(TASK, call.path.parent_id) >= MAX_TASKS:
        raise InvalidInput("BadRequest", f"The incident has {MAX_TASKS} tasks already, which is the most.")
    made = as_first_made(existing, {"createdTimeUtc": now, "createdBy": who}) | _completed(body, existing, now)
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now, "lastModifiedBy": who}}


def _completed(body: Body, existing: Document | None, now: str) -> Body:
    """When the task was completed last, which the incident's row says and the API does not."""
    known = existing.body["properties"] if existing else {}
    if body["properties"].get("status") == "Completed" and known.get("status") != "Completed":
        return {_COMPLETED: now}
    return {_COMPLETED: known[_COMPLETED]} if _COMPLETED in known else {}


def _show(_context: Context, _call: Call, document: Document) -> Body:
    shown = {name: each for name, each in document.body["properties"].items() if name != _COMPLETED}
    return document.body | {"properties": shown}


def _take_up_deleted(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    """The row that follows a deletion shows the task a last time."""
    take_up(context, call, transaction, call.path.parent_id, deleted_tasks=[document])


INCIDENT_TASKS = extension(
    "task",
    TASK,
    key="incidentTaskId",
    parent=INCIDENT,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "createdBy", "lastModifiedBy"}),
    validate=_validate,
    fill=_fill,
    after_put=take_up_above,
    after_delete=_take_up_deleted,
    show=_show,
    page=50,
)
