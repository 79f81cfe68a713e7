"""Looks between the minutes of an NRT rule: what arrives is found within seconds, once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.clock import SystemClock
from vedette.core.ids import new_id
from vedette.detect.early_looks import LEAST, EarlyLooks
from vedette.detect.engine import ALERT_RULE, Detections
from vedette.detect.incidents import INCIDENT
from vedette.detect.ledger import RunRecord
from vedette.detect.rule import parse_nrt_rule
from vedette.detect.stored_rule import StoredRule
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
WITHIN = 5.0
PROPERTIES = {
    "displayName": "A host beats",
    "enabled": True,
    "severity": "Medium",
    "query": "Heartbeat | where Computer startswith 'web'",
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
}
Make = Callable[..., StoredRule]


@pytest.fixture
def rule(make_rule: Make) -> StoredRule:
    properties = parse_nrt_rule(PROPERTIES)
    return replace(make_rule(), properties=properties, kind="NRT", by_arrival=True)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def looks(arrived: datetime | None, tables: frozenset[str] = frozenset({"heartbeat"})) -> EarlyLooks:
    return EarlyLooks(lambda _rule: tables, lambda _rule, _tables: arrived)


def ends(early: EarlyLooks, rule: StoredRule, record: RunRecord | None, seconds: float) -> list[float]:
    windows = list(early.windows([(rule, record)], after(seconds)))
    for window in windows:
        early.begun(window)
        assert (window.start, window.early) == (START, True)
    return [(window.end - START).total_seconds() for window in windows]


def test_what_has_arrived_is_looked_at_once(rule: StoredRule) -> None:
    early, record = looks(after(5)), RunRecord(START, last_end=START)
    assert ends(early, rule, record, 6) == [6]
    assert ends(early, rule, record, 7) == []
    early._last_arrival = lambda _rule, _tables: after(6.5)
    assert ends(early, rule, record, 8) == []
    assert ends(early, rule, record, 9) == [9]


def test_a_window_is_not_too_short_and_not_its_whole_minute(rule: StoredRule) -> None:
    record = RunRecord(START, last_end=START)
    least = LEAST.total_seconds()
    assert ends(looks(after(1)), rule, record, least - 0.1) == []
    assert ends(looks(after(1)), rule, record, least) == [least]
    assert ends(looks(after(1)), rule, record, 60) == []


@pytest.mark.parametrize(
    "record",
    [
        None,
        RunRecord(START),
        RunRecord(START, last_end=START, paused=True),
        RunRecord(START, last_end=START, retry_at=after(70)),
        RunRecord(after(1), last_end=START),
    ],
)
def test_who_has_no_window_under_way(rule: StoredRule, record: RunRecord | None) -> None:
    assert ends(looks(after(5)), rule, record, 6) == []


def test_a_query_whose_minutes_matter_waits_for_them(rule: StoredRule) -> None:
    assert ends(looks(after(5), frozenset()), rule, RunRecord(START, last_end=START), 6) == []


def test_nothing_that_arrived_is_nothing_to_look_at(rule: StoredRule) -> None:
    record = RunRecord(START, last_end=START)
    assert ends(looks(None), rule, record, 6) == []
    assert ends(looks(START - timedelta(seconds=1)), rule, record, 6) == []


def test_who_was_not_looked_at_for_longest_is_first(rule: StoredRule) -> None:
    record = RunRecord(START, last_end=START)
    rules = [(replace(rule, id=f"{rule.id}{number}"), record) for number in range(3)]
    early = looks(after(59))
    seen: list[str] = []
    for seconds in (6, 10, 14):
        window = next(early.windows(rules, after(seconds)))
        early.begun(window)
        seen.append(window.rule.id)
    assert seen == [each.id for each, _ in rules]


def test_who_had_nothing_to_watch_is_asked_again(rule: StoredRule) -> None:
    tables: frozenset[str] = frozenset()
    early = EarlyLooks(lambda _rule: tables, lambda _rule, _tables: after(100))
    assert ends(early, rule, RunRecord(START, last_end=START), 6) == []
    tables = frozenset({"heartbeat"})
    late = RunRecord(START, last_end=after(60))
    assert [window.end for window in early.windows([(rule, late)], after(100))] == [after(100)]


@contextmanager
def serving(detections: Detections) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=detections.serve, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        detections.close()


def test_what_arrives_is_an_incident_within_seconds(tmp_path: Path, workspace: Workspace) -> None:
    clock = SystemClock()
    state = StateStore(f"sqlite:///{tmp_path}/state.db", clock, new_id)
    engine = DuckDBEngine(None)
    logs = LogStore(engine, clock, state)
    logs.create_workspace(workspace.id, workspace.name, workspace.resource_id)
    state.deliver = logs.apply_outbox
    with state.transaction() as transaction:
        id = f"{workspace.resource_id}/providers/{ALERT_RULE}/r1"
        body = {"kind": "NRT", "properties": PROPERTIES}
        transaction.put(id=id, type=ALERT_RULE, scope=workspace.resource_id, name="r1", body=body)
    with serving(Detections(state, logs, clock, Workspaces([workspace]))):
        for number in range(1, 3):
            rows = [{"TimeGenerated": clock.now() - timedelta(hours=3), "Computer": f"web{number}"}]
            logs.append(workspace.id, "Heartbeat", rows).result()
            acknowledged = time.monotonic()
            while state.count(INCIDENT) < number:
                assert time.monotonic() - acknowledged < WITHIN, "the incident comes too late"
                time.sleep(0.05)
    alerts = logs.query(workspace.id, "SecurityAlert | project StartTime").rows()
    assert len(alerts) == 2
    logs.close()
    engine.close()
    state.close()
