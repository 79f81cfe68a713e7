"""The program that the kill test of retention kills: it deletes what is too old while others append.

Run as `python retaining.py DATA ROUND`; it never ends by itself. `batch ID ROWS` is printed once a batch is durable.
"""

import os
import sys
import threading
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.retention import apply_retention
from vedette.logs.store import LogStore

NOW = datetime(2024, 6, 1, tzinfo=UTC)
OLD_BATCHES = 400  # one an hour, from a hundred days ago
OLD_ROWS = 100
WORKSPACE = "11111111-2222-3333-4444-555555555555"
TABLE = "Kill_CL"
_COLUMNS = {
    "batch_s": ScalarType.string,
    "row_d": ScalarType.long,
    "size_d": ScalarType.long,
    "bag": ScalarType.dynamic,
}


def open_store(data: Path, now: datetime) -> tuple[VirtualClock, DuckDBEngine, LogStore]:
    """The logs as they are at an instant."""
    clock = VirtualClock(now)
    engine = DuckDBEngine(data / "logs.duckdb")
    logs = LogStore(engine, clock, None)
    logs.create_workspace(WORKSPACE)
    return clock, engine, logs


def append(logs: LogStore, batch: str, size: int) -> Future[None]:
    rows: list[dict[str, Any]] = [
        {"batch_s": batch, "row_d": row, "size_d": size, "bag": {"batch": batch, "row": row}} for row in range(size)
    ]
    return logs.append(WORKSPACE, TABLE, rows, columns=_COLUMNS)


def fill(data: Path) -> None:
    """Store rows that arrived long ago."""
    clock, engine, logs = open_store(data, NOW - timedelta(days=100))
    for number in range(OLD_BATCHES):
        append(logs, f"old-{number}", OLD_ROWS)
        clock.set(clock.now() + timedelta(hours=1))
    logs.close()  # stores what waits
    engine.close()


def append_batches(logs: LogStore, name: str) -> None:
    for number in range(sys.maxsize):
        append(logs, f"{name}-{number}", 20).result()
        os.write(1, f"batch {name}-{number} 20\n".encode())  # in one piece, whatever other threads write


def main() -> None:
    data, round = Path(sys.argv[1]), sys.argv[2]
    _, _, logs = open_store(data, NOW)
    for writer in range(2):
        threading.Thread(target=append_batches, args=(logs, f"{round}-{writer}")).start()
    while True:
        apply_retention(logs, NOW)


if __name__ == "__main__":
    main()
