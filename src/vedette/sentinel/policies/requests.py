"""What policies make of a request that writes a resource: changed, refused, or let pass.

The order is Azure's: what changes the request, then what denies it.
https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics#order-of-evaluation
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from vedette.arm.call import Call
from vedette.arm.changes import merged
from vedette.arm.context import Context
from vedette.arm.envelope import received_body
from vedette.arm.resource import Resource
from vedette.policy.assignment import Exemption
from vedette.policy.changes import Change, changed, changes_of
from vedette.policy.compliance import is_in_mode, scene_of
from vedette.policy.effects import AUDIT, CHANGING, DENY, DISABLED, MODIFY
from vedette.policy.errors import EvaluationFailed
from vedette.policy.evaluation import holds, told
from vedette.policy.scene import Facts
from vedette.policy.target import Target
from vedette.policy.use import Use
from vedette.sentinel.policies.catalog import Catalog
from vedette.sentinel.policies.denial import Denial, disallowed
from vedette.sentinel.policies.targets import facts_of, is_evaluated, target_at

Json = dict[str, Any]


def requested(context: Context, catalog: Catalog, resource: Resource, call: Call) -> Call:
    """See `arm.policies.Policies.requested`."""
    if not is_evaluated(resource.type) or not isinstance(call.body, dict):
        return call
    whole = _whole(context, resource, call)
    if whole is None:
        return call
    target = target_at(call.path, resource.type, whole)
    uses = [each for each in catalog.of_type(target.folded_type) if _stands_over(each, target)]
    if not uses:
        return call
    facts = facts_of(context, target.id, {"apiVersion": call.query.get("api-version", "")}, f"{resource.type}/write")
    uses = [each for each in uses if not is_exempt(catalog.exemptions, each, target, facts)]
    made, changes = _changed(uses, target, facts)
    denials = [denial for each in uses if (denial := _denied(each, made, facts)) is not None]
    if denials:
        raise disallowed(target, denials)
    return replace(call, body=changed(call.body, changes)) if changes else call


def is_exempt(exemptions: Iterable[Exemption], use: Use, target: Target, facts: Facts) -> bool:
    """Whether a use is not held against a resource now."""
    return any(each.holds(use.assignment.id, use.reference_id, target, facts.now) for each in exemptions)


def _stands_over(use: Use, target: Target) -> bool:
    return use.assignment.is_enforced and use.is_about(target) and is_in_mode(use, target)


def _whole(context: Context, resource: Resource, call: Call) -> Json | None:
    """The body of the resource as the request would leave it; None for what is no body."""
    sent = received_body(call.body, frozenset())
    if call.method != "PATCH":
        return sent
    existing = context.state.get(call.path.id)
    return None if existing is None else merged(received_body(existing.body, resource.read_only), sent)


def _changed(uses: list[Use], target: Target, facts: Facts) -> tuple[Target, list[Change]]:
    """The resource with all changes, and the changes. Raises Forbidden where one cannot be made."""
    made: list[Change] = []
    denials: list[Denial] = []
    for use in uses:
        effect = use.effect_on(target)
        if effect not in CHANGING:
            continue
        scene = scene_of(use, target, facts)
        try:
            if not holds(use.definition.condition, scene):
                continue
            changes, conflicts = changes_of(use, effect, scene)
        except EvaluationFailed as error:
            if effect == MODIFY and use.definition.details.conflict in (AUDIT, DISABLED):
                continue
            denials.append(Denial(use, effect, told(use.definition.condition, scene), error.message))
            continue
        denials += [Denial(use, effect, told(use.definition.condition, scene), each.reason) for each in conflicts]
        if changes:
            made += changes
            target = replace(target, body=changed(target.body, changes))
    if denials:
        raise disallowed(target, denials)
    return target, made


def _denied(use: Use, target: Target, facts: Facts) -> Denial | None:
    if use.effect_on(target) != DENY:
        return None
    scene = scene_of(use, target, facts)
    try:
        if not holds(use.definition.condition, scene):
            return None
    except EvaluationFailed as error:  # a rule that cannot be evaluated denies
        return Denial(use, DENY, told(use.definition.condition, scene), error.message)
    return Denial(use, DENY, told(use.definition.condition, scene))
