"""Whether a column, or any column, holds a term that `search` or `find` looks for."""

import re
from collections.abc import Iterable

from vedette.kql import plan
from vedette.kql.binder import Binder
from vedette.kql.conversion import as_text
from vedette.kql.diagnostics import Span
from vedette.kql.functions.library import scalar_functions
from vedette.kql.overloads import OPERATOR_ENTRIES, apply_entries
from vedette.kql.types import ScalarType

_TEXTS = frozenset({ScalarType.string, ScalarType.dynamic})
_CHARACTERS = {
    ScalarType.bool: "truefalse",
    ScalarType.int: "-0123456789",
    ScalarType.long: "-0123456789",
    ScalarType.real: "+-.e0123456789nainfity",
    ScalarType.decimal: "-.0123456789",
    ScalarType.datetime: "-:.tz0123456789",
    ScalarType.timespan: "-:.0123456789",
    ScalarType.guid: "-0123456789abcdef",
}
"""The characters that the text of a value can have."""


def in_any_column(
    binder: Binder, columns: Iterable[plan.Field], operator: str, term: str, span: Span, *, cased: bool
) -> plan.Expression:
    """Whether one of the columns holds the term; columns whose values cannot be such a text are not looked at."""
    if not term.strip("*"):
        return plan.Constant(True, ScalarType.bool)
    tests = tuple(
        in_column(binder, plan.Reference(column), operator, term, span, cased=cased)
        for column in columns
        if column.type in _TEXTS or set(term.lower()) <= set(_CHARACTERS[column.type] + "*")
    )
    if not tests:
        return plan.Constant(False, ScalarType.bool)
    return tests[0] if len(tests) == 1 else plan.Logical("or", tests)


def in_column(
    binder: Binder, column: plan.Expression, operator: str, term: str, span: Span, *, cased: bool
) -> plan.Expression:
    """`column : term`, where `*` at an end of the term leaves that end open, or `column operator term`."""
    text = as_text(column)
    if text.type is not ScalarType.string:
        text = apply_entries(binder, "tostring()", scalar_functions()["tostring"], (text,), span)
    if operator == ":":
        operator, term = _operator_of(term, cased=cased)
    entries = OPERATOR_ENTRIES.get(operator)
    if entries is None:
        binder.fail("SEM0103", f"The operator '{operator}' cannot stand here.", span)
    return apply_entries(binder, operator, entries, (text, plan.Constant(term, ScalarType.string)), span)


def _operator_of(term: str, *, cased: bool) -> tuple[str, str]:
    """The string operator that a term with wildcards means, and what it looks for."""
    bare, suffix = term.strip("*"), "_cs" if cased else ""
    if not bare:
        return "contains", ""
    if "*" in bare:
        return "matches regex", _pattern(term, cased=cased)
    starts, ends = term.startswith("*"), term.endswith("*")
    if starts and ends:
        return f"contains{suffix}", bare
    if starts:
        return f"hassuffix{suffix}", bare
    return (f"hasprefix{suffix}" if ends else f"has{suffix}"), bare


def _pattern(term: str, *, cased: bool) -> str:
    parts = ".*?".join(re.escape(part) for part in term.strip("*").split("*"))
    before = "" if term.startswith("*") else r"(?:^|[^\pL\pN])"
    after = "" if term.endswith("*") else r"(?:$|[^\pL\pN])"
    return f"(?{'s' if cased else 'is'}){before}{parts}{after}"
