"""Comments on incidents: who wrote them when, and the row that the incident writes for each.

https://learn.microsoft.com/rest/api/securityinsights/incident-comments
"""

from dataclasses import replace

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import put
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.detect.incidents import COMMENT, INCIDENT
from vedette.sentinel.extension import as_first_made, extension
from vedette.sentinel.incidents import take_up_above
from vedette.sentinel.people import person
from vedette.state.documents import Document
from vedette.state.store import Transaction

MAX_COMMENTS = 100
MAX_MESSAGE = 30_000
"""https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#incident-limits"""

_ALWAYS_CREATED = frozenset({"2020-01-01", "2020-04-01"})
"""Versions that know no edit of a comment: their clients take only 201 for success."""


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    message = body["properties"]["message"]
    if not message.strip():
        raise InvalidInput("BadRequest", "Invalid properties for comment: 'properties.message' is missing.")
    if len(message) > MAX_MESSAGE:
        raise InvalidInput(
            "BadRequest",
            f"Invalid properties for comment: 'properties.message' has {len(message)} characters; "
            f"{MAX_MESSAGE} are allowed.",
        )
    return body | {"properties": {"message": message}}


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = arm_time(context.clock.now())
    if existing is None and transaction.count(COMMENT, call.path.parent_id) >= MAX_COMMENTS:
        raise InvalidInput("BadRequest", f"The incident has {MAX_COMMENTS} comments already, which is the most.")
    made = as_first_made(existing, {"createdTimeUtc": now, "author": person(context, call.principal)})
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now}}


def _put(context: Context, call: Call) -> Answer:
    reply = put(context, INCIDENT_COMMENTS, call)
    return replace(reply, status=201) if call.query.get("api-version") in _ALWAYS_CREATED else reply


INCIDENT_COMMENTS = extension(
    "comment",
    COMMENT,
    key="incidentCommentId",
    parent=INCIDENT,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "author"}),
    validate=_validate,
    fill=_fill,
    after_put=take_up_above,
    after_delete=take_up_above,
    handlers={"PUT": _put},
    page=50,
)
