"""What differs between what came of a case of a policy and what it expects, in words; and why the policy did so."""

from collections.abc import Iterator
from typing import Any, cast

from vedette.expressions.values import property_of
from vedette.policy.aliases import steps_of
from vedette.policy.operators import equal
from vedette.policy.telling import explanation_json, lines_of, short
from vedette.rule_tests.failure import CaseFailed
from vedette.rule_tests.policy_case import PolicyCase
from vedette.rule_tests.policy_run import PolicyOutcome, run_policy_case

Json = dict[str, Any]


def policy_differences(case: PolicyCase, outcome: PolicyOutcome) -> list[str]:
    """A line for each thing that differs; none where all is as expected."""
    return [*_states(case, outcome), *_request(case, outcome), *_deployments(case, outcome)]


def _states(case: PolicyCase, outcome: PolicyOutcome) -> Iterator[str]:
    expect = case.expect
    if expect.state is not None and expect.state != outcome.state:
        yield f"the state is {outcome.state}; expected: {expect.state}"
    if expect.effect is not None and expect.effect.lower() not in [each.lower() for each in outcome.effects]:
        yield f"the effect is {', '.join(outcome.effects)}; expected: {expect.effect}"
    if expect.error is not None and expect.error not in outcome.error:
        yield f"the error is '{outcome.error}'; expected: '{expect.error}'"
    if expect.error is None and outcome.error:
        yield f"it cannot be evaluated: {outcome.error}"


def _request(case: PolicyCase, outcome: PolicyOutcome) -> Iterator[str]:
    expect = case.expect
    if expect.denied is True and not outcome.denials:
        yield "the request is not denied"
    if expect.denied is False and outcome.denials:
        yield f"the request is denied: {', '.join(outcome.denials)}"
    if isinstance(expect.denied, str) and not any(expect.denied in each for each in outcome.denials):
        yield f"the request is denied by: {', '.join(outcome.denials) or 'nothing'}; expected: '{expect.denied}'"
    if expect.changed is not None:
        yield from _changes(expect.changed, outcome)
    if expect.resource is not None:
        yield from (f"the resource after the request: {each}" for each in parts(expect.resource, _whole(outcome)))


def _whole(outcome: PolicyOutcome) -> Json:
    return {"type": outcome.after.type, "name": outcome.after.name, "id": outcome.after.id, **outcome.after.body}


def _changes(expected: Any, outcome: PolicyOutcome) -> Iterator[str]:
    if not expected and outcome.changes:
        told = ", ".join(f"{each.operation} {each.field} = {short(each.value)}" for each in outcome.changes)
        yield f"the request is changed: {told}"
    for path, wanted in expected.items():
        found = at(outcome.after.body, path)
        if not same(wanted, found):
            yield f"{path} is {short(found)} after the request; expected: {short(wanted)}"
        elif same(at(outcome.target.body, path), found):
            yield f"{path} was {short(found)} before the request already"


def at(body: Any, path: str) -> Any:
    """The value at a path such as `tags['a']` or `properties.rules[0].name`; None where there is none."""
    for step in steps_of(path):
        if isinstance(body, list):
            items = cast("list[Any]", body)
            body = items[int(step)] if step.isdigit() and int(step) < len(items) else None
        else:
            body = property_of(cast("Json", body), step)[1] if isinstance(body, dict) else None
    return body


def same(wanted: Any, found: Any) -> bool:
    """Whether a value is the expected one: texts in their letter case, nothing only as nothing."""
    if isinstance(wanted, str) or wanted is None or isinstance(wanted, bool):
        return type(wanted) is type(found) and wanted == found
    return equal(found, wanted)


def _deployments(case: PolicyCase, outcome: PolicyOutcome) -> Iterator[str]:
    expect = case.expect
    if expect.deploys is True and not outcome.deployments:
        yield "nothing is deployed"
    if expect.deploys is False and outcome.deployments:
        yield f"it deploys {_named(outcome.deployed)}"
    if isinstance(expect.deploys, list | tuple):
        yield from _resources(list(expect.deploys), outcome.deployed)
    if expect.deployment is not None:
        found = [list(parts(expect.deployment, each)) for each in outcome.deployments]
        if not found:
            yield "there is no deployment"
        elif all(found):
            yield from (f"the deployment: {each}" for each in min(found, key=len))


def _resources(expected: list[Any], found: list[Json]) -> Iterator[str]:
    left = list(found)
    for each in expected:
        fitting = next((one for one in left if not list(parts(each, one))), None)
        if fitting is not None:
            left.remove(fitting)
            continue
        nearest = min(left, key=lambda one: len(list(parts(each, one))), default=None)
        yield f"it does not deploy {short(each)}"
        if nearest is not None:
            yield from (f"  of {nearest['type']} '{nearest['name']}': {one}" for one in parts(each, nearest))
    if len(found) > len(expected):
        yield f"it also deploys {_named(left)}"


def _named(resources: list[Json]) -> str:
    return ", ".join(f"{each['type']} '{each['name']}'" for each in resources) or "nothing"


def parts(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """What of an expected part is not there: objects may have more, arrays may not. Types are told in any letter
    case."""
    if isinstance(expected, dict):
        held = cast("Json", found) if isinstance(found, dict) else {}
        for name, each in cast("Json", expected).items():
            place = f"{path}.{name}" if path else name
            there, value = property_of(held, name)
            if not there and each is not None:
                yield f"there is no {place}; expected: {short(each)}"
            else:
                yield from parts(each, value, place)
        return
    if isinstance(expected, list):
        items = cast("list[Any]", expected)
        others = cast("list[Any]", found) if isinstance(found, list) else None
        if others is None or len(others) != len(items):
            yield f"{path} is {short(found)}; expected: {short(expected)}"
            return
        for index, (one, other) in enumerate(zip(items, others, strict=True)):
            yield from parts(one, other, f"{path}[{index}]")
        return
    is_type = path.rpartition(".")[2].lower() == "type"
    if not (equal(found, expected) if is_type else same(expected, found)):
        yield f"{path} is {short(found)}; expected: {short(expected)}"


def check_policy(case: PolicyCase) -> None:
    """Run a case. Raises CaseFailed where something differs, InvalidInput where it cannot be run."""
    for target in case.targets:
        outcome = run_policy_case(case, target)
        told = policy_differences(case, outcome)
        if told:
            raise CaseFailed(policy_report(case, outcome, told))


def policy_report(case: PolicyCase, outcome: PolicyOutcome, told: list[str]) -> str:
    """The text of a case that failed: what differs, and every condition with what came of it."""
    lines = [
        f"{case.node.path}:{case.node.line}: {case.name}",
        f"policy: {case.policy}",
        f"resource: {outcome.target.id}",
        "",
        *(f"E   {each}" for each in told),
        "",
    ]
    for each in outcome.explanations:
        lines += lines_of(explanation_json(each))
    return "\n".join(lines)
