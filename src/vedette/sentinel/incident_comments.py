"""Comments on incidents: who wrote them when, and the row that the incident writes for each.

https://learn.microsoft.com/rest/api/securityinsights/incident-comments
"""

from dataclasses import replace

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import put
from vedette.arm.resource import Body, Resource
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.detect.incidents import COMMENT, INCIDENT
from vedette.sentinel.incidents import take_up
from vedette.sentinel.onboarding_states import require_onboarded
from vedette.sentinel.people import person
from vedette.sentinel.workspaces import newer_exists
from vedette.state.documents import Document
from vedette.state.store import Transaction

MAX_COMMENTS = 100
MAX_MESSAGE = 30_000
"""https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#incident-limits"""

_ALWAYS_CREATED = frozenset({"2020-01-01", "2020-04-01"})
"""Versions that know no edit of a comment: their clients take only 201 for success."""


def _validate(_context: Context, _call: Call, body: Body) -> Body:
    return body | {"properties": {"message": checked_message(body["properties"].get("message"))}}


def checked_message(message: object) -> str:
    """The text of a comment. Raises InvalidInput (BadRequest) when it is empty or too long."""
    if not isinstance(message, str) or not message.strip():
        raise InvalidInput("BadRequest", "Invalid properties for comment: 'properties.message' is missing.")
    if len(message) > MAX_MESSAGE:
        raise InvalidInput(
            "BadRequest",
            f"Invalid properties for comment: 'properties.message' has {len(message)} characters; "
            f"{MAX_MESSAGE} are allowed.",
        )
    return message


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    now = arm_time(context.clock.now())
    if existing is None and transaction.count(COMMENT, call.path.parent_id) >= MAX_COMMENTS:
        raise InvalidInput("BadRequest", f"The incident has {MAX_COMMENTS} comments already, which is the most.")
    made = {"createdTimeUtc": now, "author": person(context, call.principal)}
    if existing is not None:
        made = {name: existing.body["properties"][name] for name in ("createdTimeUtc", "author")}
    return body | {"properties": body["properties"] | made | {"lastModifiedTimeUtc": now}}


def _after(context: Context, call: Call, transaction: Transaction, _document: Document) -> None:
    take_up(context, call, transaction, call.path.parent_id)


def _put(context: Context, call: Call) -> Answer:
    reply = put(context, INCIDENT_COMMENTS, call)
    return replace(reply, status=201) if call.query.get("api-version") in _ALWAYS_CREATED else reply


INCIDENT_COMMENTS = Resource(
    COMMENT,
    key="incidentCommentId",
    parent=INCIDENT,
    read_only=frozenset({"createdTimeUtc", "lastModifiedTimeUtc", "author"}),
    require=require_onboarded,
    validate=_validate,
    fill=_fill,
    after_put=_after,
    after_delete=_after,
    newer_exists=newer_exists("comment"),
    handlers={"PUT": _put},
    page=50,
)
