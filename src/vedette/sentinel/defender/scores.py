"""Secure scores, their controls, and regulatory compliance: what Azure reckons itself, and what is fed here.

https://learn.microsoft.com/rest/api/defenderforcloud/secure-scores,
https://learn.microsoft.com/rest/api/defenderforcloud/regulatory-compliance-standards
"""

from typing import Any, Final

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.sentinel.defender.checks import inner, one_of, require_numbers, require_texts
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]

_STATES: Final = ("Passed", "Failed", "Skipped", "Unsupported")
_COUNTS: Final = ("healthyResourceCount", "unhealthyResourceCount", "notApplicableResourceCount")


def validate_score(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`: a score is `{max, current}`."""
    properties: Json = body["properties"]
    score = inner(properties, "score", needed=True)
    require_numbers(score, ("max", "current", "percentage"), "properties.score")
    if score.get("max") is None or score.get("current") is None or score["current"] > score["max"]:
        raise InvalidInput("BadRequest", "'properties.score' has 'max', and 'current' that is at most that.")
    require_numbers(properties, ("weight", *_COUNTS))
    require_texts(properties, ("displayName",))
    inner(properties, "definition")
    return body


def fill_score(
    _context: Context, call: Call, _transaction: Transaction, body: Body, _existing: Document | None
) -> Body:
    """The percentage is that of the score, 0 to 1."""
    properties: Json = body["properties"]
    score = properties["score"]
    share = round(score["current"] / score["max"], 4) if score["max"] else 0.0
    beside = dict.fromkeys(_COUNTS, 0) if len(call.path.types) > 1 else {}
    filled = {
        "displayName": call.path.name,
        "weight": 1,
        **beside,
        **properties,
        "score": score | {"percentage": share},
    }
    return body | {"properties": filled}


def show_control(_context: Context, call: Call, document: Document) -> Body:
    """See `Resource`: the definition is shown to who asks for it with `$expand`."""
    asked = "definition" in call.query.get("$expand", "").lower()
    properties: Json = document.body["properties"]
    shown = properties if asked else {name: each for name, each in properties.items() if name != "definition"}
    return document.body | {"properties": shown}


def validate_compliance(_context: Context, _call: Call, body: Body) -> Body:
    """See `Resource`: a standard, control or assessment has a state and counts."""
    properties: Json = body["properties"]
    if "state" in properties:
        properties["state"] = one_of(properties["state"], _STATES, "properties.state")
    counts = [name for name in properties if name.endswith(("Controls", "Assessments", "Resources"))]
    require_numbers(properties, counts)
    require_texts(properties, ("description", "assessmentType", "assessmentDetailsLink"))
    return body | {"properties": properties}


def fill_compliance(
    _context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None
) -> Body:
    """See `Resource`: its state follows from what failed where it is not said."""
    properties: Json = body["properties"]
    failed = sum(int(each or 0) for name, each in properties.items() if name.startswith("failed"))
    return body | {"properties": {"state": "Failed" if failed else "Passed", **properties}}
