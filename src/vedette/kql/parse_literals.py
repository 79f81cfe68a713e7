"""Reads constants: texts, numbers, `datetime(…)` and the like, and the JSON inside `dynamic(…)`."""

import math
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from vedette.kql import literals
from vedette.kql.cursor import (
    Cursor,
    SyntaxFailure,
    accept,
    advance,
    ahead,
    expect,
    expect_closing,
    expected,
    failure,
    shortened,
    span_from,
    string_value,
)
from vedette.kql.diagnostics import Span
from vedette.kql.keywords import TRUTH
from vedette.kql.lexer import Token
from vedette.kql.syntax import Literal
from vedette.kql.types import ScalarType, type_named

_PARSERS: dict[ScalarType, Callable[[str], Any]] = {
    ScalarType.bool: literals.parse_bool,
    ScalarType.int: literals.parse_int,
    ScalarType.long: literals.parse_long,
    ScalarType.real: literals.parse_real,
    ScalarType.decimal: literals.parse_decimal,
    ScalarType.datetime: literals.parse_datetime,
    ScalarType.timespan: literals.parse_timespan,
    ScalarType.guid: literals.parse_guid,
}
CONVERSIONS = {kind: "todouble" if kind is ScalarType.real else f"to{kind.value}" for kind in ScalarType}
"""The function that converts to a type."""

_EXAMPLES = {
    ScalarType.bool: "bool(true)",
    ScalarType.int: "int(5)",
    ScalarType.long: "long(5)",
    ScalarType.real: "real(1.5)",
    ScalarType.decimal: "decimal(1.5)",
    ScalarType.datetime: "datetime(2024-03-01 10:30)",
    ScalarType.timespan: "timespan(1.02:03:04)",
    ScalarType.guid: "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
}


def text_constant(cursor: Cursor) -> Literal:
    """One text, or several in a row, which are one: `"a" "b"` is `ab`."""
    first = advance(cursor)
    value = string_value(first)
    if cursor.token.kind != "string":
        return Literal(first.span, value, ScalarType.string)
    parts = [value]
    while cursor.token.kind == "string":
        parts.append(string_value(advance(cursor)))
    return Literal(span_from(cursor, first.start), "".join(parts), ScalarType.string)


def long_constant(token: Token) -> Literal:
    """`5`, `0x1F`."""
    value = literals.parse_long(token.text)
    if value is None:
        raise failure(
            "SYN0008",
            f"{shortened(token.text)} does not fit into a long (64 bits).",
            token.span,
            "Use real or decimal.",
        )
    return Literal(token.span, value, ScalarType.long)


def real_constant(token: Token) -> Literal:
    """`1.5`, `1e3`."""
    return Literal(token.span, float(token.text), ScalarType.real)


def timespan_constant(token: Token) -> Literal:
    """`1.5h`."""
    return _checked(literals.parse_timespan(token.text), token.text, ScalarType.timespan, token.span)


def typed_constant(token: Token) -> Literal:
    """`datetime(2024-01-01)`, `long(null)`, `guid("…")`."""
    word, _, rest = token.text.partition("(")
    kind = type_named(word.strip())
    if kind is None:
        raise failure("SYN0011", f"There is no type '{word.strip()}'.", token.span)
    inner = rest[:-1].strip()
    if inner[-1:] in ('"', "'"):
        inner = literals.unquote(inner) if "\\" not in inner else inner
    if inner in ("", "null"):
        return Literal(token.span, None, kind)
    return _checked(_PARSERS[kind](inner), inner, kind, token.span)


def _checked(value: Any, text: str, kind: ScalarType, span: Span) -> Literal:
    if value is None:
        hint = f"Write it as in {_EXAMPLES[kind]}; use {CONVERSIONS[kind]}(…) to convert a column."
        raise failure("SYN0008", f"'{shortened(text)}' is no {kind.value} constant.", span, hint)
    return Literal(span, value, kind)


CONSTANTS: dict[str, Callable[[Token], Literal]] = {
    "long": long_constant,
    "real": real_constant,
    "timespan": timespan_constant,
    "typed": typed_constant,
}
"""What reads a token of that kind, texts aside."""


