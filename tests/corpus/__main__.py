"""Prints how the public sets are answered: `python -m tests.corpus recorded_fuzz [--only rows] [--id id]`."""

import argparse
import json
import re
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.corpus.answers import NOW, SETS, answer, cases
from tests.corpus.published import PUBLISHED, as_query, fate, published
from tests.corpus.workspace import PublishedWorkspace
from tests.spec.kql.running import TablesInMemory, run_rows
from vedette.core.errors import VedetteError
from vedette.engine import clickhouse_functions
from vedette.engine.clickhouse import ClickHouseEngine
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.engine import QueryEngine


def main() -> None:
    """Counts of verdicts, or the cases that are not equal with their query, what is expected and what comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("set", choices=[*SETS, *PUBLISHED])
    parser.add_argument("--only", help="a pattern of the verdict: rows, types, error, refused …")
    parser.add_argument("--grep", help="a pattern of the query")
    parser.add_argument("--id", help="a pattern of the id")
    parser.add_argument("--engine", choices=("duckdb", "clickhouse"), default="duckdb")
    parser.add_argument("--brief", action="store_true", help="ids and verdicts only")
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    showing = bool(chosen.only or chosen.grep or chosen.id or chosen.brief)
    with closing(_engine(chosen.engine)) as engine:
        is_published = chosen.set in PUBLISHED
        workspace = PublishedWorkspace() if is_published else None
        for id, case in published(chosen.set) if is_published else cases(chosen.set):
            if chosen.grep and not re.search(chosen.grep, case["query"]):
                continue
            if chosen.id and not re.search(chosen.id, id):
                continue
            what = (
                fate(engine, *as_query(chosen.set, case, workspace)) if workspace else answer(engine, chosen.set, case)
            )
            counts[re.sub(r"'[^']*'", "'…'", what)[:90]] += 1
            if not showing or (what in ("equal", "runs") and not chosen.id) or not re.search(chosen.only or "", what):
                continue
            print(f"--- {id}: {what}")
            if not chosen.brief:
                print(case["query"]) if workspace else _show(engine, case)
    for what, count in counts.most_common(40):
        print(f"{count:6} {what}")


def _engine(name: str) -> QueryEngine:
    if name == "duckdb":
        return DuckDBEngine(None)
    functions = Path(tempfile.mkdtemp())
    clickhouse_functions.install(functions)
    return ClickHouseEngine("chdb://memory", functions=functions)


def _show(engine: QueryEngine, case: dict[str, object]) -> None:
    query = str(case["query"])
    print(query)
    expected = {key: value for key, value in case.items() if key not in ("id", "page", "query", "family")}
    print("expected:", json.dumps(expected, ensure_ascii=False)[:1500])
    try:
        columns, rows = run_rows(engine, TablesInMemory(), query, NOW)
    except VedetteError:
        return
    print("answer:  ", columns, json.dumps(rows, ensure_ascii=False, default=str)[:1500])


if __name__ == "__main__":
    main()
