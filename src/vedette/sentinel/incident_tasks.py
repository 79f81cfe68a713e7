"""The tasks of an incident, which its row shows too.

https://learn.microsoft.com/rest/api/securityinsights/incident-tasks
"""

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body, Resource
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.detect.incidents import INCIDENT, TASK
from vedette.sentinel.incidents import take_up
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.people import person
from vedette.sentinel.workspaces import newer_exists
from vedette.state.documents import Document
from vedette.state.store import Transaction

MAX_TASKS = 40
"""https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#incident-limits"""

_STATUSES = {"new": "New", "completed": "Completed"}


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    properties = body["properties"]
    title, status = properties.get("title"), _STATUSES.get(str(properties.get("status")).lower())
    if not isinstance(title, str) or not title.strip():
        raise InvalidInput("BadRequest", "Invalid properties for task: 'properties.title' is missing.")
    if status is None:
        raise InvalidInput("BadRequest", "Invalid properties for task: 'properties.status' is one of New, Completed.")
    return body | {"properties": properties | {"status": status}}


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now, who = arm_time(context.clock.now()), person(context, call.principal)
    if existing is None and transaction.count(TASK, call.path.parent_id) >= MAX_TASKS:
        raise InvalidInput("BadRequest", f"The incident has {MAX_TASKS} tasks already, which is the most.")
    made = {"createdTimeUtc": now, "createdBy": who}
    if existing is not None:
        made = {name: existing.body["properties"][name] for name in ("createdTimeUtc", "createdBy")}
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now, "lastModifiedBy": who}}


def _after(context: Context, call: Call, transaction: Transaction, _document: Document) -> None:
    take_up(context, call, transaction, call.path.parent_id)


INCIDENT_TASKS = Resource(
    TASK,
    key="incidentTaskId",
    parent=INCIDENT,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "createdBy", "lastModifiedBy"}),
    require=require_onboarded,
    validate=_validate,
    fill=_fill,
    after_put=_after,
    after_delete=_after,
    newer_exists=newer_exists("task"),
    page=50,
)
