"""Remediations: what a policy deploys or modifies, for resources that are there already.

https://learn.microsoft.com/rest/api/policyinsights/remediations
"""

from typing import Any, Final

from vedette.access.scopes import covers
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import put, shown
from vedette.arm.odata import parse_filter
from vedette.arm.resource import Body
from vedette.core.acting import current_act
from vedette.core.errors import Conflict, InvalidInput
from vedette.core.instants import arm_time
from vedette.policy.effects import REMEDIABLE
from vedette.policy.use import Use
from vedette.sentinel.policies.catalog import assignment_uses
from vedette.sentinel.policies.resources import REMEDIATIONS
from vedette.sentinel.policies.row_queries import holds, top_of
from vedette.sentinel.policies.types import ASSIGNMENT, REMEDIATING, REMEDIATION
from vedette.sentinel.scope_documents import around, page_of
from vedette.state.documents import Document
from vedette.state.store import Transaction

Json = dict[str, Any]
DEPLOYMENT: Final = "Vedette/remediationDeployments"
"""What a remediation does for one resource."""

OVER: Final = frozenset({"Succeeded", "Failed", "Canceled", "Complete"})
_MODES: Final = {each.lower(): each for each in ("ExistingNonCompliant", "ReEvaluateCompliance")}
_MOST: Final = 50_000
_USUAL: Final = 500
_MOST_PARALLEL: Final = 30
_PARALLEL: Final = 10


def validate(context: Context, call: Call, body: Body) -> Body:
    """See `Validate`: its assignment is there, and its effect is one that can be carried out."""
    sent = {name.lower(): each for name, each in body["properties"].items()}
    assignment_id = sent.get("policyassignmentid")
    assignment = context.state.get(assignment_id) if isinstance(assignment_id, str) else None
    if assignment is None or assignment.type.lower() != ASSIGNMENT.lower():
        raise InvalidInput(
            "InvalidCreateRemediationRequest",
            f"The request to create remediation '{call.path.name}' is invalid: the policy assignment "
            f"'{str(assignment_id)[:300]}' could not be found.",
        )
    above, scope = assignment.id.rpartition("/providers/")[0], call.path.scope
    if not covers(above or "/", scope or "/") and not covers(scope or "/", above):
        raise _invalid(call, f"the policy assignment '{assignment.name}' does not concern '{scope}'")
    use_of(context, call.path.name, assignment, str(sent.get("policydefinitionreferenceid") or ""))
    mode = _MODES.get(str(sent.get("resourcediscoverymode") or "ExistingNonCompliant").lower())
    if mode is None:
        raise _invalid(call, "'resourceDiscoveryMode' is ExistingNonCompliant or ReEvaluateCompliance")
    count = _number(call, sent, "resourceCount", _USUAL, _MOST)
    parallel = _number(call, sent, "parallelDeployments", _PARALLEL, _MOST_PARALLEL)
    return {
        "properties": body["properties"]
        | {"resourceDiscoveryMode": mode, "resourceCount": count, "parallelDeployments": parallel}
    }


def use_of(context: Context, name: str, assignment: Document, reference: str) -> Use:
    """What a remediation carries out. Raises InvalidInput (InvalidCreateRemediationRequest)."""
    uses = assignment_uses(context, assignment)
    chosen = [each for each in uses if each.reference_id.lower() == reference.lower()]
    if len(uses) > 1 and not reference:
        raise InvalidInput(
            "InvalidCreateRemediationRequest",
            f"The request to create remediation '{name}' is invalid: the assignment is one of an initiative, so the "
            "'policyDefinitionReferenceId' of one of its definitions must be given.",
        )
    use = uses[0] if len(uses) == 1 and not reference else chosen[0] if chosen else None
    if use is None:
        raise InvalidInput(
            "InvalidCreateRemediationRequest",
            f"The request to create remediation '{name}' is invalid: there is no 'policyDefinitionReferenceId' "
            f"'{reference[:100]}' in the initiative.",
        )
    if use.effect not in REMEDIABLE:
        raise InvalidInput(
            "InvalidCreateRemediationRequest",
            f"The request to create remediation '{name}' is invalid: the policy effect '{use.effect}' cannot be "
            "remediated. There are deployIfNotExists and modify.",
        )
    return use


