"""What the server writes of its own account, over the composed application on a virtual clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.signing import post

from vedette import __version__
from vedette.access.addresses import Addresses
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.clock import VirtualClock
from vedette.core.errors import StorageFull
from vedette.core.settings import Settings
from vedette.engine import duckdb as duckdb_engine
from vedette.server.composition import compose

BASE = "https://127.0.0.1:8443"
HOUR = timedelta(hours=1)

Move = Callable[..., None]


def rows(services: Services, query: str) -> list[dict[str, Any]]:
    """The rows of a query of the server's own, by column."""
    result = services.logs.query(services.estate.workspace_id, query)
    names = [column.name for column in result.columns]
    return [dict(zip(names, row, strict=True)) for row in result.rows()]


def advance(services: Services, by: timedelta) -> None:
    """Move the clock as `POST /vedette/clock` does."""
    assert isinstance(services.clock, VirtualClock)
    services.clock.advance(by)
    services.periodic.run_due(services.clock.now())


def to_next_hour(services: Services) -> datetime:
    """Move the clock to the next whole hour, and say which that is."""
    now = services.clock.now()
    hour = now.replace(minute=0, second=0, microsecond=0) + HOUR
    advance(services, hour - now)
    return hour


def test_a_heartbeat_says_what_runs_where(virtual_services: Services) -> None:
    advance(virtual_services, timedelta(minutes=1))
    (beat,) = rows(virtual_services, "Heartbeat")
    assert beat["Version"] == __version__
    assert beat["Category"] == "Direct Agent"
    assert beat["Computer"]
    assert beat["OSType"] == "Linux"
    assert beat["TimeGenerated"].second == 0
    advance(virtual_services, timedelta(minutes=1))
    assert len(rows(virtual_services, "Heartbeat")) == 2


def test_usage_is_the_sum_of_what_queries_see(virtual_services: Services) -> None:
    services = virtual_services
    to_next_hour(services)
    workspace = services.estate.workspace_id
    services.logs.append(workspace, "Syslog", [{"SyslogMessage": "x" * 100}] * 3).result()
    services.logs.append(workspace, "Syslog", [{"SyslogMessage": "y"}]).result()
    services.logs.append(workspace, "SecurityEvent", [{"Account": "ann"}]).result()
    seen = rows(services, "Syslog | summarize Size = sum(_BilledSize)")
    end = to_next_hour(services)
    found = {row["DataType"]: row for row in rows(services, f"Usage | where EndTime == datetime({end.isoformat()})")}
    syslog = found["Syslog"]
    assert syslog["Quantity"] * 1e6 == seen[0]["Size"] == 301 + 4 * 8
    assert (syslog["StartTime"], syslog["EndTime"]) == (end - HOUR, end)
    assert (syslog["QuantityUnit"], syslog["IsBillable"], syslog["TotalBatches"]) == ("MBytes", True, 2)
    assert (syslog["Solution"], found["SecurityEvent"]["Solution"]) == ("LogManagement", "Security")
    assert found["Heartbeat"]["IsBillable"] is False
    assert "Usage" not in found


def test_hours_that_nobody_accounted_for_in_time_are_accounted_for_once(
    tmp_path: Path, own_addresses: Addresses
) -> None:
    settings = Settings(tmp_path, virtual_clock=True)
    sizes = 0.0
    with compose(settings, own_addresses) as services:
        start = to_next_hour(services)
    for hour in range(3):  # three lives, each of which ends before its hour does
        with compose(settings, own_addresses) as services:
            assert isinstance(services.clock, VirtualClock)
            services.clock.set(start + hour * HOUR + timedelta(minutes=10))
            services.logs.append(services.estate.workspace_id, "Syslog", [{"SyslogMessage": "x" * (hour + 1)}]).result()
            sizes += hour + 1 + 8
    for _ in range(2):  # and a fourth and a fifth that look at the same hours
        with compose(settings, own_addresses) as services:
            assert isinstance(services.clock, VirtualClock)
            services.clock.set(start + 4 * HOUR)
            services.periodic.run_due(start + 5 * HOUR)
            found = rows(services, "Usage | where DataType == 'Syslog' | order by StartTime asc")
    assert [row["StartTime"] for row in found] == [start, start + HOUR, start + 2 * HOUR]
    assert sum(row["Quantity"] for row in found) * 1e6 == pytest.approx(sizes, abs=1e-6)


