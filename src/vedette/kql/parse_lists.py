"""Reads what stands in lists: named values, sort keys, name patterns."""

from vedette.kql.cursor import Cursor, accept, advance, ahead, expect, expect_closing, name, reserved, span_from
from vedette.kql.diagnostics import Span
from vedette.kql.keywords import RESERVED
from vedette.kql.parse_expressions import expression
from vedette.kql.parse_operands import operand
from vedette.kql.syntax import Expression, Member, Named, Ordered, Wildcard


def items(cursor: Cursor) -> tuple[Expression, ...]:
    """One or more list items, separated by commas."""
    found = [item(cursor)]
    while accept(cursor, ","):
        found.append(item(cursor))
    return tuple(found)


def item(cursor: Cursor) -> Expression:
    """An expression, with a name or names before it (`a = x`, `(a, b) = x`) or not."""
    token = cursor.token
    if token.kind == "name":
        if ahead(cursor).text == "=":
            if token.text in RESERVED:
                raise reserved(token)
            advance(cursor)
            return _named(cursor, (token.text,), (token.span,), token.start)
    elif token.text == "[" and ahead(cursor, 3).text == "=":
        text, span = name(cursor, "a name")
        return _named(cursor, (text,), (span,), token.start)
    elif token.text == "(" and _are_names_given(cursor):
        advance(cursor)
        found = [name(cursor, "a name")]
        while accept(cursor, ","):
            found.append(name(cursor, "a name"))
        expect_closing(cursor, ")", token)
        return _named(cursor, tuple(text for text, _ in found), tuple(span for _, span in found), token.start)
    return expression(cursor)


def _named(cursor: Cursor, names: tuple[str, ...], spans: tuple[Span, ...], start: int) -> Named:
    expect(cursor, "=", "after the name")
    value = expression(cursor)
    return Named(Span(start, value.span.end), names, spans, value)


def _are_names_given(cursor: Cursor) -> bool:
    """Whether `(a, ['b c']) =` stands here."""
    index = cursor.index + 1
    tokens = cursor.tokens
    while tokens[index].kind in ("name", "string") or tokens[index].text in (",", "[", "]"):
        index += 1
    return tokens[index].text == ")" and tokens[index + 1].text == "="


def ordered_items(cursor: Cursor) -> tuple[Ordered, ...]:
    """Sort keys: `a desc, b asc nulls first`."""
    found = [ordered(cursor, item(cursor))]
    while accept(cursor, ","):
        found.append(ordered(cursor, item(cursor)))
    return tuple(found)


def ordered(cursor: Cursor, value: Expression) -> Ordered:
    """The value with the direction and place of nulls that follow it."""
    descending = nulls_first = None
    if cursor.token.text in ("asc", "desc") and cursor.token.kind == "name":
        descending = advance(cursor).text == "desc"
    if cursor.token.text == "nulls" and ahead(cursor).text in ("first", "last"):
        advance(cursor)
        nulls_first = advance(cursor).text == "first"
    return Ordered(span_from(cursor, value.span.start), value, descending, nulls_first)


def name_pattern(cursor: Cursor) -> Expression:
    """A name or a name pattern (`a*`, `*_s`, `*`), where a product cannot be meant; else an expression."""
    token = cursor.token
    following = ahead(cursor)
    if token.text != "*" and not (token.kind == "name" and following.text == "*" and following.start == token.end):
        return _with_pattern(cursor, operand(cursor))
    pattern = advance(cursor).text
    while cursor.token.start == cursor.tokens[cursor.index - 1].end and (
        cursor.token.text == "*" or cursor.token.kind in ("name", "long", "timespan")
    ):
        pattern += advance(cursor).text
    return Wildcard(span_from(cursor, token.start), pattern)


def _with_pattern(cursor: Cursor, value: Expression) -> Expression:
    """`database("d").T*`: the last member may be a pattern."""
    star = cursor.token
    if not isinstance(value, Member) or star.text != "*" or star.start != value.span.end:
        return value
    advance(cursor)
    name_span = Span(value.name_span.start, star.end)
    return Member(Span(value.span.start, star.end), value.base, f"{value.name}*", name_span)
