"""Reads what a function takes: `(a:long, b:string = "x", T:(c:long))`."""

from vedette.kql.cursor import Cursor, accept, advance, ahead, expect, expect_closing, expected, name, span_from
from vedette.kql.parse_columns import column_declarations, type_name
from vedette.kql.parse_expressions import expression
from vedette.kql.syntax import Parameter


def parameters(cursor: Cursor) -> tuple[Parameter, ...]:
    """A list of parameters in brackets, maybe empty."""
    opening = expect(cursor, "(", "before the parameters")
    found = () if cursor.token.text == ")" else _parameter_list(cursor)
    expect_closing(cursor, ")", opening)
    return found


def whole_parameters(cursor: Cursor) -> tuple[Parameter, ...]:
    """A text that is a list of parameters, in brackets or not, maybe empty."""
    if cursor.token.text == "(":
        found = parameters(cursor)
    else:
        found = () if cursor.token.kind == "end" else _parameter_list(cursor)
    if cursor.token.kind != "end":
        raise expected(cursor, "',' or the end of the parameters")
    return found


def _parameter_list(cursor: Cursor) -> tuple[Parameter, ...]:
    found = [_parameter(cursor)]
    while accept(cursor, ","):
        found.append(_parameter(cursor))
    return tuple(found)


def _parameter(cursor: Cursor) -> Parameter:
    given, span = name(cursor, "a parameter's name")
    expect(cursor, ":", "and a type after the parameter's name")
    if cursor.token.text == "(":
        columns = None
        if ahead(cursor).text == "*" and ahead(cursor, 2).text == ")":
            for _ in range(3):
                advance(cursor)
        else:
            columns = column_declarations(cursor)
        return Parameter(given, span_from(cursor, span.start), is_tabular=True, columns=columns)
    kind = type_name(cursor)
    default = expression(cursor) if accept(cursor, "=") else None
    return Parameter(given, span_from(cursor, span.start), kind, default)
