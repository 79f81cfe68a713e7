"""tiIndicators of Microsoft Graph: what may be sent, who sees it, and where it goes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.test_graph import client as graph_client

from vedette.access.addresses import Addresses
from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.core.settings import Settings
from vedette.server.composition import compose

BASE = "https://127.0.0.1:8443"
ALL = "/beta/security/tiIndicators"
OWN = "ThreatIndicators.ReadWrite.OwnedBy"
NEWEST = "ThreatIntelligenceIndicator | summarize arg_max(TimeGenerated, *) by IndicatorId"


@pytest.fixture
def server(tmp_path: Path, own_addresses: Addresses) -> Iterator[Services]:
    with compose(Settings(tmp_path, virtual_clock=True, query_rate=0), own_addresses) as services:
        yield services


@pytest.fixture
def app(server: Services) -> TestClient:
    return TestClient(make_app(server), base_url=BASE)


@pytest.fixture
def sender(app: TestClient, server: Services) -> TestClient:
    return graph_client(app, server, "tip", OWN)


def indicator(**more: Any) -> dict[str, Any]:
    return {
        "action": "alert",
        "description": "A canary.",
        "expirationDateTime": "2199-03-01T21:43:37.5031462+00:00",
        "networkDestinationIPv4": "198.51.100.7",
        "networkDestinationPort": 443,
        "severity": 4,
        "targetProduct": "Azure Sentinel",
        "threatType": "WatchList",
        "tlpLevel": "green",
        "confidence": 60,
    } | more


def rows(server: Services, text: str) -> list[list[Any]]:
    return server.logs.query(server.estate.workspace_id, text).rows()


def test_the_life_of_an_indicator(sender: TestClient, server: Services) -> None:
    made = sender.post(ALL, json=indicator(tags=["a"], killChain=["delivery"], requestHash="7"))
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["@odata.context"].endswith("#security/tiIndicators/$entity")
    assert (body["azureTenantId"], body["isActive"], body["killChain"]) == (
        server.estate.tenant_id,
        True,
        ["Delivery"],
    )
    assert (body["requestHash"], body["url"]) == ("7", None)
    place = f"{ALL}/{body['id']}"
    assert sender.get(place).json() == body
    assert sender.get(place, params={"$select": "id,threatType"}).json()["threatType"] == "WatchList"
    assert rows(
        server,
        f"{NEWEST} | project NetworkDestinationIP, NetworkDestinationPort, ThreatSeverity, Active, KillChainDelivery, "
        "ThreatType, TrafficLightProtocolLevel, Action, ConfidenceScore, IndicatorProvider, Tags",
    ) == [["198.51.100.7", 443, 4, True, True, "WatchList", "green", "alert", 60.0, "tip", '["a"]']]
    assert rows(server, "ThreatIntelIndicators | project ObservableKey, ObservableValue, LastUpdateMethod, Id") == [
        ["network-traffic:dst_ref.value", "198.51.100.7", "Microsoft Graph", body["id"]],
        ["network-traffic:dst_port", "443", "Microsoft Graph", body["id"]],
    ]
    change = {"expirationDateTime": "2199-04-01T00:00:00Z", "targetProduct": "Azure Sentinel", "isActive": False}
    assert sender.patch(place, json=change).status_code == 204
    assert rows(server, f"{NEWEST} | project Active, ExpirationDateTime") == rows(
        server, "print false, datetime(2199-04-01)"
    )
    shown = sender.patch(place, json=change | {"isActive": True}, headers={"Prefer": "return=representation"})
    assert (shown.status_code, shown.json()["isActive"]) == (200, True)
    assert sender.delete(place).status_code == 204
    assert rows(server, f"{NEWEST} | project Active") == [[False]]
    gone = sender.get(place)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "ResourceNotFound")
    assert set(gone.json()["error"]["innerError"]) == {"date", "request-id", "client-request-id"}


def test_the_management_api_shows_it(sender: TestClient, server: Services, signed_in: Any) -> None:
    id = sender.post(ALL, json=indicator()).json()["id"]
    place = f"{server.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/threatIntelligence/main"
    version = {"api-version": "2024-03-01"}
    shown = signed_in(server).get(f"{place}/indicators/{id}", params=version).json()
    assert shown["properties"]["source"] == "tip"
    assert "graph" not in shown
    assert shown["properties"]["pattern"].startswith("[network-traffic:dst_ref.value = '198.51.100.7']")


def test_many_at_once(sender: TestClient, server: Services) -> None:
    sent = [indicator(externalId=f"e{n}", networkDestinationIPv4=f"198.51.100.{n}") for n in range(3)]
    answer = sender.post(f"{ALL}/submitTiIndicators", json={"value": sent})
    assert answer.status_code == 200, answer.text
    ids = [each["id"] for each in answer.json()["value"]]
    again = sender.post(f"{ALL}/microsoft.graph.submitTiIndicators", json={"value": sent})
    assert [each["id"] for each in again.json()["value"]] == ids
    changes = [
        {"id": id, "expirationDateTime": "2199-01-01T00:00:00Z", "targetProduct": "Azure Sentinel", "severity": 1}
        for id in [*ids[:2], "nobody"]
    ]
    updated = sender.post(f"{ALL}/updateTiIndicators", json={"value": changes})
    assert updated.status_code == 206
    assert [each.get("severity") for each in updated.json()["value"][:2]] == [1, 1]
    assert updated.json()["value"][2]["Error"]["code"] == 404
    deleted = sender.post(f"{ALL}/deleteTiIndicators", json={"value": [ids[0], "nobody"]})
    assert deleted.status_code == 206
    assert [each["code"] for each in deleted.json()["value"]] == [0, 404]
    by_external = sender.post(f"{ALL}/deleteTiIndicatorsByExternalId", json={"value": ["e1", "e2"]})
    assert by_external.status_code == 200
    assert by_external.json()["value"] == [{"code": 0, "message": "", "subCode": 0}] * 2
    assert sender.get(ALL).json()["value"] == []
    assert rows(server, f"{NEWEST} | summarize countif(Active)") == [[0]]


def test_what_is_wrong_is_told_beside_what_is_right(sender: TestClient) -> None:
    sent = [indicator(), indicator(tlpLevel="purple", requestHash="x"), indicator(description=None)]
    answer = sender.post(f"{ALL}/submitTiIndicators", json={"value": sent})
    assert answer.status_code == 206
    assert answer.headers["warning"].startswith('199 - "Microsoft/Azure Sentinel/400/')
    right, wrong, lacking = answer.json()["value"]
    assert "Error" not in right
    assert "'tlpLevel' is one of" in wrong["Error"]["message"]
    assert wrong["requestHash"] == "x"
    assert "description" in lacking["Error"]["message"]
    assert len(sender.get(ALL).json()["value"]) == 1


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"networkDestinationIPv4": None, "networkDestinationPort": None}, "observable"),
        ({"threatType": "Bad"}, "threatType"),
        ({"description": "x" * 101}, "description"),
        ({"confidence": 101}, "confidence"),
        ({"severity": 6}, "severity"),
        ({"networkIPv4": "1.2.3"}, "networkIPv4"),
        ({"networkCidrBlock": "10.0.0.0/33"}, "networkCidrBlock"),
        ({"fileHashValue": "ab"}, "fileHashType"),
        ({"killChain": ["Lunch"]}, "killChain"),
        ({"confidence": "60"}, "confidence"),
        ({"tags": "a"}, "tags"),
        ({"expirationDateTime": "soon"}, "expirationDateTime"),
        ({"isActive": "yes"}, "isActive"),
        ({"additional": {"deep": 1}}, "properties"),
    ],
)
def test_what_no_indicator_is(sender: TestClient, changed: dict[str, Any], named: str) -> None:
    answer = sender.post(ALL, json=indicator(**changed))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert named in answer.json()["error"]["message"]


def test_lists(sender: TestClient) -> None:
    for n in range(5):
        sent = indicator(
            url=f"http://h{n}/", severity=n, tags=["odd" if n % 2 else "even"], expirationDateTime=f"219{n}-01-01"
        )
        assert sender.post(ALL, json=sent).status_code == 201

    def urls(**query: str) -> list[str]:
        query = {"orderby": "url"} | query  # the clock stands still, so all are of the same instant
        answer = sender.get(ALL, params={f"${name}": value for name, value in query.items()})
        assert answer.status_code == 200, answer.text
        return [each["url"][8] for each in answer.json()["value"]]

    assert urls(filter="severity ge 3") == ["3", "4"]
    assert urls(filter="targetProduct eq 'Azure Sentinel' and url eq 'http://h2/'") == ["2"]
    assert urls(filter="tags/any(t:t eq 'odd')") == ["1", "3"]
    assert urls(filter="expirationDateTime gt 2193-06-01T00:00:00Z") == ["4"]
    assert urls(filter="contains(url,'h1')") == ["1"]
    assert urls(orderby="severity desc", top="2") == ["4", "3"]
    assert urls(skip="3") == ["3", "4"]
    page = sender.get(ALL, params={"$top": "2", "$count": "true", "$select": "url"}).json()
    assert (page["@odata.count"], [*page["value"][0]]) == (5, ["id", "url"])
    found, link = 2, page.get("@odata.nextLink")
    while link:
        page = sender.get(link).json()
        found, link = found + len(page["value"]), page.get("@odata.nextLink")
    assert found == 5
    assert sender.get(f"{ALL}/$count").text == "5"
    for query in ({"$filter": "nothing eq 1"}, {"$top": "0"}, {"$top": "1001"}, {"$select": "x"}, {"$orderby": "x"}):
        assert sender.get(ALL, params=query).status_code == 400, query
    assert sender.get(ALL, params={"$expand": "x"}).status_code == 501


def test_an_application_sees_its_own_only(app: TestClient, server: Services, sender: TestClient) -> None:
    id = sender.post(ALL, json=indicator(externalId="mine")).json()["id"]
    other = graph_client(app, server, "other tip", OWN)
    assert other.get(ALL).json()["value"] == []
    assert other.get(f"{ALL}/{id}").status_code == 404
    assert other.delete(f"{ALL}/{id}").status_code == 404
    assert other.post(f"{ALL}/deleteTiIndicatorsByExternalId", json={"value": ["mine"]}).status_code == 206
    assert sender.get(f"{ALL}/{id}").status_code == 200
    stranger = graph_client(app, server, "stranger")
    assert stranger.get(ALL).status_code == 403
    assert stranger.post(ALL, json=indicator()).status_code == 403
    assert sender.get("/v1.0/security/tiIndicators").status_code == 400


def test_limits_and_other_requests(sender: TestClient) -> None:
    for value in ([], [indicator()] * 101, "x", None):
        assert sender.post(f"{ALL}/submitTiIndicators", json={"value": value}).status_code == 400
    assert sender.post(f"{ALL}/submitTiIndicators", json={"value": [5]}).status_code == 400
    assert sender.get("/beta/security/nothing").status_code == 501
    id = sender.post(ALL, json=indicator()).json()["id"]
    needed = {"expirationDateTime": "2199-01-01T00:00:00Z", "targetProduct": "Azure Sentinel"}
    for change in ({"severity": 1}, needed | {"url": "http://x/"}, needed | {"networkDestinationIPv4": "1.2.3.4"}):
        assert sender.patch(f"{ALL}/{id}", json=change).status_code == 400, change
    assert sender.patch(f"{ALL}/{id}", json=needed | {"networkDestinationIPv4": "198.51.100.7"}).status_code == 204


def test_connectors_say_which_workspaces_get_them(sender: TestClient, server: Services, signed_in: Any) -> None:
    owner, workspace = signed_in(server), server.estate.workspace_resource_id
    place = f"{workspace}/providers/Microsoft.SecurityInsights/dataConnectors/tip"
    for state, expected in (("Disabled", 0), ("Enabled", 1)):
        body = {"kind": "ThreatIntelligence", "properties": {"dataTypes": {"indicators": {"state": state}}}}
        put = owner.put(place, params={"api-version": "2024-03-01"}, json=body)
        assert put.status_code in (200, 201), put.text
        sender.post(ALL, json=indicator(url=f"http://{state}/"))
        assert len(rows(server, NEWEST)) == expected
    sender.post(ALL, json=indicator(targetProduct="Microsoft Defender ATP"))
    assert len(rows(server, NEWEST)) == 1
    assert len(sender.get(ALL).json()["value"]) == 3
