"""What is deleted when, and that rows go on arriving meanwhile."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs import retention
from vedette.logs.retention import apply_retention
from vedette.logs.store import LogStore
from vedette.logs.table_settings import TABLE
from vedette.state.store import StateStore

WORKSPACE = "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11"
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
START = datetime(2024, 1, 1, 12, tzinfo=UTC)
COLUMNS = {"n": ScalarType.long}


class Store:
    """A workspace whose time is moved, and settings for its tables."""

    def __init__(self, path: Path) -> None:
        self.clock = VirtualClock(START)
        self.state = StateStore(f"sqlite:///{path}/state.db", self.clock, new_id)
        self.engine = DuckDBEngine(path / "logs.duckdb")
        self.logs = LogStore(self.engine, self.clock, self.state)
        self.logs.create_workspace(WORKSPACE, "w", ID)

    def close(self) -> None:
        self.logs.close()
        self.engine.close()
        self.state.close()

    def put(self, id: str, type: str, body: dict[str, Any]) -> None:
        with self.state.transaction() as transaction:
            transaction.put(id=id, type=type, scope=ID, name=id.rpartition("/")[2], body=body)

    def settings(self, table: str, **properties: Any) -> None:
        self.put(f"{ID}/tables/{table}", TABLE, {"properties": properties})

    def append(self, table: str = "A_CL", rows: int = 1, at: datetime | None = None) -> None:
        self.clock.set(at or self.clock.now())
        self.logs.append(WORKSPACE, table, [{"n": n} for n in range(rows)], columns=COLUMNS).result()

    def after(self, days: float) -> None:
        """Retention as it is applied so many days after the start."""
        self.clock.set(START + timedelta(days=days))
        apply_retention(self.logs, self.clock.now())

    def visible(self, table: str = "A_CL") -> int:
        return self.logs.query(WORKSPACE, f"{table} | count").rows()[0][0]

    def kept(self, table: str = "A_CL") -> int:
        return self.logs.tables.read(WORKSPACE, f"{table} | count", self.clock.now()).rows()[0][0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def test_rows_are_kept_for_thirty_days_by_default(store: Store) -> None:
    store.append(rows=3)
    store.append(rows=2, at=START + timedelta(days=5))
    store.after(30)
    assert store.kept() == 5
    store.after(31)
    assert store.kept() == 2
    store.after(36)
    assert store.kept() == 0


def test_a_workspace_says_how_long_its_tables_keep_rows(store: Store) -> None:
    store.put(ID, "Microsoft.OperationalInsights/workspaces", {"properties": {"retentionInDays": 120}})
    store.append(rows=3)
    store.after(119)
    assert store.kept() == 3
    store.after(121)
    assert store.kept() == 0


def test_some_tables_are_kept_for_ninety_days_at_least(store: Store) -> None:
    for table in ("Usage", "AppTraces", "Syslog"):
        store.logs.append(WORKSPACE, table, [{}]).result()
    store.after(60)
    assert [store.kept(table) for table in ("Usage", "AppTraces", "Syslog")] == [1, 1, 0]


def test_what_is_kept_longer_than_queries_see_is_hidden_and_not_deleted(store: Store) -> None:
    store.append(rows=3)
    store.settings("A_CL", retentionInDays=4, totalRetentionInDays=60)
    assert store.visible() == 3
    store.after(6)
    assert (store.visible(), store.kept()) == (0, 3)
    store.append(rows=1)
    assert (store.visible(), store.kept()) == (1, 4)
    store.after(62)
    assert store.kept() == 1


def test_old_events_are_kept_as_long_as_new_ones(store: Store) -> None:
    """A sample of last year that arrives today is there for the whole retention."""
    old = [{"n": 1, "TimeGenerated": START - timedelta(days=400)}]
    store.logs.append(WORKSPACE, "A_CL", old, columns=COLUMNS).result()
    store.after(29)
    assert store.visible() == 1
    store.after(31)
    assert store.kept() == 0


def test_a_shortened_total_is_in_force_for_queries_and_deletes_a_month_later(store: Store) -> None:
    store.append(rows=3)
    held = (START + timedelta(days=36)).isoformat()
    store.put(
        f"{ID}/tables/A_CL",
        TABLE,
        {"properties": {"retentionInDays": 4, "totalRetentionInDays": 4}, "totalBefore": 90, "heldUntil": held},
    )
    store.after(6)
    assert (store.visible(), store.kept()) == (0, 3)
    store.after(37)
    assert store.kept() == 0


def test_rows_arrive_while_others_are_deleted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 500)
    for hour in range(100):
        store.clock.set(START + timedelta(hours=hour))
        waiting = store.logs.append(WORKSPACE, "A_CL", [{"n": n} for n in range(500)], columns=COLUMNS)
    waiting.result()
    store.clock.set(START + timedelta(days=60))
    done = threading.Event()
    arrived: list[int] = []

    def arrive() -> None:
        while not done.is_set():
            store.append(rows=1)
            arrived.append(store.kept())

    sender = threading.Thread(target=arrive)
    sender.start()
    apply_retention(store.logs, store.clock.now())
    done.set()
    sender.join()
    during = [kept for kept in arrived if 0 < kept - len(arrived) < 100 * 500]
    assert len({kept // 500 for kept in during}) > 5, "acknowledgements came between the deletions"
    assert store.visible() == store.kept() == len(arrived)
