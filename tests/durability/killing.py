"""Runs the appending program until it is killed, and judges what it left behind by what it had acknowledged."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.durability import appending

from vedette.engine.duckdb import DuckDBEngine

PROGRAM = Path(appending.__file__)


@dataclass(slots=True)
class Acknowledged:
    """What the program printed, over all its lives: batches with their sizes, documents, the last day that was stored
    and the last that was deleted, and the codes of refusals."""

    batches: dict[str, int] = field(default_factory=dict[str, int])
    documents: set[str] = field(default_factory=set[str])
    day: int = -1
    deleted: int = -1
    refusals: set[str] = field(default_factory=set[str])

    def read(self, lines: list[str]) -> None:
        for line in lines:
            match line.split():
                case ["batch", id, size]:
                    self.batches[id] = int(size)
                case ["document", id]:
                    self.documents.add(id)
                case ["day", number]:
                    self.day = int(number)
                case ["deleted", number]:
                    self.deleted = int(number)
                case ["refused", code]:
                    self.refusals.add(code)
                case _:
                    raise AssertionError(f"the program said {line!r}")


def run_and_kill(
    data: Path, round: int, seconds: float | None, environment: Mapping[str, str] | None = None
) -> list[str]:
    """Start the program and kill it `seconds` after its first acknowledgement, or with None wait until it is dead;
    every line it printed."""
    command = [sys.executable, str(PROGRAM), str(data), str(round)]
    variables = {**os.environ, **(environment or {})}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=variables
    ) as program:
        assert program.stdout is not None
        if seconds is None:
            return program.stdout.read().splitlines()
        first = program.stdout.readline()
        assert first, "the program ended before it acknowledged anything"
        time.sleep(seconds)  # real time is what is tested here: the kill must hit at any moment
        program.kill()
        return [first.rstrip(), *program.stdout.read().splitlines()]


def check(data: Path, acknowledged: Acknowledged) -> None:
    """Reads the storage itself, so that only durability is judged here."""
    state, engine, logs = appending.open_stores(data)
    batches = rows(
        engine,
        "SELECT batch_s, count(*), count(DISTINCT row_d), max(size_d), bool_and("
        "variant_extract(bag, 'batch')::VARCHAR = batch_s AND variant_extract(bag, 'row')::BIGINT = row_d)",
        appending.TABLE,
        "GROUP BY batch_s",
    )
    broken = [batch for batch, count, different, size, whole in batches if not count == different == size or not whole]
    assert not broken, "batches that are there in part, or twice"
    counts = {batch: count for batch, count, *_ in batches}
    lost = [batch for batch, size in acknowledged.batches.items() if counts.get(batch) != size]
    assert not lost, "acknowledged, and lost"
    days = rows(engine, "SELECT day_d, count(*), count(DISTINCT row_d)", appending.OLD, "GROUP BY day_d")
    assert not [day for day, *sizes in days if sizes != [appending.OLD_ROWS] * 2], (
        "days that are there in part, or twice"
    )
    assert not [day for day, *_ in days if day < acknowledged.deleted], "deleted, and there again"
    assert acknowledged.day < 0 or acknowledged.day in [day for day, *_ in days], "acknowledged, and deleted too early"
    alerts = [name for (name,) in rows(engine, "SELECT AlertName", "SecurityAlert", "")]
    stored = [document.name for document in state.list(appending.DOCUMENTS)]
    assert acknowledged.documents <= set(stored)
    assert sorted(alerts) == sorted(stored)
    assert state.pending() == []
    logs.close()
    engine.close()
    state.close()


def rows(engine: DuckDBEngine, select: str, table: str, rest: str) -> list[tuple[Any, ...]]:
    relation = next(
        (each.relation for tables in engine.tables().values() for each in tables if each.name == table), None
    )
    if relation is None:
        return []
    result = engine.run(f'{select} FROM "{relation[0]}"."{relation[1]}" {rest}')
    return [tuple(row.values()) for batch in result.batches for row in batch.to_pylist()]
