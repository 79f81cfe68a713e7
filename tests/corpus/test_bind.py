"""How many of the published Sentinel queries compile to SQL over the published table schemas; any other failure than a
named one is a fault."""

import json
import os
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.kql.catalog import Column, StoredFunction, Table
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType, type_named
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.lower import to_sql

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
FLOOR: int = tomllib.loads((Path(__file__).parent / "ratchet.toml").read_text())["bind"]["sentinel_queries"]
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set VEDETTE_CORPUS")


class PublishedTables:
    """The tables of the published schemas, none of which has rows."""

    def __init__(self) -> None:
        text = (CORPUS / "tables" / "table_schemas.json").read_text(encoding="utf-8")
        self._schemas: dict[str, dict[str, str]] = json.loads(text)

    def table(self, name: str) -> Table | None:
        columns = self._schemas.get(name)
        if columns is None:
            return None
        return Table(name, tuple(Column(c, type_named(type) or ScalarType.string, c) for c, type in columns.items()))

    def function(self, name: str) -> StoredFunction | None:
        return None

    def table_names(self) -> Iterable[str]:
        return self._schemas

    def function_names(self) -> Iterable[str]:
        return ()


def test_published_queries_compile() -> None:
    tables = PublishedTables()
    compiled = 0
    for line in (CORPUS / "kql" / "sentinel_queries.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            to_sql(compile_query(json.loads(line)["query"], tables, now=NOW), DuckDB())
        except KqlError:
            continue
        compiled += 1
    assert compiled >= FLOOR, f"{compiled} queries compile; the floor is {FLOOR}"
