"""The workspace manager: a job copies rules and saved searches to members, where the caller may write them."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.whole import Whole, whole_server

from vedette.core.errors import InvalidInput, NotFound

PREVIEW = "2024-01-01-preview"
RULE = {
    "kind": "Scheduled",
    "properties": {
        "displayName": "r",
        "enabled": False,
        "query": "Heartbeat",
        "queryFrequency": "PT1H",
        "queryPeriod": "PT1H",
        "severity": "Low",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT1H",
        "suppressionEnabled": False,
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole_server(tmp_path_factory.mktemp("data")) as opened:
        other = other_workspace(opened)
        opened.send("PUT", other, {"location": "local"}, "2023-09-01")
        opened.send("PUT", f"{other}/providers/Microsoft.SecurityInsights/onboardingStates/default", {"properties": {}})
        member = {"properties": {"targetWorkspaceResourceId": other, "targetWorkspaceTenantId": "t"}}
        opened.send("PUT", "workspaceManagerMembers/m", member, PREVIEW)
        group = {"properties": {"displayName": "g", "description": "d", "memberResourceNames": ["m"]}}
        opened.send("PUT", "workspaceManagerGroups/g", group, PREVIEW)
        opened.send("PUT", "alertRules/r", RULE)
        yield opened


def other_workspace(server: Whole) -> str:
    return f"{server.services.estate.workspace_resource_id}-other"


def assign(server: Whole, *ids: str, group: str = "g") -> str:
    items = [{"resourceId": id} for id in ids]
    body = {"properties": {"targetResourceName": group, "items": items}}
    server.send("PUT", "workspaceManagerAssignments/a", body, PREVIEW)
    return "workspaceManagerAssignments/a"


def test_a_job_copies(server: Whole) -> None:
    workspace = server.services.estate.workspace_resource_id
    search = {"properties": {"category": "c", "displayName": "d", "query": "Heartbeat", "functionAlias": "Copied"}}
    server.send("PUT", f"{workspace}/savedSearches/s", search, "2020-08-01")
    place = assign(server, f"{server.sentinel}/alertRules/r", f"{workspace}/savedSearches/s")
    for _ in range(2):  # a second job replaces what the first one made
        job = server.send("POST", f"{place}/jobs", version=PREVIEW)
        assert job.status == 200
        assert job.body["properties"]["provisioningState"] == "Succeeded"
    copied = server.send("GET", f"{other_workspace(server)}/providers/Microsoft.SecurityInsights/alertRules/r").body
    assert copied["kind"] == "Scheduled"
    assert copied["properties"]["displayName"] == "r"
    assert server.send("GET", f"{other_workspace(server)}/savedSearches/s").status == 200
    assert server.send("GET", f"{place}/jobs/{job.body['name']}", version=PREVIEW).body == job.body
    assert len(server.send("GET", f"{place}/jobs", version=PREVIEW).body["value"]) == 2
    shown = server.send("GET", place, version=PREVIEW).body["properties"]
    assert shown["lastJobProvisioningState"] == "Succeeded"
    assert server.send("DELETE", f"{place}/jobs/{job.body['name']}", version=PREVIEW).status == 200


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("{sentinel}/incidents/i", "is not copied"),
        ("{sentinel}/alertRules/none", "There is no"),
        ("{other}/providers/Microsoft.SecurityInsights/alertRules/r", "not of the workspace"),
    ],
)
def test_what_is_not_copied_says_why(server: Whole, item: str, reason: str) -> None:
    id = item.format(sentinel=server.sentinel, other=other_workspace(server))
    job = server.send("POST", f"{assign(server, id)}/jobs", version=PREVIEW).body["properties"]
    assert job["provisioningState"] == "Failed"
    assert reason in job["items"][0]["errors"][0]["errorMessage"]
    assert job["items"][0]["errors"][0]["memberResourceName"] == "m"


def test_a_group_without_members_fails(server: Whole) -> None:
    place = assign(server, f"{server.sentinel}/alertRules/r", group="none")
    assert server.send("POST", f"{place}/jobs", version=PREVIEW).body["properties"]["provisioningState"] == "Failed"
    with pytest.raises(NotFound):
        server.send("POST", "workspaceManagerAssignments/none/jobs", version=PREVIEW)


def test_only_where_the_caller_may_write(server: Whole) -> None:
    """Somebody who may do everything in the one workspace and nothing in the other."""
    from vedette.access.role_definitions import OWNER  # noqa: PLC0415

    services = server.services
    only_here = services.directory.ensure_service_principal(
        application_id=services.new_id(), object_id=services.new_id(), name="here", secret="s" * 40
    )
    services.roles.assign(only_here, OWNER, services.estate.workspace_resource_id)
    place = assign(server, f"{server.sentinel}/alertRules/r")
    job = Whole(services, only_here).send("POST", f"{place}/jobs", version=PREVIEW).body["properties"]
    assert job["provisioningState"] == "Failed"
    assert "authorization" in job["items"][0]["errors"][0]["errorMessage"]


def test_it_can_be_switched_off(server: Whole) -> None:
    place = assign(server, f"{server.sentinel}/alertRules/r")
    server.send("PUT", "workspaceManagerConfigurations/default", {"properties": {"mode": "disabled"}}, PREVIEW)
    with pytest.raises(InvalidInput, match="switched off"):
        server.send("POST", f"{place}/jobs", version=PREVIEW)
    with pytest.raises(InvalidInput, match="one of Enabled, Disabled"):
        server.send("PUT", "workspaceManagerConfigurations/default", {"properties": {"mode": "x"}}, PREVIEW)
    server.send("DELETE", "workspaceManagerConfigurations/default", version=PREVIEW)


@pytest.mark.parametrize(
    ("place", "properties", "named"),
    [
        (
            "workspaceManagerMembers/x",
            {"targetWorkspaceResourceId": "/subscriptions/s", "targetWorkspaceTenantId": "t"},
            "id of a workspace",
        ),
        ("workspaceManagerGroups/x", {"memberResourceNames": "m"}, "memberResourceNames"),
        ("workspaceManagerAssignments/x", {}, "items"),
        ("workspaceManagerConfigurations/x", {"mode": "Enabled"}, "named 'default'"),
    ],
)
def test_what_cannot_be(server: Whole, place: str, properties: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        server.send("PUT", place, {"properties": properties}, PREVIEW)
