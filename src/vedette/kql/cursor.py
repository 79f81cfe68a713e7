"""The parser's place in the token list: looking ahead, expecting, remembering what was wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field

from vedette.kql.diagnostics import Diagnostic, Span, line_and_column, suggestion
from vedette.kql.keywords import RESERVED
from vedette.kql.lexer import PADDING, Token
from vedette.kql.literals import BadEscape, unquote
from vedette.kql.syntax import Expression, Query

MAX_HEIGHT = 250
"""How high the syntax tree may grow: brackets within brackets, steps of a pipe, terms of a sum."""


MOST_FINDINGS = 20
"""After how many findings reading ends."""


class SyntaxFailure(Exception):
    """Reading cannot go on here; the pipe or statement around it takes up the thread again."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(slots=True)
class Cursor:
    """Where the parser stands in `tokens`.

    `height` is the height of the tallest tree read since it was last reset; `reads_colon` says that `:` compares, as in
    search. `read_pipe`, `read_steps` and `read_body` are the rules of the grammar that expressions and operators
    lead back to: a pipe, the steps of a sub-query without source, and the statements of a function.
    """

    text: str
    tokens: list[Token]
    read_pipe: Callable[["Cursor"], Expression]
    read_steps: Callable[["Cursor"], Expression]
    read_body: Callable[["Cursor"], Query]
    token: Token
    index: int = 0
    height: int = 0
    reads_colon: bool = False
    findings: list[Diagnostic] = field(default_factory=list[Diagnostic])


def advance(cursor: Cursor) -> Token:
    """The current token, which is left behind; the end is never left."""
    token = cursor.token
    if token.kind != "end":
        cursor.index += 1
        cursor.token = cursor.tokens[cursor.index]
    return token


def move_to(cursor: Cursor, index: int) -> None:
    """Stand at the token of that index."""
    cursor.index = index
    cursor.token = cursor.tokens[index]


def ahead(cursor: Cursor, distance: int = 1) -> Token:
    """The token up to three places further on."""
    return cursor.tokens[cursor.index + distance]


def span_from(cursor: Cursor, start: int) -> Span:
    """From the offset to the end of the last token read."""
    return Span(start, cursor.tokens[cursor.index - 1].end if cursor.index else start)


def accept(cursor: Cursor, text: str) -> bool:
    """Step over that symbol or word if it stands here."""
    if cursor.token.text != text:
        return False
    advance(cursor)
    return True


def at_word(cursor: Cursor, word: str) -> bool:
    """Whether that soft keyword stands here, and not a column of that name being given a value."""
    return cursor.token.text == word and cursor.token.kind == "name" and ahead(cursor).text != "="


def accept_word(cursor: Cursor, word: str) -> bool:
    """Step over that soft keyword if it stands here."""
    if not at_word(cursor, word):
        return False
    advance(cursor)
    return True


def expect(cursor: Cursor, text: str, where: str) -> Token:
    """Step over that symbol or word; `where` ends the sentence `Expected 'x' …`."""
    if cursor.token.text != text:
        raise expected(cursor, f"'{text}' {where}")
    return advance(cursor)


def expect_closing(cursor: Cursor, closing: str, opening: Token) -> Token:
    """Step over the bracket that closes `opening`."""
    token = cursor.token
    if token.text == closing:
        return advance(cursor)
    if token.kind == "end" or token.text in (";", "}", ")", "]"):
        line, column = line_and_column(cursor.text, opening.start)
        message = f"The '{opening.text}' at {line}:{column} is never closed."
        raise failure("SYN0006", message, opening.span, f"A '{closing}' is missing.")
    raise expected(cursor, f"',' or '{closing}'", hint=_word_hint(token))


def failure(code: str, message: str, span: Span, hint: str | None = None) -> SyntaxFailure:
    """The exception for that finding."""
    return SyntaxFailure(Diagnostic(code, message, span, hint))


def expected(cursor: Cursor, what: str, hint: str | None = None, code: str = "SYN0002") -> SyntaxFailure:
    """The exception that says what should stand here and what does."""
    token = cursor.token
    return failure(code, f"Expected {what}, found {describe(token)}.", token.span, hint)


def describe(token: Token) -> str:
    """The token as an error message names it."""
    if token.kind == "end":
        return "the end of the query"
    shown = shortened(token.text)
    return shown if token.kind == "string" else f"'{shown}'"


def shortened(text: str) -> str:
    """The text as an error message has room for it."""
    return text if len(text) <= 40 else f"{text[:37]}…"


def record(cursor: Cursor, failed: SyntaxFailure) -> None:
    """Keep the finding; when there are enough of them, go to the end."""
    cursor.findings.append(failed.finding)
    if len(cursor.findings) >= MOST_FINDINGS:
        move_to(cursor, len(cursor.tokens) - 1 - PADDING)


def check_height(height: int, span: Span) -> None:
    """Refuse a tree higher than the limit."""
    if height > MAX_HEIGHT:
        message = f"This is nested or chained too deeply: the limit is {MAX_HEIGHT} levels."
        raise failure("LIM0002", message, span, "Use 'let' to name parts, or 'in (…)' in place of a long chain.")


_WORDS = ("and", "or", "contains", "startswith", "endswith", "has", "has_any", "has_all", "between", "matches", "in")


def _word_hint(token: Token) -> str | None:
    return suggestion(token.text, _WORDS) if token.kind == "name" else None


def name(cursor: Cursor, what: str) -> tuple[str, Span]:
    """A name, bare or as `['…']`; `what` ends the sentence `Expected …`."""
    from_bracket = bracketed_name(cursor)
    if from_bracket is not None:
        return from_bracket
    token = word(cursor, what)
    if token.text in RESERVED:
        raise reserved(token)
    return token.text, token.span


def word(cursor: Cursor, what: str) -> Token:
    """A bare name, which may be one of the reserved words."""
    if cursor.token.kind != "name":
        raise expected(cursor, what)
    return advance(cursor)


def reserved(token: Token) -> SyntaxFailure:
    """The exception for a word that cannot be a name as it stands."""
    message = f"The word '{token.text}' is reserved and cannot be a name as it stands."
    return failure("SYN0013", message, token.span, f"Write ['{token.text}'].")


def bracketed_name(cursor: Cursor) -> tuple[str, Span] | None:
    """A name in brackets, `['a b']`, if one stands here."""
    opening, text = cursor.token, ahead(cursor)
    if opening.text != "[" or text.kind != "string" or ahead(cursor, 2).text != "]":
        return None
    advance(cursor)
    value = string_value(advance(cursor))
    closing = advance(cursor)
    return value, Span(opening.start, closing.end)


def string_value(token: Token) -> str:
    """The value of a text constant."""
    try:
        return unquote(token.text)
    except BadEscape as bad:
        start = token.start + bad.offset
        raise failure(
            "SYN0008",
            f"'{bad.escape}' is not an escape.",
            Span(start, start + len(bad.escape)),
            f"Write '\\{bad.escape}', or put @ before the text: @\"…\".",
        ) from bad
