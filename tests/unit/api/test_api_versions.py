"""What an answer says of the api-version that it was asked in."""

from dataclasses import replace

from starlette.testclient import TestClient
from tests.unit.api.conftest import BASE

from vedette.api.app import make_app
from vedette.api.services import Services


def test_an_unknown_version_is_served_with_a_warning(owner: TestClient, services: Services) -> None:
    workspace = services.estate.workspace_resource_id
    unknown = owner.get(workspace, params={"api-version": "2031-01-01"})
    assert unknown.status_code == 200
    assert "workspaces is not known here; it is served as 2023-09-01" in unknown.headers["warning"]
    assert "warning" not in owner.get(workspace, params={"api-version": "2023-09-01"}).headers


def test_a_deprecated_version_says_so(owner: TestClient, services: Services) -> None:
    reply = owner.get(services.estate.workspace_resource_id, params={"api-version": "2015-11-01-preview"})
    assert reply.status_code == 200
    assert reply.headers["sunset"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert reply.headers["deprecation"].startswith("@")
    assert "2015-11-01-preview will retire on 2030-01-01" in reply.headers["azure-deprecating"]


def test_strictly_an_unknown_version_is_refused(owner: TestClient, services: Services) -> None:
    strict = replace(services, settings=replace(services.settings, strict_api_version=True))
    client = TestClient(make_app(strict), base_url=BASE, headers=dict(owner.headers))
    refused = client.get(services.estate.workspace_resource_id, params={"api-version": "2031-01-01"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "NoRegisteredProviderFound")
    assert "2023-09-01" in refused.json()["error"]["message"]
    assert client.get(services.estate.workspace_resource_id, params={"api-version": "2023-09-01"}).status_code == 200


def test_providers_tell_the_versions_of_each_type(owner: TestClient, services: Services) -> None:
    path = f"{services.estate.subscription_resource_id}/providers/Microsoft.SecurityInsights"
    told = owner.get(path, params={"api-version": "2021-04-01"}).json()["resourceTypes"]
    versions = {each["resourceType"]: each["apiVersions"] for each in told}
    assert versions["alertRules"] == sorted(versions["alertRules"], reverse=True)
    assert {"2024-03-01", "2024-01-01-preview"} <= set(versions["alertRules"])
    assert "2024-03-01" not in versions["entities"]
