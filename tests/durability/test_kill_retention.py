"""kill -9 while old rows are deleted and new ones arrive: nothing new is lost, nothing old comes back."""

import random
import subprocess
import sys
import time
from pathlib import Path

from tests.durability import retaining
from tests.durability.retaining import TABLE, WORKSPACE

from vedette.logs.retention import apply_retention

ROUNDS = 3
PROGRAM = Path(retaining.__file__)
_PER_BATCH = (
    f"{TABLE} | summarize n = count(), different = dcount(row_d), size = max(size_d) by batch_s "
    "| project batch_s, n, whole = n == different and n == size"
)


def test_kill_while_old_rows_are_deleted(tmp_path: Path) -> None:
    retaining.fill(tmp_path)
    chance = random.Random()
    acknowledged: set[str] = set()
    left = retaining.OLD_BATCHES
    for round in range(ROUNDS):
        acknowledged |= run_and_kill(tmp_path, round, chance.uniform(0, 0.6))
        _, engine, logs = retaining.open_store(tmp_path, retaining.NOW)
        found = {row[0]: (row[1], row[2]) for row in logs.query(WORKSPACE, _PER_BATCH).rows()}
        assert all(whole for _, whole in found.values()), "a batch is there in part"
        assert acknowledged <= found.keys(), "acknowledged, and lost"
        old = sum(batch.startswith("old-") for batch in found)
        assert old <= left
        left = old
        logs.close()
        engine.close()
    _, engine, logs = retaining.open_store(tmp_path, retaining.NOW)
    apply_retention(logs, retaining.NOW)
    found = {row[0] for row in logs.query(WORKSPACE, _PER_BATCH).rows()}
    assert not any(batch.startswith("old-") for batch in found)
    assert acknowledged <= found
    logs.close()
    engine.close()


def run_and_kill(data: Path, round: int, seconds: float) -> set[str]:
    """Start the program, kill it `seconds` after its first acknowledgement; the batches that it acknowledged."""
    command = [sys.executable, str(PROGRAM), str(data), str(round)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        assert first, "the program ended before it acknowledged anything"
        time.sleep(seconds)  # real time is what is tested here: the kill must hit at any moment
        program.kill()
        lines = [first, *program.stdout.read().splitlines()]
    return {line.split()[1] for line in lines if line.startswith("batch ")}
