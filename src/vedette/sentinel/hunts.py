"""Hunts: what somebody looks for, what was found for it, and what was said about it.

https://learn.microsoft.com/rest/api/securityinsights/hunts
"""

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import Body
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput
from vedette.sentinel.extension import PROVIDER, extension, with_system_data
from vedette.state.documents import Document
from vedette.state.store import Transaction

_HUNT = f"{PROVIDER}/hunts"
_MOST = 100  # https://learn.microsoft.com/azure/sentinel/sentinel-service-limits#hunting-limits


def _fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    if existing is None and transaction.count(_HUNT, call.path.parent_id) >= _MOST:
        raise InvalidInput("BadRequest", f"A workspace has at most {_MOST} hunts.")
    properties = {"status": "New", "hypothesisStatus": "Unknown", "labels": []} | body["properties"]
    owner = properties.get("owner")
    if isinstance(owner, dict):
        nobody = {"email": None, "assignedTo": None, "userPrincipalName": None, "ownerType": "User"}
        properties["owner"] = nobody | owner
    return body | {"properties": properties}


def _fill_relation(
    _context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None
) -> Body:
    """A relation says what it relates to by its id, and the server the rest."""
    related = body["properties"].get("relatedResourceId")
    if not isinstance(related, str):
        raise InvalidInput(
            "BadRequest", "'properties.relatedResourceId' is missing.", target="properties.relatedResourceId"
        )
    path = parse_id(related)
    told = {"relatedResourceName": path.name, "relatedResourceType": path.type}
    return body | {"properties": {"labels": []} | body["properties"] | told}


HUNTS = extension("hunt", "hunts", fill=_fill)
HUNT_RELATIONS = extension(
    "relation",
    "hunts/relations",
    parent=_HUNT,
    read_only=frozenset({"relatedResourceName", "relatedResourceType", "relatedResourceKind"}),
    fill=_fill_relation,
)
HUNT_COMMENTS = extension("comment", "hunts/comments", parent=_HUNT, fill=with_system_data)
