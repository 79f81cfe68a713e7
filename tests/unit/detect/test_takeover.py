"""Two servers on one PostgreSQL state: a window that both evaluate is kept once, by the one that has the state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from tests.postgresql import Cluster
from tests.unit.detect.conftest import PROPERTIES, RESOURCE_ID, WORKSPACE

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.errors import Unavailable
from vedette.core.ids import new_id
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.incidents import INCIDENT
from vedette.detect.query_kinds import Scheduled
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
END_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@dataclass(frozen=True, slots=True)
class Interrupted(Scheduled):
    """Something happens once a window is evaluated and before it is kept."""

    then: Callable[[], None] = lambda: None

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        found = Scheduled.evaluate(self, workspace, window)
        self.then()
        return found


@contextmanager
def server(
    url: str, clock: VirtualClock, then: Callable[[], None] = lambda: None
) -> Iterator[tuple[StateStore, Detections]]:
    state, engine = StateStore(url, clock, new_id), DuckDBEngine(None)
    logs = LogStore(engine, clock, state)
    logs.create_workspace(WORKSPACE.id, WORKSPACE.name)
    detections = Detections(state, logs, clock, Workspaces([WORKSPACE]), kinds=[Interrupted(logs, then=then)])
    yield state, detections
    detections.close()
    logs.close()
    engine.close()
    state.close()


def test_a_window_is_kept_by_the_server_that_has_the_state(postgresql: Cluster) -> None:
    url, clock = postgresql.schema_url(), VirtualClock(START)
    with server(url, clock) as (second, its):

        def taken_over() -> None:
            postgresql.execute(END_CONNECTIONS)
            second.claim()
            assert [len(outcome.incidents) for outcome in its.run_due(clock.now())] == [1]

        with server(url, clock, taken_over) as (first, detections):
            first.claim()
            id = f"{RESOURCE_ID}/providers/{ALERT_RULE}/r1"
            body = {"kind": "Scheduled", "properties": PROPERTIES | {"query": "print Computer = 'web01'"}}
            with first.transaction() as transaction:
                transaction.put(id=id, type=ALERT_RULE, scope=RESOURCE_ID, name="r1", body=body)
            with pytest.raises(Unavailable, match="taken this state over"):
                detections.run_due(clock.now())
        assert second.count(INCIDENT) == 1
        assert its.run_due(clock.now()) == []
        clock.advance(timedelta(minutes=5))
        assert len(its.run_due(clock.now())) == 1
        assert second.count(INCIDENT) == 2
