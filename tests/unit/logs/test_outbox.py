"""Rows that documents emit reach their tables exactly once, whatever is lost on the way."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

WORKSPACE = "11111111-2222-3333-4444-555555555555"
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


@contextmanager
def running(path: Path, *, deliver: bool = True) -> Iterator[tuple[StateStore, LogStore]]:
    clock = VirtualClock(NOW)
    state = StateStore(f"sqlite:///{path}/state.db", clock, new_id)
    engine = DuckDBEngine(path / "logs.duckdb")
    logs = LogStore(engine, clock, state)
    logs.create_workspace(WORKSPACE)
    if deliver:
        logs.apply_outbox()
        state.deliver = logs.apply_outbox
    yield state, logs
    logs.close()
    engine.close()
    state.close()


def emit(state: StateStore, *names: str, table: str = "SecurityAlert") -> None:
    with state.transaction() as transaction:
        for name in names:
            transaction.emit(WORKSPACE, table, {"AlertName": name, "TimeGenerated": NOW})


def alerts(logs: LogStore) -> list[str]:
    return [row[0] for row in logs.query(WORKSPACE, "SecurityAlert | project AlertName").rows()]


def test_rows_are_in_the_table_when_the_transaction_exits(tmp_path: Path) -> None:
    with running(tmp_path) as (state, logs):
        emit(state, "a", "b")
        assert alerts(logs) == ["a", "b"]
        assert state.pending() == []


def test_what_was_committed_before_a_crash_is_delivered_at_the_next_start(tmp_path: Path) -> None:
    with running(tmp_path, deliver=False) as (state, _):
        emit(state, "a")
    with running(tmp_path) as (_, logs):
        assert alerts(logs) == ["a"]


def test_a_lost_discard_does_not_deliver_twice(tmp_path: Path) -> None:
    with running(tmp_path, deliver=False) as (state, _):
        emit(state, "a", "b")
    before_discard = tmp_path / "before.db"
    shutil.copy(tmp_path / "state.db", before_discard)
    with running(tmp_path) as (_, logs):
        assert alerts(logs) == ["a", "b"]
    shutil.copy(before_discard, tmp_path / "state.db")
    with running(tmp_path) as (state, logs):
        assert state.pending() == []
        assert alerts(logs) == ["a", "b"]
        emit(state, "c")
        assert alerts(logs) == ["a", "b", "c"]


def test_more_rows_than_one_round_takes(tmp_path: Path) -> None:
    with running(tmp_path, deliver=False) as (state, logs):
        emit(state, *(str(number) for number in range(2500)))
        logs.apply_outbox()
        assert alerts(logs) == [str(number) for number in range(2500)]


def test_a_row_that_does_not_fit_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as (state, logs):
        with state.transaction() as transaction:
            transaction.emit(WORKSPACE, "SecurityAlert", {"AlertName": "good"})
            transaction.emit(WORKSPACE, "SecurityAlert", {"AlertName": 5})
            transaction.emit(WORKSPACE, "Nowhere", {"x": 1})
            transaction.emit("99999999-0000-0000-0000-000000000000", "SecurityAlert", {"AlertName": "lost"})
            transaction.emit(WORKSPACE, "SecurityAlert", {"AlertName": "also good"})
        assert sorted(alerts(logs)) == ["also good", "good"]
        reported = logs.query(WORKSPACE, "_LogOperation | project Level, Operation, Detail").rows()
        assert sorted((row[0], row[1]) for row in reported) == [("Error", "Data collection status")] * 2
        assert any("Field 'AlertName'" in row[2] for row in reported)
        assert any("for Nowhere" in row[2] for row in reported)
        assert state.pending() == []
