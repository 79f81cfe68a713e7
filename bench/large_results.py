"""What does the largest answer cost: memory, the wait for its first byte, and the whole way to a client?"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from azure.kusto.data.helpers import dataframe_from_result_table
from azure.kusto.data.response import KustoResponseDataSetV2

from bench.question import Finding
from bench.server import answering, running
from vedette.cli.client import Client

ROWS = 500_000
RUNS = 3
MEMORY = 100.0
_QUERY = (
    f"range n from 1 to {ROWS} step 1 | extend text = tostring(n), half = n * 0.5, at = datetime(2024-01-01) + n * 1s, "
    "user = strcat('user', n % 1000, '@contoso.com'), bag = dynamic({'x': 1}), even = n % 2 == 0"
)
_COUNT = f"{_QUERY} | summarize count(), max(text), max(half), max(at), max(user), count(tostring(bag)), countif(even)"
_STEP_SECONDS = 0.01


def ask() -> list[Finding]:
    """Medians over RUNS of one caller. The rival is the public SDK, which reads the same bytes into a dataframe; for
    the first byte it is the engine, which computes the same rows and sends none."""
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with running(data, "--query-rate", "0") as process, answering(data, process) as client:
            client.query("print 1", None)
            before = _resident(process.pid)
            with _peak(process.pid) as peak:
                runs = sorted(_download(client) for _ in range(RUNS))
            computed = sorted(_timed(lambda: client.query(_COUNT, None)) for _ in range(RUNS))[RUNS // 2]
            first, total, body = runs[RUNS // 2]
            read = _timed(lambda: _read(body))
    size = len(body) / 1e6
    rows = f"{ROWS:,} rows of 7 columns, {size:.0f} MB"
    return [
        Finding("large result: memory", max(peak) - before, MEMORY, "MB", f"above that of an idle server; {rows}"),
        Finding(
            "large result: first byte", first, computed, "s", "target: computing the same rows without sending them"
        ),
        Finding("large result: last byte", total, read, "s", f"target: azure-kusto-data reading them; {rows}"),
    ]


def _download(client: Client) -> tuple[float, float, bytes]:
    """Seconds to the first byte of the rows and to the last, and the body in Kusto's second version."""
    received: list[bytes] = []
    began = time.perf_counter()
    first = 0.0
    with client.stream("/v2/rest/query", {"db": "", "csl": _QUERY}) as pieces:
        for piece in pieces:
            first = first or time.perf_counter() - began
            received.append(piece)
    return first, time.perf_counter() - began, b"".join(received)


def _read(body: bytes) -> None:
    answer = KustoResponseDataSetV2(json.loads(body))
    assert len(dataframe_from_result_table(answer.primary_results[0])) == ROWS


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def _peak(process_id: int) -> Iterator[list[float]]:
    """Within the context the resident set is looked at again and again."""
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_STEP_SECONDS):
            seen.append(_resident(process_id))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        done.set()
        watching.join()


def _resident(process_id: int) -> float:
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    resident = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert resident is not None
    return int(resident[1]) * 1024 / 1e6
