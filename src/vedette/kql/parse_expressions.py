"""Reads expressions: names, calls, constants, and operators by precedence.

From loosest to tightest, as Kusto binds them: `or`; `and`; `== != <> in between`; `< <= > >=`; `+ -`; `* / %`; the text
operators (`has`, `contains`, `=~` …); signs; `.name`, `[index]`. Comparisons and text operators do not chain.
"""

from vedette.kql.cursor import (
    Cursor,
    SyntaxFailure,
    accept,
    advance,
    check_height,
    expect,
    expect_closing,
    expected,
    failure,
    span_from,
)
from vedette.kql.diagnostics import Span
from vedette.kql.lexer import Token
from vedette.kql.parse_operands import operand
from vedette.kql.syntax import Between, Binary, Expression, InList

_OR, _AND, _EQUALITY, _RELATIONAL, ADDITIVE, _MULTIPLICATIVE, _TEXT = range(1, 8)
_DO_NOT_CHAIN = (_EQUALITY, _RELATIONAL, _TEXT)

_TEXT_WORDS = (
    *("has", "hasprefix", "hassuffix", "contains", "startswith", "endswith"),
    *("has_cs", "hasprefix_cs", "hassuffix_cs", "contains_cs", "startswith_cs", "endswith_cs"),
)
_LIST_OPERATORS = frozenset({"in", "!in", "in~", "!in~", "has_any", "has_all"})
_LEVELS: dict[str, int] = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("==", "!=", "<>", "between", "!between", *_LIST_OPERATORS), _EQUALITY),
    **dict.fromkeys(("<", "<=", ">", ">="), _RELATIONAL),
    **dict.fromkeys("+-", ADDITIVE),
    **dict.fromkeys("*/%", _MULTIPLICATIVE),
    **dict.fromkeys(("=~", "!~", "matches", "like", "notlike", "likecs", "notlikecs"), _TEXT),
    **dict.fromkeys(_TEXT_WORDS, _TEXT),
    **dict.fromkeys((f"!{word}" for word in _TEXT_WORDS), _TEXT),
}


def expression(cursor: Cursor, loosest: int = _OR) -> Expression:
    """An expression whose operators bind at least as tightly as `loosest`; the text goes on behind it."""
    outer = cursor.height
    operands: list[Expression] = []
    heights: list[int] = []
    operators: list[tuple[Token, int]] = []
    while True:
        cursor.height = 0
        operands.append(operand(cursor))
        heights.append(cursor.height + 1)
        level = _level(cursor)
        _reduce(cursor, operands, heights, operators, max(level, loosest))
        if level < loosest:
            break
        if level == _EQUALITY and _apply_bracketed(cursor, operands, heights):
            level = _level(cursor)
            if level == _EQUALITY:
                raise _chained(cursor.token)
            _reduce(cursor, operands, heights, operators, max(level, loosest))
            if level < loosest:
                break
        operators.append((_operator(cursor), level))
    check_height(heights[0], operands[0].span)
    cursor.height = max(outer, heights[0])
    return operands[0]


def _level(cursor: Cursor) -> int:
    token = cursor.token
    if token.kind not in ("symbol", "name"):
        return 0
    if token.text == ":" and cursor.reads_colon:
        return _TEXT
    return _LEVELS.get(token.text, 0)


def _operator(cursor: Cursor) -> Token:
    token = advance(cursor)
    if token.text == "matches":
        regex = expect(cursor, "regex", "after 'matches'")
        return Token("name", "matches regex", token.start, regex.end)
    return token


def _reduce(
    cursor: Cursor, operands: list[Expression], heights: list[int], operators: list[tuple[Token, int]], level: int
) -> None:
    """Join the operands of all pending operators that bind as tightly as `level` or more."""
    while operators and operators[-1][1] >= level:
        token, pending = operators[-1]
        if pending in (_OR, _AND):
            if pending == level and _level(cursor) == level:
                return  # the chain goes on; it is joined as a whole
            _join_chain(operands, heights, operators, pending)
            continue
        if pending == level and pending in _DO_NOT_CHAIN and _level(cursor) == level:
            raise _chained(cursor.token)
        operators.pop()
        right, left = operands.pop(), operands.pop()
        symbol = "!=" if token.text == "<>" else token.text
        operands.append(Binary(Span(left.span.start, right.span.end), symbol, token.span, left, right))
        height = max(heights.pop(), heights.pop()) + 1
        check_height(height, token.span)
        heights.append(height)


def _join_chain(operands: list[Expression], heights: list[int], operators: list[tuple[Token, int]], level: int) -> None:
    """`a and b and c …` as a balanced tree, so that a thousand terms are ten levels high."""
    count = 1
    while count <= len(operators) and operators[-count][1] == level:
        count += 1
    terms, term_heights = operands[-count:], heights[-count:]
    signs = [token for token, _ in operators[1 - count :]]
    del operands[-count:], heights[-count:], operators[1 - count :]
    operands.append(_balanced(terms, signs))
    heights.append(max(term_heights) + (count - 1).bit_length())


def _balanced(terms: list[Expression], signs: list[Token]) -> Expression:
    if len(terms) == 1:
        return terms[0]
    middle = (len(terms) + 1) // 2
    left, right = _balanced(terms[:middle], signs[: middle - 1]), _balanced(terms[middle:], signs[middle:])
    sign = signs[middle - 1]
    return Binary(Span(left.span.start, right.span.end), sign.text, sign.span, left, right)


def _chained(token: Token) -> SyntaxFailure:
    message = f"Comparisons do not chain: '{token.text}' follows another one."
    return failure("SYN0009", message, token.span, "Use 'and', or brackets.")


def _apply_bracketed(cursor: Cursor, operands: list[Expression], heights: list[int]) -> bool:
    """`in (…)`, `has_any (…)`, `between (… .. …)`: their right side is no expression of its own."""
    token = cursor.token
    if token.text in _LIST_OPERATORS:
        advance(cursor)
        left = operands.pop()
        cursor.height = 0
        items = _items(cursor, token.text)
        operands.append(InList(span_from(cursor, left.span.start), token.text, token.span, left, items))
    elif token.text in ("between", "!between"):
        advance(cursor)
        left = operands.pop()
        cursor.height = 0
        low, high = _bounds(cursor, token.text)
        span = span_from(cursor, left.span.start)
        operands.append(Between(span, left, low, high, token.text == "!between"))
    else:
        return False
    heights[-1] = max(heights[-1], cursor.height) + 1
    return True


def _items(cursor: Cursor, operator: str) -> tuple[Expression, ...]:
    if cursor.token.text != "(":
        raise expected(cursor, f"'(' after '{operator}'", f"Write it as in: x {operator} (1, 2).")
    opening = advance(cursor)
    items = [cursor.read_pipe(cursor)]
    while accept(cursor, ","):
        items.append(cursor.read_pipe(cursor))
    expect_closing(cursor, ")", opening)
    return tuple(items)


def _bounds(cursor: Cursor, operator: str) -> tuple[Expression, Expression]:
    opening = expect(cursor, "(", f"after '{operator}'")
    low = expression(cursor)
    if not accept(cursor, ".."):
        raise expected(cursor, "'..' between the two bounds", "Write it as in: x between (1 .. 5).")
    high = expression(cursor)
    expect_closing(cursor, ")", opening)
    return low, high
