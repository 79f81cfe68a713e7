"""The Tables API without HTTP: what it refuses, plans, retention, and jobs that a restart interrupts."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.sentinel.conftest import Send

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import LOG_ANALYTICS_READER
from vedette.access.roles import ROLE_ASSIGNMENT
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.operations import Operations
from vedette.arm.resource_ids import parse_id
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Throttled
from vedette.core.ids import new_id
from vedette.kql.types import ScalarType
from vedette.sentinel import search_jobs
from vedette.sentinel.operations import operation_works
from vedette.sentinel.resources import RESOURCE_TYPES

Columns = list[dict[str, str]]


@pytest.fixture
def place(estate: Estate) -> str:
    return f"{estate.workspace_resource_id}/tables"


@pytest.fixture
def table(place: str) -> str:
    """The id of a table that no other test has: the log store is shared."""
    return f"{place}/T{new_id().replace('-', '_')[:20]}_CL"


def with_columns(columns: Columns, **more: Any) -> dict[str, Any]:
    return {"properties": {"schema": {"name": "any", "columns": columns}, **more}}


def properties(send: Send, id: str) -> dict[str, Any]:
    return send("GET", id).body["properties"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ([{"name": "1a", "type": "string"}], "'1a' is invalid"),
        ([{"name": "a", "type": "string"}], "'a' is invalid"),
        ([{"name": "a" * 46, "type": "string"}], "is invalid"),
        ([{"name": "née", "type": "string"}], "is invalid"),
        ([{"name": "with space", "type": "string"}], "is invalid"),
        ([{"name": "Type", "type": "string"}], "reserved"),
        ([{"name": "tenantid", "type": "string"}], "reserved"),
        ([{"name": "ab", "type": "decimal"}], "cannot have the type 'decimal'"),
        ([{"name": "ab"}], "cannot have the type"),
        ([{"name": "TimeGenerated", "type": "string"}], "dateTime"),
        ([{"name": "ab", "type": "int"}, {"name": "ab", "type": "int"}], "twice"),
        ([{"name": f"c{number}", "type": "int"} for number in range(501)], "at most 500"),
        ("ab", "must be a list"),
        (["ab"], "must be an object"),
    ],
)
def test_columns_that_cannot_be(send: Send, table: str, columns: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        send("PUT", table, with_columns(columns))
    with pytest.raises(NotFound):
        send("GET", table)


@pytest.mark.parametrize("name", ["NoSuffix", "a_CL" + "b" * 61 + "_CL", "with.dot_CL"])
def test_names_that_cannot_be(send: Send, place: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        send("PUT", f"{place}/{name}", with_columns([]))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"retentionInDays": 3}, "from 4 to 730"),
        ({"retentionInDays": 731}, "from 4 to 730"),
        ({"retentionInDays": "many"}, "from 4 to 730"),
        ({"totalRetentionInDays": 4384}, "from 4 to 4383"),
        ({"retentionInDays": 60, "totalRetentionInDays": 30}, "cannot be less"),
        ({"plan": "Gold"}, "the plans are"),
        ({"schema": 1}, "must be an object"),
    ],
)
def test_settings_that_cannot_be(send: Send, table: str, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        send("PUT", table, {"properties": given})


def test_put_resets_what_it_does_not_say_and_patch_leaves_it(send: Send, table: str) -> None:
    send("PUT", table, with_columns([{"name": "ab", "type": "int"}], retentionInDays=40, totalRetentionInDays=400))
    patched = send("PATCH", table, with_columns([{"name": "cd", "type": "guid"}], retentionInDays=50)).body
    columns = [(each["name"], each["type"]) for each in patched["properties"]["schema"]["columns"]]
    assert columns == [("TimeGenerated", "dateTime"), ("ab", "int"), ("cd", "guid")]
    assert patched["properties"]["archiveRetentionInDays"] == 350
    put = send("PUT", table, with_columns([{"name": "cd", "type": "guid"}])).body["properties"]
    assert [each["name"] for each in put["schema"]["columns"]] == ["TimeGenerated", "cd"]
    assert put["retentionInDaysAsDefault"]
    assert put["totalRetentionInDaysAsDefault"]


def test_plans_and_what_they_forbid(send: Send, table: str, place: str) -> None:
    send("PUT", table, with_columns([{"name": "ab", "type": "int"}], plan="basic", retentionInDays=100))
    made = properties(send, table)
    assert (made["plan"], made["retentionInDays"], made["totalRetentionInDays"]) == ("Basic", 30, 30)
    assert "lastPlanModifiedDate" in made
    with pytest.raises(InvalidInput, match="has the plan Basic"):
        send("POST", f"{table}/deleteData", {"filters": [{"column": "ab", "operator": "==", "value": 1}]})
    with pytest.raises(InvalidInput, match="keeps Basic"):
        send("PATCH", table, {"properties": {"plan": "Auxiliary"}})
    send("PATCH", table, {"properties": {"plan": "Analytics"}})
    assert properties(send, table)["plan"] == "Analytics"
    with pytest.raises(InvalidInput, match="keeps Analytics"):
        send("PATCH", f"{place}/Syslog", {"properties": {"plan": "Auxiliary"}})


def test_an_auxiliary_table_is_made_as_one(send: Send, table: str) -> None:
    send("PUT", table, with_columns([{"name": "ab", "type": "int"}], plan="Auxiliary", totalRetentionInDays=365))
    made = properties(send, table)
    assert (made["plan"], made["retentionInDays"], made["totalRetentionInDays"]) == ("Auxiliary", 365, 365)
    with pytest.raises(InvalidInput, match="keeps Auxiliary"):
        send("PATCH", table, {"properties": {"plan": "Analytics"}})


def test_a_collectors_table_is_changed_once_it_is_migrated(
    send: Send, table: str, context: Context, estate: Estate
) -> None:
    name = table.rpartition("/")[2]
    columns = {"text_s": ScalarType.string, "n_d": ScalarType.real}
    context.logs.append(estate.workspace_id, name, [{"text_s": "a", "n_d": 1.0}], columns=columns).result()
    assert properties(send, table)["schema"]["tableSubType"] == "Classic"
    with pytest.raises(InvalidInput, match="migrate"):
        send("PUT", table, with_columns([{"name": "more", "type": "int"}]))
    assert send("POST", f"{table}/migrate").status == 200
    send("PUT", table, with_columns([{"name": "text_s", "type": "string"}, {"name": "more", "type": "int"}]))
    schema = properties(send, table)["schema"]
    assert schema["tableSubType"] == "DataCollectionRuleBased"
    assert [each["name"] for each in schema["columns"]] == ["TimeGenerated", "text_s", "more"]
    with pytest.raises(InvalidInput, match="only those can be migrated"):
        send("POST", f"{table.rpartition('/')[0]}/Syslog/migrate")


def test_what_hangs_on_a_table_goes_with_it(send: Send, table: str, context: Context, owner: Principal) -> None:
    send("PUT", table, with_columns([{"name": "more", "type": "int"}]))
    context.roles.assign(owner, LOG_ANALYTICS_READER, table)
    assert context.state.count(ROLE_ASSIGNMENT, table) == 1
    begun = send("DELETE", table)
    assert context.operations.wait(begun.headers["Location"].partition("?")[0].rpartition("/")[2], 10)
    assert context.state.count(ROLE_ASSIGNMENT, table) == 0


def test_names_are_found_in_any_letter_case(send: Send, place: str) -> None:
    assert send("GET", f"{place}/sYSLOG").body["name"] == "Syslog"
    with pytest.raises(NotFound):
        send("GET", f"{place}/Nothing_CL")
    assert send("DELETE", f"{place}/Nothing_CL").status == 204
    with pytest.raises(NotFound):
        send("PATCH", f"{place}/Nothing_CL", {"properties": {}})


def search(query: str, **more: Any) -> dict[str, Any]:
    asked = {"query": query, "startSearchTime": "2023-01-01T00:00:00Z", "endSearchTime": "2034-01-01T00:00:00Z", **more}
    return {"properties": {"searchResults": asked}}


def test_a_search_job_that_was_cut_off_begins_anew(
    send: Send, table: str, context: Context, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, results = table.rpartition("/")[2], f"{table.removesuffix('_CL')}_SRCH"
    rows = [{"n_d": float(n)} for n in range(200)]
    context.logs.append(estate.workspace_id, source, rows, columns={"n_d": ScalarType.real}).result()
    monkeypatch.setattr(search_jobs, "_AT_ONCE", 20)
    halted: list[int] = []

    def halt_in_the_middle(result: Any, at: Any) -> list[dict[str, Any]]:
        halted.append(len(halted))
        if len(halted) == 4:
            context.operations.halt()
        return rows_of(result, at)

    rows_of = search_jobs._rows  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(search_jobs, "_rows", halt_in_the_middle)
    begun = send("PUT", results, search(f"{source} | where n_d < 150"))
    assert begun.status == 202
    context.operations.stop()
    assert properties(send, results)["provisioningState"] == "InProgress"
    with pytest.raises(Conflict, match="at work"):
        send("PATCH", results, {"properties": {"retentionInDays": 40}})

    again = Operations(context.state, context.clock, new_id)
    again.serve(operation_works(context))
    assert again.wait(begun.headers["Azure-AsyncOperation"].rpartition("/")[2].partition("?")[0], 10)
    again.stop()
    done = properties(send, results)
    assert (done["provisioningState"], done["resultStatistics"]["ingestedRecords"]) == ("Succeeded", 150)
    found = context.logs.query(estate.workspace_id, f"{results.rpartition('/')[2]} | summarize dcount(n_d), count()")
    assert found.rows() == [[150, 150]]


def test_a_search_job_finds_what_queries_do_not_see_any_more(
    send: Send, table: str, context: Context, estate: Estate
) -> None:
    source, results = table.rpartition("/")[2], f"{table.removesuffix('_CL')}_SRCH"
    send("PUT", table, with_columns([{"name": "ab", "type": "int"}], retentionInDays=4, totalRetentionInDays=4383))
    context.logs.append(estate.workspace_id, source, [{"ab": 7, "TimeGenerated": "2023-06-01T00:00:00Z"}]).result()
    begun = send("PUT", results, search(f"{source} | project ab", limit=10))
    name = begun.headers["Azure-AsyncOperation"].rpartition("/")[2].partition("?")[0]
    assert context.operations.wait(name, 10)
    found = context.logs.query(
        estate.workspace_id, f"{results.rpartition('/')[2]} | project ab, _OriginalTimeGenerated"
    )
    assert [row[0] for row in found.rows()] == [7]
    with pytest.raises(Conflict, match="exists"):
        send("PUT", results, search(source))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 1_000_001}, "limit"),
        ({"startSearchTime": "soon"}, "startSearchTime"),
        ({"endSearchTime": None}, "endSearchTime"),
        ({"query": ""}, "query"),
        ({"query": "Nothing_CL"}, "no table 'Nothing_CL'"),
    ],
)
def test_searches_that_cannot_be(send: Send, place: str, changed: dict[str, Any], reason: str) -> None:
    body = search("Syslog")
    body["properties"]["searchResults"] |= changed
    with pytest.raises(InvalidInput, match=reason):
        send("PUT", f"{place}/Never_SRCH", body)
    with pytest.raises(InvalidInput, match="_SRCH"):
        send("PUT", f"{place}/Never_CL", search("Syslog"))


def test_restores_that_cannot_be(send: Send, place: str) -> None:
    def restored(**changed: Any) -> dict[str, Any]:
        asked = {"sourceTable": "Syslog", "startRestoreTime": "2024-01-01", "endRestoreTime": "2024-01-03", **changed}
        return {"properties": {"restoredLogs": asked}}

    for changed in ({"sourceTable": "Nothing_CL"}, {"startRestoreTime": "2024-01-04"}, {"endRestoreTime": "x"}):
        with pytest.raises(InvalidInput):
            send("PUT", f"{place}/Never_RST", restored(**changed))
    with pytest.raises(InvalidInput, match="_RST"):
        send("PUT", f"{place}/Never_CL", restored())


def test_a_table_is_restored_once_at_a_time_and_four_are_in_a_week(send: Send, place: str, clock: VirtualClock) -> None:
    def restore(name: str, source: str) -> None:
        asked = {"sourceTable": source, "startRestoreTime": "2023-01-01", "endRestoreTime": "2023-01-03"}
        send("PUT", f"{place}/{name}_RST", {"properties": {"restoredLogs": asked}})

    sources = ["Syslog", "SecurityEvent", "CommonSecurityLog", "Heartbeat"]
    for source in sources:
        restore(f"Week{source}", source)
    with pytest.raises(Conflict, match="Syslog"):
        restore("Again", "Syslog")
    with pytest.raises(Throttled) as told:
        restore("Fifth", "SigninLogs")
    assert told.value.seconds == 7 * 24 * 3600
    clock.advance(timedelta(days=7))
    restore("Fifth", "SigninLogs")
    for name in (*(f"Week{source}" for source in sources), "Fifth"):
        send("DELETE", f"{place}/{name}_RST")


def test_a_workspace_takes_fifty_purges_in_an_hour(send: Send, estate: Estate, clock: VirtualClock) -> None:
    filters = {"filters": [{"column": "Computer", "operator": "==", "value": "nobody"}]}

    def purge() -> int:
        return send("POST", f"{estate.workspace_resource_id}/purge", {"table": "Syslog", **filters}).status

    for _ in range(50):
        assert purge() == 202
        clock.advance(timedelta(minutes=1))
    with pytest.raises(Throttled) as told:
        purge()
    assert told.value.seconds == 600
    clock.advance(timedelta(minutes=10))
    assert purge() == 202


def test_who_may_only_read_may_poll_and_not_search_purge_or_delete(
    context: Context, estate: Estate, send: Send, place: str
) -> None:
    reader = Principal(new_id(), None, "reader", estate.tenant_id)
    context.roles.assign(reader, LOG_ANALYTICS_READER, estate.workspace_resource_id)

    def as_reader(method: str, id: str, body: Any = None) -> Any:
        call = Call(method, parse_id(id), reader, {"api-version": "2023-09-01"}, "https://localhost:1", body)
        return answer(context, RESOURCE_TYPES, call)

    filters = {"filters": [{"column": "Computer", "operator": "==", "value": "nobody"}]}
    for method, id, body in (
        ("PUT", f"{place}/Mine_SRCH", search("Syslog")),
        ("POST", f"{estate.workspace_resource_id}/purge", {"table": "Syslog", **filters}),
        ("POST", f"{place}/Syslog/deleteData", filters),
        ("DELETE", f"{place}/Any_CL", None),
    ):
        with pytest.raises(Forbidden):
            as_reader(method, id, body)
    begun = send("POST", f"{place}/Syslog/deleteData", filters)
    address = begun.headers["Azure-AsyncOperation"].removeprefix("https://localhost:8443").partition("?")[0]
    assert as_reader("GET", address).body["status"] in ("InProgress", "Succeeded")
    stranger = Principal(new_id(), None, "stranger", estate.tenant_id)
    with pytest.raises(Forbidden):
        answer(context, RESOURCE_TYPES, Call("GET", parse_id(address), stranger, {"api-version": "2023-09-01"}))


def test_a_shortened_total_retention_can_be_taken_back(
    send: Send, table: str, context: Context, clock: VirtualClock
) -> None:
    send("PUT", table, with_columns([], retentionInDays=100))
    send("PATCH", table, {"properties": {"retentionInDays": 4}})
    document = context.state.get(table)
    assert document is not None
    assert document.body["totalBefore"] == 100
    assert document.body["heldUntil"] == (clock.now() + timedelta(days=30)).isoformat()
    send("PATCH", table, {"properties": {"retentionInDays": 200}})
    restored = context.state.get(table)
    assert restored is not None
    assert restored.body["heldUntil"] is None
