"""The published queries over a workspace of the published tables and functions: each binds, or stands in the strict
list with its reason; and some run on tables that are there and empty.

A share of each set is bound here; VEDETTE_CORPUS_SHARE=1 takes all, and `python -m tests.corpus SET` runs all.
"""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.answers import CORPUS, NOW
from tests.corpus.published import PUBLISHED, as_query, nothing_on_the_web, published
from tests.corpus.workspace import PublishedWorkspace, published_table
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.limits import DEFAULT_LIMITS
from vedette.kql.catalog import Table
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.logs.data import QueryData
from vedette.logs.plan_cache import RecordingCatalog
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.lower import to_sql

SHARE = int(os.environ.get("VEDETTE_CORPUS_SHARE", "16"))
LISTED: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "published_gaps.toml").read_text(encoding="utf-8")
)
RUN = 80
"""Of so many queries one is run on tables."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


def failure(workspace: PublishedWorkspace, query: str) -> str | None:
    """Why the query has no SQL, or None."""
    try:
        to_sql(compile_query(query, workspace, now=NOW), DuckDB())
    except KqlError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", PUBLISHED)
def test_queries_bind(name: str) -> None:
    listed = {id: reason for reason, ids in LISTED[name].items() for id in ids}
    failures: dict[str, str] = {}
    closed: list[str] = []
    for id, case in list(published(name))[::SHARE]:
        what = failure(*as_query(name, case, PublishedWorkspace()))
        if what is not None and id not in listed:
            failures[id] = what
        if what is None and id in listed:
            closed.append(id)
    assert failures == {}
    assert closed == [], "these bind now: take them out of published_gaps.toml"


def test_queries_run_on_empty_tables(engine: DuckDBEngine) -> None:
    for _, case in list(published("sentinel_queries"))[::RUN]:
        asked = RecordingCatalog(PublishedWorkspace())
        try:
            compile_query(case["query"], asked, now=NOW)
        except KqlError:
            continue
        relations = with_tables(engine, [name for name, table in asked.tables.items() if table is not None])
        compiled = compile_query(case["query"], PublishedWorkspace(relations), now=NOW)
        with nothing_on_the_web():
            QueryData(engine, {"now": NOW}, DEFAULT_LIMITS).run(compiled, to_sql(compiled, engine.dialect))


def with_tables(engine: DuckDBEngine, names: list[str]) -> dict[str, Table]:
    """The published tables of these names, made in the engine where they are not yet."""
    stored = {table.name: table for table in engine.tables().get("published", ())}
    with engine.write() as transaction:
        transaction.create_schema("published", "")
        for name in names:
            table = published_table(name)
            if name not in stored and table is not None:
                columns = {column.name: column.type for column in table.columns}
                stored[name] = transaction.create_table("published", name, columns)
    return stored
