"""Reads statements: let, set, declare, alias, restrict, and the expression that gives the result."""

from vedette.kql.cursor import (
    Cursor,
    SyntaxFailure,
    accept,
    advance,
    ahead,
    expect,
    expect_closing,
    move_to,
    name,
    record,
    span_from,
)
from vedette.kql.diagnostics import Span
from vedette.kql.lexer import Token
from vedette.kql.parse_declarations import parameters
from vedette.kql.parse_lists import name_pattern
from vedette.kql.parse_operands import operand
from vedette.kql.parse_patterns import pattern
from vedette.kql.parse_pipes import pipe, unexpected_end
from vedette.kql.syntax import (
    Alias,
    DeclareParameters,
    Expression,
    ExpressionStatement,
    Lambda,
    Let,
    Query,
    Restrict,
    Set,
    Statement,
)


def statements(cursor: Cursor) -> Query:
    """Statements up to the end or to the `}` of the body they stand in; empty ones are passed over."""
    start = cursor.token.start
    found: list[Statement] = []
    while True:
        while accept(cursor, ";"):
            pass
        if cursor.token.kind == "end" or cursor.token.text == "}":
            return Query(span_from(cursor, start) if found else Span(start, start), tuple(found))
        first = cursor.index
        try:
            found.append(_statement(cursor))
            _expect_end(cursor)
        except SyntaxFailure as failed:
            move_to(cursor, _end_of_statement(cursor, first, cursor.index))
            record(cursor, failed)


def _statement(cursor: Cursor) -> Statement:
    token, following = cursor.token, ahead(cursor)
    if token.kind == "name" and (following.kind == "name" or following.text == "["):
        match token.text:
            case "let":
                return _let(cursor)
            case "set":
                return _set(cursor)
            case "declare" if following.text == "query_parameters":
                return _declare_parameters(cursor)
            case "declare" if following.text == "pattern":
                return pattern(cursor)
            case "alias" if following.text == "database":
                return _alias(cursor)
            case "restrict" if following.text == "access":
                return _restrict(cursor)
            case _:
                pass
    value = pipe(cursor)
    return ExpressionStatement(span_from(cursor, token.start), value)


def _expect_end(cursor: Cursor) -> None:
    if cursor.token.kind != "end" and cursor.token.text not in (";", "}"):
        raise unexpected_end(cursor)


def _let(cursor: Cursor) -> Let:
    start = advance(cursor).start
    given, span = name(cursor, "a name after 'let'")
    expect(cursor, "=", "after the name")
    value = _let_value(cursor)
    return Let(span_from(cursor, start), given, span, value)


def _let_value(cursor: Cursor) -> Expression:
    token = cursor.token
    if token.text == "view" and ahead(cursor).text == "(":
        advance(cursor)
        return _lambda(cursor, token, is_view=True)
    following = ahead(cursor)
    if token.text == "(" and (
        (following.text == ")" and ahead(cursor, 2).text == "{")
        or (following.kind == "name" and ahead(cursor, 2).text == ":")
        or (following.text == "[" and cursor.tokens[min(cursor.index + 4, len(cursor.tokens) - 1)].text == ":")
    ):
        return _lambda(cursor, token, is_view=False)
    return pipe(cursor)


def _lambda(cursor: Cursor, start: Token, *, is_view: bool) -> Lambda:
    taken = parameters(cursor)
    body = function_body(cursor)
    return Lambda(span_from(cursor, start.start), taken, body, is_view)


def function_body(cursor: Cursor) -> Query:
    """`{ statements }`."""
    opening = expect(cursor, "{", "and the function's body after its parameters")
    body = statements(cursor)
    expect_closing(cursor, "}", opening)
    return body


def _set(cursor: Cursor) -> Set:
    start = advance(cursor).start
    given, _ = name(cursor, "an option's name after 'set'")
    value = operand(cursor) if accept(cursor, "=") else None
    return Set(span_from(cursor, start), given, value)


def _declare_parameters(cursor: Cursor) -> DeclareParameters:
    start = advance(cursor).start
    advance(cursor)
    found = parameters(cursor)
    return DeclareParameters(span_from(cursor, start), found)


def _alias(cursor: Cursor) -> Alias:
    start = advance(cursor).start
    advance(cursor)
    given, _ = name(cursor, "a database's name")
    expect(cursor, "=", "after the name")
    value = operand(cursor)
    return Alias(span_from(cursor, start), given, value)


def _restrict(cursor: Cursor) -> Restrict:
    start = advance(cursor).start
    advance(cursor)
    expect(cursor, "to", "after 'restrict access'")
    opening = expect(cursor, "(", "after 'restrict access to'")
    names = [name_pattern(cursor)]
    while accept(cursor, ","):
        names.append(name_pattern(cursor))
    expect_closing(cursor, ")", opening)
    return Restrict(span_from(cursor, start), tuple(names))


_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def _end_of_statement(cursor: Cursor, first: int, failed: int) -> int:
    """The index of the `;` or `}` that ends the statement which begins at `first`.

    It stands at or after the token where reading failed. A `;` before `let` ends the statement even within round
    brackets that were never closed.
    """
    open_brackets: list[str] = []
    index = first
    tokens = cursor.tokens
    while tokens[index].kind != "end":
        token = tokens[index]
        if token.kind == "symbol":
            if token.text in _BRACKETS:
                open_brackets.append(token.text)
            elif token.text in (")", "]", "}"):
                if open_brackets:
                    open_brackets.pop()
                elif token.text == "}" and index >= failed:
                    return index
            elif token.text == ";" and index >= failed:
                is_outside = not open_brackets or ("{" not in open_brackets and tokens[index + 1].text == "let")
                if is_outside:
                    return index
        index += 1
    return index
