"""A log store over a file, for tests that stop it and start it again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore

WORKSPACE = "6A3F2A52-6a1e-4a63-9a3b-9e0c4b8f7d11"
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


class Running:
    """A store over a data directory, with one workspace, whose clock stands at NOW."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = VirtualClock(NOW)
        self.start()

    def start(self) -> None:
        self.engine = DuckDBEngine(self.path / "logs.duckdb")
        self.store = LogStore(self.engine, self.clock, None)
        self.store.create_workspace(WORKSPACE, "demo")

    def stop(self) -> None:
        self.store.close()
        self.engine.close()

    def query(self, text: str) -> list[list[object]]:
        return self.store.query(WORKSPACE, text).rows()


@contextmanager
def running_in(path: Path) -> Iterator[Running]:
    """A store that is stopped at the end."""
    running = Running(path)
    yield running
    running.stop()
