"""What Vedette answers to the cases of the public sets whose answers are known: one verdict a case."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.corpus import formatted
from tests.corpus.printed import printed_verdict
from tests.corpus.recorded import same_rows, verdict
from tests.spec.kql.running import TablesInMemory, run_rows
from vedette.core.errors import VedetteError
from vedette.engine.engine import QueryEngine
from vedette.kql.diagnostics import KqlError

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
SETS = ("recorded_docs", "recorded_fuzz", "doc_examples")
NAMED_REFUSALS = frozenset({"SEM0299", "SEM0260"})
"""Codes that say by name what is not supported."""


def cases(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The cases of a set by their ids; documented examples count within their page; the second of an id is `id#2`."""
    pages: dict[str, int] = {}
    seen: dict[str, int] = {}
    with (CORPUS / "kql" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            page = case.get("page", "")
            pages[page] = pages.get(page, -1) + 1
            id = case.get("id") or f"{page}-{pages[page]:02}"
            seen[id] = seen.get(id, 0) + 1
            yield (id if seen[id] == 1 else f"{id}#{seen[id]}"), case


def answer(engine: QueryEngine, name: str, case: dict[str, Any]) -> str:
    """`equal`, what differs first (names, types, count, rows), `refused` (by name), `accepted` (what the engine
    refuses), or the error."""
    must_fail = case.get("error", False)
    try:
        columns, rows = run_rows(engine, TablesInMemory(), case["query"], NOW)
    except KqlError as error:
        if must_fail:
            return "equal"
        return f"refused: {error.message}" if error.code in NAMED_REFUSALS else f"error {error.code}: {error.message}"
    except VedetteError as error:
        return f"error {error.code}: {error.message}"
    if must_fail:
        return "accepted"
    if name == "recorded_docs":
        return verdict(case, columns, rows)
    return _fuzz_verdict(case, columns, rows) if name == "recorded_fuzz" else printed_verdict(case, columns, rows)


def _fuzz_verdict(case: dict[str, Any], columns: tuple[tuple[str, str], ...], rows: list[list[Any]]) -> str:
    names, types = zip(*(column.rsplit(":", 1) for column in case["columns"]), strict=True)
    if tuple(column for column, _ in columns) != names:
        return "names"
    if any(ours not in formatted.KUSTO_TYPES[type] for (_, ours), type in zip(columns, types, strict=True)):
        return "types"
    if len(rows) != case["row_count"]:
        return "count"
    expected = [formatted.row(text, types) for text in case["rows_formatted"]]
    ours = [
        [
            float(value) if type == "Real" and value is not None else value
            for value, type in zip(row, types, strict=True)
        ]
        for row in rows
    ]
    return "equal" if same_rows(ours, expected) else "rows"
