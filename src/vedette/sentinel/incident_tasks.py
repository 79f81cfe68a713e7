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
from vedette.sentinel.incidents import take_up_above
from vedette.sentinel.people import person
from vedette.state.documents import Document
from vedette.state.store import Transaction

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
    made = as_first_made(existing, {"createdTimeUtc": now, "createdBy": who})
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now, "lastModifiedBy": who}}


INCIDENT_TASKS = extension(
    "task",
    TASK,
    key="incidentTaskId",
    parent=INCIDENT,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "createdBy", "lastModifiedBy"}),
    validate=_validate,
    fill=_fill,
    after_put=take_up_above,
    after_delete=take_up_above,
    page=50,
)
