"""The strict list of what ClickHouse does not do as it should: `clickhouse_gaps.toml` beside this file.

A function without any template there needs no line: it is refused by its name, and docs/reference/engines.md lists it.
A line is for a case that is refused although its functions run, or whose answer is wrong; the frequent ones have none.
"""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vedette.engine.engine import QueryEngine
from vedette.kql.functions.library import aggregate_functions, scalar_functions, window_functions
from vedette.sql.dialects.gap import DialectGap

GAPS: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["gaps"]

LIBRARIES = (scalar_functions, aggregate_functions, window_functions)

FREQUENT_OPERATORS = frozenset(
    (
        "where",
        "extend",
        "summarize",
        "project",
        "join",
        "union",
        "project-away",
        "mv-expand",
        "sort",
        "project-rename",
        "parse",
    )
)
"""The operators that published detection content uses most, in that order."""

FREQUENT_FUNCTIONS = (
    *("ago", "tostring", "count", "isnotempty", "make_set", "max", "min", "iff", "parse_json", "split"),
    *("extract", "now", "bin", "strcat", "dcount", "case", "todatetime", "tolower", "not", "column_ifexists"),
    *(
        "arg_max",
        "array_length",
        "isempty",
        "toint",
        "bag_pack",
        "coalesce",
        "make_list",
        "todouble",
        "sum",
        "materialize",
    ),
    *(
        "replace",
        "isnull",
        "extract_all",
        "toscalar",
        "countif",
        "take_any",
        "ipv4_is_private",
        "datetime_diff",
        "tolong",
    ),
    *("parse_xml", "table", "trim", "toupper", "pack_array", "startofday", "strlen", "round", "make_bag", "avg"),
    *("has_any_ipv4_prefix",),
)
"""The functions that published detection content uses most, scalar and aggregate, in that order; aliases count as
their function."""


@contextmanager
def gaps_allowed(id: str, subject: str, engine: QueryEngine, *, is_strict: bool = True) -> Iterator[None]:
    """Lets a listed case fail, and with `is_strict` nothing else: a case that passes must not be listed. A case that
    needs a function which the dialect does not have is refused by its name; but none whose `subject` is a frequent
    function or operator."""
    if engine.dialect.name != "clickhouse":
        yield
        return
    try:
        yield
    except DialectGap as gap:
        if id not in GAPS and (
            subject in FREQUENT_OPERATORS or subject in FREQUENT_FUNCTIONS or _runs(engine, gap.name)
        ):
            raise
    except Exception:
        if id not in GAPS:
            raise
    else:
        if is_strict and id in GAPS:
            pytest.fail(f"'{id}' passes on ClickHouse now: take it out of clickhouse_gaps.toml")


def _runs(engine: QueryEngine, name: str) -> bool:
    entries = [entry for library in LIBRARIES for entry in library().get(name, ())]
    return any(map(engine.dialect.runs, entries))
