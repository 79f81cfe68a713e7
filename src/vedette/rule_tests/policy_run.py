"""What comes of a case of a policy: how the resource stands, and what a request for it would meet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from vedette.core.errors import InvalidInput, VedetteError
from vedette.policy.alone import Estate, used
from vedette.policy.changes import Change, changed, changes_of
from vedette.policy.compliance import ERROR, NON_COMPLIANT, Explanation, explained, is_in_mode, judged, scene_of
from vedette.policy.effects import CHANGING, DENY, DEPLOY_IF_NOT_EXISTS
from vedette.policy.errors import EvaluationFailed
from vedette.policy.evaluation import holds
from vedette.policy.target import Target
from vedette.policy.use import Use
from vedette.rule_tests.policy_case import PolicyCase
from vedette.rule_tests.policy_deployment import deployed
from vedette.rule_tests.policy_file import read_policy
from vedette.sentinel.policies.deploying import template_body

Json = dict[str, Any]
NOT_APPLICABLE = "NotApplicable"
_WORST = (ERROR, NON_COMPLIANT, "Compliant", NOT_APPLICABLE)


@dataclass(slots=True)
class PolicyOutcome:
    """`state` is that of the resource as it is written; `denials` are the messages of a request that is denied, `after`
    the resource as a request leaves it, `deployed` what is deployed then, of the bodies `deployments`."""

    target: Target
    state: str
    effects: tuple[str, ...]
    after: Target
    explanations: list[Explanation]
    denials: list[str] = field(default_factory=list[str])
    changes: list[Change] = field(default_factory=list[Change])
    deployments: list[Json] = field(default_factory=list[Json])
    deployed: list[Json] = field(default_factory=list[Json])
    error: str = ""


def uses_in(case: PolicyCase) -> list[Use]:
    """What the policy of a case uses. Raises InvalidInput."""
    definitions: Mapping[str, Any] = {_name_of(path): read_policy(path) for path in case.definitions}
    uses = used(read_policy(case.policy), case.parameters, definitions=definitions)
    chosen = [each for each in uses if not case.reference or each.reference_id.lower() == case.reference.lower()]
    if not chosen:
        raise InvalidInput("InvalidTest", f"The initiative has no reference '{case.reference}'.")
    return chosen


def _name_of(path: Path) -> str:
    """The name by which an initiative names the definition of a file: its own, or the file's."""
    content = read_policy(path)
    named: Any = cast("Json", content).get("name") if isinstance(content, dict) else None
    return str(named) if isinstance(named, str) else path.stem


def run_policy_case(case: PolicyCase, target: Target) -> PolicyOutcome:
    """What comes of one resource of a case. Raises InvalidInput where it cannot be run."""
    uses = uses_in(case)
    others = [each for each in case.targets if each.id != target.id]
    estate = Estate([*case.existing, *others, target], case.clock, case.subscription_tags, case.groups)
    facts = estate.facts(target, case.request)
    explanations = [explained(each, target, facts, estate.related) for each in uses]
    states = [each.state or NOT_APPLICABLE for each in explanations]
    outcome = PolicyOutcome(
        target,
        next(each for each in _WORST if each in states),
        tuple(each.effect for each in explanations),
        target,
        explanations,
    )
    for use in uses:
        _change(outcome, use, estate, case)
    for use in uses:
        _deny(outcome, use, estate, case)
    if not outcome.denials:
        for use in uses:
            _deploy(outcome, use, estate, case)
    return outcome


def _change(outcome: PolicyOutcome, use: Use, estate: Estate, case: PolicyCase) -> None:
    target, effect = outcome.after, use.effect_on(outcome.after)
    if effect not in CHANGING or not use.is_about(target) or not is_in_mode(use, target):
        return
    scene = scene_of(use, target, estate.facts(target, case.request))
    try:
        if not holds(use.definition.condition, scene):
            return
        changes, conflicts = changes_of(use, effect, scene)
    except EvaluationFailed as error:
        outcome.error = error.message
        return
    outcome.denials += [each.reason for each in conflicts]
    outcome.changes += changes
    outcome.after = Target(target.id, target.type, target.name, target.full_name, changed(target.body, changes))


def _deny(outcome: PolicyOutcome, use: Use, estate: Estate, case: PolicyCase) -> None:
    target = outcome.after
    if use.effect_on(target) != DENY or not use.is_about(target) or not is_in_mode(use, target):
        return
    scene = scene_of(use, target, estate.facts(target, case.request))
    try:
        if holds(use.definition.condition, scene):
            outcome.denials.append(use.definition.display_name or use.definition.name)
    except EvaluationFailed as error:
        outcome.error = error.message
        outcome.denials.append(error.message)


def _deploy(outcome: PolicyOutcome, use: Use, estate: Estate, case: PolicyCase) -> None:
    target = outcome.after
    if use.effect_on(target) != DEPLOY_IF_NOT_EXISTS:
        return
    facts = estate.facts(target, case.request)
    found = judged(use, target, facts, estate.related)
    if found is None or found.state != NON_COMPLIANT:
        outcome.error = found.error if found is not None and found.error else outcome.error
        return
    try:
        scope, body = template_body(use, scene_of(use, target, facts), facts.subscription["id"])
        outcome.deployments.append(
            {"scope": scope, "location": body.get("location"), **_parameters(body["properties"].get("parameters"))}
        )
        outcome.deployed += deployed(estate, target, scope, body)
    except EvaluationFailed as error:
        outcome.error = error.message
    except VedetteError as error:
        outcome.error = error.message


def _parameters(given: Any) -> Json:
    held = cast("Json", given) if isinstance(given, dict) else {}
    return {
        "parameters": {
            name: cast("Json", each).get("value") if isinstance(each, dict) else each for name, each in held.items()
        }
    }
