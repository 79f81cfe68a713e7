"""What the word at a place of a query means, for editors."""

from dataclasses import dataclass
from datetime import datetime

from vedette.kql.catalog import Catalog
from vedette.kql.diagnostics import Span
from vedette.kql.lexer import Token, tokenize
from vedette.kql.parse_pipes import OPERATORS
from vedette.kql.place import place_at
from vedette.kql.reference import Page, find

_MOST_COLUMNS = 30


@dataclass(frozen=True, slots=True)
class Hover:
    """What is told of the text at `span`: a heading in KQL's own words, and a text of Markdown."""

    span: Span
    heading: str
    text: str


def hover(text: str, offset: int, catalog: Catalog, *, now: datetime) -> Hover | None:
    """What is known of the word at a character offset; None where no word stands, or nothing is known of it."""
    tokens = tokenize(text)[0]
    index = next((i for i, token in enumerate(tokens) if token.start <= offset < token.end), None)
    if index is None or tokens[index].kind not in ("name", "typed", "symbol"):
        return None
    operator = _operator(tokens, index, text)
    if operator is not None:
        return _of_page(operator[1], find(operator[0]), ("operator",))
    token = tokens[index]
    if token.kind != "name":
        return None
    if tokens[index + 1].text == "(":
        stored = catalog.function(token.text)
        if stored is not None:
            return Hover(token.span, f"{stored.name}({stored.parameters})", "A function saved in this workspace.")
        return _of_page(token.span, find(token.text), ("aggregate function", "scalar function", "plugin", "refused"))
    return _of_name(text, token, catalog, now)


def _operator(tokens: list[Token], index: int, text: str) -> tuple[str, Span] | None:
    """The operator whose name the token is a part of: `mv` and `expand` in `| mv-expand`."""
    start = index
    while start > 0 and tokens[start - 1].end == tokens[start].start and tokens[start - 1].text != "|":
        start -= 1
    end = index
    while tokens[end + 1].start == tokens[end].end and tokens[end + 1].kind != "end":
        end += 1
    name = text[tokens[start].start : tokens[end].end]
    is_step = start > 0 and tokens[start - 1].text == "|"
    is_source = name in ("print", "range", "union", "search", "find")
    return (name, Span(tokens[start].start, tokens[end].end)) if name in OPERATORS and (is_step or is_source) else None


def _of_page(span: Span, pages: tuple[Page, ...], kinds: tuple[str, ...]) -> Hover | None:
    page = next((page for kind in kinds for page in pages if page.kind == kind), None)
    if page is None:
        return None
    heading = " | ".join(page.signatures) if page.signatures else page.name
    lines = [f"Not supported: {page.doc}" if page.kind == "refused" else page.doc]
    lines += [f"`{code}`" + (f" gives `{value}`" if value else "") for code, value in page.examples[:2]]
    return Hover(span, heading, "\n\n".join(lines))


def _of_name(text: str, token: Token, catalog: Catalog, now: datetime) -> Hover | None:
    place = place_at(text, token.end, catalog, now=now)
    column = dict(place.columns).get(token.text)
    if column is not None and place.position == "expression":
        return Hover(token.span, f"{token.text}: {column.value}", "A column.")
    variable = next((each for each in place.variables if each.name == token.text), None)
    if variable is not None:
        return Hover(token.span, token.text, "A let function." if variable.is_function else "A let variable.")
    table = catalog.table(token.text)
    if table is None:
        return None
    shown = "\n".join(f"* {each.name}: {each.type.value}" for each in table.columns[:_MOST_COLUMNS])
    more = len(table.columns) - _MOST_COLUMNS
    return Hover(token.span, f"{table.name}: a table", shown + (f"\n* … and {more} more" if more > 0 else ""))
