"""kill -9 in the middle of writing: what was acknowledged is there exactly once, and no batch is there in part."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.durability import appending

from vedette.engine.duckdb import DuckDBEngine

ROUNDS = 10
PROGRAM = Path(appending.__file__)


def run_and_kill(data: Path, round: int, seconds: float) -> list[str]:
    """Start the program, kill it `seconds` after its first acknowledgement; every line it printed."""
    command = [sys.executable, str(PROGRAM), str(data), str(round)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        assert first, "the program ended before it acknowledged anything"
        time.sleep(seconds)  # real time is what is tested here: the kill must hit at any moment
        program.kill()
        return [first.rstrip(), *program.stdout.read().splitlines()]


def test_kill_in_the_middle_of_writing(tmp_path: Path) -> None:
    chance = random.Random()
    acknowledged: dict[str, int] = {}
    documents: set[str] = set()
    for round in range(ROUNDS):
        lines = run_and_kill(tmp_path, round, chance.uniform(0, 0.8))
        for line in lines:
            kind, id, *size = line.split()
            if kind == "batch":
                acknowledged[id] = int(size[0])
            else:
                documents.add(id)
        check(tmp_path, acknowledged, documents)
    assert len(acknowledged) > ROUNDS
    assert documents


def check(data: Path, acknowledged: dict[str, int], documents: set[str]) -> None:
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
    assert not [batch for batch, size in acknowledged.items() if counts.get(batch) != size], "acknowledged, and lost"
    alerts = [name for (name,) in rows(engine, "SELECT AlertName", "SecurityAlert", "")]
    stored = [document.name for document in state.list(appending.DOCUMENTS)]
    assert documents <= set(stored)
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
