"""A plan is used again only while it still means the same."""

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from vedette.core.clock import VirtualClock
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.compile import compile_query
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType
from vedette.logs.files import FileCatalog
from vedette.logs.plan_cache import PlanCache, RecordingCatalog
from vedette.logs.store import LogStore

WORKSPACE = "11111111-1111-1111-1111-111111111111"
START = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def logs(clock: VirtualClock) -> Iterator[LogStore]:
    engine = DuckDBEngine(None)
    store = LogStore(engine, clock, None)
    store.create_workspace(WORKSPACE)
    yield store
    store.close()
    engine.close()


def answer(logs: LogStore, text: str) -> list[list[object]]:
    return logs.query(WORKSPACE, text).rows()


def test_rows_that_came_since_are_seen(logs: LogStore) -> None:
    for count in (1, 2, 3):
        logs.append(WORKSPACE, "T_CL", [{"a_s": "x"}], columns={"a_s": ScalarType.string}).result()
        assert answer(logs, "T_CL | count") == [[count]]


def test_a_column_that_came_since_is_seen(logs: LogStore) -> None:
    logs.append(WORKSPACE, "T_CL", [{"a_s": "x"}], columns={"a_s": ScalarType.string}).result()
    query = "T_CL | where a_s == 'x' | project-keep *_s"
    assert answer(logs, query) == [["x"]]
    logs.append(WORKSPACE, "T_CL", [{"b_s": "y"}], columns={"b_s": ScalarType.string}).result()
    assert answer(logs, query) == [["x", ""]]


def test_a_table_that_came_since_is_seen(logs: LogStore) -> None:
    with pytest.raises(KqlError, match="T_CL"):
        answer(logs, "T_CL | count")
    assert answer(logs, "Heartbeat | count") == [[0]]
    logs.append(WORKSPACE, "T_CL", [{"a_s": "x"}], columns={"a_s": ScalarType.string}).result()
    logs.append(WORKSPACE, "Heartbeat", [{"Computer": "web01"}]).result()
    assert answer(logs, "T_CL | count") == [[1]]
    assert answer(logs, "Heartbeat | count") == [[1]]


def test_a_union_of_a_pattern_sees_new_tables(logs: LogStore) -> None:
    for name in ("Ta_CL", "Tb_CL"):
        logs.append(WORKSPACE, name, [{"a_s": "x"}], columns={"a_s": ScalarType.string}).result()
        answer(logs, "union T*_CL | count")
    assert answer(logs, "union T*_CL | count") == [[2]]


def test_now_is_now(logs: LogStore, clock: VirtualClock) -> None:
    assert answer(logs, "print now()") == [[START]]
    clock.advance(timedelta(hours=1))
    assert answer(logs, "print now()") == [[START + timedelta(hours=1)]]
    assert answer(logs, "print ago(1h)") == [[START]]


def test_one_plan_serves_every_instant_and_timespan(logs: LogStore, clock: VirtualClock) -> None:
    rows = [{"a_s": str(hour), "TimeGenerated": START + timedelta(hours=hour)} for hour in range(5)]
    logs.append(WORKSPACE, "T_CL", rows, columns={"a_s": ScalarType.string}).result()
    query = "T_CL | where TimeGenerated > ago(2h) | project a_s | sort by a_s asc"
    for hour, expected in ((3, ["2", "3", "4"]), (5, ["4"])):
        clock.set(START + timedelta(hours=hour))
        assert [row[0] for row in answer(logs, query)] == expected
        window = (clock.now() - timedelta(hours=2), clock.now())
        inside = [row[0] for row in logs.query(WORKSPACE, query, timespan=window).rows()]
        assert inside == [hour for hour in expected if START + timedelta(hours=int(hour)) < clock.now()]
    (plans,) = {len(logs._plans._kept)}
    assert plans == 2  # with a timespan and without


def test_columns_that_depend_on_data_are_those_of_each_run(logs: LogStore) -> None:
    for name in ("a", "b"):
        logs.append(WORKSPACE, "T_CL", [{"d": {name: 1}}], columns={"d": ScalarType.dynamic}).result()
        columns = logs.query(WORKSPACE, "T_CL | project d | evaluate bag_unpack(d)").columns
        assert columns[-1].name == name
    assert len(columns) == 2


def test_a_kept_plan_keeps_no_catalog() -> None:
    """A catalog has an entry for each published table; hundreds of plans are kept."""
    catalog = FileCatalog([])
    recording = RecordingCatalog(catalog)
    query = compile_query("let f = () { print 1 }; f()", recording, now=START)
    plans, key = PlanCache(), (WORKSPACE, "f()", False, False, False)
    plans.keep(key, query, "SELECT 1", recording)
    assert plans.find(key, catalog) == (query, "SELECT 1")
    gone = weakref.ref(catalog)
    del catalog, recording
    gc.collect()
    assert gone() is None
