"""How much memory does a server hold that has answered and now waits?"""

import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.question import Finding, interleaved
from bench.server import answering, prepare, running

RUNS = 3
ROWS = 100_000
TARGET = 200.0
_REST_SECONDS = 2.0


def ask() -> list[Finding]:
    """Median over RUNS starts of the resident set, as /proc says it."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        prepare(data, ROWS)
        (megabytes,) = interleaved(RUNS, lambda: _resident(data))
    note = f"resident, {_REST_SECONDS:.0f} s after a query over {ROWS:,} rows; median of {RUNS}"
    return [Finding("idle memory", megabytes, TARGET, "MB", note)]


def _resident(data: Path) -> float:
    with running(data) as process:
        with answering(data, process) as client:
            client.query("Bench_CL | summarize count() by user_s", None)
        time.sleep(_REST_SECONDS)
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    resident = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert resident is not None
    return int(resident[1]) * 1024 / 1e6
