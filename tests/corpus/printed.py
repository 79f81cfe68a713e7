"""Compares answers with outputs as the documentation prints them: texts of cells, with numbers shortened, datetimes in
several forms, links and quotes around texts, and rows left out where an ellipsis says so."""

import json
import re
from collections.abc import Sequence
from typing import Any

from tests.corpus.printed_values import same_dynamic, same_number, without_zeros

LOOSE = frozenset({"nondeterministic", "approximate_or_any", "render"})
"""Flags of examples whose values are not the same at each run: names and the number of rows are."""

NO_ORDER = re.compile(r"\bgeo_\w+_neighbors\(|\bgeo_polygon_to_\w+cells\(|\bbuildschema\(")
"""Functions whose arrays have an order that is not defined."""

_MARKS = (re.compile(r"\[(.+)\]\(\1\)"), re.compile(r"<(\w+://[^>]+)>"), re.compile(r'"(.*)"', re.DOTALL))
"""What a page writes around a text: a link, angle brackets, quotes."""


def printed_verdict(case: dict[str, Any], columns: tuple[tuple[str, str], ...], rows: list[list[Any]]) -> str:
    """`equal`, or what differs first: names, count or rows."""
    flags = set(case.get("flags", ()))
    if not _same_names([name for name, _ in columns], case["expected_columns"], case["query"]):
        return "names"
    expected: list[list[str]] = [row for row in case["expected_rows"] if not _is_ellipsis(row)]
    shortened = "ellipsis_row" in flags or "cell_ellipsis" in flags
    if not shortened and len(rows) != len(expected):
        return "count"
    if flags & LOOSE:
        return "equal"
    types = [type for _, type in columns]
    is_ordered = NO_ORDER.search(case["query"]) is None

    def same_row(ours: Sequence[Any], theirs: Sequence[str]) -> bool:
        if len(ours) != len(theirs):
            return False
        return all(_same_cell(*cells, is_ordered) for cells in zip(ours, theirs, types, strict=True))

    if not shortened and all(map(same_row, rows, expected)):
        return "equal"
    left = list(rows)
    for theirs in expected:
        found = next((ours for ours in left if same_row(ours, theirs)), None)
        if found is None:
            return "rows"
        left.remove(found)
    return "equal"


def _same_names(ours: list[str], theirs: list[str], query: str) -> bool:
    """A page heads a single column with `result` where the query gives it no name; and it may write a name that the
    query gives in another case, or without an underscore."""
    given = [re.search(rf"(?<!\w){re.escape(name)}(?!\w)", query) is not None for name in ours]
    if theirs == ["result"] and given == [False]:
        return True
    return len(ours) == len(theirs) and all(
        one == other or (is_given and _letters(one) == _letters(other))
        for one, other, is_given in zip(ours, theirs, given, strict=True)
    )


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _is_ellipsis(row: Sequence[str]) -> bool:
    return all(cell.strip() in ("", "...", "…") for cell in row) and any(cell.strip() for cell in row)


def _same_cell(ours: Any, theirs: str, type: str, is_ordered: bool) -> bool:
    theirs = theirs.strip()
    if theirs in ("...", "…"):
        return True
    if ours is None or ours == "":
        return theirs in ("", "null", "(null)")
    match type:
        case "bool":
            return theirs.lower() in (("true", "1") if ours else ("false", "0"))
        case "int" | "long":
            return theirs.replace(",", "") == str(ours)
        case "real" | "decimal":
            return same_number(float(ours), theirs, least_digits=2)
        case "datetime":
            return without_zeros(theirs) == without_zeros(ours)
        case "dynamic":
            return same_dynamic(ours, theirs, is_ordered=is_ordered)
        case _:
            return _same_text(str(ours), theirs)


def _same_text(ours: str, theirs: str) -> bool:
    if _spaces(ours) == _spaces(theirs):
        return True
    if any((marked := mark.fullmatch(theirs)) and _spaces(ours) == _spaces(marked[1]) for mark in _MARKS):
        return True
    if ours[:1] not in ("{", "["):
        return False
    try:
        return same_dynamic(json.loads(ours), theirs, is_ordered=True)
    except ValueError:
        return False


def _spaces(text: str) -> str:
    return " ".join(text.split())
