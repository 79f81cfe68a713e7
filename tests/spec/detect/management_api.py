"""The management API over the parts that a case runs on, for its steps `call = "PUT incidents/1/comments/c1"`."""

from typing import Any

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.access.roles import Roles
from vedette.access.workspaces import StoredWorkspaces, Workspace, make_first_workspace
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.operations import Operations
from vedette.arm.resource_ids import parse_id
from vedette.core.clock import Clock
from vedette.core.errors import VedetteError
from vedette.core.ids import new_id
from vedette.core.instants import instant_of
from vedette.detect.entity_documents import ENTITY
from vedette.detect.incidents import COMMENT, INCIDENT, RELATION, TASK
from vedette.detect.relations import related_names
from vedette.logs.store import LogStore
from vedette.sentinel.onboarding_states import onboard
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.state.documents import Document
from vedette.state.store import StateStore


class ManagementApi:
    """Sends calls as the owner of the workspace."""

    def __init__(self, workspace: Workspace, clock: Clock, state: StateStore, logs: LogStore) -> None:
        parts = workspace.resource_id.split("/")
        estate = Estate("t", parts[2], parts[4], workspace.name, workspace.id, "", "", "c", "o", "s")
        make_first_workspace(state, estate, clock)
        onboard(state, estate.workspace_resource_id)
        roles = Roles(state)
        self._owner = Principal("o", "c", "ana", "t")
        roles.assign(self._owner, OWNER, estate.subscription_resource_id)
        operations = Operations(state, clock, new_id)
        workspaces = StoredWorkspaces(state)
        self._context = Context(clock, new_id, state, estate, workspaces, roles, logs.catalog, logs, operations)
        self._state = state
        self._base = f"{workspace.resource_id}/providers/Microsoft.SecurityInsights"

    def send(self, step: dict[str, Any]) -> None:
        """Do a step. In its path and its texts `incidents/1` and `alerts/1` are the first incident and alert; a PUT of
        an incident changes what its body names. `refused` is the error's code that the step must meet."""
        method, _, path = step["call"].partition(" ")
        properties = {name: self._resolved(value) for name, value in step.get("body", {}).items()}
        id = self._id(path)
        if method == "PUT" and path.count("/") == 1 and path.startswith("incidents/"):
            known = self._state.get(id)
            properties = {**(known.body["properties"] if known else {}), **properties}
        body = None if method == "DELETE" else properties if method == "POST" else {"properties": properties}
        refusal = self._refusal(Call(method, parse_id(id), self._owner, {"api-version": "2024-03-01"}, "", body))
        assert (refusal and refusal.code) == step.get("refused"), f"{step['call']}: {refusal and refusal.message}"

    def _refusal(self, call: Call) -> VedetteError | None:
        try:
            answer(self._context, RESOURCE_TYPES, call)
        except VedetteError as error:
            return error
        return None

    def _id(self, path: str) -> str:
        kind, slash, rest = path.partition("/")
        number, *more = rest.split("/")
        if slash and number.isdigit():
            found = self._numbered(kind, int(number))
            return "/".join([found.id, *more])
        return f"{self._base}/{path}"

    def _numbered(self, kind: str, number: int) -> Document:
        if kind == "incidents":
            incidents = self._state.list(INCIDENT)
            return next(each for each in incidents if each.body["properties"]["incidentNumber"] == number)
        alerts = [each for each in self._state.list(ENTITY) if each.body["kind"] == "SecurityAlert"]
        return alerts[number - 1]

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(each) for each in value]
        is_reference = isinstance(value, str) and value.split("/")[0] in ("incidents", "alerts", "bookmarks")
        return self._id(value) if is_reference else value


def in_agreement(state: StateStore, incident: Document, row: dict[str, Any]) -> None:
    """Check that the last row of an incident says what its document says."""
    properties = incident.body["properties"]
    texts = {
        "Title": "title",
        "Severity": "severity",
        "Status": "status",
        "Classification": "classification",
        "ClassificationReason": "classificationReason",
        "ClassificationComment": "classificationComment",
        "Description": "description",
        "ProviderName": "providerName",
        "ProviderIncidentId": "providerIncidentId",
        "IncidentUrl": "incidentUrl",
    }
    assert {name: row[name] for name in texts} == {name: properties.get(own) or "" for name, own in texts.items()}
    times = {
        "CreatedTime": "createdTimeUtc",
        "LastModifiedTime": "lastModifiedTimeUtc",
        "FirstActivityTime": "firstActivityTimeUtc",
        "LastActivityTime": "lastActivityTimeUtc",
    }
    told = {name: instant_of(properties[own]) if properties.get(own) else None for name, own in times.items()}
    assert {name: row[name] for name in times} == told
    assert (row["ClosedTime"] is not None) == (properties["status"] == "Closed")
    assert (row["Owner"], row["Labels"]) == (properties["owner"], properties["labels"])
    assert row["AdditionalData"] == properties["additionalData"]
    related = related_names(state, incident.id, RELATION)
    assert sorted(row["AlertIds"]) == sorted(related.get("SecurityAlert", []))
    assert sorted(row["BookmarkIds"]) == sorted(related.get("Bookmark", []))
    counts = [properties["additionalData"][f"{noun}Count"] for noun in ("alerts", "bookmarks", "comments")]
    assert counts == [len(row["AlertIds"]), len(row["BookmarkIds"]), len(row["Comments"])]
    assert [each["name"] for each in row["Comments"]] == [each.name for each in state.list(COMMENT, incident.id)]
    tasks = [each["taskId"] for each in row["Tasks"] if each["status"] != "Deleted"]
    assert tasks == [each.name for each in state.list(TASK, incident.id)]
