"""Appending and querying: what is stored, what is refused, and what happens when the disk fails."""

import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import duckdb
import pytest
from tests.unit.logs.running_store import NOW, WORKSPACE, Running

from vedette.core.errors import InvalidInput, NotFound, Passing, TimedOut, Unavailable
from vedette.engine import disk_space
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.duckdb_transaction import WriteTransaction
from vedette.engine.limits import Limits
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType
from vedette.logs import store
from vedette.logs.known_requests import RequestId
from vedette.logs.store import LogStore

OTHER = "11111111-2222-3333-4444-555555555555"
COLUMNS = {"name_s": ScalarType.string, "n_d": ScalarType.real, "bag": ScalarType.dynamic}


def test_rows_are_there_when_the_future_resolves_and_after_a_restart(running: Running) -> None:
    rows = [{"name_s": "é", "n_d": 1, "bag": {"k": [1]}}, {"TimeGenerated": NOW - timedelta(hours=1)}]
    running.store.append(WORKSPACE, "App_CL", rows, columns=COLUMNS).result()
    query = "App_CL | project TimeGenerated, name_s, n_d, bag, TenantId, Type, _IsBillable, _TimeReceived"
    expected = [
        [NOW, "é", 1.0, {"k": [1]}, WORKSPACE.lower(), "App_CL", "True", NOW],
        [NOW - timedelta(hours=1), "", None, None, WORKSPACE.lower(), "App_CL", "True", NOW],
    ]
    assert running.query(query) == expected
    running.stop()
    running.start()
    assert running.query(query) == expected


def test_standard_columns_are_the_servers(running: Running) -> None:
    sent = {
        "TenantId": "somebody else",
        "Type": "Forged",
        "_ItemId": "x",
        "_BilledSize": -1.0,
        "SourceSystem": "RestAPI",
        "_ResourceId": "/subscriptions/s-1/resourceGroups/g",
        "name_s": "abc",
        "n_d": 1.0,
    }
    running.store.append(WORKSPACE, "App_CL", [sent, {**sent, "name_s": ""}], columns=COLUMNS).result()
    query = "App_CL | project TenantId, Type, SourceSystem, _SubscriptionId, _BilledSize, _ItemId"
    rows = running.query(query)
    assert [row[:5] for row in rows] == [
        [WORKSPACE.lower(), "App_CL", "RestAPI", "s-1", 19.0],
        [WORKSPACE.lower(), "App_CL", "RestAPI", "s-1", 16.0],
    ]
    assert rows[0][5] != rows[1][5]


def test_a_built_in_table_exists_before_it_has_rows(running: Running) -> None:
    catalog = running.store.catalog(WORKSPACE)
    before = catalog.table("SecurityAlert")
    assert before is not None
    assert before.relation is None
    assert running.query("SecurityAlert | count") == [[0]]
    running.store.append(WORKSPACE, "SecurityAlert", [{"AlertName": "a"}]).result()
    after = catalog.table("SecurityAlert")
    assert after is not None
    assert after.relation is not None
    assert [column.name for column in after.columns] == [column.name for column in before.columns]
    assert running.query("SecurityAlert | project AlertName, _IsBillable") == [["a", "False"]]
    assert "SecurityAlert" in catalog.table_names()
    assert catalog.table("Nothing") is None


def test_workspaces_are_apart_and_match_in_any_case(running: Running) -> None:
    running.store.create_workspace(OTHER)
    running.store.append(WORKSPACE.upper(), "Heartbeat", [{"Computer": "a"}]).result()
    assert running.store.query(OTHER, "Heartbeat | count").rows() == [[0]]
    assert running.query("Heartbeat | count") == [[1]]
    for call in (running.store.catalog, lambda id: running.store.query(id, "print 1")):
        with pytest.raises(NotFound) as raised:
            call("99999999-0000-0000-0000-000000000000")
        assert raised.value.code == "WorkspaceNotFoundError"


def test_names_in_other_case_are_other_columns_and_tables(running: Running) -> None:
    columns = {"a": ScalarType.long, "A": ScalarType.string, "É": ScalarType.long, "é": ScalarType.long}
    running.store.append(WORKSPACE, "T_CL", [{"a": 1, "A": "x", "É": 2, "é": 3}], columns=columns).result()
    running.store.append(WORKSPACE, "t_CL", [{"a": "text"}], columns={"a": ScalarType.string}).result()
    assert running.query("T_CL | project a, A, ['É'], ['é']") == [[1, "x", 2, 3]]
    assert running.query("t_CL | project a") == [["text"]]


def test_a_table_gets_columns_as_they_come_and_keeps_their_types(running: Running) -> None:
    running.store.append(WORKSPACE, "App_CL", [{"n": 1}], columns={"n": ScalarType.long}).result()
    running.store.append(
        WORKSPACE, "App_CL", [{"s": "x"}], columns={"n": ScalarType.string, "s": ScalarType.string}
    ).result()
    assert running.query("App_CL | project n, s") == [[1, ""], [None, "x"]]
    with pytest.raises(InvalidInput, match="Field 'n' of row 1"):
        running.store.append(WORKSPACE, "App_CL", [{"n": "x"}], columns={"n": ScalarType.string})


