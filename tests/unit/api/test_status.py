"""What the status says of a server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from vedette import __version__
from vedette.api.services import Services


def test_the_status_names_what_is_there(owner: TestClient, services: Services) -> None:
    old = datetime(2024, 3, 1, 12, tzinfo=UTC)
    rows = [{"Computer": "a", "TimeGenerated": old}, {"Computer": "b", "TimeGenerated": old + timedelta(hours=1)}]
    services.logs.append(services.estate.workspace_id, "Heartbeat", rows).result(30)
    told = owner.get("/vedette/status").json()
    assert told["version"] == __version__
    assert told["clock"]["virtual"] is False
    assert told["addresses"] == {
        "https": "https://127.0.0.1:8443",
        "http": "http://127.0.0.1:8080",
        "proxy": "http://127.0.0.1:3128",
    }
    (workspace,) = told["workspaces"]
    assert workspace["id"] == services.estate.workspace_id
    assert workspace["resourceId"] == services.estate.workspace_resource_id
    (table,) = [table for table in workspace["tables"] if table["name"] == "Heartbeat"]
    assert table["rows"] >= 2
    assert table["oldest"] <= "2024-03-01T12:00:00Z" < "2024-03-01T13:00:00Z" <= table["newest"]
    assert table["bytesOnDisk"] >= 0
    assert isinstance(workspace["alertRules"], int)
    assert isinstance(workspace["incidents"], int)


def test_it_says_how_the_process_and_the_disk_are(services: Services, owner: TestClient) -> None:
    services.logs.apply_waiting()
    told = owner.get("/vedette/status").json()
    assert told["uptimeSeconds"] >= 0
    assert told["residentBytes"] > 10_000_000
    assert 0 < told["disk"]["freeBytes"] <= told["disk"]["totalBytes"]
    assert told["disk"]["files"]["logs"] > 0
    assert told["writer"] == {"waitingBatches": 0, "waitingBytes": 0}
    assert told["outboxRows"] == 0
    assert isinstance(told["failingRules"], list)


def test_it_says_what_arrives_and_how_late(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    services, owner = virtual_services, signed_in(virtual_services)
    now = services.clock.now()
    late = [{"SyslogMessage": "late", "TimeGenerated": now - timedelta(seconds=100)}] * 60
    services.logs.append(services.estate.workspace_id, "Syslog", late).result(30)
    (workspace,) = owner.get("/vedette/status").json()["workspaces"]
    (table,) = [table for table in workspace["tables"] if table["name"] == "Syslog"]
    assert table["ingest"]["rowsPerSecond"] >= 1.0
    assert 1 < table["ingest"]["lagSeconds"] < 160
    assert 99 < table["ingest"]["largestLagSeconds"] < 160
    assert workspace["ingest"]["rowsPerSecond"] >= table["ingest"]["rowsPerSecond"]


def test_it_names_the_slowest_queries_and_who_asked_them(
    virtual_services: Services, signed_in: Callable[[Services], TestClient]
) -> None:
    owner = signed_in(virtual_services)
    path = f"/v1/workspaces/{virtual_services.estate.workspace_id}/query"
    owner.post(path, json={"query": "print 1"})
    owner.post(path, json={"query": "range i from 1 to 3000000 step 1 | summarize sum(sqrt(i)) by i % 7"})
    queries = owner.get("/vedette/status").json()["queries"]
    slowest = queries["slowest"][0]
    assert slowest["text"].startswith("range i")
    assert (slowest["origin"], slowest["caller"], slowest["rows"]) == ("api", "vedette-owner", 7)
    assert slowest["milliseconds"] > 0
    assert slowest["error"] is None
    assert all(
        first["milliseconds"] >= second["milliseconds"]
        for first, second in zip(queries["slowest"], queries["slowest"][1:], strict=False)
    )


def test_the_status_holds_no_secret(owner: TestClient, services: Services) -> None:
    text = owner.get("/vedette/status").text
    assert services.estate.client_secret not in text
    assert services.estate.primary_shared_key not in text
