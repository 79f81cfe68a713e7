"""How long does a query take from text to SQL, over the published Sentinel queries, and again from the plan cache?

Needs the public queries and table schemas in `../shared/corpus` or $VEDETTE_CORPUS; without them there is no finding.
"""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from bench.question import Finding
from vedette.kql.catalog import Column, Table
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType, type_named
from vedette.logs.files import FileCatalog
from vedette.logs.plan_cache import PlanCache, RecordingCatalog
from vedette.sql.dialects.duckdb import DuckDB
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
_RUNS = 3


def ask() -> list[Finding]:
    """Median and 95th percentile of the best of three runs of each query; the median of a repeated one."""
    if not _CORPUS.is_dir():
        return []
    catalog = _catalog()
    lines = (_CORPUS / "kql" / "sentinel_queries.jsonl").read_text(encoding="utf-8").splitlines()
    times: list[float] = []
    again: list[float] = []
    for text in (json.loads(line)["query"] for line in lines):
        try:
            times.append(min(_timed(lambda text=text: _translate(text, catalog)) for _ in range(_RUNS)))
        except KqlError:
            continue
        again.append(_repeated(text, catalog))
    note = f"{len(times):,} published queries; best of {_RUNS} runs each"
    return [
        Finding("text to SQL, median", median(times) * 1000, 3, "ms", note),
        Finding("text to SQL, 95th percentile", quantiles(times, n=20)[-1] * 1000, 15, "ms", note),
        Finding("a repeated query's plan, median", median(again) * 1000, 0.2, "ms", note),
    ]


def _translate(text: str, catalog: FileCatalog) -> str:
    return to_sql(compile_query(text, catalog, now=NOW), DuckDB())


def _repeated(text: str, catalog: FileCatalog) -> float:
    plans, recording, key = PlanCache(), RecordingCatalog(catalog), ("w", text, False, False)
    compiled = compile_query(text, recording, now=NOW)
    plans.keep(key, compiled, to_sql(compiled, DuckDB()), recording)

    def find() -> None:
        found = plans.find(key, catalog)
        if found is not None:
            fill(found[1], {"now": NOW})

    return min(_timed(find) for _ in range(_RUNS))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _catalog() -> FileCatalog:
    schemas = json.loads((_CORPUS / "tables" / "table_schemas.json").read_text(encoding="utf-8"))
    return FileCatalog(
        [
            Table(name, tuple(Column(c, type_named(type) or ScalarType.string, c) for c, type in columns.items()))
            for name, columns in schemas.items()
        ]
    )
