"""Policy assignments, at any scope.

https://learn.microsoft.com/rest/api/policyauthorization/policy-assignments
"""

import re
from typing import Any, Final

from vedette.access.scopes import covers, folded
from vedette.arm.call import Answer, Call
from vedette.arm.changes import system_data
from vedette.arm.context import Context
from vedette.arm.controller import delete, put, shown
from vedette.arm.resource import Body
from vedette.core.errors import InvalidInput
from vedette.policy.effects import REMEDIABLE
from vedette.policy.limits import MOST_ASSIGNMENTS
from vedette.policy.use import Use
from vedette.sentinel.policies.catalog import uses_now
from vedette.sentinel.policies.resources import ASSIGNMENTS
from vedette.sentinel.policies.types import ASSIGNMENT
from vedette.sentinel.scope_documents import around, page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NAME: Final = re.compile(r"[^<>*%&:?/\\+#]{1,128}(?<![. ])")
_FILTER: Final = re.compile(r"\s*(?:(atScope|atExactScope)\(\)|policyDefinitionId\s+eq\s+'([^']*)')\s*", re.IGNORECASE)


def validate(context: Context, call: Call, body: Body) -> Body:
    """See `Validate`: what it assigns is there, at or above it, and has its values."""
    if _NAME.fullmatch(call.path.name) is None:
        raise InvalidInput(
            "InvalidPolicyAssignmentName",
            f"The name '{call.path.name[:128]}' has 1 to 128 characters, none of <>*%&:?/\\+#, and ends with no period "
            "or space.",
        )
    uses = list(uses_now(context, call.path.id, call.path.name, body))
    _check_home(call, str(body["properties"]["policyDefinitionId"]))
    _check_identity(call, body, uses)
    return body


def _check_home(call: Call, definition_id: str) -> None:
    home = definition_id.rpartition("/providers/")[0]
    if home and not covers(home, call.path.scope or "/"):
        raise InvalidInput(
            "PolicyDefinitionNotFound",
            f"The policy definition specified in policy assignment '{call.path.name}' is out of scope: "
            f"'{definition_id}'. Policy definitions should be specified only at or above the policy assignment scope.",
        )


def _check_identity(call: Call, body: Body, uses: list[Use]) -> None:
    identity: Any = body.get("identity")
    kind = str(identity.get("type", "None")) if isinstance(identity, dict) else "None"
    if kind.lower() != "none":
        if not body.get("location"):
            raise InvalidInput(
                "LocationRequired", "The location property is required for a policy assignment with an identity."
            )
        return
    acting = next((each for each in uses if each.effect in REMEDIABLE), None)
    if acting is not None:
        raise InvalidInput(
            "ResourceIdentityRequired",
            f"The 'identity' block must be specified for the policy assignment '{call.path.name}': the policy "
            f"definition '{acting.definition.name}' has the effect '{acting.effect}', which acts with it.",
        )


def fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """See `Fill`."""
    if existing is None and transaction.count(ASSIGNMENT, call.path.parent_id) >= MOST_ASSIGNMENTS:
        raise InvalidInput("PolicyAssignmentQuotaExceeded", f"A scope has at most {MOST_ASSIGNMENTS} assignments.")
    properties: Body = {
        "enforcementMode": "Default",
        "notScopes": [],
        "definitionVersion": "1.*.*",
        **body["properties"],
        "scope": call.path.scope or "/",
    }
    metadata: Any = properties.get("metadata")
    if metadata is None or isinstance(metadata, dict):
        properties["metadata"] = metadata or {}
    kept = {name: each for name, each in body.items() if name in ("identity", "location")}
    return kept | {
        "properties": properties,
        "systemData": system_data(call.principal, context.clock.now(), existing),
    }


def put_assignment(context: Context, call: Call) -> Answer:
    """201, whether it was there or not: clients take nothing else."""
    return Answer(201, put(context, ASSIGNMENTS, call).body)


def delete_assignment(context: Context, call: Call) -> Answer:
    """The assignment as it was."""
    document = context.state.get(call.path.id)
    answer = delete(context, ASSIGNMENTS, call)
    if document is None or answer.status != 200:
        return answer
    return Answer(200, shown(context, ASSIGNMENTS, call, document))


def listed(context: Context, call: Call) -> Answer:
    """Those of the scope, above it, and below it; `atScope()` leaves those below out, `atExactScope()` those above
    too."""
    text = call.query.get("$filter")
    match = _FILTER.fullmatch(text) if text else None
    if text and match is None:
        raise InvalidInput(
            "InvalidFilter", "Assignments are filtered by atScope(), atExactScope() or policyDefinitionId eq 'an id'."
        )
    word, definition_id = match.groups() if match else (None, None)
    at = (word or "").lower()
    scope = call.path.scope
    if at == "atexactscope":
        found = context.state.list(ASSIGNMENT, call.path.parent_id)
    else:
        found = list(around(context, ASSIGNMENT, scope, below=not at))
    if definition_id is not None:
        wanted = folded(definition_id)
        found = [each for each in found if folded(each.body["properties"]["policyDefinitionId"]) == wanted]
    return page_of(call, found, lambda each: shown(context, ASSIGNMENTS, call, each))
