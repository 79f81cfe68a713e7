"""Parameters of definitions and initiatives, and the values that an assignment gives them.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-parameters
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.expressions.date_formats import parse_datetime
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import is_number
from vedette.policy.errors import invalid_definition, invalid_parameters
from vedette.policy.operators import equal
from vedette.policy.parameter_schema import mismatch
from vedette.policy.values import Json

_TYPES: Final = {
    each.lower(): each for each in ("String", "Array", "Object", "Boolean", "Integer", "Float", "DateTime")
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as it is defined; `type` by its published name, `allowed` is None where any value is."""

    name: str
    type: str
    has_default: bool
    default: Any
    allowed: tuple[Any, ...] | None
    schema: Any
    assign_permissions: bool


def read_parameters(value: Any, most: int) -> dict[str, Parameter]:
    """The parameters by folded name. Raises InvalidInput (InvalidPolicyDefinition, InvalidPolicyParameters)."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid_definition("'parameters' is an object")
    defined = cast("Json", value)
    if len(defined) > most:
        raise invalid_definition(f"there are {len(defined)} parameters, and at most {most}")
    found = {name.lower(): _read(name, each) for name, each in defined.items()}
    for each in found.values():
        if each.has_default:
            check(each, each.default, "its default value")
    return found


def _read(name: str, value: Any) -> Parameter:
    if not isinstance(value, dict):
        raise invalid_definition(f"the parameter '{name[:100]}' is an object with a 'type'")
    held = {key.lower(): each for key, each in cast("Json", value).items()}
    type = _TYPES.get(str(held.get("type", "")).lower())
    if type is None:
        raise invalid_definition(f"the type of the parameter '{name[:100]}' is one of {', '.join(_TYPES.values())}")
    allowed: Any = held.get("allowedvalues")
    if allowed is not None and not isinstance(allowed, list):
        raise invalid_definition(f"'allowedValues' of the parameter '{name[:100]}' is an array")
    metadata: Any = held.get("metadata")
    grants = bool(cast("Json", metadata).get("assignPermissions")) if isinstance(metadata, dict) else False
    has_default = held.get("defaultvalue") is not None
    return Parameter(
        name,
        type,
        has_default,
        held.get("defaultvalue"),
        tuple(cast("list[Any]", allowed)) if allowed is not None else None,
        held.get("schema"),
        grants,
    )


def check(parameter: Parameter, value: Any, what: str) -> None:
    """Return if a value is one that a parameter takes. Raises InvalidInput (InvalidPolicyParameters)."""
    if not _fits(parameter.type, value):
        raise invalid_parameters(
            f"The policy parameter '{parameter.name}' is of type '{parameter.type}', which {what} is not."
        )
    if parameter.allowed is not None:
        several = parameter.type == "Array" and isinstance(value, list)
        members: list[Any] = cast("list[Any]", value) if several else [value]
        whole = several and any(equal(value, each) for each in parameter.allowed)
        for each in () if whole else members:
            if not any(equal(each, one) for one in parameter.allowed):
                raise invalid_parameters(
                    f"The value '{str(each)[:100]}' is not allowed for the policy parameter '{parameter.name}'. The "
                    f"allowed values are '{', '.join(map(str, parameter.allowed))[:500]}'."
                )
    reason = mismatch(value, parameter.schema) if parameter.schema is not None else None
    if reason is not None:
        raise invalid_parameters(
            f"The value of the policy parameter '{parameter.name}' does not fit its schema: {reason}."
        )


def _fits(type: str, value: Any) -> bool:
    match type:
        case "String":
            return isinstance(value, str)
        case "Array":
            return isinstance(value, list)
        case "Object":
            return isinstance(value, dict)
        case "Boolean":
            return isinstance(value, bool) or str(value).lower() in ("true", "false")
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            return is_number(value)
        case _:
            return isinstance(value, str) and _is_instant(value)


def _is_instant(text: str) -> bool:
    try:
        parse_datetime(text)
    except ExpressionError:
        return False
    return True


def values_of(defined: Mapping[str, Parameter], given: Any, whose: str, *, of: str) -> Json:
    """The value of each parameter by folded name, given as `{name: {value}}` or left to its default. `whose` are the
    values, `of` what defines the parameters, both as messages name them.

    Raises InvalidInput (InvalidPolicyParameters, MissingPolicyParameter, UndefinedPolicyParameter).
    """
    sent = given_values(given)
    for name in sent:
        if name not in defined:
            raise invalid_parameters(
                f"{whose} has a value for the parameter '{name[:100]}', which is not defined in {of}."
            )
    missing = [each.name for name, each in defined.items() if name not in sent and not each.has_default]
    if missing:
        named = ", ".join(f"'{each}'" for each in missing)
        raise InvalidInput("MissingPolicyParameter", f"{whose} is missing the parameter(s) {named} as defined in {of}.")
    for name, value in sent.items():
        check(defined[name], value, "the value that is given")
    return {name: as_typed(each, sent.get(name, each.default)) for name, each in defined.items()}


def as_typed(parameter: Parameter, value: Any) -> Any:
    """A value as its type has it: a boolean that is written as a text is one."""
    if parameter.type == "Boolean" and isinstance(value, str):
        return value.lower() == "true"
    return value


def given_values(given: Any) -> Json:
    """`{name: {value}}` as values by folded name. Raises InvalidInput (InvalidPolicyParameters)."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise invalid_parameters("'parameters' is an object.")
    found: Json = {}
    for name, each in cast("Json", given).items():
        if not isinstance(each, dict) or "value" not in each:
            raise invalid_parameters(f"The parameter '{name[:100]}' has no 'value'.")
        found[name.lower()] = cast("Json", each)["value"]
    return found
