"""Values that a request gives to the parameters that its query declares.

https://learn.microsoft.com/kusto/query/query-parameters-statement
"""

from dataclasses import replace

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import KqlError
from vedette.kql.environment import Environment, RowScope
from vedette.kql.parser import parse_expression
from vedette.kql.types import NUMERIC, ScalarType

_QUOTES = ("'", '"', "@", "h'", 'h"', "```")


def parameter_value(binder: Binder, parameter: syntax.Parameter) -> plan.Expression:
    """The value of a declared parameter: the request's, as a literal in KQL (a string may go without quotes), or else
    the default. Raises KqlError."""
    given = binder.parameters.get(parameter.name)
    if given is None and parameter.default is None:
        binder.fail("SEM0202", f"The query parameter '{parameter.name}' has no value.", parameter.span)
    node = parameter.default if given is None else _literal(binder, parameter, given)
    assert node is not None
    value = binder.bind_scalar(binder, node, RowScope((), Environment()))
    if parameter.type is None or value.type is parameter.type:
        return value
    if value.type in NUMERIC and parameter.type in NUMERIC:
        return convert(value, parameter.type)
    if given is None:
        return value
    binder.fail(
        "SEM0202",
        f"The query parameter '{parameter.name}' is a {parameter.type.value}, and its value a {value.type.value}.",
        parameter.span,
    )


def _literal(binder: Binder, parameter: syntax.Parameter, text: str) -> syntax.Expression:
    if parameter.type is ScalarType.string and not text.lstrip().startswith(_QUOTES):
        return syntax.Literal(parameter.span, text, ScalarType.string)
    try:
        node = parse_expression(text)
    except KqlError:
        node = None
    if isinstance(node, syntax.Literal):
        return replace(node, span=parameter.span)
    if isinstance(node, syntax.Unary) and isinstance(node.operand, syntax.Literal):
        return replace(node, span=parameter.span, operand=replace(node.operand, span=parameter.span))
    binder.fail("SEM0202", f"The value of the query parameter '{parameter.name}' is not a literal.", parameter.span)