def constant_value(cursor: Cursor) -> Literal:
    """One constant, as a datatable has them: with a sign or not."""
    token = cursor.token
    if token.kind == "string":
        return text_constant(cursor)
    if token.text == "dynamic":
        return dynamic_constant(cursor)
    if token.kind == "name" and token.text in TRUTH:
        advance(cursor)
        return Literal(token.span, TRUTH[token.text], ScalarType.bool)
    if token.text in ("-", "+") and ahead(cursor).kind in ("long", "real", "timespan"):
        advance(cursor)
        return signed_constant(token.text, token.start, advance(cursor))
    if token.kind in CONSTANTS:
        advance(cursor)
        return CONSTANTS[token.kind](token)
    raise expected(cursor, "a constant", "Values that are computed go into 'extend'.")


def signed_constant(sign: str, start: int, token: Token) -> Literal:
    """The number or timespan with its sign; the least long has no positive counterpart."""
    if sign == "-" and token.text == "9223372036854775808":
        return Literal(Span(start, token.end), -(2**63), ScalarType.long)
    literal = CONSTANTS[token.kind](token)
    value = -literal.value if sign == "-" else literal.value
    return Literal(Span(start, token.end), value, literal.type)


# --- dynamic -------------------------------------------------------------------------------------------------------


def dynamic_constant(cursor: Cursor) -> Literal:
    """`dynamic({…})`; the cursor stands at `dynamic`. Dates and the like inside are kept as Kusto's text for them."""
    start = advance(cursor).start
    opening = expect(cursor, "(", "after 'dynamic'")
    value = _json(cursor)
    expect_closing(cursor, ")", opening)
    return Literal(span_from(cursor, start), value, ScalarType.dynamic)


_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def _json(cursor: Cursor) -> Any:
    token = cursor.token
    if token.kind == "string":
        return text_constant(cursor).value
    if token.text == "{":
        return _object(cursor)
    if token.text == "[":
        return _array(cursor)
    if token.text in ("-", "+") and ahead(cursor).kind in ("long", "real", "timespan"):
        advance(cursor)
        return _plain(signed_constant(token.text, token.start, advance(cursor)))
    if token.kind in CONSTANTS:
        return _json_constant(advance(cursor))
    if token.kind == "name" and token.text in _WORDS:
        advance(cursor)
        return _WORDS[token.text]
    if token.text == "dynamic" and ahead(cursor).text == "(":
        return dynamic_constant(cursor).value
    raise _not_constant(cursor)


def _not_constant(cursor: Cursor) -> SyntaxFailure:
    if cursor.token.kind == "name":
        return expected(
            cursor, "a constant in dynamic(…)", "Use bag_pack(…), pack_array(…) or todynamic(…) for columns."
        )
    return expected(cursor, "a constant in dynamic(…)")


def _json_constant(token: Token) -> Any:
    if token.kind == "long" and literals.parse_long(token.text) is None:
        return float(token.text)
    return _plain(CONSTANTS[token.kind](token))


def _plain(constant: Literal) -> Any:
    """The constant as JSON has it."""
    value = constant.value
    if isinstance(value, datetime):
        return literals.format_datetime(value)
    if isinstance(value, int) and constant.type is ScalarType.timespan:
        return literals.format_timespan(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return str(value) if isinstance(value, Decimal) else value


def _array(cursor: Cursor) -> list[Any]:
    opening = advance(cursor)
    items: list[Any] = []
    if cursor.token.text != "]":
        items.append(_json(cursor))
        while accept(cursor, ","):
            items.append(_json(cursor))
    expect_closing(cursor, "]", opening)
    return items


def _object(cursor: Cursor) -> dict[str, Any]:
    opening = advance(cursor)
    members: dict[str, Any] = {}
    if cursor.token.text != "}":
        _add_member(cursor, members)
        while accept(cursor, ","):
            _add_member(cursor, members)
    expect_closing(cursor, "}", opening)
    return members


def _add_member(cursor: Cursor, members: dict[str, Any]) -> None:
    key = cursor.token
    if key.kind not in ("string", "name", "long"):
        raise expected(cursor, "a property's name in quotes")
    advance(cursor)
    expect(cursor, ":", "after a property's name")
    members[string_value(key) if key.kind == "string" else key.text] = _json(cursor)
