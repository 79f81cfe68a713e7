from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.detect.conftest import PROPERTIES

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput, NotFound
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.incidents import INCIDENT
from vedette.detect.rule import ScheduledRule, parse_rule
from vedette.detect.rule_kind import Evaluation, Failed
from vedette.detect.schedule import Window
from vedette.logs.store import LogStore
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
PutRule = Callable[..., str]


@pytest.fixture(autouse=True)
def _a_beat(logs: LogStore, workspace: Workspace) -> None:
    rows = [{"TimeGenerated": START - timedelta(minutes=1), "Computer": "web01"}]
    logs.append(workspace.id, "Heartbeat", rows).result()


def count(logs: LogStore, workspace: Workspace, table: str) -> int:
    return len(logs.query(workspace.id, table).rows())


def test_nothing_is_due_without_rules(detections: Detections, clock: VirtualClock) -> None:
    assert detections.next_due() is None
    assert detections.run_due(clock.now()) == []


def test_a_run_tells_what_came_of_it(detections: Detections, clock: VirtualClock, put_rule: PutRule) -> None:
    id = put_rule()
    assert detections.next_due() == START
    (outcome,) = detections.run_due(clock.now())
    assert (outcome.rule_id, outcome.end, outcome.results, outcome.failure) == (id, START, 1, None)
    assert (len(outcome.alerts), len(outcome.incidents)) == (1, 1)
    assert detections.next_due() == START + timedelta(minutes=5)
    assert detections.run_due(clock.now()) == []


