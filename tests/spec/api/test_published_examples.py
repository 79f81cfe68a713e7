"""Published requests of the management API are sent as they are, and the replies held against the published ones."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from vedette.access.estate import Estate

GROUPS = ("AlertRules", "Incidents", "SentinelOnboardingStates")

KINDS_REFUSED = {"Fusion", "MicrosoftSecurityIncidentCreation", "NRT"}
"""Kinds of alert rule that are not served yet: their examples must be refused by that name."""

OPERATIONS_MISSING = {"Incidents_RunPlaybook", "Incidents_CreateTeam"}
"""Operations that are not served yet."""

COMPUTED = {
    "id": "the example's subscription",
    "etag": "the server's",
    "lastModifiedUtc": "the time of the write",
    "lastModifiedTimeUtc": "the time of the write",
    "createdTimeUtc": "the time of the write",
    "incidentNumber": "the workspace's count",
    "providerIncidentId": "the workspace's count",
    "incidentUrl": "holds the example's subscription",
    "additionalData": "comments and alerts that the example's request does not make",
    "owner.email": "from Azure's directory",
    "owner.userPrincipalName": "from Azure's directory",
    "owner.assignedTo": "from Azure's directory",
    "owner.ownerType": "from Azure's directory",
    "relatedAnalyticRuleIds": "rules that the example's request does not make",
    "teamInformation": "made by another operation",
}
"""What of a published reply is not held against ours, and why."""


@dataclass(frozen=True)
class Example:
    """A published request and its replies by status code."""

    operation: str
    method: str
    path: str
    parameters: dict[str, Any]
    body: dict[str, Any] | None
    responses: dict[str, Any]

    @property
    def group(self) -> str:
        return self.operation.partition("_")[0]

    @property
    def made_by(self) -> tuple[str, str]:
        """Group and version: whose PUT makes what this reads or deletes."""
        return self.group, self.parameters["api-version"]

    @property
    def refused(self) -> str | None:
        """The name by which what this PUTs is refused."""
        kind = (self.body or {}).get("kind")
        return kind if kind in KINDS_REFUSED else None


def read(folder: Path, entry: dict[str, Any]) -> Example:
    content = json.loads((folder / entry["file"]).read_text())
    parameters = {name: value for name, value in content["parameters"].items() if not isinstance(value, dict)}
    body = next((value for value in content["parameters"].values() if isinstance(value, dict)), None)
    return Example(entry["operationId"], entry["method"], entry["path"], parameters, body, content["responses"])


@pytest.fixture(scope="module")
def published(examples: Path) -> list[Example]:
    entries = json.loads((examples / "MANIFEST.json").read_text())
    found = [read(examples, entry) for entry in entries if entry["area"] == "securityinsights"]
    return [example for example in found if example.group in GROUPS]


@pytest.fixture
def send(owner: TestClient, estate: Estate) -> Callable[[Example], Response]:
    places = {
        "subscriptionId": estate.subscription_id,
        "resourceGroupName": estate.resource_group,
        "workspaceName": estate.workspace_name,
    }

    def send(example: Example) -> Response:
        path = example.path
        for name, value in (example.parameters | places).items():
            path = path.replace(f"{{{name}}}", str(value))
        query = {
            name: value for name, value in example.parameters.items() if name.startswith("$") or name == "api-version"
        }
        return owner.request(example.method, path, params=query, json=example.body)

    return send


def without_etag(example: Example) -> Example:
    return replace(example, body={name: each for name, each in (example.body or {}).items() if name != "etag"})


def differences(ours: Any, expected: Any, path: str = "") -> list[str]:
    """Where the published value is not in ours; what ours has besides does not matter."""
    if any(path.endswith(f".{name}") for name in COMPUTED):
        return []
    if isinstance(expected, dict) and isinstance(ours, dict):
        return [
            each for name, value in expected.items() for each in differences(ours.get(name), value, f"{path}.{name}")
        ]
    return [] if ours == expected else [f"{path}: {ours!r} in place of {expected!r}"]


def test_what_is_put_is_answered_as_published(published: list[Example], send: Callable[[Example], Response]) -> None:
    puts = [example for example in published if example.method == "PUT" and not example.refused]
    assert {example.group for example in puts} == set(GROUPS)
    for example in puts:
        send(replace(example, method="DELETE", body=None))
        created = send(example)
        assert created.status_code == 201, created.text
        assert differences(created.json(), example.responses["201"]["body"]) == []
        updated = send(without_etag(example))
        assert updated.status_code == 200, updated.text
        assert differences(updated.json(), example.responses["200"]["body"]) == []


def test_what_is_not_served_is_refused_by_name(published: list[Example], send: Callable[[Example], Response]) -> None:
    refused = {example.refused: send(example) for example in published if example.method == "PUT" and example.refused}
    assert set(refused) == KINDS_REFUSED, "a gap that is closed is taken off its list"
    for name, reply in refused.items():
        assert reply.status_code == 400
        assert f"'{name}'" in reply.json()["error"]["message"]


def test_an_etag_from_elsewhere_makes_a_resource_and_overwrites_none(
    published: list[Example], send: Callable[[Example], Response]
) -> None:
    example = next(each for each in published if each.operation == "Incidents_CreateOrUpdate")
    send(replace(example, method="DELETE", body=None))
    assert send(example).status_code == 201
    reply = send(example)
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "Conflict")


def test_reads_actions_and_deletions_answer_with_a_published_code(
    published: list[Example], send: Callable[[Example], Response]
) -> None:
    makers = {each.made_by: each for each in published if each.method == "PUT" and not each.refused}
    answered: set[str] = set()
    for example in published:
        maker = makers.get(example.made_by)
        if example.method == "PUT" or maker is None or example.operation in OPERATIONS_MISSING:
            continue
        made = send(without_etag(maker))
        assert made.status_code in (200, 201), made.text
        paging = {name: value for name, value in example.parameters.items() if name.startswith("$")}
        reply = send(replace(example, parameters=maker.parameters | paging))
        assert str(reply.status_code) in example.responses, (example.operation, reply.text)
        if example.operation.endswith("_Get"):
            assert differences(reply.json(), made.json()) == []
        if example.operation.endswith("_List"):
            assert made.json()["name"] in [each["name"] for each in reply.json()["value"]]
        if example.operation == "SentinelOnboardingStates_Delete":
            assert send(maker).status_code == 201
        answered.add(example.operation)
    assert len(answered) >= 12, answered
