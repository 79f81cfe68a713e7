"""Reads operands: names, calls, constants, bracketed expressions, `.name` and `[index]`, constant tables."""

import re

from vedette.kql.cursor import (
    Cursor,
    SyntaxFailure,
    accept,
    accept_word,
    advance,
    ahead,
    bracketed_name,
    check_height,
    expect,
    expect_closing,
    expected,
    failure,
    name,
    reserved,
    span_from,
    word,
)
from vedette.kql.diagnostics import Span
from vedette.kql.keywords import RESERVED, RESERVED_IN_EXPRESSIONS, TRUTH
from vedette.kql.lexer import Token
from vedette.kql.parse_columns import column_declarations
from vedette.kql.parse_literals import CONSTANTS, CONVERSIONS, constant_value, dynamic_constant, text_constant
from vedette.kql.syntax import (
    Argument,
    Call,
    DataTable,
    Expression,
    ExternalData,
    Index,
    Literal,
    Member,
    Name,
    Star,
    Unary,
)
from vedette.kql.types import ScalarType, type_named


def operand(cursor: Cursor) -> Expression:
    """A name, constant, call or bracketed expression, with what is attached to it: a sign, `.name`, `[index]`."""
    sign = cursor.token
    if sign.text not in ("-", "+"):
        return _attached(cursor, _primary(cursor))
    advance(cursor)
    if sign.text == "-" and cursor.token.text == "9223372036854775808":
        value: Expression = Literal(cursor.token.span, 2**63, ScalarType.long)  # refused later, with what it means
        advance(cursor)
    else:
        value = _attached(cursor, _primary(cursor))
    cursor.height += 1
    return Unary(Span(sign.start, value.span.end), sign.text, value)


def _primary(cursor: Cursor) -> Expression:
    token = cursor.token
    kind = token.kind
    if kind == "name":
        return _name_or_call(cursor)
    if kind == "string":
        return text_constant(cursor)
    constant = CONSTANTS.get(kind)
    if constant is not None:
        advance(cursor)
        return _now(token) if _NOW.fullmatch(token.text) else constant(token)
    if token.text == "(":
        return _bracketed(cursor)
    if token.text == "*":
        advance(cursor)
        return Star(token.span)
    if token.text == "[":
        return _quoted_name(cursor)
    if token.text == "." and ahead(cursor).kind == "long" and ahead(cursor).start == token.end:
        advance(cursor)
        return Literal(Span(token.start, cursor.token.end), float(f"0.{advance(cursor).text}"), ScalarType.real)
    raise expected(cursor, "an expression", _operator_hint(token))


_NOW = re.compile(r"datetime\s*\(\s*now\s*\)")


def _now(token: Token) -> Expression:
    """`datetime(now)`, which published rules write for `now()`."""
    return Call(token.span, "now", token.span, ())


def _operator_hint(token: Token) -> str | None:
    if token.text == "|":
        return "A pipe starts with a table, or with union, print, range, search or find."
    if token.text in ("==", "!="):
        return "Something to compare is missing before it."
    if token.text == "=":
        return "Use '==' to compare."
    return "Use 'not(…)'." if token.text.startswith("!") else None


def _quoted_name(cursor: Cursor) -> Expression:
    found = bracketed_name(cursor)
    if found is None:
        raise expected(cursor, "an expression", "A list of constants is dynamic([…]); a name with blanks is ['…'].")
    text, span = found
    return Name(span, text)


def _bracketed(cursor: Cursor) -> Expression:
    opening = advance(cursor)
    inner = cursor.read_pipe(cursor)
    expect_closing(cursor, ")", opening)
    return inner


def _name_or_call(cursor: Cursor) -> Expression:
    token = cursor.token
    if ahead(cursor).text != "(":
        if token.text in _OPERATOR_WORDS:
            raise expected(cursor, "an expression", f"Write ['{token.text}'] if a column is meant.")
        advance(cursor)
        if token.text in TRUTH:
            return Literal(token.span, TRUTH[token.text], ScalarType.bool)
        if token.text in RESERVED_IN_EXPRESSIONS:
            raise reserved(token)
        return Name(token.span, token.text)
    if token.text == "dynamic":
        return dynamic_constant(cursor)
    if token.text == "datatable":
        return _datatable(cursor)
    if token.text in ("externaldata", "external_data"):
        return _externaldata(cursor)
    if token.text in RESERVED:
        raise _reserved_call(token)
    return call(cursor)


def _reserved_call(token: Token) -> SyntaxFailure:
    kind = type_named(token.text)
    if kind is None:
        return failure("SYN0013", f"'{token.text}' is no function.", token.span, _operator_use(token.text))
    message = f"'{token.text}(…)' holds a constant, not an expression."
    return failure("SYN0008", message, token.span, f"Use {CONVERSIONS[kind]}(…) to convert.")


def _operator_use(word: str) -> str | None:
    return f"It is an operator: x {word} y." if word.startswith(("has", "contains", "startswith", "endswith")) else None


_OPERATOR_WORDS = frozenset({"and", "or", "between", "has", "contains", "in", "by"})


def call(cursor: Cursor, base: Expression | None = None) -> Call:
    """`name(arguments)`; the cursor stands at the name."""
    token = advance(cursor)
    opening = expect(cursor, "(", f"after '{token.text}'")
    arguments: list[Argument] = []
    if cursor.token.text != ")":
        read = _type_argument if token.text == "typeof" else _argument
        arguments.append(read(cursor))
        while accept(cursor, ","):
            arguments.append(read(cursor))
    expect_closing(cursor, ")", opening)
    cursor.height += 1
    start = token.start if base is None else base.span.start
    return Call(span_from(cursor, start), token.text, token.span, tuple(arguments), base)


