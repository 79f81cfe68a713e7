"""A few hundred inputs of each kind at every run; `make soak` looks further."""

import json
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.answers import CORPUS
from tests.fuzz.checks import check_conjunction, check_query, check_text
from tests.fuzz.generation import Generator
from tests.fuzz.mutation import mutated
from tests.spec.kql.running import TablesInMemory
from tests.unit.kql.printing import text_of, without_spans
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.diagnostics import KqlError
from vedette.kql.parser import parse_query

_MANY = settings(max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
_SEEDS = st.integers(0, 2**32)
_SETS = ("recorded_docs", "recorded_fuzz", "doc_examples", "sentinel_queries", "parsers", "community_queries")
_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


def published(name: str) -> list[str]:
    """The queries of a published set."""
    lines = (CORPUS / "kql" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["query"] for line in lines]


@given(st.text())
@_MANY
def test_any_text_is_read_or_refused(text: str) -> None:
    check_text(text, TablesInMemory())


@given(_SEEDS)
@_MANY
def test_what_is_nearly_a_query_is_read_or_refused(seed: int) -> None:
    random = Random(seed)
    check_text(mutated(Generator(random).query(), random), TablesInMemory())


@given(_SEEDS)
@_MANY
def test_folding_steps_never_changes_an_answer(engine: DuckDBEngine, seed: int) -> None:
    check_query(engine, Generator(Random(seed)).query())


@given(_SEEDS)
@_MANY
def test_where_and_is_two_wheres(engine: DuckDBEngine, seed: int) -> None:
    generator = Generator(Random(seed))
    check_conjunction(engine, generator.table(), generator.predicate(), generator.predicate())


@_CORPUS
@pytest.mark.parametrize("name", _SETS)
def test_published_queries_are_printed_and_read_again_as_themselves(name: str) -> None:
    same = 0
    for text in published(name):
        try:
            tree = parse_query(text)
            printed = text_of(tree)
        except (KqlError, NotImplementedError):  # no query; a statement that is kept as text only
            continue
        assert without_spans(parse_query(printed)) == without_spans(tree), text
        same += 1
    assert same > 300