def _number(call: Call, sent: Json, name: str, usual: int, most: int) -> int:
    value = sent.get(name.lower())
    if value is None:
        return usual
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise _invalid(call, f"'{name}' is from 1 to {most}")
    return value


def _invalid(call: Call, what: str) -> InvalidInput:
    return InvalidInput(
        "InvalidCreateRemediationRequest", f"The request to create remediation '{call.path.name}' is invalid: {what}."
    )


def fill(context: Context, call: Call, transaction: Transaction, body: Body, existing: Document | None) -> Body:
    """See `Fill`: one that is over begins anew, one that goes on stays as it is."""
    if existing is not None and existing.body["properties"]["provisioningState"] not in OVER:
        raise Conflict(
            "InvalidUpdateRemediationRequest", f"The remediation '{existing.name}' is going on: cancel it, or wait."
        )
    if existing is not None:
        transaction.delete_all(transaction.list(DEPLOYMENT, existing.id))
    now, act = arm_time(context.clock.now(), "microseconds"), current_act()
    properties = body["properties"] | {
        "provisioningState": "Accepted",
        "createdOn": now,
        "lastUpdatedOn": now,
        "deploymentStatus": {"totalDeployments": 0, "successfulDeployments": 0, "failedDeployments": 0},
        "correlationId": (act.correlation_id if act else "") or context.new_id(),
    }
    operation = context.operations.record(transaction, REMEDIATING, call.path.id, {})
    return body | {"properties": properties, "operation": operation}


def begin(context: Context, call: Call) -> Answer:
    """PUT: the remediation, which is begun with it."""
    answer = put(context, REMEDIATIONS, call)
    document = context.state.get(call.path.id)
    if document is not None:
        context.operations.start(document.body["operation"])
    return answer


def show(_context: Context, _call: Call, document: Document) -> Body:
    """See `Show`."""
    return {name: each for name, each in document.body.items() if name != "operation"}


def cancel(context: Context, call: Call, document: Document) -> Answer:
    """POST `cancel`: no more deployments are begun."""
    if document.body["properties"]["provisioningState"] in OVER:
        raise InvalidInput(
            "InvalidCancelRemediationRequest", f"A completed remediation cannot be cancelled: '{document.name}'."
        )
    with context.state.transaction() as transaction:
        kept = transaction.get(document.id)
        if kept is not None:
            document = change(transaction, kept, {"provisioningState": "Canceling"})
    context.operations.cancel(document.body.get("operation", ""))
    return Answer(200, shown(context, REMEDIATIONS, call, document))


def remove(context: Context, call: Call) -> Answer:
    """DELETE: one that is over; the answer is what it was."""
    document = context.state.get(call.path.id)
    if document is None:
        return Answer(204)
    if document.body["properties"]["provisioningState"] not in OVER:
        raise InvalidInput(
            "InvalidDeleteRemediationRequest", f"The remediation '{document.name}' is going on: cancel it before."
        )
    with context.state.transaction() as transaction:
        transaction.delete(document.id)
        transaction.delete_below(document.id)
    return Answer(200, shown(context, REMEDIATIONS, call, document))


def listed(context: Context, call: Call) -> Answer:
    """Those at a scope and below it; `$filter` compares properties, such as `policyAssignmentId eq 'an id'`."""
    text, top = call.query.get("$filter"), top_of(call.query)
    condition = parse_filter(text) if text else None
    found = [
        each
        for each in around(context, REMEDIATION, call.path.scope, below=True)
        if covers(call.path.scope or "/", each.id) and (condition is None or holds(condition, each.body["properties"]))
    ]
    return page_of(call, found if top is None else found[:top], lambda each: shown(context, REMEDIATIONS, call, each))


def list_deployments(context: Context, call: Call, document: Document) -> Answer:
    """POST `listDeployments`."""
    top = top_of(call.query)
    found = context.state.list(DEPLOYMENT, document.id)
    return page_of(call, found if top is None else found[:top], lambda each: each.body)


def change(transaction: Transaction, document: Document, changes: Json) -> Document:
    """The remediation with other properties."""
    return transaction.change(document, document.body | {"properties": document.body["properties"] | changes})