def test_each_query_of_somebody_is_in_the_query_log(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    services = virtual_services
    client = signed_in(services)
    path = f"/v1/workspaces/{services.estate.workspace_id}/query"
    headers = {"User-Agent": "azsdk-python-monitor-query/2.0.0 Python/3.12"}
    good = client.post(path, json={"query": "print n = 1", "timespan": "PT1H"}, headers=headers)
    client.post(path, json={"query": "NoSuchTable"})
    rows(services, "print ours = 1")
    advance(services, timedelta(seconds=30))
    ran, failed = rows(services, "LAQueryLogs | order by ResponseCode asc")
    assert ran["QueryText"] == "print n = 1"
    assert ran["CorrelationId"] == good.headers["x-ms-request-id"]
    assert ran["AADObjectId"] == services.estate.client_object_id
    assert ran["AADClientId"] == services.estate.client_id
    assert ran["AADTenantId"] == services.estate.tenant_id
    assert ran["RequestClientApp"] == "azsdk-python-monitor-query"
    assert ran["RequestTarget"] == f"{BASE}{path}"
    assert ran["RequestContext"] == {"workspaces": [services.estate.workspace_resource_id]}
    assert (ran["ResponseCode"], ran["ResponseRowCount"]) == (200, 1)
    assert ran["ResponseDurationMs"] > 0
    assert HOUR <= ran["QueryTimeRangeEnd"] - ran["QueryTimeRangeStart"] < HOUR + timedelta(seconds=1)
    assert (failed["ResponseCode"], failed["ResponseRowCount"]) == (400, 0)
    assert ran["QueryThumbprint"] != failed["QueryThumbprint"]


def test_the_query_log_is_kept_when_the_server_stops_and_not_at_all_when_told_so(
    tmp_path: Path, own_addresses: Addresses, signed_in: Callable[[Services], TestClient]
) -> None:
    def ask(services: Services) -> None:
        path = f"/v1/workspaces/{services.estate.workspace_id}/query"
        assert signed_in(services).post(path, json={"query": "print 1"}).status_code == 200

    with compose(Settings(tmp_path, virtual_clock=True), own_addresses) as services:
        ask(services)
    with compose(Settings(tmp_path, virtual_clock=True, query_log=False), own_addresses) as services:
        ask(services)
        advance(services, HOUR)
        assert len(rows(services, "LAQueryLogs")) == 1


def test_what_the_collector_cuts_or_refuses_is_said_once(virtual_services: Services) -> None:
    services = virtual_services
    services_client = TestClient(make_app(services), base_url=BASE)
    for _ in range(3):
        long = {"text": "x" * 40_000, "nested": {"a": "y" * 40_000}, "short": "z"}
        assert post(services_client, services, [long], "Cut").status_code == 200
        assert post(services_client, services, b"[1]", "Cut").status_code == 400
    wide = [{f"p{number}": "v" for number in range(600)}]
    assert post(services_client, services, wide, "Wide").status_code == 200
    advance(services, timedelta(minutes=1))
    said = rows(services, "_LogOperation | order by Operation asc, Detail asc")
    assert [(row["Category"], row["Operation"], row["Level"]) for row in said] == [
        ("Ingestion", "Data collection status", "Error"),
        ("Ingestion", "Field content validation", "Warning"),
        ("Ingestion", "Field content validation", "Warning"),
        ("Ingestion", "Maximum table column count", "Warning"),
    ]
    assert "nested of the table Cut_CL" in said[1]["Detail"]
    assert "text of the table Cut_CL" in said[2]["Detail"]
    assert "Wide_CL" in said[3]["Detail"]
    advance(services, timedelta(hours=7))
    post(services_client, services, b"[1]", "Cut")
    advance(services, timedelta(minutes=1))
    assert len(rows(services, "_LogOperation | where Level == 'Error'")) == 2


def test_rows_that_the_server_cannot_take_are_said(virtual_services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services = virtual_services
    client = TestClient(make_app(services), base_url=BASE, raise_server_exceptions=False)
    assert post(client, services, [{"n": 1}], "Passing").status_code == 200

    def full(*_: object, **__: object) -> None:
        raise StorageFull("InsufficientStorage", "The disk is full.")

    def broken(*_: object) -> None:
        raise RuntimeError("secret")

    with monkeypatch.context() as while_it_lasts:
        while_it_lasts.setattr(duckdb_engine, "check_room", full)
        for _ in range(2):
            assert post(client, services, [{"n": 1}], "Passing").status_code == 503
    with monkeypatch.context() as while_it_lasts:
        while_it_lasts.setattr("vedette.logs.store.with_standard_values", broken)
        assert post(client, services, [{"n": 1}], "Broken").status_code == 500
    advance(services, timedelta(minutes=1))
    said = rows(services, "_LogOperation | where Operation == 'Data collection status' | order by Detail asc")
    assert [(row["Category"], row["Level"]) for row in said] == [("Ingestion", "Error")] * 2
    assert "Broken_CL was refused (InternalServerError)" in said[0]["Detail"]
    assert "secret" not in said[0]["Detail"]
    assert "Passing_CL was refused (InsufficientStorage)" in said[1]["Detail"]


def test_a_capped_workspace_says_when_its_collection_stops_and_goes_on(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    services = virtual_services
    to_next_hour(services)
    client, id = signed_in(services), services.estate.workspace_resource_id
    version = {"api-version": "2023-09-01"}
    capping = {"properties": {"workspaceCapping": {"dailyQuotaGb": 0.023}}}
    client.patch(id, params=version, json=capping).raise_for_status()
    for table in ("Big", "Big", "Late"):
        assert post(client, services, [{"text": "x" * 30_000}] * 500, table).status_code == 200
    told = client.get(id, params=version).json()["properties"]["workspaceCapping"]
    assert told["dataIngestionStatus"] == "OverQuota"
    advance(services, timedelta(days=1))
    assert post(client, services, [{"text": "y"}], "Late").status_code == 200
    advance(services, timedelta(minutes=1))
    assert [row["Count"] for row in rows(services, "union Big_CL, Late_CL | count")] == [1001]
    said = rows(services, "_LogOperation | where Operation has 'Data collection' | order by TimeGenerated asc")
    assert [(row["Operation"], row["Level"]) for row in said] == [
        ("Data collection stopped", "Warning"),
        ("Data collection resumed", "Info"),
    ]
    assert "OverQuota" in said[0]["Detail"]
    dropped = services.metrics.dropped_rows.values()
    assert dropped["collector", "OverQuota"] == 500


def test_usage_says_the_plan_of_each_table(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    services = virtual_services
    to_next_hour(services)
    place = f"{services.estate.workspace_resource_id}/tables/Syslog"
    plan = {"properties": {"plan": "Basic"}}
    signed_in(services).put(place, params={"api-version": "2023-09-01"}, json=plan).raise_for_status()
    for table in ("Syslog", "SecurityEvent"):
        services.logs.append(services.estate.workspace_id, table, [{"Computer": "a"}]).result()
    to_next_hour(services)
    found = rows(services, "Usage | where DataType in ('Syslog', 'SecurityEvent') | order by DataType asc")
    assert [row["Plan"] for row in found] == ["Analytics", "Basic"]


def test_a_changed_setting_is_said_and_a_rule_is_none(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    services = virtual_services
    client = signed_in(services)
    workspace = services.estate.workspace_resource_id
    version = {"api-version": "2023-09-01"}
    search = {"properties": {"category": "c", "displayName": "d", "query": "Heartbeat"}}
    made = client.put(f"{workspace}/savedSearches/mine", params=version, json=search)
    client.put(f"{workspace}/providers/Microsoft.SecurityInsights/onboardingStates/default", params=version, json={})
    client.get(workspace, params=version)
    advance(services, timedelta(minutes=1))
    said = rows(services, "_LogOperation | where Category == 'Configuration'")
    assert len(said) == (1 if made.is_success else 0)
    for row in said:
        assert row["Detail"] == "PUT savedSearches/mine by vedette-owner"
        assert row["_ResourceId"] == f"{workspace}/savedSearches/mine".lower()
        assert row["Level"] == "Info"


def test_nothing_of_it_feeds_on_itself(virtual_services: Services) -> None:
    services = virtual_services
    to_next_hour(services)
    before = rows(services, "union withsource=T Usage, LAQueryLogs, Operation | count")
    for _ in range(5):
        to_next_hour(services)
    after = rows(services, "union withsource=T Usage, LAQueryLogs, Operation | summarize count() by T")
    assert before
    assert {row["T"] for row in after} <= {"Usage"}
    assert len(rows(services, "Usage | where StartTime > ago(2h) | distinct DataType")) == 1, "the heartbeats"


def test_times_are_of_the_clock_that_data_goes_by(virtual_services: Services) -> None:
    advance(virtual_services, timedelta(days=400))
    (beat,) = rows(virtual_services, "Heartbeat")
    assert beat["TimeGenerated"] > datetime.now(UTC) + timedelta(days=300)
