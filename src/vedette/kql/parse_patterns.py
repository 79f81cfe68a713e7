"""Reads `declare pattern`: a name, its arguments, and the tables that they are mapped to."""

from vedette.kql.cursor import Cursor, accept, advance, expect, expect_closing, name, span_from
from vedette.kql.parse_columns import type_name
from vedette.kql.parse_declarations import parameters
from vedette.kql.parse_literals import text_constant
from vedette.kql.syntax import DeclarePattern, Expression, Parameter, PatternCase


def pattern(cursor: Cursor) -> DeclarePattern:
    """`declare pattern name [= (arguments)[path:string] { (values).["path"] = { body }; … }]`."""
    start = advance(cursor).start
    advance(cursor)
    given, _ = name(cursor, "a pattern's name")
    if not accept(cursor, "="):
        return DeclarePattern(span_from(cursor, start), given, (), None, ())
    arguments = parameters(cursor)
    path = _path(cursor)
    opening = expect(cursor, "{", "before the pattern's cases")
    cases: list[PatternCase] = []
    while cursor.token.text == "(":
        cases.append(_case(cursor))
        while accept(cursor, ";"):
            pass
    expect_closing(cursor, "}", opening)
    return DeclarePattern(span_from(cursor, start), given, arguments, path, tuple(cases))


def _path(cursor: Cursor) -> Parameter | None:
    opening = cursor.token
    if not accept(cursor, "["):
        return None
    given, span = name(cursor, "the path's name")
    expect(cursor, ":", "before the path's type")
    kind = type_name(cursor)
    expect_closing(cursor, "]", opening)
    return Parameter(given, span, kind)


def _case(cursor: Cursor) -> PatternCase:
    opening = advance(cursor)
    values = [text_constant(cursor)]
    while accept(cursor, ","):
        values.append(text_constant(cursor))
    expect_closing(cursor, ")", opening)
    path: Expression | None = None
    if accept(cursor, "."):
        bracket = expect(cursor, "[", "before the path")
        path = text_constant(cursor)
        expect_closing(cursor, "]", bracket)
    expect(cursor, "=", "before the case's table")
    brace = expect(cursor, "{", "before the case's table")
    body = cursor.read_pipe(cursor)
    accept(cursor, ";")
    expect_closing(cursor, "}", brace)
    return PatternCase(span_from(cursor, opening.start), tuple(values), path, body)
