"""Graph's security API over alerts and incidents that a rule has made."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api import found_alerts
from tests.unit.api.test_graph import client

from vedette.api.services import Services

Get = Callable[..., dict[str, Any]]


@pytest.fixture
def owner(virtual_services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    """The administrator of a server with three alerts, each in an incident of its own."""
    made = signed_in(virtual_services)
    sentinel = f"{virtual_services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"
    found_alerts.raise_alerts(virtual_services, made, sentinel)
    return made


@pytest.fixture
def get(owner: TestClient) -> Get:
    """What a path of v1.0 answers."""

    def get(path: str, **query: str) -> dict[str, Any]:
        answer = owner.get(f"/v1.0/security/{path}", params={f"${name}": each for name, each in query.items()})
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


def rows(services: Services, text: str) -> list[list[Any]]:
    return [list(row) for row in services.logs.query(services.estate.workspace_id, text).rows()]


def test_an_alert_of_the_present_api(get: Get, virtual_services: Services) -> None:
    found = get("alerts_v2")
    assert found["@odata.context"].endswith("$metadata#security/alerts_v2")
    assert {each["title"] for each in found["value"]} == {"web01 beats", "db01 beats", "mail01 beats"}
    (alert,) = (each for each in found["value"] if each["title"] == "web01 beats")
    told = {name: alert[name] for name in ("status", "severity", "serviceSource", "detectionSource", "category")}
    assert told == {
        "status": "new",
        "severity": "high",
        "serviceSource": "microsoftSentinel",
        "detectionSource": "scheduledAlerts",
        "category": "CredentialAccess",
    }
    assert (alert["detectorId"], alert["mitreTechniques"]) == ("beats", ["T1110"])
    assert alert["tenantId"] == virtual_services.estate.tenant_id
    assert alert["customDetails"] == {"Where": ["web01"]}
    evidence = {each["@odata.type"].rpartition(".")[2]: each for each in alert["evidence"]}
    assert evidence["deviceEvidence"]["hostName"] == "web01"
    assert evidence["ipEvidence"]["ipAddress"] == "198.51.100.1"
    assert evidence["userEvidence"]["userAccount"]["userPrincipalName"] == "ana@web01.example"
    assert get(f"alerts_v2/{alert['id']}") | {"@odata.context": ""} == alert | {"@odata.context": ""}
    incident = get(f"incidents/{alert['incidentId']}", expand="alerts")
    assert [each["id"] for each in incident["alerts"]] == [alert["id"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("severity eq 'high'", 1),
        ("severity ne 'high'", 2),
        ("status eq 'new' and severity in ('low','high')", 3),
        ("status eq 'resolved'", 0),
        ("serviceSource eq 'microsoftSentinel'", 3),
        ("serviceSource eq 'microsoftDefenderForEndpoint'", 0),
        ("title eq 'WEB01 beats'", 1),
        ("contains(title,'01 b') and not startswith(title,'db')", 2),
        ("createdDateTime gt 2020-01-01T00:00:00Z", 3),
        ("createdDateTime lt 2020-01-01", 0),
        ("lastUpdateDateTime ge 2020-01-01 or severity eq 'high'", 3),
        ("assignedTo eq null", 3),
        ("evidence/any(e:e/ipAddress eq '198.51.100.2')", 1),
        ("evidence/any(e: e/userAccount/userPrincipalName eq 'ana@db01.example')", 1),
        ("mitreTechniques/any(t: t eq 'T1110')", 3),
        ("status eq 'unknown'", 0),
    ],
)
def test_filters_of_alerts(get: Get, text: str, found: int) -> None:
    answer = get("alerts_v2", filter=text, count="true")
    assert (len(answer["value"]), answer["@odata.count"]) == (found, found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("vendorInformation/provider eq 'Azure Sentinel'", 3),
        ("vendorInformation/provider eq 'MCAS'", 0),
        ("vendorInformation/provider eq 'somebody'", 0),
        ("vendorInformation/vendor eq 'Microsoft' and severity eq 'low'", 2),
        ("vendorInformation/subProvider eq 'Scheduled Alerts'", 3),
        ("status eq 'newAlert'", 3),
        ("userStates/any(u:u/userPrincipalName eq 'ana@web01.example')", 1),
        ("hostStates/any(h:h/netBiosName eq 'DB01')", 1),
        ("networkConnections/any(n:n/sourceAddress eq '198.51.100.3')", 1),
        ("eventDateTime ge 2020-01-01T00:00:00Z and category eq 'CredentialAccess'", 3),
    ],
)
def test_filters_of_the_first_api(get: Get, text: str, found: int) -> None:
    assert len(get("alerts", filter=text)["value"]) == found


def test_pages_have_each_alert_once(get: Get, owner: TestClient) -> None:
    for query in ({}, {"filter": "category eq 'CredentialAccess'"}, {"orderby": "severity desc"}):
        titles: list[str] = []
        answer = get("alerts", top="1", **query)
        while True:
            titles += [each["title"] for each in answer["value"]]
            if "@odata.nextLink" not in answer:
                break
            answer = owner.get(answer["@odata.nextLink"]).json()
        assert sorted(titles) == ["db01 beats", "mail01 beats", "web01 beats"]
    assert [each["title"] for each in get("alerts", orderby="title", skip="1", select="title")["value"]] == [
        "mail01 beats",
        "web01 beats",
    ]
    by_severity = get("alerts", orderby="severity", top="1", select="severity")["value"]
    assert by_severity == [{"id": by_severity[0]["id"], "severity": "high"}]


@pytest.mark.parametrize(
    "query",
    [
        {"$top": "1001"},
        {"$top": "10", "$skip": "501"},
        {"$top": "none"},
        {"$filter": "severity eq"},
        {"$orderby": "description"},
        {"$skiptoken": "nonsense"},
    ],
)
def test_wrong_options_of_the_first_api(owner: TestClient, query: dict[str, str]) -> None:
    answer = owner.get("/v1.0/security/alerts", params=query)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["innerError"]["request-id"]
    assert owner.get("/v1.0/security/alerts", params={"$top": "10", "$skip": "500"}).status_code == 200


def test_a_change_of_the_first_api(get: Get, owner: TestClient, virtual_services: Services) -> None:
    alert = get("alerts", filter="severity eq 'high'")["value"][0]
    path, sent = f"/v1.0/security/alerts/{alert['id']}", {"vendorInformation": alert["vendorInformation"]}
    change = sent | {"status": "inProgress", "assignedTo": "ana@x.example", "tags": ["HVA"], "feedback": "truePositive"}
    assert owner.patch(path, json=change).status_code == 204
    answer = owner.patch(path, json=sent | {"comments": ["seen"]}, headers={"Prefer": "return=representation"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["assignedTo"], told["tags"]) == ("inProgress", "ana@x.example", ["HVA"])
    assert (told["feedback"], told["comments"]) == ("truePositive", ["seen"])
    v2 = get(f"alerts_v2/{alert['id']}")
    assert (v2["status"], v2["classification"], v2["assignedTo"]) == ("inProgress", "truePositive", "ana@x.example")
    text = f"SecurityAlert | where SystemAlertId == '{alert['id']}' | order by _TimeReceived asc"
    found = rows(
        virtual_services, f"{text} | project Status, Entities, tostring(parse_json(ExtendedProperties)['Tags'])"
    )
    assert [row[0] for row in found] == ["New", "InProgress", "InProgress"]
    assert len({row[1] for row in found}) == 1
    assert found[-1][2] == '["HVA"]'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "resolved"}, 400),
        ({"status": "resolved", "vendorInformation": {"provider": "Azure Sentinel"}}, 400),
        ({"status": "gone", "vendorInformation": {"provider": "Azure Sentinel", "vendor": "Microsoft"}}, 400),
        ({"title": "x", "vendorInformation": {"provider": "Azure Sentinel", "vendor": "Microsoft"}}, 400),
        ({"status": "resolved", "vendorInformation": {"provider": "MCAS", "vendor": "Microsoft"}}, 404),
    ],
)
def test_changes_that_are_refused(get: Get, owner: TestClient, body: dict[str, Any], status: int) -> None:
    alert = get("alerts")["value"][0]
    assert owner.patch(f"/v1.0/security/alerts/{alert['id']}", json=body).status_code == status
    assert get(f"alerts/{alert['id']}") == get(f"alerts/{alert['id']}") | alert


def test_several_changes_at_once(get: Get, owner: TestClient) -> None:
    vendor = {"vendorInformation": {"provider": "Azure Sentinel", "vendor": "Microsoft"}}
    alerts = [{"id": each["id"], "status": "resolved", **vendor} for each in get("alerts")["value"]]
    path = "/beta/security/alerts/updateAlerts"
    whole = owner.post(path, json={"value": alerts})
    assert (whole.status_code, len(whole.json()["value"])) == (200, 3)
    partly = owner.post(path, json={"value": [alerts[0], {"id": "nobody", **vendor}]})
    assert (partly.status_code, len(partly.json()["value"])) == (206, 1)
    assert partly.headers["Warning"].startswith('199 - "Microsoft/Azure Sentinel/404/')
    assert owner.post(path, json={"value": [{"id": "nobody", **vendor}]}).status_code == 400
    assert {each["status"] for each in get("alerts")["value"]} == {"resolved"}


def test_a_change_and_a_comment_of_the_present_api(get: Get, owner: TestClient) -> None:
    alert = get("alerts_v2")["value"][0]
    path = f"/v1.0/security/alerts_v2/{alert['id']}"
    change = {"status": "resolved", "classification": "falsePositive", "determination": "clean", "assignedTo": "bo"}
    told = owner.patch(path, json=change).json()
    assert (told["status"], told["determination"], told["assignedTo"]) == ("resolved", "notMalicious", "bo")
    assert told["resolvedDateTime"]
    assert len(get("alerts_v2", filter="assignedTo eq 'bo'")["value"]) == 1
    commented = owner.post(
        f"{path}/comments", json={"@odata.type": "microsoft.graph.security.alertComment", "comment": "no"}
    )
    assert (commented.status_code, commented.json()["value"][0]["comment"]) == (200, "no")
    assert get(f"alerts_v2/{alert['id']}")["comments"] == commented.json()["value"]
    assert owner.patch(path, json={"severity": "low"}).status_code == 400
    assert owner.patch("/v1.0/security/alerts_v2/nobody", json=change).status_code == 404


def test_an_incident_is_the_one_of_the_management_api(get: Get, owner: TestClient, virtual_services: Services) -> None:
    sentinel = f"{virtual_services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"
    incident = get("incidents", filter="displayName eq 'web01 beats'")["value"][0]
    assert (incident["status"], incident["severity"], incident["classification"]) == ("active", "high", "unknown")
    path = f"/v1.0/security/incidents/{incident['id']}"
    change = {
        "status": "resolved",
        "classification": "truePositive",
        "determination": "multiStagedAttack",
        "assignedTo": "ana@x.example",
        "customTags": ["Demo"],
    }
    told = owner.patch(path, json=change)
    assert told.status_code == 200, told.text
    assert {name: told.json()[name] for name in change} == change
    owner.post(f"{path}/comments", json={"comment": "Demo incident"})
    assert get(f"incidents/{incident['id']}")["comments"][0]["comment"] == "Demo incident"
    listed = owner.get(f"{sentinel}/incidents", params=found_alerts.VERSION).json()["value"]
    (same,) = (each for each in listed if each["properties"]["incidentNumber"] == int(incident["id"]))
    properties = same["properties"]
    assert (properties["status"], properties["classification"]) == ("Closed", "TruePositive")
    assert (properties["classificationReason"], properties["owner"]["userPrincipalName"]) == (
        "SuspiciousActivity",
        "ana@x.example",
    )
    assert properties["additionalData"]["commentsCount"] == 1
    text = f"SecurityIncident | where IncidentNumber == {incident['id']} | order by _TimeReceived asc | project Status"
    assert [row[0] for row in rows(virtual_services, text)] == ["New", "Closed", "Closed"]
    reopened = owner.patch(path, json={"status": "active", "classification": "unknown", "assignedTo": None}).json()
    assert (reopened["status"], reopened["assignedTo"], reopened["determination"]) == (
        "active",
        None,
        "multiStagedAttack",
    )


def test_incidents_with_their_alerts(get: Get) -> None:
    found = get("incidents", expand="alerts", orderby="createdDateTime desc", top="2", count="true")
    assert (found["@odata.count"], len(found["value"])) == (3, 2)
    assert all(len(each["alerts"]) == 1 for each in found["value"])
    assert len(get("incidents", filter="status eq 'active'")["value"]) == 3
    assert get("incidents", filter="status eq 'redirected'")["value"] == []


def test_secure_scores_are_empty(get: Get) -> None:
    assert get("secureScores")["value"] == []
    assert get("secureScoreControlProfiles", count="true")["@odata.count"] == 0


def test_permissions(owner: TestClient, virtual_services: Services) -> None:
    reader = client(owner, virtual_services, "reader", "SecurityAlert.Read.All")
    alert = reader.get("/v1.0/security/alerts_v2").json()["value"][0]
    assert reader.get("/v1.0/security/alerts").status_code == 403
    assert reader.get("/v1.0/security/incidents").status_code == 403
    path = f"/v1.0/security/alerts_v2/{alert['id']}"
    assert reader.patch(path, json={"status": "resolved"}).status_code == 403
    writer = client(owner, virtual_services, "writer", "SecurityAlert.ReadWrite.All")
    assert writer.patch(path, json={"status": "resolved"}).status_code == 200
    legacy = client(owner, virtual_services, "legacy", "SecurityEvents.Read.All")
    assert len(legacy.get("/v1.0/security/alerts").json()["value"]) == 3
    nobody = client(owner, virtual_services, "nobody")
    refused = nobody.get("/v1.0/security/alerts_v2")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "Authorization_RequestDenied")


def test_what_is_not_served_is_refused_by_name(owner: TestClient) -> None:
    for path in ("security", "security/cases", "security/alerts_v2/x/y", "security/incidents/1/y"):
        answer = owner.get(f"/v1.0/{path}")
        assert answer.status_code == 501
        assert path.split("/")[-1] in answer.json()["error"]["message"]
