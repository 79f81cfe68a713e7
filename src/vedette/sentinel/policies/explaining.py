"""Why a resource of the estate stands as it does with all that is assigned over it."""

from dataclasses import replace
from typing import Any

from vedette.access.scopes import folded
from vedette.arm.context import Context
from vedette.core.errors import NotFound
from vedette.policy.compliance import EXEMPT, Explanation, explained
from vedette.policy.telling import explanation_json
from vedette.sentinel.policies.engine import engine_of
from vedette.sentinel.policies.requests import is_exempt
from vedette.sentinel.policies.targets import facts_of, find_target, related


def explain(context: Context, id: str, assignment: str = "") -> dict[str, Any]:
    """`{resource, explanations}`, those only that are about the resource unless an assignment is named. Raises NotFound
    (ResourceNotFound, PolicyAssignmentNotFound)."""
    target = find_target(context, id)
    if target is None:
        raise NotFound("ResourceNotFound", f"The resource '{id}' was not found, or is of a type that has no states.")
    catalog, facts = engine_of(context).catalogs.now(), facts_of(context, target.id)
    uses = [each for each in catalog.uses if not assignment or folded(each.assignment.id) == folded(assignment)]
    if assignment and not uses:
        raise NotFound("PolicyAssignmentNotFound", f"The policy assignment '{assignment}' could not be found.")
    found: list[Explanation] = []
    for use in uses:
        each = explained(use, target, facts, lambda of, wanted: related(context, of, wanted))
        if each.state is not None and is_exempt(catalog.exemptions, use, target, facts):
            each = replace(each, state=EXEMPT, reason="an exemption stands for it")
        if assignment or each.state is not None:
            found.append(each)
    return {"resource": target.id, "explanations": [explanation_json(each) for each in found]}
