"""Compares answers with outputs as the documentation prints them: texts of cells, with numbers shortened, datetimes in
several forms, and rows left out where an ellipsis says so."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from tests.corpus.recorded import same

LOOSE = frozenset({"nondeterministic", "approximate_or_any", "render"})
"""Flags of examples whose values are not the same at each run: names and the number of rows are."""


def printed_verdict(case: dict[str, Any], columns: tuple[tuple[str, str], ...], rows: list[list[Any]]) -> str:
    """`equal`, or what differs first: names, count or rows."""
    flags = set(case.get("flags", ()))
    if [name for name, _ in columns] != case["expected_columns"]:
        return "names"
    expected: list[list[str]] = [row for row in case["expected_rows"] if not _is_ellipsis(row)]
    shortened = "ellipsis_row" in flags or "cell_ellipsis" in flags
    if not shortened and len(rows) != len(expected):
        return "count"
    if flags & LOOSE:
        return "equal"
    types = [type for _, type in columns]
    if not shortened and all(_same_row(ours, theirs, types) for ours, theirs in zip(rows, expected, strict=True)):
        return "equal"
    left = list(rows)
    for theirs in expected:
        found = next((ours for ours in left if _same_row(ours, theirs, types)), None)
        if found is None:
            return "rows"
        left.remove(found)
    return "equal"


def _is_ellipsis(row: Sequence[str]) -> bool:
    return all(cell.strip() in ("", "...", "…") for cell in row) and any(cell.strip() for cell in row)


def _same_row(ours: Sequence[Any], theirs: Sequence[str], types: Sequence[str]) -> bool:
    return len(ours) == len(theirs) and all(map(_same_cell, ours, theirs, types))


def _same_cell(ours: Any, theirs: str, type: str) -> bool:
    theirs = theirs.strip()
    if theirs in ("...", "…"):
        return True
    if ours is None or ours == "":
        return theirs in ("", "null")
    match type:
        case "bool":
            return theirs.lower() in (("true", "1") if ours else ("false", "0"))
        case "int" | "long":
            return theirs.replace(",", "") == str(ours)
        case "real" | "decimal":
            return _same_number(float(ours), theirs)
        case "datetime":
            return _datetime(theirs) == _datetime(ours)
        case "dynamic":
            return _same_dynamic(ours, theirs)
        case _:
            return _spaces(theirs) == _spaces(str(ours))


def _spaces(text: str) -> str:
    return " ".join(text.split())


def _same_number(ours: float, theirs: str) -> bool:
    """To the digits that are printed."""
    try:
        number = float(theirs.replace(",", "").replace("∞", "inf"))
    except ValueError:
        return False
    if ours == number or (math.isnan(ours) and math.isnan(number)):
        return True
    mantissa, _, exponent = theirs.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return abs(ours - number) <= 10.0 ** (int(exponent or 0) - digits) or math.isclose(ours, number, rel_tol=1e-9)


def _datetime(text: str) -> str:
    plain = text.replace("T", " ").removesuffix("Z")
    return re.sub(r"\.?0*$", "", plain) if "." in plain else plain


def _same_dynamic(ours: Any, theirs: str) -> bool:
    if isinstance(ours, str) and ours == theirs:
        return True
    if isinstance(ours, str) and _datetime(ours) == _datetime(theirs):
        return True
    try:
        return same(ours, json.loads(theirs))
    except ValueError:
        return _spaces(json.dumps(ours)) == _spaces(theirs)
