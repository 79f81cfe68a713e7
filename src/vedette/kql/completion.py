"""What may be written at a place of a query, for editors: read from the same entries that the compiler runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from vedette.kql.catalog import Catalog
from vedette.kql.diagnostics import Span
from vedette.kql.place import Place, place_at
from vedette.kql.reference import Page, pages

MOST = 200
"""How many completions are given."""

Kind = Literal["table", "column", "function", "aggregate", "operator", "plugin", "variable", "keyword"]

_SOURCE_OPERATORS = frozenset({"datatable", "externaldata", "find", "print", "range", "search", "union"})
_WORDS: dict[str, tuple[str, ...]] = {
    "join": (
        *("kind=inner", "kind=innerunique", "kind=leftouter", "kind=leftanti", "kind=leftsemi", "kind=fullouter"),
        "on",
    ),
    "lookup": ("kind=leftouter", "kind=inner", "on"),
    "sort": ("by", "asc", "desc", "nulls first", "nulls last"),
    "order": ("by", "asc", "desc", "nulls first", "nulls last"),
    "top": ("by", "asc", "desc"),
    "summarize": ("by",),
    "make-series": ("default=", "on", "from", "to", "step", "by"),
    "mv-expand": ("to typeof(", "with_itemindex=", "limit"),
    "mv-apply": ("to typeof(", "on"),
    "parse": ("kind=regex", "kind=relaxed", "with"),
    "parse-where": ("kind=regex", "kind=relaxed", "with"),
    "union": ("isfuzzy=true", "withsource=", "kind=inner", "kind=outer"),
    "render": (
        *(
            "timechart",
            "barchart",
            "columnchart",
            "piechart",
            "areachart",
            "linechart",
            "scatterchart",
            "table",
            "card",
        ),
        "with (",
    ),
    "range": ("from", "to", "step"),
    "evaluate": (),
}
"""The words that belong to an operator."""

_COMPARISONS = (
    *("and", "or", "==", "!=", "=~", "in", "!in", "in~", "has", "!has", "has_any", "has_all", "contains", "!contains"),
    *("startswith", "endswith", "matches regex", "between"),
)
_STEPS_OF_COLUMNS = frozenset({"project-away", "project-keep", "project-reorder", "distinct", "project-rename"})


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that may stand at the place: `text` replaces what is written at `span`. `detail` is a column's type or
    a function's parameters, `doc` a sentence."""

    text: str
    kind: Kind
    span: Span
    detail: str = ""
    doc: str = ""


def complete(text: str, offset: int, catalog: Catalog, *, now: datetime) -> tuple[Completion, ...]:
    """What may stand at a character offset, those first that begin with the word there; at most MOST."""
    place = place_at(text, offset, catalog, now=now)
    word = place.word.lower()
    found = {(each.kind, each.text): each for each in _candidates(place, catalog) if word in each.text.lower()}
    ordered = sorted(found.values(), key=lambda each: not each.text.lower().startswith(word))
    return tuple(ordered[:MOST])


def _candidates(place: Place, catalog: Catalog) -> Iterator[Completion]:
    if place.position == "source":
        yield from _sources(place, catalog)
    elif place.position == "operator":
        yield from _pages(place, "operator", leave=_SOURCE_OPERATORS - {"search", "union"})
    elif place.step == "evaluate" and place.previous == "evaluate":
        yield from _pages(place, "plugin")
    else:
        yield from _within(place)


def _sources(place: Place, catalog: Catalog) -> Iterator[Completion]:
    yield from _variables(place)
    for name in catalog.table_names():
        table = catalog.table(name) if place.word and name.lower().startswith(place.word.lower()) else None
        yield Completion(name, "table", place.span, f"{len(table.columns)} columns" if table is not None else "")
    for name in catalog.function_names():
        stored = catalog.function(name)
        yield Completion(name, "function", place.span, f"({stored.parameters})" if stored is not None else "")
    yield from (each for each in _pages(place, "operator") if each.text in _SOURCE_OPERATORS)


def _within(place: Place) -> Iterator[Completion]:
    for name, type in () if place.step == "render" else place.columns:
        yield Completion(_written(name), "column", place.span, type.value)
    yield from _variables(place)
    for word in _WORDS.get(place.step, ()):
        yield Completion(word, "keyword", place.span)
    if place.step in _STEPS_OF_COLUMNS or place.step == "render":
        return
    if place.step in ("summarize", "make-series"):
        yield from _pages(place, "aggregate function")
    yield from _pages(place, "scalar function")
    for operator in _COMPARISONS:
        yield Completion(operator, "keyword", place.span)


def _variables(place: Place) -> Iterator[Completion]:
    for variable in place.variables:
        yield Completion(variable.name, "function" if variable.is_function else "variable", place.span)


_KINDS: dict[str, Kind] = {
    "operator": "operator",
    "plugin": "plugin",
    "scalar function": "function",
    "aggregate function": "aggregate",
}


def _pages(place: Place, kind: str, leave: Iterable[str] = ()) -> Iterator[Completion]:
    for page in pages():
        if page.kind == kind and page.name not in leave:
            yield Completion(page.name, _KINDS[kind], place.span, _detail(page), page.doc)


def _detail(page: Page) -> str:
    signature = page.signatures[0] if page.signatures else ""
    return signature.removeprefix(page.name)


def _written(name: str) -> str:
    return name if name.isidentifier() else f"['{name}']"
