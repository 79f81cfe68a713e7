"""Choosing the overload of a call and making its arguments fit."""

from collections.abc import Mapping, Sequence

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import Span
from vedette.kql.functions.entry import NOT_CONSTANT, AggregateFunction, Function
from vedette.kql.functions.operators import FUNCTIONS
from vedette.kql.parser import parse_expression
from vedette.kql.signatures import Match, Parameter, choose, parse_parameters
from vedette.kql.types import ScalarType

_MOST_FORMS = 8

OPERATOR_ENTRIES: Mapping[str, tuple[Function, ...]] = {
    name: tuple(entry for entry in FUNCTIONS if entry.name == name) for name in {entry.name for entry in FUNCTIONS}
}
"""The entries of each operator."""


def apply_entries(
    binder: Binder, name: str, entries: Sequence[Function], arguments: Sequence[plan.Expression], span: Span
) -> plan.Expression:
    """The overload that fits, on converted arguments. Raises KqlError (SEM0061) where none fits."""
    chosen = choose(entries, arguments)
    if chosen is None:
        given = ", ".join(argument.type.value for argument in arguments)
        binder.fail("SEM0061", f"'{name}' cannot take ({given}).", span, f"It takes {_forms(entries, len(arguments))}.")
    entry, matched = chosen
    converted = convert_arguments(entry, matched, arguments)
    if entry.refuses is not None:
        wrong = entry.refuses(
            [value.value if isinstance(value, plan.Constant) else NOT_CONSTANT for value in converted]
        )
        if wrong is not None:
            binder.fail("SEM0062", f"'{name}': {wrong}", span)
    return plan.Apply(entry, converted, matched.returns)


def _forms(entries: Sequence[Function], count: int) -> str:
    """What the entries take: of many, those that take so many arguments."""
    near = [entry for entry in entries if len(parse_parameters(entry.params)) == count]
    return " or ".join(
        f"({entry.params})" for entry in (near if near and len(entries) > _MOST_FORMS else entries[:_MOST_FORMS])
    )


def convert_arguments(
    entry: Function | AggregateFunction, matched: Match, arguments: Sequence[plan.Expression]
) -> tuple[plan.Expression, ...]:
    """The arguments in the parameters' types, defaults added."""
    given = tuple(convert(argument, target) for argument, target in zip(arguments, matched.targets, strict=True))
    missing = parse_parameters(entry.params)[len(given) :]
    return given + tuple(_default(parameter, given) for parameter in missing if parameter.default is not None)


def _default(parameter: Parameter, given: Sequence[plan.Expression]) -> plan.Expression:
    literal = parse_expression(parameter.default or "")
    if isinstance(literal, syntax.Unary) and isinstance(literal.operand, syntax.Literal):
        constant = plan.Constant(-literal.operand.value, literal.operand.type)
    elif isinstance(literal, syntax.Literal):
        constant = plan.Constant(literal.value, literal.type)
    else:
        raise ValueError(f"the default of '{parameter.name}' is not a constant")
    if parameter.type in ("T", "N", "S") and given:
        return convert(constant, given[0].type)
    named = ScalarType.__members__.get(parameter.type)
    return convert(constant, named) if named is not None else constant


def positional(binder: Binder, argument: syntax.Argument) -> syntax.Expression:
    """The argument of a built-in function; a name before it says how the column is called and changes nothing."""
    return argument.value
