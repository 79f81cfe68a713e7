"""Reads declarations of columns, `(name:type, …)`, and the names of types."""

from vedette.kql.cursor import Cursor, accept, advance, expect, expect_closing, expected, failure, name, span_from
from vedette.kql.diagnostics import suggestion
from vedette.kql.syntax import ColumnDeclaration
from vedette.kql.types import ScalarType, type_named


def column_declarations(cursor: Cursor) -> tuple[ColumnDeclaration, ...]:
    """`(name:type, …)`."""
    opening = expect(cursor, "(", "before the columns")
    columns: list[ColumnDeclaration] = []
    while cursor.token.text != ")":
        columns.append(column_declaration(cursor))
        if not accept(cursor, ","):
            break
    expect_closing(cursor, ")", opening)
    return tuple(columns)


def column_declaration(cursor: Cursor) -> ColumnDeclaration:
    """`name:type`."""
    text, span = name(cursor, "a column's name")
    expect(cursor, ":", "and a type after the column's name")
    return ColumnDeclaration(text, type_name(cursor), span_from(cursor, span.start))


def type_name(cursor: Cursor) -> ScalarType:
    """The name of a scalar type."""
    token = cursor.token
    if token.kind != "name":
        raise expected(cursor, "a type such as string or long")
    found = type_named(token.text)
    if found is None:
        hint = suggestion(token.text, ScalarType.__members__)
        raise failure("SYN0011", f"There is no type '{token.text}'.", token.span, hint)
    advance(cursor)
    return found
