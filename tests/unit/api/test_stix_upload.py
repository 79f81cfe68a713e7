"""The APIs that STIX objects are uploaded by, old and new."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.callers import service_principal

from vedette.access.role_definitions import SENTINEL_CONTRIBUTOR, SENTINEL_READER
from vedette.api.services import Services

BASE = "https://127.0.0.1:8443"
ID = "indicator--10000003-71a2-445c-ab86-92729{:07d}"
NEW, OLD = "threat-intelligence-stix-objects:upload", "threatintelligenceindicators:upload"
GROUP = {
    "type": "threat-actor",
    "id": "threat-actor--dfaa8d77-07e2-4e28-b2c8-92e9f7b04428",
    "created": "2014-11-19T23:39:03.893Z",
    "modified": "2014-11-19T23:39:03.893Z",
    "name": "A group",
}


def indicator(number: int, pattern: str = "[ipv4-addr:value = '198.51.100.7']", **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": ID.format(number),
        "created": "2024-01-01T00:00:00.000Z",
        "modified": "2024-01-02T00:00:00.000Z",
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": "2024-01-01T00:00:00Z",
    } | more


@pytest.fixture
def client(virtual_services: Services, signed_in: Any) -> TestClient:
    return signed_in(virtual_services)


def upload(
    client: TestClient, services: Services, *objects: Any, api: str = NEW, source: str = "Feed", **headers: str
) -> Any:
    name = "stixobjects" if api == NEW else "value" if api.startswith("threatintelligence:") else "indicators"
    return client.post(
        f"/workspaces/{services.estate.workspace_id}/{api}",
        params={"api-version": "2024-02-01-preview"},
        json={"sourcesystem": source, name: list(objects)},
        headers=headers,
    )


def rows(services: Services, text: str) -> list[list[Any]]:
    return services.logs.query(services.estate.workspace_id, text).rows()


NEWEST = "ThreatIntelIndicators | summarize arg_max(TimeGenerated, *) by Id"


def test_all_that_is_right_is_kept_and_the_rest_told(client: TestClient, virtual_services: Services) -> None:
    sent = indicator(1, confidence=70, labels=["a"], valid_until="2099-01-01T00:00:00Z", x_custom={"deep": [1]})
    bad = {name: value for name, value in indicator(2).items() if name != "id"}
    answer = upload(client, virtual_services, sent, bad, GROUP, {"type": "malware"}, 5)
    assert answer.status_code == 200, answer.text
    errors = answer.json()["errors"]
    assert [each["recordIndex"] for each in errors] == [1, 3, 4]
    assert errors[0]["errorMessages"] == ["Error for Property=id: Required property is missing. Actual value: NULL."]
    assert errors[0]["errorMessages"] == errors[0]["validationErrorMessages"]
    assert rows(
        virtual_services,
        f"{NEWEST} | project ObservableKey, ObservableValue, Confidence, IsActive, SourceSystem, LastUpdateMethod, "
        "Tags, Created, Modified, tostring(Data.id), tolong(Data.x_custom.deep[0])",
    ) == [
        [
            *("ipv4-addr:value", "198.51.100.7", 70, True, "Feed", "Upload API", '["a"]'),
            *rows(virtual_services, "print datetime(2024-01-01), datetime(2024-01-02)")[0],
            *(ID.format(1), 1),
        ]
    ]
    assert rows(virtual_services, "ThreatIntelligenceIndicator | project NetworkIP, ExternalIndicatorId") == [
        ["198.51.100.7", ID.format(1)]
    ]
    assert rows(virtual_services, "ThreatIntelObjects | project StixType, tostring(Data.name), SourceSystem") == [
        ["threat-actor", "A group", "Feed"]
    ]


@pytest.mark.parametrize("api", [OLD, "threatintelligence:upload-indicators"])
def test_the_old_api_takes_indicators_only(client: TestClient, virtual_services: Services, api: str) -> None:
    assert upload(client, virtual_services, indicator(1), api=api).json() == {"errors": []}
    refused = upload(client, virtual_services, GROUP, api=api)
    assert refused.status_code == 400
    assert "Property=type" in refused.json()["errors"][0]["errorMessages"][0]
    assert rows(virtual_services, f"{NEWEST} | project LastUpdateMethod") == [["Upload Indicators API"]]


def test_the_management_api_shows_what_was_uploaded(client: TestClient, virtual_services: Services) -> None:
    upload(client, virtual_services, indicator(1, name="One", indicator_types=["botnet"]), GROUP)
    main = f"{virtual_services.estate.workspace_resource_id}/providers/Microsoft.SecurityInsights/threatIntelligence"
    version = {"api-version": "2024-03-01"}
    (shown,) = client.get(f"{main}/main/indicators", params=version).json()["value"]
    properties = shown["properties"]
    assert (properties["displayName"], properties["source"], properties["threatTypes"]) == ("One", "Feed", ["botnet"])
    assert properties["externalId"] == ID.format(1)
    assert set(shown) == {"id", "name", "type", "kind", "etag", "properties"}
    preview = {"api-version": "2025-01-01-preview"}
    asked = {"condition": {"clauses": [], "stixObjectType": "threat-actor"}}
    (found,) = client.post(f"{main}/main/query", params=preview, json=asked).json()["value"]
    assert (found["kind"], found["properties"]["data"]) == ("ThreatActor", GROUP)
    assert client.post(f"{main}/main/count", params=preview, json=asked).json() == {"count": 1}


def test_the_newest_version_counts_whatever_the_order(client: TestClient, virtual_services: Services) -> None:
    newest = indicator(1, modified="2024-03-01T00:00:00Z", name="new")
    older = indicator(1, modified="2024-02-01T00:00:00Z", name="old")
    upload(client, virtual_services, newest)
    for sent in ((older,), (newest,), (newest, older)):
        assert upload(client, virtual_services, *sent).json() == {"errors": []}
    assert rows(virtual_services, "ThreatIntelIndicators | project tostring(Data.name)") == [["new"]]
    upload(client, virtual_services, older | {"modified": "2024-04-01T00:00:00Z"}, source="Other")
    assert len(rows(virtual_services, NEWEST)) == 2


def test_what_is_revoked_stays_so(client: TestClient, virtual_services: Services) -> None:
    upload(client, virtual_services, indicator(1))
    upload(client, virtual_services, indicator(1, modified="2024-02-01T00:00:00Z", revoked=True))
    assert rows(virtual_services, f"{NEWEST} | project IsActive, Revoked") == [[False, True]]
    again = upload(client, virtual_services, indicator(1, modified="2024-03-01T00:00:00Z"))
    assert again.status_code == 400
    assert "permanent" in again.json()["errors"][0]["errorMessages"][0]
    assert rows(virtual_services, f"{NEWEST} | project IsActive, Revoked") == [[False, True]]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"id": "indicator--1"}, "id"),
        ({"id": "identity--10000003-71a2-445c-ab86-927290000001"}, "id"),
        ({"pattern": "[url:value = ]"}, "pattern"),
        ({"pattern": None}, "pattern"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"valid_from": "0001-01-01T00:00:00+05:00"}, "valid_from"),
        ({"valid_until": "2023-01-01T00:00:00Z"}, "valid_until"),
        ({"modified": 5}, "modified"),
        ({"confidence": 101}, "confidence"),
        ({"confidence": True}, "confidence"),
        ({"revoked": "no"}, "revoked"),
        ({"labels": "a"}, "labels"),
        ({"kill_chain_phases": ["a"]}, "kill_chain_phases"),
        ({"spec_version": "1.2"}, "spec_version"),
        ({"extensions": []}, "extensions"),
    ],
)
def test_what_is_wrong_with_an_indicator(
    client: TestClient, virtual_services: Services, changed: dict[str, Any], named: str
) -> None:
    answer = upload(client, virtual_services, indicator(1) | changed)
    assert answer.status_code == 400
    assert f"Error for Property={named}:" in answer.json()["errors"][0]["errorMessages"][0]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"stixobjects": []},
        {"sourcesystem": "Microsoft Sentinel", "stixobjects": []},
        {"sourcesystem": "x" * 257, "stixobjects": []},
        {"sourcesystem": "x", "stixobjects": {}},
        {"sourcesystem": "x", "indicators": []},
        {"sourcesystem": "x", "stixobjects": [{}] * 101},
    ],
)
def test_requests_that_are_none(client: TestClient, virtual_services: Services, body: Any) -> None:
    place = f"/workspaces/{virtual_services.estate.workspace_id}/{NEW}"
    answer = client.post(place, params={"api-version": "2024-02-01-preview"}, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_who_may_upload(client: TestClient, virtual_services: Services) -> None:
    workspace = virtual_services.estate.workspace_resource_id

    def by(name: str, *roles: str) -> int:
        principal = service_principal(virtual_services, name)
        for role in roles:
            virtual_services.roles.assign(principal, role, workspace)
        token = virtual_services.tokens.issue(principal, "https://management.azure.com", base=BASE).text
        return upload(client, virtual_services, indicator(1), Authorization=f"Bearer {token}").status_code

    assert by("stranger") == 403
    assert by("reader", SENTINEL_READER) == 403
    assert by("contributor", SENTINEL_CONTRIBUTOR) == 200
    place = f"/workspaces/00000000-0000-0000-0000-000000000001/{NEW}"
    unknown = client.post(place, params={"api-version": "1"}, json={})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "WorkspaceNotFound")


def test_a_hundred_requests_a_minute(client: TestClient, virtual_services: Services) -> None:
    answers = [upload(client, virtual_services) for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    more = (upload(client, virtual_services) for _ in range(200))  # the bucket fills meanwhile
    refused = next(answer for answer in more if answer.status_code != 200)
    assert refused.status_code == 429
    assert refused.json()["statusCode"] == 429
    assert refused.json()["message"].startswith("Rate limit is exceeded. Try again in ")
    assert int(refused.headers["retry-after"]) <= 60
