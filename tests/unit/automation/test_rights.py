"""Whose rights a playbook has: of who stored what runs, lent by connections only, for what an action is for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.automation.crash_child import CONNECTION, SCHEMA, VALUES, Child, child

from vedette.access.principals import Principal
from vedette.access.role_definitions import CONTRIBUTOR, OWNER
from vedette.automation.workflows.identities import author_of
from vedette.automation.workflows.records import RUN
from vedette.state.documents import Document

NAMED = {"host": {"connection": {"name": "@parameters('$connections')['x']['connectionId']"}}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    directory: Path = tmp_path_factory.mktemp("rights")
    with child(directory) as opened:
        yield opened


def workflow(made: Child, name: str, action: dict[str, Any], values: Any = VALUES, by: Principal | None = None) -> str:
    id = f"{made.services.estate.resource_group_id}/providers/Microsoft.Logic/workflows/{name}"
    definition = {
        "$schema": SCHEMA,
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {"manual": {"type": "Request", "inputs": {}}},
        "actions": {"Do": {"type": "ApiConnection", "inputs": action}},
    }
    body = {
        "location": "local",
        "identity": {"type": "SystemAssigned"},
        "properties": {"definition": definition, "parameters": values},
    }
    made.manage(by or made.owner, "PUT", f"{id}?api-version=2019-05-01", body)
    return id


def error_of(made: Child, id: str) -> str:
    made.manage(made.owner, "POST", f"{id}/triggers/manual/run?api-version=2019-05-01", {})
    made.services.automation.run_due()
    run = made.services.state.list(RUN, id)[-1]
    done = made.services.state.get(f"{run.id}/actions/Do")
    assert done is not None
    return str(done.body["properties"].get("error", {}).get("message", ""))


@pytest.mark.parametrize("path", ["/Incidents", "/Incidents/alerts", "/Incidents/CompleteTask"])
def test_an_action_on_an_incident_reaches_nothing_else(made: Child, path: str) -> None:
    group = f"{made.services.estate.subscription_resource_id}/resourceGroups/goes"
    made.put(group, {"location": "local"})
    places = (f"{group}?x=/incidents/a/tasks/b", f"{group}#/incidents/a/tasks/b", f"{group}/incidents/a/tasks/b")
    for number, place in enumerate(places):
        given = {"incidentArmId": place, "taskArmId": place, "relatedResourceId": "a"}
        method = "delete" if path.endswith("alerts") else "post"
        name = f"reaches-{path.rpartition('/')[2]}-{number}"
        id = workflow(made, name, {**CONNECTION, "method": method, "path": path, "body": given})
        made.services.roles.assign(
            made.services.directory.managed_identity(id), OWNER, made.services.estate.subscription_resource_id
        )
        assert "ArmId' is the ARM id of" in error_of(made, id)
    assert made.services.state.get(group) is not None


def test_a_workflow_is_no_connection(made: Child) -> None:
    """Though it has one who stored it, whose rights would be lent."""
    admins = workflow(made, "of-an-admin", {})
    values = {"$connections": {"value": {"x": {"connectionId": admins, "id": "/x/managedApis/azuresentinel"}}}}
    body = {"incidentArmId": f"{made.sentinel}/incidents/a"}
    id = workflow(made, "borrows", {**NAMED, "method": "post", "path": "/Incidents", "body": body}, values)
    assert "does not exist" in error_of(made, id)


def test_a_connection_says_itself_what_it_is_of(made: Child) -> None:
    group = made.services.estate.resource_group_id
    connection = f"{group}/providers/Microsoft.Web/connections/mail"
    api = f"{made.services.estate.subscription_resource_id}/providers/Microsoft.Web/locations/local/managedApis/outlook"
    made.put(connection, {"location": "local", "properties": {"api": {"id": api}}})
    values = {"$connections": {"value": {"x": {"connectionId": connection, "id": "/x/managedApis/azuresentinel"}}}}
    id = workflow(made, "says-sentinel", {**NAMED, "method": "post", "path": "/Incidents", "body": {}}, values)
    assert "'outlook' is not connected" in error_of(made, id)


def test_a_version_is_of_who_made_it(made: Child) -> None:
    group = made.services.estate.resource_group_id
    other = made.services.directory.managed_identity(f"{group}/providers/Microsoft.Logic/workflows/another")
    made.services.roles.assign(other, CONTRIBUTOR, group)
    id = workflow(made, "changes-hands", {"a": 1})

    def document(place: str) -> Document:
        found = made.services.state.get(place)
        assert found is not None
        return found

    def author(version: Document) -> str:
        found = author_of(made.services.automation.playbooks.parts, version)
        assert found is not None
        return found.object_id

    first = document(f"{id}/versions/{document(id).body['properties']['version']}")
    workflow(made, "changes-hands", {"a": 2}, by=other)
    assert (author(first), author(document(id))) == (made.owner.object_id, other.object_id)
    patched: tuple[tuple[dict[str, Any], str], ...] = (
        ({"tags": {"a": "b"}}, other.object_id),
        ({"properties": {"parameters": {"$connections": {"value": {"x": {}}}}}}, made.owner.object_id),
    )
    for change, expected in patched:
        made.manage(made.owner, "PATCH", f"{id}?api-version=2019-05-01", change)
        assert author(document(id)) == expected
