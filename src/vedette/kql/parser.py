"""The parser's entry points: query, saved function, expression; texts in, syntax trees or findings out.

Findings have these codes:

* SYN0001 a character that has no meaning in KQL
* SYN0002 something else was expected here
* SYN0003 nothing to run: the text is empty, or only comments
* SYN0004 a text that is never closed
* SYN0005 no operator of that name after `|`
* SYN0006 a bracket that is never closed
* SYN0007 a bracket that was never opened
* SYN0008 a constant that cannot be read, such as `datetime(x)` or an unknown escape
* SYN0009 comparisons in a chain
* SYN0010 a management command (`.show tables`)
* SYN0011 no type of that name
* SYN0012 no option of that name
* SYN0013 a reserved word where a name is expected
* LIM0001 the text is too long
* LIM0002 the text is nested too deeply, or chains too many terms or operators
"""

from collections.abc import Callable
from typing import TypeVar

from vedette.kql.cursor import MOST_FINDINGS, Cursor, SyntaxFailure, expected, failure
from vedette.kql.diagnostics import Diagnostic, KqlError, Span, line_and_column
from vedette.kql.lexer import Token, tokenize
from vedette.kql.parse_declarations import whole_parameters
from vedette.kql.parse_pipes import pipe, steps
from vedette.kql.parse_statements import statements
from vedette.kql.syntax import Expression, Lambda, Query

MAX_LENGTH = 2**20
"""The longest text that is read, in characters."""

MAX_NESTING = 64
"""How many brackets may be open at once."""

_T = TypeVar("_T")


def parse_query(text: str) -> Query:
    """The syntax tree of a query. Raises KqlError with all findings."""
    return _parse(text, _whole_query)


def parse_function(parameters: str, body: str) -> Lambda:
    """The syntax tree of a saved function, whose parameters (`a:long, T:(*)`, or nothing) and body are kept apart.

    Spans in the parameters count from the start of the parameters' text, all others from the start of the body. Raises
    KqlError, whose text is the one at fault.
    """
    taken = _parse(parameters, whole_parameters)
    query = parse_query(body)
    return Lambda(query.span, taken, query)


def parse_expression(text: str) -> Expression:
    """The syntax tree of a single expression or pipe. Raises KqlError."""
    return _parse(text, _single_expression)


def _parse(text: str, read: Callable[[Cursor], _T]) -> _T:
    if len(text) > MAX_LENGTH:
        message = f"The query has {len(text)} characters; the limit is {MAX_LENGTH}."
        raise KqlError(text[:200], [Diagnostic("LIM0001", message, Span(0, 0))])
    tokens, unreadable = tokenize(text)
    too_deep = _nested_too_deeply(text, tokens)
    if too_deep is not None:
        raise KqlError(text, [too_deep])
    cursor = Cursor(text, tokens, pipe, steps, statements, tokens[0])
    tree: _T | None = None
    try:
        tree = read(cursor)
    except SyntaxFailure as failed:
        cursor.findings.append(failed.finding)
    except RecursionError:
        message = "The query is nested too deeply to be read here."
        cursor.findings.append(Diagnostic("LIM0002", message, cursor.token.span, "Use 'let' to name parts."))
    findings = _in_order(unreadable, cursor.findings)
    if findings or tree is None:
        raise KqlError(text, findings)
    return tree


def _whole_query(cursor: Cursor) -> Query:
    first = cursor.token
    if first.text == ".":
        raise failure("SYN0010", "Management commands, which start with '.', are not queries.", first.span)
    query = statements(cursor)
    if cursor.token.text == "}":
        raise failure("SYN0007", "This '}' closes no bracket.", cursor.token.span)
    if not query.statements and not cursor.findings:
        is_comment = bool(cursor.text.strip())
        message = "There is no query here, only comments." if is_comment else "The query is empty."
        raise failure("SYN0003", message, Span(0, 0), "Start with a table's name.")
    return query


def _single_expression(cursor: Cursor) -> Expression:
    value = pipe(cursor)
    if cursor.token.kind != "end":
        raise expected(cursor, "the end of the expression")
    return value


def _in_order(unreadable: list[Diagnostic], found: list[Diagnostic]) -> list[Diagnostic]:
    """All findings in text order, one a place; those after an unreadable place mostly follow from it: left out."""
    kept = [finding for finding in found if not unreadable or _is_independent(finding, unreadable[0])]
    by_place: dict[int, Diagnostic] = {}
    for finding in sorted([*unreadable, *kept], key=lambda finding: finding.span.start):
        by_place.setdefault(finding.span.start, finding)
    return list(by_place.values())[:MOST_FINDINGS]


def _is_independent(finding: Diagnostic, unreadable: Diagnostic) -> bool:
    """Whether it stands before the unreadable place; an unclosed bracket is only missed after it."""
    return finding.span.start < unreadable.span.start and finding.code != "SYN0006"


def _nested_too_deeply(text: str, tokens: list[Token]) -> Diagnostic | None:
    depth = 0
    for token in tokens:
        if token.kind != "symbol":
            continue
        if token.text in ("(", "[", "{"):
            depth += 1
            if depth > MAX_NESTING:
                line, _ = line_and_column(text, token.start)
                message = f"Brackets are nested too deeply (line {line}): the limit is {MAX_NESTING} levels."
                return Diagnostic("LIM0002", message, token.span, "Use 'let' to name parts.")
        elif token.text in (")", "]", "}"):
            depth -= 1
    return None
