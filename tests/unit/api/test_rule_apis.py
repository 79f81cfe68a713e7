"""The APIs of Vedette's own about analytics rules: backtest and explain, for those who may."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from starlette.testclient import TestClient

from vedette.api.services import Services
from vedette.core.instants import arm_time

DAYS = count(30)
QUERY = "SigninLogs | where Identity startswith 'tried'"
PROPERTIES: dict[str, Any] = {
    "displayName": "Somebody tried",
    "enabled": True,
    "severity": "High",
    "query": QUERY,
    "queryFrequency": "PT5M",
    "queryPeriod": "PT1H",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 1,
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
    "entityMappings": [{"entityType": "Account", "fieldMappings": [{"identifier": "Name", "columnName": "Identity"}]}],
}


@pytest.fixture
def base(services: Services) -> str:
    return f"/vedette/workspaces/{services.estate.workspace_id}"


@pytest.fixture
def stored(services: Services, owner: TestClient) -> datetime:
    """The instant of the events, in a time that no other test has."""
    now = services.clock.now() - timedelta(days=next(DAYS))
    rows = [
        {"TimeGenerated": now - timedelta(minutes=10), "Identity": "tried ana"},
        {"TimeGenerated": now - timedelta(minutes=9), "Identity": "tried ben"},
        {"TimeGenerated": now - timedelta(hours=5), "Identity": "tried cem"},
    ]
    services.logs.append(services.estate.workspace_id, "SigninLogs", rows).result(30)
    path = f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/alertRules/tried"
    answer = owner.put(
        f"{path}?api-version=2024-09-01", json={"kind": "Scheduled", "properties": PROPERTIES | {"enabled": False}}
    )
    assert answer.is_success, answer.text
    return now


def test_a_backtest_says_what_there_would_have_been(
    services: Services, owner: TestClient, base: str, stored: datetime
) -> None:
    first, last = stored - timedelta(hours=6), stored + timedelta(minutes=5)
    body = {"rule": "Somebody tried", "from": _text(first), "to": _text(last)}
    before = services.state.count("Microsoft.SecurityInsights/incidents")
    told = owner.post(f"{base}/backtest", json=body).json()
    assert (told["windows"], told["onePass"], told["failedWindows"]) == (73, True, [])
    assert told["alertsCount"] == told["incidentsCount"] == len(told["alerts"]) == 2
    assert {entity["Name"] for alert in told["alerts"] for entity in alert["entities"]} == {"tried ana", "tried ben"}
    assert told["incidents"][0]["title"] == "Somebody tried"
    body |= {"rule": {"kind": "Scheduled", "properties": PROPERTIES}, "to": _text(stored)}
    given = owner.post(f"{base}/backtest", json=body).json()
    assert (given["windows"], given["alertsCount"]) == (72, 2)
    assert services.state.count("Microsoft.SecurityInsights/incidents") == before


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"rule": 1}', b'{"rule": "tried", "from": "soon"}'])
def test_what_is_no_backtest(owner: TestClient, base: str, stored: datetime, body: bytes) -> None:
    assert owner.post(f"{base}/backtest", content=body).status_code == 400


def test_an_explanation_says_when_and_why(services: Services, owner: TestClient, base: str, stored: datetime) -> None:
    told = owner.get(f"{base}/rules/tried/explain", params={"end": _text(stored)}).json()
    assert (told["displayName"], told["enabled"]) == ("Somebody tried", False)
    assert told["next"] == {"at": None, "windowEnd": None, "reason": "It is disabled."}
    rows = told["rows"]
    assert (rows["count"], rows["condition"], rows["fires"]) == (2, "GreaterThan 1", True)
    identities = [row[rows["columns"].index("Identity")] for row in rows["rows"]]
    assert sorted(identities) == ["tried ana", "tried ben"]
    assert len(rows["entities"]) == 2


@pytest.mark.parametrize("by", ["tried", "Somebody tried", "id"])
def test_a_rule_is_explained_by_name_id_and_display_name(
    services: Services, owner: TestClient, base: str, stored: datetime, by: str
) -> None:
    id = f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/alertRules/tried"
    told = owner.get(f"{base}/rules/explain", params={"rule": id if by == "id" else by}).json()
    assert told["id"] == id


def test_a_run_is_explained_over_its_own_window(
    services: Services, owner: TestClient, base: str, stored: datetime
) -> None:
    """A run that took up missed time began before its rule's period."""
    id = f"{services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/alertRules/tried"
    start, end = stored - timedelta(hours=6), stored - timedelta(minutes=3)
    run = {
        "TimeGenerated": end,
        "SentinelResourceId": id,
        "ExtendedProperties": {"QueryStartTimeUTC": arm_time(start), "QueryEndTimeUTC": arm_time(end)},
    }
    services.logs.append(services.estate.workspace_id, "SentinelHealth", [run]).result(30)
    for asked in (_text(end), f"{arm_time(end)[:19]}Z"):
        rows = owner.get(f"{base}/rules/explain", params={"rule": "tried", "end": asked}).json()["rows"]
        assert (rows["count"], rows["windowStart"], rows["windowEnd"]) == (3, arm_time(start), arm_time(end))


def test_nobody_sees_it_without_permission(
    services: Services, anonymous: TestClient, owner: TestClient, base: str
) -> None:
    assert anonymous.post(f"{base}/backtest", json={"rule": "tried"}).status_code == 401
    assert anonymous.get(f"{base}/rules/tried/explain").status_code == 401
    assert owner.get(f"{base}/rules/unheard/explain").status_code == 404
    assert owner.get(f"{base}/rules/explain").status_code == 400
    assert anonymous.get(f"{base}/rules/explain", params={"rule": "tried"}).status_code == 401
    assert owner.post(f"{base}x/backtest", json={"rule": "tried"}).status_code == 404


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
