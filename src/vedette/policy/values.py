"""Values that a policy writes: JSON in which strings may be expressions, prepared once, computed on each resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from vedette.arm.templates.syntax import is_expression, plain, read
from vedette.expressions.errors import ExpressionError
from vedette.expressions.syntax import Calling, Expression, Literal, Selection
from vedette.policy.errors import invalid_rule
from vedette.policy.functions import NOT_ALLOWED, is_known

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is the same on every resource."""

    value: Any


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression, with its text."""

    text: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Items:
    """An array that has expressions in it."""

    items: "tuple[Value, ...]"


@dataclass(frozen=True, slots=True)
class Fields:
    """An object that has expressions in it."""

    fields: "tuple[tuple[Value, Value], ...]"


Value = Constant | Formula | Items | Fields


def read_value(value: Any) -> Value:
    """The value as it is to be computed. Raises InvalidInput (InvalidPolicyRule) for an expression that is none."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        items = tuple(read_value(each) for each in cast("list[Any]", value))
        if all(isinstance(each, Constant) for each in items):
            return Constant([cast("Constant", each).value for each in items])
        return Items(items)
    if isinstance(value, dict):
        fields = tuple((_string(name), read_value(each)) for name, each in cast("Json", value).items())
        if all(isinstance(name, Constant) and isinstance(each, Constant) for name, each in fields):
            return Constant({cast("Constant", name).value: cast("Constant", each).value for name, each in fields})
        return Fields(fields)
    return Constant(value)


def _string(text: str) -> Value:
    if not is_expression(text):
        return Constant(plain(text))
    try:
        expression = read(text)
    except ExpressionError as error:
        raise invalid_rule(error.message.rstrip(".")) from error
    check_calls(expression)
    return Formula(text, expression)


def check_calls(expression: Expression) -> None:
    """Return if every function that is called is one of policies. Raises InvalidInput (InvalidPolicyRule)."""
    waiting: list[Expression] = [expression]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Selection):
            waiting += (each.of, each.key)
        elif isinstance(each, Calling):
            if each.name.lower() in NOT_ALLOWED or each.name.lower().startswith("list"):
                raise invalid_rule(f"the template function '{each.name}' is not allowed in a policy rule")
            if not is_known(each.name):
                raise invalid_rule(f"the template function '{each.name}' is not valid")
            waiting += each.arguments


def called(value: Value, name: str) -> list[Calling]:
    """Every call of a function, by its folded name, in a value."""
    found: list[Calling] = []
    waiting: list[Value | Expression] = [value]
    while waiting:
        each = waiting.pop()
        match each:
            case Formula():
                waiting.append(each.expression)
            case Items():
                waiting += each.items
            case Fields():
                waiting += (part for pair in each.fields for part in pair)
            case Selection():
                waiting += (each.of, each.key)
            case Calling():
                if each.name.lower() == name:
                    found.append(each)
                waiting += each.arguments
            case _:
                pass
    return found


def named_parameters(value: Value) -> set[str]:
    """The folded names of the parameters that a value asks for by their names."""
    found: set[str] = set()
    for call in called(value, "parameters"):
        if len(call.arguments) == 1 and isinstance(call.arguments[0], Literal):
            found.add(str(call.arguments[0].value).lower())
    return found


def folded(values: Mapping[str, Any]) -> Json:
    """The mapping with its names in lower case."""
    return {name.lower(): each for name, each in values.items()}
