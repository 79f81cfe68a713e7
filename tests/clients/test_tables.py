"""azure-mgmt-loganalytics against a live server: tables are made, changed, searched, restored, purged and deleted."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.loganalytics.models import (
    Column,
    RestoredLogs,
    Schema,
    SearchResults,
    Table,
    TableProperties,
    WorkspacePurgeBody,
    WorkspacePurgeBodyFilters,
)
from tests.clients.sdk import Ready, bearer, collect, log_analytics, rows, web

QUICK = 1.0  # seconds; a poller that waits at all waits longer


def place(ready: Ready, *name: str) -> tuple[str, ...]:
    return ready["resource_group"], ready["workspace_name"], *name


def custom(name: str, columns: dict[str, str], **more: Any) -> Table:
    schema = Schema(name=name, columns=[Column(name=each, type=type) for each, type in columns.items()])
    return Table(properties=TableProperties(schema=schema, **more))


def names(columns: list[Column] | None) -> list[str | None]:
    return [column.name for column in columns or []]


@pytest.fixture
def client(server: Ready) -> Iterator[LogAnalyticsManagementClient]:
    with log_analytics(server) as client:
        yield client


def test_a_custom_table_is_there_at_once_changed_and_deleted(
    client: LogAnalyticsManagementClient, server: Ready
) -> None:
    at = place(server, "Made_CL")
    began = time.monotonic()
    made = client.tables.begin_create_or_update(
        *at, custom("Made_CL", {"Name": "string", "Many": "long", "Uid": "guid", "Bag": "dynamic"})
    ).result()
    assert time.monotonic() - began < QUICK
    assert made.properties is not None
    assert made.properties.schema is not None
    assert made.properties.schema.table_type == "CustomLog"
    assert made.properties.schema.table_sub_type == "DataCollectionRuleBased"
    assert names(made.properties.schema.columns) == ["TimeGenerated", "Name", "Many", "Uid", "Bag"]
    assert rows(server, "Made_CL | count") == [[0]]
    assert [row[0] for row in rows(server, "Made_CL | getschema | project strcat(ColumnName, ':', ColumnType)")][
        :5
    ] == [
        "TimeGenerated:datetime",
        "Name:string",
        "Many:long",
        "Uid:string",
        "Bag:dynamic",
    ]
    client.tables.begin_create_or_update(*at, custom("Made_CL", {"Name": "string", "More": "real"})).result()
    assert names(client.tables.get(*at).properties.schema.columns) == ["TimeGenerated", "Name", "More"]
    assert rows(server, "Made_CL | getschema | where ColumnName in ('Many', 'Bag', 'More') | project ColumnName") == [
        ["More"]
    ]
    with pytest.raises(HttpResponseError, match="type of the column 'More' cannot be changed"):
        client.tables.begin_create_or_update(*at, custom("Made_CL", {"Name": "string", "More": "string"}))
    began = time.monotonic()
    client.tables.begin_delete(*at).result()
    assert time.monotonic() - began < QUICK
    with pytest.raises(ResourceNotFoundError):
        client.tables.get(*at)
    with pytest.raises(HttpResponseError):
        rows(server, "Made_CL | count")
    client.tables.begin_delete(*at).result()


def test_every_table_is_listed(client: LogAnalyticsManagementClient, server: Ready) -> None:
    collect(server, "Listed", [{"a": 1}])
    listed = {table.name: table for table in client.tables.list_by_workspace(*place(server))}
    assert {"Syslog", "SecurityEvent", "Listed_CL"} <= listed.keys()
    syslog = listed["Syslog"].properties
    assert syslog.schema.table_type == "Microsoft"
    assert {"TenantId", "TimeGenerated", "SyslogMessage"} <= set(names(syslog.schema.standard_columns))
    made = listed["Listed_CL"].properties
    assert made.schema.table_sub_type == "Classic"
    assert names(made.schema.columns) == ["a_d"]
    assert made.provisioning_state == "Succeeded"


def test_a_built_in_table_takes_retention_a_plan_and_columns_of_its_own(
    client: LogAnalyticsManagementClient, server: Ready
) -> None:
    at = place(server, "DnsEvents")
    changed = client.tables.begin_update(
        *at, Table(properties=TableProperties(retention_in_days=45, total_retention_in_days=70))
    ).result()
    assert changed.properties is not None
    assert (changed.properties.retention_in_days, changed.properties.archive_retention_in_days) == (45, 25)
    grown = client.tables.begin_update(*at, custom("DnsEvents", {"Extra_CF": "int"})).result()
    assert grown.properties.total_retention_in_days == 70
    assert rows(server, "DnsEvents | getschema | where ColumnName == 'Extra_CF' | project ColumnType") == [["int"]]
    with pytest.raises(HttpResponseError, match="_CF"):
        client.tables.begin_update(*at, custom("DnsEvents", {"Extra": "int"}))
    with pytest.raises(HttpResponseError, match="cannot be deleted"):
        client.tables.begin_delete(*at)
    reset = client.tables.begin_update(
        *at, Table(properties=TableProperties(retention_in_days=-1, total_retention_in_days=-1))
    ).result()
    assert reset.properties.retention_in_days_as_default
    assert reset.properties.total_retention_in_days_as_default


def test_a_search_job_fills_a_table_of_its_own(client: LogAnalyticsManagementClient, server: Ready) -> None:
    collect(server, "Searched", [{"n": number, "word": "odd" if number % 2 else "even"} for number in range(500)])
    now = datetime.now(UTC)
    at = place(server, "Found_SRCH")
    wanted = SearchResults(
        query="Searched_CL | where word_s == 'odd' | extend twice = n_d * 2 | project twice, word_s",
        limit=100,
        start_search_time=now - timedelta(days=1),
        end_search_time=now + timedelta(days=1),
    )
    table = client.tables.begin_create_or_update(
        *at, Table(properties=TableProperties(search_results=wanted)), polling_interval=1
    ).result()
    assert table.properties is not None
    assert table.properties.schema.table_type == "SearchResults"
    assert table.properties.provisioning_state == "Succeeded"
    assert table.properties.search_results.source_table == "Searched_CL"
    assert table.properties.result_statistics.ingested_records == 100
    assert table.properties.result_statistics.progress == 100
    found = rows(
        server,
        "Found_SRCH | summarize count(), countif(word_s == 'odd'), countif(_OriginalType == 'Searched_CL'), "
        "dcount(_OriginalItemId), countif(isnotnull(_OriginalTimeGenerated)), countif(Type == 'Found_SRCH')",
    )
    assert found == [[100] * 6]
    client.tables.cancel_search(*at)
    client.tables.begin_delete(*at).result()
    with pytest.raises(ResourceNotFoundError):
        client.tables.get(*at)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("Syslog | summarize count()", "summarize"),
        ("search 'x'", "begins with the name of a table"),
        ("let a = 1; Syslog | where a == 1", "one expression"),
        ("Syslog | where Computer in (Heartbeat | project Computer)", "no other"),
        ("Syslog | where Nothing == 1", "Nothing"),
    ],
)
def test_what_a_search_job_cannot_run(
    client: LogAnalyticsManagementClient, server: Ready, query: str, reason: str
) -> None:
    wanted = SearchResults(query=query, start_search_time=datetime(2026, 1, 1), end_search_time=datetime(2026, 2, 1))
    with pytest.raises(HttpResponseError, match=reason):
        client.tables.begin_create_or_update(
            *place(server, "Never_SRCH"), Table(properties=TableProperties(search_results=wanted))
        )


def test_restored_rows_are_those_of_the_time_asked_for(client: LogAnalyticsManagementClient, server: Ready) -> None:
    collect(server, "Source", [{"n": 1}, {"n": 2}])
    now = datetime.now(UTC)
    at = place(server, "Again_RST")
    wanted = RestoredLogs(
        source_table="Source_CL", start_restore_time=now - timedelta(days=2), end_restore_time=now + timedelta(hours=1)
    )
    table = client.tables.begin_create_or_update(*at, Table(properties=TableProperties(restored_logs=wanted))).result()
    assert table.properties is not None
    assert table.properties.schema.table_type == "RestoredLogs"
    assert rows(server, "Again_RST | summarize sum(n_d)") == [[3.0]]
    client.tables.begin_delete(*at).result()
    assert rows(server, "Source_CL | count") == [[2]]


def test_purged_rows_are_gone(client: LogAnalyticsManagementClient, server: Ready) -> None:
    collect(
        server, "Private", [{"who": who, "n": n} for n, who in enumerate(["ann", "ANN", "bob", 'o"r']) for _ in (1, 2)]
    )
    body = WorkspacePurgeBody(
        table="Private_CL",
        filters=[
            WorkspacePurgeBodyFilters(column="who_s", operator="in~", value=["Ann", 'o"r']),
            WorkspacePurgeBodyFilters(column="TimeGenerated", operator=">", value="2017-09-01T00:00:00"),
        ],
    )
    purge = client.workspace_purge.purge(*place(server), body)
    deadline = time.monotonic() + 10
    while client.workspace_purge.get_purge_status(*place(server), purge.operation_id).status == "pending":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert client.workspace_purge.get_purge_status(*place(server), purge.operation_id).status == "completed"
    assert rows(server, "Private_CL | summarize count() by who_s") == [["bob", 2]]


def test_deleted_data_is_counted(server: Ready) -> None:
    collect(server, "Corrupt", [{"n": n} for n in range(10)])
    id = (
        f"/subscriptions/{server['subscription_id']}/resourceGroups/{server['resource_group']}/providers/"
        f"Microsoft.OperationalInsights/workspaces/{server['workspace_name']}/tables/Corrupt_CL"
    )
    with web(server) as http:
        answer = http.post(
            f"{id}/deleteData?api-version=2023-09-01",
            json={"filters": [{"column": "n_d", "operator": "between", "value": [3, 5]}]},
            headers=bearer(server),
        )
        assert answer.status_code == 202, answer.text
        assert answer.headers["retry-after"] == "1"
        for _ in range(200):
            polled = http.get(answer.headers["azure-asyncoperation"], headers=bearer(server)).json()
            if polled["status"] != "InProgress":
                break
            time.sleep(0.02)
        assert (polled["status"], polled["properties"]) == ("Succeeded", {"RecordCount": 3, "Status": "Completed"})
        result = http.get(answer.headers["location"], headers=bearer(server))
        assert result.status_code == 200
    assert rows(server, "Corrupt_CL | count") == [[7]]


def advance(ready: Ready, duration: str) -> None:
    with web(ready) as http:
        answer = http.post("/vedette/clock", json={"advance": duration}, headers=bearer(ready))
    assert answer.status_code == 200, answer.text


def test_retention_under_a_virtual_clock(virtual_server: Ready) -> None:
    def days(visible: int, total: int) -> None:
        properties = TableProperties(retention_in_days=visible, total_retention_in_days=total)
        client.tables.begin_update(*place(virtual_server, "Aged_CL"), Table(properties=properties)).result()

    with log_analytics(virtual_server) as client:
        collect(virtual_server, "Aged", [{"name": "old"}])
        days(4, 90)
        advance(virtual_server, "P6D")
        collect(virtual_server, "Aged", [{"name": "new"}])
        assert rows(virtual_server, "Aged_CL | project name_s") == [["new"]]
        days(30, 90)
        assert rows(virtual_server, "Aged_CL | project name_s | order by name_s asc") == [["new"], ["old"]]
        advance(virtual_server, "P85D")
        days(730, 730)
        assert rows(virtual_server, "Aged_CL | project name_s") == [["new"]]
