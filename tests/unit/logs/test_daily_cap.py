"""What a capped workspace keeps, drops and says, day by day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.daily_cap import Status
from vedette.logs.known_requests import RequestId
from vedette.logs.store import LogStore
from vedette.logs.table_settings import WORKSPACE as TYPE
from vedette.state.store import StateStore

WORKSPACE = "6A3F2A52-6a1e-4a63-9a3b-9e0c4b8f7d11"
ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
START = datetime(2024, 1, 1, 22, tzinfo=UTC)
KILOBYTE = 1e-6  # GB


class Capped:
    """A workspace that may be given a cap, and what was said of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = VirtualClock(START)
        self.said: list[bool] = []
        self.start()

    def start(self) -> None:
        self.state = StateStore(f"sqlite:///{self.path}/state.db", self.clock, new_id)
        self.engine = DuckDBEngine(self.path / "logs.duckdb")
        self.logs = LogStore(self.engine, self.clock, self.state)
        self.logs.create_workspace(WORKSPACE, "w", ID)
        self.logs.daily_caps.on_change = lambda _id, stopped: self.said.append(stopped)

    def stop(self) -> None:
        self.logs.close()
        self.engine.close()
        self.state.close()

    def cap(self, gigabytes: float) -> None:
        body = {"properties": {"workspaceCapping": {"dailyQuotaGb": gigabytes}}}
        with self.state.transaction() as transaction:
            transaction.put(id=ID, type=TYPE, scope=ID, name="w", body=body)

    def send(self, table: str = "A_CL", size: int = 1000, **request: Any) -> None:
        columns = {"text": ScalarType.string} if table.endswith("_CL") else None
        column = "text" if table.endswith("_CL") else "Computer"
        self.logs.append(WORKSPACE, table, [{column: "x" * size}], columns=columns, way="collector", **request).result()

    def rows(self, table: str = "A_CL") -> int:
        return self.logs.query(WORKSPACE, f"{table} | count").rows()[0][0]

    @property
    def status(self) -> Status:
        return self.logs.daily_caps.status(WORKSPACE, self.clock.now())


@pytest.fixture
def capped(tmp_path: Path) -> Iterator[Capped]:
    capped = Capped(tmp_path)
    yield capped
    capped.stop()


def test_what_comes_after_the_cap_is_not_kept_until_midnight(capped: Capped) -> None:
    capped.cap(5 * KILOBYTE)
    assert capped.status is Status.RESPECT_QUOTA
    for _ in range(4):
        capped.send()
    assert capped.status is Status.APPROACHING_QUOTA
    for _ in range(4):
        capped.send()
    assert capped.rows() == 5  # the one that reached the cap is kept
    assert capped.status is Status.OVER_QUOTA
    assert capped.said == [True]
    capped.clock.set(START + timedelta(hours=2))
    capped.logs.daily_caps.look(capped.clock.now())
    assert capped.said == [True, False]
    capped.send()
    assert capped.rows() == 6


def test_security_data_and_the_servers_own_rows_are_never_capped(capped: Capped) -> None:
    capped.cap(KILOBYTE)
    for _ in range(3):
        capped.send("SecurityEvent")
        capped.send("Syslog")
    capped.logs.append(WORKSPACE, "Syslog", [{"Computer": "own"}]).result()
    assert (capped.rows("SecurityEvent"), capped.rows("Syslog")) == (3, 2)


def test_a_restart_forgets_nothing_of_the_day(capped: Capped) -> None:
    capped.cap(2 * KILOBYTE)
    capped.send()
    capped.send()
    capped.stop()
    capped.start()
    capped.send()
    assert capped.rows() == 2


def test_a_cap_that_rises_or_goes_lets_collection_go_on_at_once(capped: Capped) -> None:
    capped.cap(KILOBYTE)
    capped.send()
    capped.send()
    capped.cap(3 * KILOBYTE)
    capped.send()
    assert capped.rows() == 2
    capped.send()
    capped.send()
    assert capped.rows() == 3
    capped.cap(-1)
    capped.send()
    assert capped.rows() == 4
    assert capped.said == [True, False, True, False]


def test_a_dropped_request_may_be_sent_again_the_next_day(capped: Capped) -> None:
    capped.cap(KILOBYTE)
    capped.send()
    again = RequestId("one", b"digest")
    capped.clock.set(START + timedelta(hours=1, minutes=50))
    capped.send(request_id=again)
    assert capped.rows() == 1
    capped.clock.set(START + timedelta(hours=2, minutes=10))
    capped.send(request_id=again)
    assert capped.rows() == 2
