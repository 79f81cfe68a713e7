"""The documented queries whose answers were recorded on the real engine: equal, refused by name, or a listed gap."""

import json
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.recorded import verdict
from tests.spec.kql.running import TablesInMemory, run_rows
from vedette.core.errors import VedetteError
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.diagnostics import KqlError

CORPUS = Path(os.environ.get("VEDETTE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
HERE = Path(__file__).parent
RATCHET: dict[str, Any] = tomllib.loads((HERE / "ratchet.toml").read_text())
GAPS: dict[str, str] = tomllib.loads((HERE / "gaps.toml").read_text())["recorded_docs"]
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
NAMED_REFUSALS = frozenset({"SEM0299", "SEM0260"})

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus at {CORPUS}; set VEDETTE_CORPUS")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(None)
    yield opened
    opened.close()


def answer(engine: DuckDBEngine, case: dict[str, Any]) -> str:
    try:
        columns, rows = run_rows(engine, TablesInMemory(), case["query"], NOW)
    except KqlError as error:
        return "refused" if error.code in NAMED_REFUSALS else f"error {error.code}"
    except VedetteError as error:
        return f"error {error.code}"
    return verdict(case, columns, rows)


def test_documented_queries(engine: DuckDBEngine) -> None:
    lines = (CORPUS / "kql" / "recorded_docs.jsonl").read_text(encoding="utf-8").splitlines()
    answers = {case["id"]: answer(engine, case) for case in map(json.loads, lines)}
    wrong = {id: what for id, what in answers.items() if what not in ("equal", "refused")}
    assert set(wrong) - set(GAPS) == set(), (
        f"answers that are wrong: { {id: wrong[id] for id in wrong if id not in GAPS} }"
    )
    assert set(GAPS) - set(wrong) == set(), "these gaps are closed: take them out of gaps.toml"
    equal = sum(what == "equal" for what in answers.values())
    floor = RATCHET["recorded"]["recorded_docs"]
    assert equal >= floor, f"{equal} answers are equal; the floor is {floor}"
