"""Why a resource of the estate stands as it does with all that is assigned over it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from vedette.access.scopes import covers, folded
from vedette.arm.context import Context
from vedette.core.errors import NotFound
from vedette.policy.compliance import EXEMPT, Explanation, explained
from vedette.policy.target import Target
from vedette.policy.telling import explanation_json
from vedette.policy.use import Use
from vedette.sentinel.policies.engine import engine_of
from vedette.sentinel.policies.requests import is_exempt
from vedette.sentinel.policies.targets import facts_of, find_target, related

READ_ASSIGNMENT: Final = "Microsoft.Authorization/policyAssignments/read"
READ_STATES: Final = "Microsoft.PolicyInsights/policyStates/read"


def explain(context: Context, id: str, assignment: str, allows: Callable[[str, str], bool]) -> dict[str, Any]:
    """`{resource, explanations}`, those only that are about the resource unless an assignment is named.

    `allows` says whether the asker may do an action at an id: an assignment that is not over the resource must be
    theirs to read, and of resources beside it those are told whose states are. Raises NotFound (ResourceNotFound,
    PolicyAssignmentNotFound).
    """
    target = find_target(context, id)
    if target is None:
        raise NotFound("ResourceNotFound", f"The resource '{id}' was not found, or is of a type that has no states.")
    catalog, facts = engine_of(context).catalogs.now(), facts_of(context, target.id)
    uses = [each for each in catalog.uses if not assignment or folded(each.assignment.id) == folded(assignment)]
    uses = [each for each in uses if _is_over(each, target) or allows(READ_ASSIGNMENT, each.assignment.id)]
    if assignment and not uses:
        raise NotFound("PolicyAssignmentNotFound", f"The policy assignment '{assignment}' could not be found.")
    found: list[Explanation] = []
    for use in uses:
        each = explained(use, target, facts, lambda of, wanted: related(context, of, wanted))
        if each.state is not None and is_exempt(catalog.exemptions, use, target, facts):
            each = replace(each, state=EXEMPT, reason="an exemption stands for it")
        if assignment or each.state is not None:
            seen = tuple(one for one in each.candidates if allows(READ_STATES, one.id))
            found.append(replace(each, candidates=seen))
    return {"resource": target.id, "explanations": [explanation_json(each) for each in found]}


def _is_over(use: Use, target: Target) -> bool:
    """Whether the resource is in the scope of the assignment, be it excluded or not."""
    return covers(use.assignment.scope or "/", target.id)
