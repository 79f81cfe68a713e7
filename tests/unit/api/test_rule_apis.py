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


def test_a_backtest_as_a_series(owner: TestClient, base: str, stored: datetime) -> None:
    rule = {"kind": "Scheduled", "properties": PROPERTIES}
    body = {"rule": rule, "from": _text(stored - timedelta(hours=6)), "to": _text(stored), "points": 10}
    told = owner.post(f"{base}/backtest", json=body).json()
    series = told["series"]
    assert [each["windows"] for each in series] == [8] * 9
    assert sum(each["fired"] for each in series) == sum(each["alerts"] for each in series) == told["alertsCount"] == 2
    assert [each["results"] for each in series][-1] == 2
    assert series[-1]["windowEnd"] == told["to"]
    each_window = owner.post(f"{base}/backtest", json=body | {"points": 10_000}).json()["series"]
    assert len(each_window) == told["windows"] == 72
    assert all(each["firstWindowEnd"] == each["windowEnd"] for each in each_window)
    assert owner.post(f"{base}/backtest", json={**body, "points": 0}).json()["series"] == []
    for wrong in (-1, 10_001, True, "5"):
        assert owner.post(f"{base}/backtest", json={**body, "points": wrong}).status_code == 400


def test_a_rule_that_is_being_written(services: Services, owner: TestClient, base: str, stored: datetime) -> None:
    """What its window holds, the alerts and incidents it would be, and what is named that the results do not have."""
    mappings = [
        {"entityType": "Account", "fieldMappings": [{"identifier": "Name", "columnName": "Identity"}]},
        {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "IpAddr"}]},
    ]
    override = {"alertDisplayNameFormat": "{{Identity}} tried from {{Nowhere}}"}
    properties = PROPERTIES | {"entityMappings": mappings, "alertDetailsOverride": override}
    body = {"rule": {"kind": "Scheduled", "properties": properties}, "end": _text(stored)}
    before = services.state.count("Microsoft.SecurityInsights/incidents")
    told = owner.post(f"{base}/rules/explain", json=body).json()
    assert (told["id"], told["runs"], told["next"]) == (None, [], None)
    rows = told["rows"]
    assert (rows["count"], rows["condition"], rows["fires"], rows["alertsCount"]) == (2, "GreaterThan 1", True, 1)
    assert rows["missingColumns"] == ["IpAddr", "Nowhere"]
    assert [each["columnType"] for each in rows["mappings"]] == ["string", None]
    (alert,), (incident,) = rows["alerts"], rows["incidents"]
    assert alert["displayName"] == incident["title"] == "Somebody tried"
    assert {entity["Name"] for entity in alert["entities"]} == {"tried ana", "tried ben"}
    assert services.state.count("Microsoft.SecurityInsights/incidents") == before
    higher = body | {
        "rule": {"kind": "NRT", "properties": properties | {"triggerThreshold": 5, "query": "print x = 1"}}
    }
    assert owner.post(f"{base}/rules/explain", json=higher).status_code == 200
    named = owner.post(f"{base}/rules/explain", json={"rule": "tried", "end": _text(stored)}).json()
    assert (named["name"], named["rows"]["alertsCount"]) == ("tried", 1)
    wrong = body | {"rule": {"kind": "Scheduled", "properties": properties | {"query": "SigninLogs | wher x"}}}
    assert owner.post(f"{base}/rules/explain", json=wrong).json()["rows"]["failure"]["code"] == "SYN0005"


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
    later = [run | {"TimeGenerated": end + timedelta(minutes=n), "ExtendedProperties": {}} for n in range(1, 12)]
    services.logs.append(services.estate.workspace_id, "SentinelHealth", [run, *later]).result(30)
    for asked in (_text(end), f"{arm_time(end)[:19]}Z"):
        told = owner.get(f"{base}/rules/explain", params={"rule": "tried", "end": asked}).json()
        assert (told["run"]["ranAt"], told["run"]["windowEnd"]) == (arm_time(end), arm_time(end))
        rows = told["rows"]
        assert (rows["count"], rows["windowStart"], rows["windowEnd"]) == (3, arm_time(start), arm_time(end))


def test_nobody_sees_it_without_permission(
    services: Services, anonymous: TestClient, owner: TestClient, base: str
) -> None:
    assert anonymous.post(f"{base}/backtest", json={"rule": "tried"}).status_code == 401
    assert anonymous.get(f"{base}/rules/tried/explain").status_code == 401
    assert anonymous.post(f"{base}/rules/explain", json={"rule": "tried"}).status_code == 401
    assert owner.get(f"{base}/rules/unheard/explain").status_code == 404
    assert owner.get(f"{base}/rules/explain").status_code == 400
    assert anonymous.get(f"{base}/rules/explain", params={"rule": "tried"}).status_code == 401
    assert owner.post(f"{base}x/backtest", json={"rule": "tried"}).status_code == 404


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
