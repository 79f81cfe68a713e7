"""The program that the kill test kills: threads that append batches and print each id once it is acknowledged.

Run as `python appending.py DATA ROUND`; it never ends by itself. `batch ID ROWS` is printed after a batch's future has
resolved, `document ID` after a transaction that emitted a log row has exited.
"""

import os
import random
import sys
import threading
from pathlib import Path

from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
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


def write_documents(state: StateStore, name: str) -> None:
    for number in range(sys.maxsize):
        document = f"{name}-{number}"
        with state.transaction() as transaction:
            transaction.put(id=f"/{document}", type=DOCUMENTS, scope="/", name=document, body={})
            transaction.emit(WORKSPACE, "SecurityAlert", {"AlertName": document})
        acknowledge(f"document {document}")


def main() -> None:
    data, round = Path(sys.argv[1]), sys.argv[2]
    state, _, logs = open_stores(data)
    for writer in range(WRITERS):
        name = f"{round}-{writer}"
        threading.Thread(target=append_batches, args=(logs, name, random.Random(name))).start()
    write_documents(state, f"{round}-documents")


if __name__ == "__main__":
    main()
