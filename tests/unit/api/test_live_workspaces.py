"""A workspace that is made through the API takes and answers everything at once, and nothing once it is deleted."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.unit.api.signing import signed_headers

from vedette.api.services import Services

VERSION = {"api-version": "2023-09-01"}
COLLECTOR = "/api/logs?api-version=2016-04-01"


@pytest.fixture
def place(owner: TestClient, services: Services) -> Iterator[str]:
    group = f"{services.estate.subscription_resource_id}/resourcegroups/live"
    yield f"{group}/providers/microsoft.operationalinsights/workspaces/live-workspace"
    begun = owner.delete(group, params=VERSION)
    while begun.status_code == 202:
        begun = owner.get(begun.headers["Location"])


def collect(client: TestClient, services: Services, customer_id: str, key: str) -> int:
    body = b'[{"Colour": "red"}]'
    signed = signed_headers(services, body, "Live", key=key, date=services.wall_clock.now())
    signed["Authorization"] = signed["Authorization"].replace(services.estate.workspace_id, customer_id)
    return client.post(COLLECTOR, content=body, headers=signed).status_code


def test_every_api_sees_it_at_once(owner: TestClient, anonymous: TestClient, services: Services, place: str) -> None:
    group = place.partition("/providers/")[0]
    assert owner.put(group, params=VERSION, json={"location": "eastus"}).status_code == 201
    made = owner.put(place, params=VERSION, json={"location": "eastus"})
    assert made.status_code == 201
    id = made.json()["properties"]["customerId"]
    key = owner.post(f"{place}/sharedKeys", params=VERSION).json()["primarySharedKey"]
    assert collect(anonymous, services, id, key) == 200
    counted = owner.post(f"/v1/workspaces/{id}/query", json={"query": "Live_CL | summarize n = count() by Colour_s"})
    assert counted.json()["tables"][0]["rows"] == [["red", 1]]
    other = owner.post(
        f"/v1/workspaces/{services.estate.workspace_id}/query",
        json={"query": "workspace('live-workspace').Live_CL | count"},
    )
    assert other.json()["tables"][0]["rows"] == [[1]]
    onboarding = f"{place}/providers/Microsoft.SecurityInsights/onboardingStates/default"
    assert owner.put(onboarding, params=VERSION, json={"properties": {}}).status_code == 201

    renewed = owner.post(f"{place}/regenerateSharedKey", params=VERSION, json={"keyType": "primary"}).json()
    assert collect(anonymous, services, id, key) == 403
    assert collect(anonymous, services, id, renewed["primarySharedKey"]) == 200

    assert owner.delete(place, params=VERSION).status_code == 200
    assert collect(anonymous, services, id, renewed["primarySharedKey"]) == 400
    assert owner.post(f"/v1/workspaces/{id}/query", json={"query": "Live_CL"}).status_code == 404
    assert owner.get(onboarding, params=VERSION).status_code == 404
    assert owner.put(place, params=VERSION, json={"location": "eastus"}).json()["properties"]["customerId"] == id
    counted = owner.post(f"/v1/workspaces/{id}/query", json={"query": "Live_CL | count"})
    assert counted.json()["tables"][0]["rows"] == [[2]]