@pytest.mark.parametrize(
    ("table", "rows", "columns", "error", "message"),
    [
        ("Absent_CL", [{"a": 1}], None, NotFound, "no table 'Absent_CL'"),
        ("Heartbeat", [{"computer": "x"}], None, InvalidInput, "no column 'computer'. Did you mean 'Computer'?"),
        ("Heartbeat", [{"Computer": "a"}, {"Computer": 5}], None, InvalidInput, "Field 'Computer' of row 2"),
        ("Heartbeat", [{"TimeGenerated": "soon"}], None, InvalidInput, "Field 'TimeGenerated' of row 1"),
        ("New_CL", [{"x" * 501: 1}], {"x" * 501: ScalarType.long}, InvalidInput, "cannot be a name"),
        ("", [{"a": 1}], {"a": ScalarType.long}, InvalidInput, "cannot be a name"),
    ],
)
def test_what_does_not_fit_is_refused_whole(
    running: Running,
    table: str,
    rows: list[dict[str, object]],
    columns: dict[str, ScalarType] | None,
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message.replace("?", r"\?")):
        running.store.append(WORKSPACE, table, rows, columns=columns)
    assert running.engine.tables() == {}


def test_a_table_can_be_made_without_rows(running: Running) -> None:
    running.store.append(WORKSPACE, "Empty_CL", [], columns=COLUMNS).result()
    assert running.query("Empty_CL | project name_s, n_d, bag") == []


def test_many_writers_of_new_columns_agree_on_types(running: Running) -> None:
    def write(worker: int) -> int:
        type, value = (ScalarType.long, worker) if worker % 2 else (ScalarType.real, float(worker))
        try:
            running.store.append(WORKSPACE, "Race_CL", [{"x": value}], columns={"x": type, f"w{worker}": type}).result()
        except InvalidInput:
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        stored = sum(threads.map(write, range(40)))
    assert running.query("Race_CL | count") == [[stored]]
    assert stored >= 20


def test_readers_see_whole_batches_only(running: Running) -> None:
    batch = [{"n_d": float(index)} for index in range(50)]
    running.store.append(WORKSPACE, "App_CL", batch, columns=COLUMNS).result()

    def write(_: int) -> None:
        running.store.append(WORKSPACE, "App_CL", batch).result()

    with ThreadPoolExecutor(4) as threads:
        writes = [threads.submit(write, index) for index in range(30)]
        counts: list[int] = []
        while not all(each.done() for each in writes):
            counts.append(running.store.query(WORKSPACE, "App_CL | count").rows()[0][0])
        for each in writes:
            each.result()
    assert all(count % 50 == 0 for count in counts)
    assert running.query("App_CL | count") == [[31 * 50]]


def test_a_batch_that_nobody_waits_for_any_more_is_all_or_nothing(running: Running) -> None:
    running.store.append(WORKSPACE, "App_CL", [{"n_d": 1.0}], columns=COLUMNS).result()
    futures = [running.store.append(WORKSPACE, "App_CL", [{"n_d": 1.0}], columns=COLUMNS) for _ in range(50)]
    cancelled = sum(future.cancel() for future in futures)
    for future in futures:
        if not future.cancelled():
            future.result()
    assert running.query("App_CL | count") == [[51 - cancelled]]


def test_close_stores_what_waits_and_then_refuses(running: Running) -> None:
    futures = [running.store.append(WORKSPACE, "Heartbeat", [{"Computer": str(n)}]) for n in range(20)]
    running.store.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with pytest.raises(Unavailable):
        running.store.append(WORKSPACE, "Heartbeat", [{"Computer": "late"}])
    assert running.query("Heartbeat | count") == [[20]]


def test_a_failing_disk_stops_acceptance_and_loses_nothing(running: Running) -> None:
    batch = [{"name_s": f"{index:0>1000}", "n_d": 1.0} for index in range(100)]
    running.store.append(WORKSPACE, "App_CL", batch, columns=COLUMNS).result()
    acknowledged = 1
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    written = max(file.stat().st_size for file in running.path.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (written + 300_000, hard))
    try:
        while (error := running.store.append(WORKSPACE, "App_CL", batch).exception()) is None:
            acknowledged += 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(error, Unavailable)
    with pytest.raises(Unavailable):
        running.store.append(WORKSPACE, "App_CL", batch)
    with pytest.raises(Unavailable):
        running.store.create_workspace(OTHER)
    assert running.query("App_CL | count") == [[100 * acknowledged]]
    running.stop()
    running.start()
    assert running.query("App_CL | count") == [[100 * acknowledged]]
    running.store.append(WORKSPACE, "App_CL", batch).result()


