"""Whether a resource is compliant with a definition, and why; and what a request for it would meet.

https://learn.microsoft.com/azure/governance/policy/concepts/effect-basics#order-of-evaluation
https://learn.microsoft.com/azure/governance/policy/concepts/compliance-states
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vedette.arm.templates.context import Budget
from vedette.policy.applicability import may_apply
from vedette.policy.definition import INDEXED
from vedette.policy.effects import DISABLED, IF_NOT_EXISTS, Existence
from vedette.policy.errors import EvaluationFailed
from vedette.policy.evaluation import Told, holds, told
from vedette.policy.scene import Facts, Scene, computed
from vedette.policy.target import Target
from vedette.policy.use import Use

COMPLIANT: Final = "Compliant"
NON_COMPLIANT: Final = "NonCompliant"
EXEMPT: Final = "Exempt"
ERROR: Final = "Error"

_SUBSCRIPTION: Final = "microsoft.resources/subscriptions"
_GROUP: Final = "microsoft.resources/subscriptions/resourcegroups"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The resource that an effect asks for: a type, a name or "" for any, where its last part may be `?`; a group, ""
    for that of the resource; and whether all groups of the subscription are searched."""

    type: str
    name: str
    resource_group: str
    in_subscription: bool


Related = Callable[[Target, Wanted], Sequence[Target]]
"""The resources of a type that are there: below a resource, or where an effect says."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a use on a resource that it is about. `error` says why it could not be told."""

    use: Use
    effect: str
    state: str
    error: str = ""


def is_in_mode(use: Use, target: Target) -> bool:
    """Whether the mode of a definition takes a resource: Indexed takes those with tags and a location."""
    if use.definition.mode != INDEXED:
        return True
    return target.folded_type in (_SUBSCRIPTION, _GROUP) or "location" in target.body or "tags" in target.body


def scene_of(use: Use, target: Target, facts: Facts, budget: Budget | None = None) -> Scene:
    """What a rule sees of a resource; `budget` is what may still be computed for it."""
    return Scene(target, replace(facts, policy=use.ids), use.values, budget=budget or Budget())


def judged(use: Use, target: Target, facts: Facts, related: Related, budget: Budget | None = None) -> Judgement | None:
    """The state of a resource; None where the use is not about it."""
    effect = use.effect_on(target)
    if effect == DISABLED or not use.is_about(target) or not is_in_mode(use, target):
        return None
    scene = scene_of(use, target, facts, budget)
    condition = use.definition.condition
    try:
        if effect in IF_NOT_EXISTS:
            if not holds(condition, scene):
                return None
            return Judgement(use, effect, COMPLIANT if exists(use, scene, related) else NON_COMPLIANT)
        if holds(condition, scene):
            return Judgement(use, effect, NON_COMPLIANT)
        return Judgement(use, effect, COMPLIANT) if may_apply(condition, scene, use.definition.telling) else None
    except EvaluationFailed as error:
        return Judgement(use, effect, ERROR, error.message)


def exists(use: Use, scene: Scene, related: Related) -> bool:
    """Whether what an effect asks for is there. Raises EvaluationFailed."""
    existence = use.definition.details.existence
    assert existence is not None
    found = related(scene.target, wanted(existence, scene))
    if existence.condition is None:
        return bool(found)
    return any(holds(existence.condition, scene.of(each)) for each in found)


def wanted(existence: Existence, scene: Scene) -> Wanted:
    """What is looked for. Raises EvaluationFailed."""
    name = "" if existence.name is None else computed(existence.name, scene)
    group = "" if existence.resource_group is None else computed(existence.resource_group, scene)
    return Wanted(existence.type, str(name or ""), str(group or ""), existence.scope == "subscription")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource that an effect has found, and how its existence condition stands there."""

    id: str
    told: Told | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a resource stands as it does with a use. `state` is None where that is not about it, and `reason` says why;
    `wanted` and `candidates` are those of an effect that asks for another resource."""

    use: Use
    effect: str
    state: str | None
    reason: str
    rule: Told
    wanted: Wanted | None = None
    candidates: tuple[Candidate, ...] = ()


def explained(use: Use, target: Target, facts: Facts, related: Related) -> Explanation:
    """Why a resource stands as it does, condition by condition."""
    effect = use.effect_on(target)
    scene = scene_of(use, target, facts)
    rule = told(use.definition.condition, scene)
    apart = _apart(use, target, effect)
    if apart:
        return Explanation(use, effect, None, apart, rule)
    judgement = judged(use, target, facts, related)
    if effect not in IF_NOT_EXISTS or not rule.result:
        state, reason = (None, "the rule is not about it") if judgement is None else (judgement.state, judgement.error)
        return Explanation(use, effect, state, reason or _of_rule(rule, state), rule)
    existence = use.definition.details.existence
    assert existence is not None
    assert judgement is not None
    try:
        asked = wanted(existence, scene)
    except EvaluationFailed as error:
        return Explanation(use, effect, ERROR, error.message, rule)
    found = related(target, asked)
    condition = existence.condition
    candidates = tuple(
        Candidate(each.id, None if condition is None else told(condition, scene.of(each))) for each in found
    )
    return Explanation(
        use, effect, judgement.state, _of_existence(judgement, asked, candidates), rule, asked, candidates
    )


def _apart(use: Use, target: Target, effect: str) -> str:
    if effect == DISABLED:
        return "the effect is disabled"
    if not use.assignment.is_about(target.id):
        return "it is not in the scope of the assignment, or in one that is excluded"
    if not is_in_mode(use, target):
        return "the mode Indexed is about resources with tags and a location"
    if use.definition.types is not None and target.folded_type not in use.definition.types:
        return f"the rule is about {', '.join(sorted(use.definition.types))}"
    return "" if use.is_about(target) else "no resource selector of the assignment chooses it"


def _of_rule(rule: Told, state: str | None) -> str:
    return "the conditions of the rule hold" if state == NON_COMPLIANT else "the conditions of the rule do not hold"


def _of_existence(judgement: Judgement, asked: Wanted, candidates: tuple[Candidate, ...]) -> str:
    named = f"{asked.type} '{asked.name}'" if asked.name else asked.type
    if judgement.state == ERROR:
        return judgement.error
    if not candidates:
        return f"there is no {named}"
    if judgement.state == COMPLIANT:
        return f"there is a {named} as it must be"
    return f"of {len(candidates)} {named} none fulfils the existence condition"
