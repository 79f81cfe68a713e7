"""The program that the kill tests kill: threads that append batches and print each id once it is acknowledged.

Run as `python appending.py DATA ROUND`; it never ends by itself. `batch ID ROWS` is printed after a batch's future has
resolved, `document ID` after a transaction that emitted a log row has exited, `deleted N` after all rows of the table
`Old_CL` that are before day N are gone, and `refused CODE` before a thread ends because nothing is stored any more.
`CHECKPOINT_BYTES` in the environment makes checkpoints more frequent.
"""

import os
import random
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from vedette.core.clock import SystemClock
from vedette.core.errors import Unavailable
from vedette.core.ids import new_id
from vedette.engine import duckdb_checkpoints
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

WORKSPACE = "11111111-2222-3333-4444-555555555555"
TABLE = "Kill_CL"
DOCUMENTS = "Vedette.Tests/documents"
COLUMNS = {
    "batch_s": ScalarType.string,
    "row_d": ScalarType.long,
    "size_d": ScalarType.long,
    "filler_s": ScalarType.string,
    "bag": ScalarType.dynamic,
}
OLD = "Old_CL"
OLD_ROWS = 30
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
WRITERS = 8


def open_stores(data: Path) -> tuple[StateStore, DuckDBEngine, LogStore]:
    """Everything that a server opens for its logs, with the outbox delivered."""
    state = StateStore(f"sqlite:///{data}/state.db", SystemClock(), new_id)
    engine = DuckDBEngine(data / "logs.duckdb")
    logs = LogStore(engine, SystemClock(), state)
    logs.create_workspace(WORKSPACE)
    logs.apply_outbox()
    state.deliver = logs.apply_outbox
    return state, engine, logs


def acknowledge(line: str) -> None:
    """One write, so that lines of threads never mix and a killed process leaves whole ones."""
    os.write(1, f"{line}\n".encode())


def append_batches(logs: LogStore, name: str, chance: random.Random) -> None:
    for number in range(sys.maxsize):
        size = chance.choice((1, 2, 20, 200))
        batch = f"{name}-{number}"
        # A column of its own now and then, so that a kill also meets a table that is being altered.
        extra = {f"extra_{name}_{number}_s": ScalarType.string} if number % 20 == 7 else {}
        rows = [
            {
                "batch_s": batch,
                "row_d": row,
                "size_d": size,
                "filler_s": chance.randbytes(100).hex(),
                "bag": {"batch": batch, "row": row},
                **dict.fromkeys(extra, "x"),
            }
            for row in range(size)
        ]
        logs.append(WORKSPACE, TABLE, rows, columns={**COLUMNS, **extra}).result()
        acknowledge(f"batch {batch} {size}")


def delete_old_days(logs: LogStore, engine: DuckDBEngine, round: int) -> None:
    """A day's rows come, then what is older than they are goes, as retention does it."""
    for number in range(round * 10_000, sys.maxsize):
        day = FIRST_DAY + timedelta(minutes=number)
        rows = [{"TimeGenerated": day, "row_d": row, "day_d": number} for row in range(OLD_ROWS)]
        logs.append(WORKSPACE, OLD, rows, columns={"row_d": ScalarType.long, "day_d": ScalarType.long}).result()
        acknowledge(f"day {number}")
        table = logs.catalog(WORKSPACE).table(OLD)
        assert table is not None
        with engine.write() as transaction:
            transaction.delete_before(table, "TimeGenerated", day)
        acknowledge(f"deleted {number}")


def until_refused(work: Callable[..., None], *arguments: object) -> None:
    try:
        work(*arguments)
    except Unavailable as error:
        acknowledge(f"refused {error.code}")


def write_documents(state: StateStore, name: str) -> None:
    for number in range(sys.maxsize):
        document = f"{name}-{number}"
        with state.transaction() as transaction:
            transaction.put(id=f"/{document}", type=DOCUMENTS, scope="/", name=document, body={})
            transaction.emit(WORKSPACE, "SecurityAlert", {"AlertName": document})
        acknowledge(f"document {document}")


def main() -> None:
    data, round = Path(sys.argv[1]), sys.argv[2]
    duckdb_checkpoints.THRESHOLD = int(os.environ.get("CHECKPOINT_BYTES", duckdb_checkpoints.THRESHOLD))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    state, engine, logs = open_stores(data)
    for writer in range(WRITERS):
        name = f"{round}-{writer}"
        appending = (append_batches, logs, name, random.Random(name))
        threading.Thread(target=until_refused, args=appending).start()
    threading.Thread(target=until_refused, args=(delete_old_days, logs, engine, int(round))).start()
    until_refused(write_documents, state, f"{round}-documents")


if __name__ == "__main__":
    main()
