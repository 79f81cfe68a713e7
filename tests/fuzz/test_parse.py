"""`parse` that looks for texts one after the other gives what its regular expression gives."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.spec.kql.running import NOW, TablesInMemory, run_rows
from vedette.engine.duckdb import DuckDBEngine

_TEXTS = st.text("a1 é,-", min_size=1, max_size=2)
_TYPES = st.sampled_from(["", "", ":string", ":long", ":int", ":real", ":bool", ":decimal", ":datetime"])
_VALUES = st.one_of(
    st.text("a1 é,-.e\n", max_size=12),
    st.lists(
        st.sampled_from(["a", "é", ", ", " ", "-", "21", "1.5e3", "-7", "true", "2024-01-02", "\n"]), max_size=9
    ).map("".join),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


@st.composite
def patterns(draw: st.DrawFn) -> str:
    """Texts, columns and stars in an order that is mostly, but not always, one that can be found in steps."""
    parts: list[str] = ["*"] if draw(st.booleans()) else []
    for number in range(draw(st.integers(1, 4))):
        parts.append(f"'{draw(_TEXTS)}'")
        if draw(st.integers(0, 5)) == 0:
            parts.append("*")
        else:
            parts.append(f"c{number}{draw(_TYPES)}")
    if draw(st.booleans()):
        parts.append(draw(st.one_of(st.just("*"), _TEXTS.map("'{}'".format))))
    return " ".join(part for previous, part in zip(["", *parts], parts, strict=False) if part != previous)


@given(patterns(), st.lists(_VALUES, min_size=1, max_size=12), st.sampled_from(["", "kind=relaxed "]), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_texts_in_steps_mean_the_expression(
    engine: DuckDBEngine, pattern: str, values: list[str], kind: str, is_where: bool
) -> None:
    rows = ", ".join("'" + value.replace("\n", "\\n") + "'" for value in values)
    operator = "parse-where" if is_where else "parse"
    query = f"datatable(s:string)[{rows}] | {operator} {kind}s with {pattern}"
    in_steps = _run(engine, query)
    with patch("vedette.kql.operators.parsing.in_steps", lambda _: None):
        assert in_steps == _run(engine, query), query


def _run(engine: DuckDBEngine, query: str) -> Any:
    columns, rows = run_rows(engine, TablesInMemory(), query, NOW)
    return columns, list(map(repr, rows))
