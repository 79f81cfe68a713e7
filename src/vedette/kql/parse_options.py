"""Reads the options between an operator's name and its body: `kind=inner`, `hint.strategy=shuffle`."""

from collections.abc import Sequence

from vedette.kql.cursor import Cursor, accept, advance, ahead, expect, failure
from vedette.kql.diagnostics import suggestion
from vedette.kql.keywords import TRUTH
from vedette.kql.parse_operands import dotted_name, operand
from vedette.kql.syntax import Expression, Literal, Name
from vedette.kql.types import ScalarType


def options(
    cursor: Cursor, allowed: Sequence[str] = (), separator: str | None = None
) -> tuple[dict[str, Expression], dict[str, Expression]]:
    """The hints (without `hint.`) and the options of those names that stand here, with `separator` between them."""
    hints: dict[str, Expression] = {}
    given: dict[str, Expression] = {}
    while cursor.token.kind == "name":
        token = cursor.token
        if token.text == "hint" and ahead(cursor).text == ".":
            key = dotted_name(cursor, "a hint")
            expect(cursor, "=", "after a hint's name")
            hints[key.removeprefix("hint.")] = _value(cursor)
        elif ahead(cursor).text == "=" and (token.text in allowed or token.text.lower() in allowed):
            advance(cursor)
            advance(cursor)
            given[token.text.lower()] = _value(cursor)
        else:
            break
        if separator is not None and not accept(cursor, separator):
            break
    return hints, given


def _value(cursor: Cursor) -> Expression:
    """A constant or a name; a bracket behind the name is not a call's (`kind=inner (T)`)."""
    if cursor.token.kind != "name":
        return operand(cursor)
    token = advance(cursor)
    if token.text in TRUTH:
        return Literal(token.span, TRUTH[token.text], ScalarType.bool)
    return Name(token.span, token.text)


def refuse_unknown_option(cursor: Cursor, allowed: Sequence[str], operator: str) -> None:
    """Say so where `name =` stands in a place that no column can have."""
    token = cursor.token
    if token.kind == "name" and ahead(cursor).text == "=":
        hint = suggestion(token.text, allowed) or f"It has: {', '.join(allowed)}."
        raise failure("SYN0012", f"'{operator}' has no option '{token.text}'.", token.span, hint)


def name_value(value: Expression | None) -> str | None:
    """The text of an option's value that is a name or a text; None for no value."""
    if isinstance(value, Name):
        return value.name
    if isinstance(value, Literal):
        return str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
    return None