def test_query_limits_and_errors(running: Running) -> None:
    with pytest.raises(KqlError):
        running.query("Heartbeat | where Computr == 'x'")
    result = running.store.query(WORKSPACE, "range x from 1 to 5000 step 1", limits=Limits(rows=3000))
    assert (result.truncated, len(result.rows()), result.statistics.rows) == (True, 3000, 3000)
    left, right = "range x from 1 to 30000000 step 1", "range y from 1 to 100000 step 1"
    crossing = f"{left} | extend k = 1 | join kind=inner ({right} | extend k = 1) on k | count"
    with pytest.raises(TimedOut):
        running.store.query(WORKSPACE, crossing, limits=Limits(timeout=timedelta(milliseconds=100)))


def test_now_and_timespan_are_arguments(running: Running) -> None:
    rows = [{"TimeGenerated": NOW - timedelta(hours=hours), "Computer": str(hours)} for hours in range(5)]
    running.store.append(WORKSPACE, "Heartbeat", rows).result()
    assert running.query("print now()") == [[NOW]]
    later = NOW + timedelta(days=1)
    assert running.store.query(WORKSPACE, "print now()", now=later).rows() == [[later]]
    last_two_hours = (NOW - timedelta(hours=2), NOW)
    assert running.store.query(WORKSPACE, "Heartbeat | count", timespan=last_two_hours).rows()[0][0] in (2, 3)


def test_a_wildcard_takes_stored_tables_and_the_columns_that_the_query_names(running: Running) -> None:
    running.store.append(WORKSPACE, "Heartbeat", [{"Computer": "web01"}]).result()
    text = "union withsource=T H*, Sec* | where Computer == 'web01' or EventID == 4625 | project T, EventID"
    assert running.query(text) == [["Heartbeat", None]]


def test_a_query_for_locations_is_warned_that_there_are_none(running: Running) -> None:
    text = "print a = tostring(geo_info_from_ip_address('20.53.203.50').country)"
    answered = running.store.query(WORKSPACE, text)
    assert answered.rows() == [[""]]
    assert [(warning.code, warning.span.start) for warning in answered.warnings] == [("WRN0100", 19)]
    knowing = LogStore(running.engine, running.clock, None, has_ip_database=True)
    assert knowing.query(WORKSPACE, text).warnings == ()
    knowing.close()


def test_a_workspace_that_is_discarded_is_gone_after_a_restart_too(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.store.append(WORKSPACE, "App_CL", [{"n_d": 1}], columns=COLUMNS).result()
    running.store.create_workspace(OTHER, "other")
    running.store.append(OTHER, "App_CL", [{"n_d": 2}], columns=COLUMNS).result()
    monkeypatch.setattr(disk_space, "reserve", lambda _disk: 2**62)  # what makes room is let through on a full disk
    running.store.discard_workspace(OTHER)
    running.store.discard_workspace(OTHER)
    monkeypatch.undo()
    for _ in range(2):
        assert running.store.workspace_ids() == [WORKSPACE.lower()]
        assert list(running.engine.schemas()) == [f"workspace_{WORKSPACE.lower()}"]
        with pytest.raises(NotFound):
            running.store.append(OTHER, "App_CL", [{"n_d": 3}], columns=COLUMNS)
        assert running.query("App_CL | project n_d") == [[1.0]]
        running.stop()
        running.start()
    running.store.create_workspace(OTHER, "other")
    assert running.store.query(OTHER, "union withsource=T * | count").rows() == [[0]]


def test_a_release_with_new_columns_starts_on_a_full_disk(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    running.store.append(WORKSPACE, "App_CL", [{"n_d": 1}], columns=COLUMNS).result()
    running.stop()
    monkeypatch.setattr(store, "__version__", "99")
    monkeypatch.setattr(disk_space, "reserve", lambda _disk: 2**62)
    monkeypatch.setattr(Running, "start", _start_without_making)
    running.start()
    assert running.query("App_CL | project n_d") == [[1.0]]


def _start_without_making(running: Running) -> None:
    running.engine = DuckDBEngine(running.path / "logs.duckdb")
    running.store = LogStore(running.engine, running.clock, None)


def test_rows_that_there_is_no_memory_for_now_are_not_refused_for_good(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block")

    monkeypatch.setattr(WriteTransaction, "append", no_memory)
    with pytest.raises(Passing, match="not enough memory"):
        running.store.append(WORKSPACE, "App_CL", [{"n_d": 1}], columns=COLUMNS).result()
    monkeypatch.undo()
    running.store.append(WORKSPACE, "App_CL", [{"n_d": 1}], columns=COLUMNS).result()
    assert running.query("App_CL | project n_d") == [[1.0]]


def test_rows_for_several_tables_are_stored_together_or_not_at_all(running: Running) -> None:
    request = RequestId.of("two tables", b"")
    rows = {"SecurityEvent": [{"Computer": "a"}], "Event": [{"Computer": "a"}, {"Computer": "b"}]}
    with pytest.raises(InvalidInput):
        running.store.append_tables(WORKSPACE, rows | {"Syslog": [{"EventTime": "no time"}]}, request_id=request)
    for _ in range(2):
        running.store.append_tables(WORKSPACE, rows, request_id=request).result()
    assert running.query(
        "union withsource=T Event, SecurityEvent, Syslog | summarize count() by T | sort by T asc"
    ) == [
        ["Event", 2],
        ["SecurityEvent", 1],
    ]
