"""Graph over several workspaces of a tenant, and for people who reach some of them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from tests.unit.api import found_alerts
from tests.unit.api.test_graph import add_user

from vedette.access.directory_objects import principal_of
from vedette.access.role_definitions import built_in_roles
from vedette.api.services import Services

VERSION = {"api-version": "2022-10-01"}
BASE = "https://127.0.0.1:8443"


@pytest.fixture
def owner(virtual_services: Services, signed_in: Callable[[Services], TestClient]) -> TestClient:
    """The administrator of a server with two workspaces: three alerts in the first, one in the other."""
    made = signed_in(virtual_services)
    first = virtual_services.estate.workspace_resource_id
    second = f"{first.rpartition('/')[0]}/second"
    put = made.put(second, params=VERSION, json={"location": "local", "properties": {}})
    assert put.status_code in (200, 201, 202), put.text
    sentinel = f"{second}/providers/Microsoft.SecurityInsights"
    state = made.put(f"{sentinel}/onboardingStates/default", params=found_alerts.VERSION, json={"properties": {}})
    assert state.status_code in (200, 201), state.text
    found_alerts.raise_alerts(virtual_services, made, f"{first}/providers/Microsoft.SecurityInsights")
    found_alerts.raise_alerts(virtual_services, made, sentinel, "branch01")
    return made


def second_of(services: Services) -> str:
    (found,) = (each.id for each in services.workspaces.all() if each.name == "second")
    return found


def test_all_workspaces_of_the_tenant_are_shown(owner: TestClient, virtual_services: Services) -> None:
    second = second_of(virtual_services)
    incidents = owner.get("/v1.0/security/incidents", params={"$count": "true", "$top": "3"}).json()
    rest = owner.get(incidents["@odata.nextLink"]).json()
    ids = [each["id"] for each in (*incidents["value"], *rest["value"])]
    assert (sorted(ids), incidents["@odata.count"]) == (sorted(["1", "2", "3", f"1_{second}"]), 4)
    found = owner.get(f"/v1.0/security/incidents/1_{second}", params={"$expand": "alerts"}).json()
    assert found["displayName"] == "branch01 beats"
    (alert,) = found["alerts"]
    assert alert["incidentId"] == f"1_{second}"
    path = f"/v1.0/security/alerts_v2/{alert['id']}"
    assert owner.patch(path, json={"status": "resolved"}).json()["status"] == "resolved"
    text = "SecurityAlert | summarize arg_max(_TimeReceived, Status) by SystemAlertId | project Status"
    rows = virtual_services.logs.query(second, text).rows()
    assert [list(row) for row in rows] == [["Resolved"]]
    assert owner.get("/v1.0/security/incidents/9_nonsense").status_code == 404
    assert owner.get(f"/v1.0/security/incidents/2_{second}").status_code == 404


def person(services: Services, owner: TestClient, name: str, *scopes: str) -> TestClient:
    """A client of a program that a new user let act for them."""
    add_user(owner, name)
    user = services.directory.user(f"{name}@vedette.local")
    assert user is not None
    principal = replace(principal_of(user, services.estate.tenant_id), scopes=frozenset(scopes))
    token = services.tokens.issue(principal, "https://graph.microsoft.com", base=BASE).text
    return TestClient(owner.app, base_url=BASE, headers={"Authorization": f"Bearer {token}"})


def test_people_reach_the_workspaces_that_are_theirs(owner: TestClient, virtual_services: Services) -> None:
    services = virtual_services
    second = next(each for each in services.workspaces.all() if each.name == "second")
    ana = person(services, owner, "ana", "SecurityIncident.ReadWrite.All")
    assert ana.get("/v1.0/security/incidents").status_code == 403
    user = services.directory.user("ana@vedette.local")
    assert user is not None
    reader = next(id for id, role in built_in_roles().items() if role.name == "Microsoft Sentinel Reader")
    services.roles.assign(principal_of(user, services.estate.tenant_id), reader, second.resource_id)
    listed = ana.get("/v1.0/security/incidents").json()["value"]
    assert [each["id"] for each in listed] == [f"1_{second.id}"]
    path = f"/v1.0/security/incidents/1_{second.id}"
    assert ana.get("/v1.0/security/incidents/1").status_code == 404
    assert ana.patch(path, json={"status": "resolved"}).status_code == 403
    assert ana.get("/v1.0/security/alerts_v2").status_code == 403  # not what she let the program do
    responder = next(id for id, role in built_in_roles().items() if role.name == "Microsoft Sentinel Responder")
    services.roles.assign(principal_of(user, services.estate.tenant_id), responder, second.resource_id)
    assert ana.patch(path, json={"status": "resolved"}).json()["status"] == "resolved"
    commented = ana.post(f"{path}/comments", json={"comment": "done"}).json()["value"]
    assert [each["createdByDisplayName"] for each in commented] == ["ana@vedette.local"]
