"""How long is it from `vedette up` on an existing directory to the first answer of a query over HTTPS?"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.question import Finding, interleaved
from bench.server import answering, prepare, running

RUNS = 7
ROWS = 100_000
TARGET = 1.5


def ask() -> list[Finding]:
    """Median over RUNS starts."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        prepare(data, ROWS)
        (seconds,) = interleaved(RUNS, lambda: _first_answer(data))
    note = f"token and query included; {ROWS:,} rows; median of {RUNS}"
    return [Finding("cold start to first answer", seconds, TARGET, "s", note)]


def _first_answer(data: Path) -> float:
    began = time.perf_counter()
    with running(data) as process, answering(data, process) as client:
        answer = client.query("Bench_CL | summarize count() by user_s", None)
        seconds = time.perf_counter() - began
    assert len(answer["tables"][0]["rows"]) == 50
    return seconds