def test_advancing_steps_through_every_run(detections: Detections, clock: VirtualClock, put_rule: PutRule) -> None:
    put_rule("one")
    put_rule("other", queryFrequency="PT7M")
    outcomes = detections.advance_to(clock, START + timedelta(minutes=14))
    minutes = [
        (outcome.rule_id.rpartition("/")[2], (outcome.end - START) // timedelta(minutes=1)) for outcome in outcomes
    ]
    assert minutes == [("one", 0), ("other", 0), ("one", 5), ("other", 7), ("one", 10), ("other", 14)]
    assert clock.now() == START + timedelta(minutes=14)


def test_a_restart_runs_no_window_again(
    state: StateStore, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    put_rule()
    for _ in range(2):
        Detections(state, logs, clock, Workspaces([workspace])).run_due(clock.now())
    assert state.count(INCIDENT) == 1
    assert count(logs, workspace, "SecurityAlert") == 1


def test_a_runner_that_does_not_know_what_another_ran_runs_nothing_twice(
    state: StateStore, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    put_rule()
    runners = [Detections(state, logs, clock, Workspaces([workspace])) for _ in range(2)]
    assert [runner.next_due() for runner in runners] == [START, START]
    assert [len(runner.run_due(clock.now())) for runner in runners] == [1, 0]
    assert [runner.next_due() for runner in runners] == [START + timedelta(minutes=5)] * 2
    assert count(logs, workspace, "SecurityAlert") == 1


def test_threads_run_each_window_once(
    detections: Detections, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    for number in range(5):
        put_rule(f"r{number}")
    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(lambda _: detections.run_due(clock.now()), range(4)))
    assert sum(map(len, outcomes)) == 5
    assert count(logs, workspace, "SecurityAlert") == 5


def test_what_could_not_be_delivered_is_delivered_later(
    state: StateStore, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    """As after a crash between the commit of the documents and the log rows' own."""
    put_rule()
    state.deliver = None
    Detections(state, logs, clock, Workspaces([workspace])).run_due(clock.now())
    assert state.count(INCIDENT) == 1
    assert state.pending_count() == 3
    logs.apply_outbox()
    assert state.pending_count() == 0
    assert count(logs, workspace, "SecurityIncident") == 1
    assert count(logs, workspace, "SentinelHealth") == 1


def test_a_rule_deleted_meanwhile_leaves_nothing(
    state: StateStore, detections: Detections, clock: VirtualClock, put_rule: PutRule
) -> None:
    id = put_rule()
    detections.run_due(clock.now())
    with state.transaction() as transaction:
        transaction.delete(id)
    assert detections.next_due() is None
    assert detections.advance_to(clock, START + timedelta(hours=1)) == []


def test_a_failure_is_that_rules_own(
    detections: Detections, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    put_rule("broken", query="NoSuchTable")
    put_rule("whole")
    broken, whole = detections.run_due(clock.now())
    assert broken.failure is not None
    assert "NoSuchTable" in broken.failure.reason
    assert whole.failure is None
    assert len(whole.alerts) == 1
    assert count(logs, workspace, "SentinelHealth") == 2


def test_a_document_that_is_no_rule_stops_no_other(
    state: StateStore, detections: Detections, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    with state.transaction() as transaction:
        for name, body in (("fusion", {"kind": "Fusion"}), ("bare", {"kind": "Scheduled", "properties": {}})):
            id = f"{workspace.resource_id}/providers/{ALERT_RULE}/{name}"
            transaction.put(id=id, type=ALERT_RULE, scope=workspace.resource_id, name=name, body=body)
    put_rule()
    assert len(detections.run_due(clock.now())) == 1


def test_rules_rest_while_their_workspace_is_deleted(
    state: StateStore, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_rule: PutRule
) -> None:
    put_rule()
    there = [workspace]

    class Changing(Workspaces):
        def by_resource_id(self, resource_id: str) -> Workspace | None:
            return Workspaces(there).by_resource_id(resource_id)

        def all(self) -> tuple[Workspace, ...]:
            return tuple(there)

    detections = Detections(state, logs, clock, Changing(()))
    assert len(detections.run_due(clock.now())) == 1
    there.clear()
    clock.set(clock.now() + timedelta(minutes=5))
    assert (detections.next_due(), detections.run_due(clock.now())) == (None, [])
    there.append(workspace)
    assert len(detections.run_due(clock.now())) == 1


def test_a_run_that_is_asked_for_takes_no_part_in_the_schedule(
    detections: Detections, put_rule: PutRule, logs: LogStore, state: StateStore, clock: VirtualClock
) -> None:
    rule_id = put_rule(enabled=False, query="print Computer = 'web01'")
    claimed: list[Failed | None] = []

    def claim(_transaction: Transaction, failure: Failed | None) -> bool:
        claimed.append(failure)
        return len(claimed) == 1

    first = detections.run_asked_for(rule_id, clock.now(), "one", claim)
    assert first is not None
    assert (first.results, len(first.alerts), len(first.incidents)) == (1, 1, 1)
    assert detections.run_asked_for(rule_id, clock.now(), "one", claim) is None
    assert state.count("Microsoft.SecurityInsights/incidents") == 1
    assert detections.next_due() is None or not detections.run_due(clock.now())
    with pytest.raises(NotFound):
        detections.run_asked_for(rule_id + "x", clock.now(), "two", claim)


@dataclass
class Whenever:
    """A kind of rule whose run does what a test says, and then brings that."""

    during: Callable[[], object] = lambda: None
    keep: Callable[[Any, datetime], Sequence[Any]] = lambda _transaction, _now: ()
    name: str = "Whenever"
    operation: str = "Whenever run"
    trigger: str = "Scheduled"
    by_arrival: bool = False

    def read(self, document: Document) -> ScheduledRule:
        return parse_rule(document.body["properties"])

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        self.during()
        return Evaluation(keep=self.keep)


@pytest.fixture
def put_whenever(state: StateStore, workspace: Workspace) -> Callable[..., str]:
    def put(name: str = "r1", **changes: Any) -> str:
        id = f"{workspace.resource_id}/providers/{ALERT_RULE}/{name}"
        body = {"kind": "Whenever", "properties": PROPERTIES | changes}
        with state.transaction() as transaction:
            transaction.put(id=id, type=ALERT_RULE, scope=workspace.resource_id, name=name, body=body)
        return id

    return put


def test_what_cannot_be_kept_is_that_rules_failure(
    state: StateStore, logs: LogStore, clock: VirtualClock, workspace: Workspace, put_whenever: Callable[..., str]
) -> None:
    def keep(_transaction: Any, _now: datetime) -> Sequence[Any]:
        raise InvalidInput("BadRequest", "the description is too long")

    put_whenever()
    detections = Detections(state, logs, clock, Workspaces([workspace]), kinds=[Whenever(keep=keep)])
    (outcome,) = detections.run_due(clock.now())
    assert outcome.failure is not None
    assert "too long" in outcome.failure.reason
    assert count(logs, workspace, "SentinelHealth") == 1


@pytest.mark.parametrize("is_enabled_again", [False, True])
def test_a_rule_that_is_disabled_while_it_runs_begins_anew_later(
    state: StateStore,
    logs: LogStore,
    clock: VirtualClock,
    workspace: Workspace,
    put_whenever: Callable[..., str],
    is_enabled_again: bool,
) -> None:
    put_whenever()
    kind = Whenever()
    detections = Detections(state, logs, clock, Workspaces([workspace]), kinds=[kind])
    detections.run_due(clock.now())

    def during() -> None:
        put_whenever(enabled=False)
        if is_enabled_again:
            detections._agenda.refresh(clock.now())
            put_whenever()

    kind.during = during
    clock.set(START + timedelta(minutes=5))
    assert len(detections.run_due(clock.now())) == 1
    kind.during = lambda: None
    put_whenever()
    clock.set(START + timedelta(hours=1, minutes=2))
    assert [outcome.end for outcome in detections.run_due(clock.now())] == [clock.now()]
