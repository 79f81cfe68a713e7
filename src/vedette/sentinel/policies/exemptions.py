"""Policy exemptions: what an assignment is not held against, for a time or for ever.

https://learn.microsoft.com/rest/api/policyauthorization/policy-exemptions
"""

import re
from typing import Final

from vedette.access.scopes import covers, folded
from vedette.arm.call import Answer, Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.controller import shown
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.policy.assignment import read_exemption
from vedette.policy.limits import MOST_EXEMPTIONS
from vedette.sentinel.policies.resources import EXEMPTIONS
from vedette.sentinel.policies.types import ASSIGNMENT, EXEMPTION
from vedette.sentinel.scope_documents import around, page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_FILTER: Final = re.compile(
    r"\s*(?:(atScope|atExactScope|excludeExpired)\(\)|policyAssignmentId\s+eq\s+'([^']*)')\s*", re.IGNORECASE
)


def validate(context: Context, call: Call, body: Body) -> Body:
    """See `Validate`: its assignment is there, and stands over it."""
    exemption = read_exemption(call.path.id, call.path.scope, body["properties"])
    assignment = context.state.get(exemption.assignment_id)
    if assignment is None or assignment.type.lower() != ASSIGNMENT.lower():
        raise InvalidInput(
            "PolicyAssignmentNotFound", f"The policy assignment '{exemption.assignment_id}' could not be found."
        )
    if not covers(assignment.scope or "/", call.path.scope or "/"):
        raise InvalidInput(
            "InvalidPolicyExemptionScope",
            f"The policy assignment '{assignment.name}' is not at or above the scope of the exemption.",
        )
    return {"properties": body["properties"]}


def fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """See `Fill`."""
    if existing is None and transaction.count(EXEMPTION, call.path.parent_id) >= MOST_EXEMPTIONS:
        raise InvalidInput("PolicyExemptionQuotaExceeded", f"A scope has at most {MOST_EXEMPTIONS} exemptions.")
    properties = {"assignmentScopeValidation": "Default", **body["properties"]}
    return {
        "properties": properties,
        "systemData": system_data(call.principal, context.clock.now(), existing),
    }


def listed(context: Context, call: Call) -> Answer:
    """Those of the scope, above it and below it; `$filter` chooses."""
    text = call.query.get("$filter")
    match = _FILTER.fullmatch(text) if text else None
    if text and match is None:
        raise InvalidInput(
            "InvalidFilter",
            "Exemptions are filtered by atScope(), atExactScope(), excludeExpired() or policyAssignmentId eq 'an id'.",
        )
    word, assignment_id = match.groups() if match else (None, None)
    at = (word or "").lower()
    if at == "atexactscope":
        found = context.state.list(EXEMPTION, call.path.parent_id)
    else:
        found = list(around(context, EXEMPTION, call.path.scope, below=at != "atscope"))
    if at == "excludeexpired":
        found = [each for each in found if not _is_expired(context, each)]
    if assignment_id is not None:
        wanted = folded(assignment_id)
        found = [each for each in found if folded(each.body["properties"]["policyAssignmentId"]) == wanted]
    return page_of(call, found, lambda each: shown(context, EXEMPTIONS, call, each))


def _is_expired(context: Context, document: Document) -> bool:
    expires = read_exemption(document.id, document.scope, document.body["properties"]).expires
    return expires is not None and expires <= context.clock.now()
