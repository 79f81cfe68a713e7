"""A policy definition: its mode, its parameters, and its rule.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-basics
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.policy.applicability import telling_fields
from vedette.policy.conditions import Condition, CountOf, FieldOf, ValueOf, tests_of, types_named
from vedette.policy.effects import (
    Details,
    check_details,
    effect_named,
    folded_object,
    read_details,
)
from vedette.policy.errors import invalid_definition, invalid_rule
from vedette.policy.limits import MOST_PARAMETERS
from vedette.policy.parameters import Parameter, read_parameters
from vedette.policy.reading import read_condition
from vedette.policy.values import Constant, Formula, Value, named_parameters, read_value

Json = dict[str, Any]
INDEXED: Final = "Indexed"
ALL: Final = "All"
_MODES: Final = {"indexed": INDEXED, "all": ALL}


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition that can be evaluated. `id` is the one it has in the API, or any name."""

    id: str
    name: str
    display_name: str
    category: str
    version: str
    mode: str
    parameters: dict[str, Parameter]
    condition: Condition
    effect: Value
    details: Details
    types: frozenset[str] | None
    """The only types, folded, that its rule can be about; None where it does not say."""
    telling: frozenset[str]
    """The fields by which it is told which resources have a state: see `applicability`."""


def read_definition(id: str, name: str, properties: Any) -> Definition:
    """The definition of these properties. Raises InvalidInput (InvalidPolicyDefinition, InvalidPolicyRule,
    EffectNotSupported, ModeNotSupported, UndefinedPolicyParameter, UnusedPolicyParameters)."""
    if not isinstance(properties, dict):
        raise invalid_definition("'properties' is an object")
    held = {key.lower(): each for key, each in cast("Json", properties).items()}
    mode = _mode(held.get("mode"))
    parameters = read_parameters(held.get("parameters"), MOST_PARAMETERS)
    if not isinstance(held.get("policyrule"), dict):
        raise invalid_definition("it has no 'policyRule'")
    rule = folded_object(held["policyrule"], "policyRule")
    unknown = rule.keys() - {"if", "then"}
    if unknown or len(rule) < 2:
        raise invalid_rule("a rule has 'if' and 'then'")
    then = folded_object(rule["then"], "then")
    condition = read_condition(rule["if"])
    effect = read_value(then.get("effect"))
    details = read_details(then.get("details"))
    _check_effect(effect, details, parameters)
    _check_parameters(name, parameters, condition, effect, details)
    metadata = cast("Json", held["metadata"]) if isinstance(held.get("metadata"), dict) else {}
    return Definition(
        id,
        name,
        str(held.get("displayname") or ""),
        str(metadata.get("category") or ""),
        str(held.get("version") or metadata.get("version") or ""),
        mode,
        parameters,
        condition,
        effect,
        details,
        types_named(condition),
        telling_fields(condition),
    )


def _mode(value: Any) -> str:
    text = str(value or INDEXED)
    mode = _MODES.get(text.lower())
    if mode is None:
        raise InvalidInput(
            "ModeNotSupported",
            f"The policy mode '{text[:100]}' is not served here: it is of a resource provider, which is not. There are "
            f"{INDEXED} and {ALL}.",
        )
    return mode


def _check_effect(effect: Value, details: Details, parameters: dict[str, Parameter]) -> None:
    if isinstance(effect, Constant):
        check_details(effect_named(effect.value), details)
        return
    if not isinstance(effect, Formula):
        raise invalid_rule("'effect' is the name of an effect")
    for name in named_parameters(effect):
        parameter = parameters.get(name)
        if parameter is None or effect.text.lower().replace(" ", "") != f"[parameters('{name}')]":
            continue
        for each in parameter.allowed or ((parameter.default,) if parameter.has_default else ()):
            check_details(effect_named(each), details)


def _check_parameters(
    name: str, parameters: dict[str, Parameter], condition: Condition, effect: Value, details: Details
) -> None:
    used = {each for value in (effect, *_values_of(condition, details)) for each in named_parameters(value)}
    undefined = sorted(used - parameters.keys())
    if undefined:
        raise InvalidInput(
            "UndefinedPolicyParameter",
            f"The policy '{name}' uses the parameters '{', '.join(undefined)}', which it does not define.",
        )


def _values_of(condition: Condition, details: Details) -> Iterator[Value]:
    """Every value of a rule in which a parameter can be asked for."""
    yield from condition_values(condition)
    for addition in details.additions:
        yield from (addition.field, addition.value)
    for operation in details.operations:
        yield from (operation.field, operation.value)
        if operation.condition is not None:
            yield operation.condition
    existence, deployment = details.existence, details.deployment
    if existence is not None:
        yield from (each for each in (existence.name, existence.resource_group) if each is not None)
        if existence.condition is not None:
            yield from condition_values(existence.condition)
    if deployment is not None:
        yield from (deployment.mode, deployment.parameters)
        if deployment.location is not None:
            yield deployment.location


def condition_values(condition: Condition) -> Iterator[Value]:
    """Every value that stands in a condition."""
    for test in tests_of(condition):
        yield test.expected
        match test.left:
            case FieldOf(name):
                yield name
            case ValueOf(value):
                yield value
            case CountOf(field, values, _, _):
                yield from (each for each in (field, values) if each is not None)
            case _:
                pass