def _argument(cursor: Cursor) -> Argument:
    if cursor.token.kind == "name" and ahead(cursor).text == "=":
        given = advance(cursor).text
        advance(cursor)
        return Argument(cursor.read_pipe(cursor), given)
    return Argument(cursor.read_pipe(cursor))


def _type_argument(cursor: Cursor) -> Argument:
    """In `typeof(…)`: a type, `*`, or `name:type`, whose name becomes the argument's."""
    if cursor.token.text == "*":
        return Argument(Star(advance(cursor).span))
    first = word(cursor, "a type such as string or long")
    if not accept(cursor, ":"):
        return Argument(Name(first.span, first.text))
    kind = word(cursor, "a type such as string or long")
    return Argument(Name(kind.span, kind.text), first.text)


def _attached(cursor: Cursor, base: Expression) -> Expression:
    while True:
        text = cursor.token.text
        if text == ".":
            base = _member(cursor, base)
        elif text == "[":
            base = _index(cursor, base)
        else:
            return base
        cursor.height += 1
        check_height(cursor.height, base.span)


def _member(cursor: Cursor, base: Expression) -> Expression:
    advance(cursor)
    token = cursor.token
    if token.kind == "name" and ahead(cursor).text == "(":
        return call(cursor, base)
    if token.text == "*":
        advance(cursor)
        return Member(span_from(cursor, base.span.start), base, "*", token.span)
    if token.text == "[" and ahead(cursor).kind != "string":
        return _index(cursor, base)
    if token.kind in ("long", "timespan"):
        advance(cursor)
        return Member(span_from(cursor, base.span.start), base, token.text, token.span)
    member, span = name(cursor, "a name after '.'")
    if token.text in RESERVED_IN_EXPRESSIONS:
        raise reserved(token)
    return Member(span_from(cursor, base.span.start), base, member, span)


def _index(cursor: Cursor, base: Expression) -> Expression:
    opening = advance(cursor)
    index = cursor.read_pipe(cursor)
    expect_closing(cursor, "]", opening)
    return Index(span_from(cursor, base.span.start), base, index)


# --- constant tables -----------------------------------------------------------------------------------------------


def _datatable(cursor: Cursor) -> Expression:
    start = advance(cursor).start
    columns = column_declarations(cursor)
    values = _constants(cursor)
    return DataTable(span_from(cursor, start), columns, values)


def _externaldata(cursor: Cursor) -> Expression:
    start = advance(cursor).start
    columns = column_declarations(cursor)
    uris = _uris(cursor)
    given = properties(cursor) if accept_word(cursor, "with") else {}
    return ExternalData(span_from(cursor, start), columns, uris, given)


def _constants(cursor: Cursor) -> tuple[Expression, ...]:
    """`[a, b, …]`, a comma at either end allowed."""
    opening = expect(cursor, "[", "before the values")
    accept(cursor, ",")
    values: list[Expression] = []
    while cursor.token.text != "]":
        values.append(constant_value(cursor))
        if not accept(cursor, ","):
            break
    expect_closing(cursor, "]", opening)
    return tuple(values)


def _uris(cursor: Cursor) -> tuple[Expression, ...]:
    opening = expect(cursor, "[", "before the addresses")
    values = [cursor.read_pipe(cursor)]
    while accept(cursor, ",") and cursor.token.text != "]":
        values.append(cursor.read_pipe(cursor))
    expect_closing(cursor, "]", opening)
    return tuple(values)


def properties(cursor: Cursor) -> dict[str, Expression]:
    """`(name = value, …)`. A list of names as value, `ycolumns = a, b`, becomes a dynamic constant."""
    return dict(repeated_properties(cursor))


def repeated_properties(cursor: Cursor) -> list[tuple[str, Expression]]:
    """`(name = value, …)` where a name may stand more than once."""
    opening = expect(cursor, "(", "after 'with'")
    given: list[tuple[str, Expression]] = []
    while cursor.token.text != ")":
        key = dotted_name(cursor, "a property's name")
        expect(cursor, "=", "after a property's name")
        given.append((key, property_value(cursor)))
        if not accept(cursor, ","):
            break
    expect_closing(cursor, ")", opening)
    return given


def dotted_name(cursor: Cursor, what: str) -> str:
    """A name with dots in it, such as `hint.strategy`."""
    text = word(cursor, what).text
    while cursor.token.text == "." and ahead(cursor).kind == "name":
        advance(cursor)
        text = f"{text}.{advance(cursor).text}"
    return text


def property_value(cursor: Cursor) -> Expression:
    """A property's value; names in a row, until one is followed by `=`, are a list."""
    if cursor.token.kind != "name" or ahead(cursor).text == "(":
        return operand(cursor)
    first = advance(cursor)
    if first.text in TRUTH:
        return Literal(first.span, TRUTH[first.text], ScalarType.bool)
    value = Name(first.span, first.text)
    names = [value.name]
    while cursor.token.text == "," and ahead(cursor).kind == "name" and ahead(cursor, 2).text not in ("=", "."):
        advance(cursor)
        names.append(advance(cursor).text)
    if len(names) == 1:
        return value
    return Literal(span_from(cursor, value.span.start), names, ScalarType.dynamic)
