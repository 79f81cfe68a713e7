"""Generated policies at work on a whole server: assigned, they give resources their settings, which then comply."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.sentinel.deploying import Deploying
from tests.unit.sentinel.test_policies import SETTINGS, Estate
from tests.unit.sentinel.whole import whole_server

from vedette.access.role_definitions import OWNER
from vedette.content.diagnostics.choices import Choices
from vedette.content.diagnostics.definition import make_definition
from vedette.content.diagnostics.initiative import make_initiative
from vedette.content.diagnostics.policy_template import policy_template
from vedette.content.diagnostics.sinks import EVENT_HUB, LOG_ANALYTICS, STORAGE, Sink
from vedette.log_management.resource_log_types import ResourceLogs, logs_of

HUB_RULE = "Microsoft.EventHub/namespaces/n/authorizationRules/all"


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with whole_server(tmp_path_factory.mktemp("policies")) as whole:
        yield Estate(whole)


def known(type: str) -> ResourceLogs:
    found = logs_of(type)
    assert found is not None
    return found


def values(estate: Estate, sink: Sink) -> dict[str, Any]:
    of_sink = {
        LOG_ANALYTICS.name: {"logAnalytics": estate.workspace},
        EVENT_HUB.name: {
            "eventHubRuleId": f"{estate.subscription}/resourceGroups/h/providers/{HUB_RULE}",
            "eventHubName": "logs",
        },
        STORAGE.name: {
            "storageAccount": f"{estate.subscription}/resourceGroups/h/providers/Microsoft.Storage/storageAccounts/s"
        },
    }[sink.name]
    return {name: {"value": value} for name, value in {"azureRegions": ["eastus"], **of_sink}.items()}


def assigned(estate: Estate, group: str, definition: str, roles: list[str], parameters: dict[str, Any]) -> None:
    made = estate.assign(group, definition, role=roles[0].rpartition("/")[2], parameters=parameters)
    for each in roles[1:]:
        estate.grant(made["identity"]["principalId"], each.rpartition("/")[2], estate.subscription)


@pytest.mark.parametrize("sink", [LOG_ANALYTICS, EVENT_HUB, STORAGE], ids=lambda each: each.name)
@pytest.mark.parametrize(
    "type", ["Microsoft.KeyVault/vaults", "Microsoft.Sql/servers/databases", "Microsoft.Compute/virtualMachines"]
)
def test_a_definition_gives_a_resource_its_setting(estate: Estate, type: str, sink: Sink) -> None:
    made = make_definition(known(type), Choices(sink, dedicated=True))
    id = f"{estate.subscription}/providers/Microsoft.Authorization/policyDefinitions/{made.name}"
    assert estate.whole.send("PUT", id, {"properties": made.properties}).status == 201
    group = estate.group()
    given = {"metricsEnabled": {"value": "True"}, **values(estate, sink)}
    assigned(estate, group, id, list(sink.roles), given)
    namespace, *parts = type.split("/")
    resource = f"{group}/providers/{namespace}"
    for each in parts:
        resource += f"/{each}/r"
        estate.whole.send("PUT", resource, {"location": "eastus", "properties": {}})
        estate.settle(resource)
    (state,) = estate.states(resource)
    assert state["complianceState"] == "Compliant", state.get("deployment")
    (setting,) = estate.whole.send("GET", f"{resource}/providers/{SETTINGS}").body["value"]
    properties = setting["properties"]
    assert [each["category"] for each in properties["logs"]] == [each.name for each in known(type).logs]
    assert all(each["enabled"] for each in (*properties["logs"], *properties["metrics"]))
    assert ("logAnalyticsDestinationType" in properties) == (sink is LOG_ANALYTICS)


def test_a_resource_elsewhere_and_a_setting_that_lacks_a_category(estate: Estate) -> None:
    made = make_definition(known("Microsoft.Network/azureFirewalls"), Choices())
    id = f"{estate.subscription}/providers/Microsoft.Authorization/policyDefinitions/{made.name}"
    estate.whole.send("PUT", id, {"properties": made.properties})
    group = estate.group()
    audit = {"effect": {"value": "AuditIfNotExists"}}
    estate.assign(group, id, parameters=values(estate, LOG_ANALYTICS) | audit)
    estate.put(group, "Microsoft.Network/azureFirewalls", "west", location="westus")
    estate.put(group, "Microsoft.Network/azureFirewalls", "east")
    place = f"{group}/providers/Microsoft.Network/azureFirewalls/east/providers/{SETTINGS}/own"
    logs = [{"category": "AZFWDnsQuery", "enabled": True}]
    estate.whole.send("PUT", place, {"properties": {"workspaceId": estate.workspace, "logs": logs}})
    estate.evaluate(group)
    assert estate.state(group) == {"east": "NonCompliant"}


def test_an_initiative_of_a_template(estate: Estate) -> None:
    made = [
        make_definition(known(type), Choices(all_regions=True, categories="allLogs"))
        for type in ("Microsoft.Logic/workflows", "Microsoft.Storage/storageAccounts/blobServices")
    ]
    template = policy_template(made, LOG_ANALYTICS, "By template", of_group=False)
    deployed = Deploying(estate.whole).deploy("policies", template, scope=estate.subscription)
    assert deployed["provisioningState"] == "Succeeded", deployed
    name = make_initiative(made, LOG_ANALYTICS, "By template", str).name
    set_id = f"{estate.subscription}/providers/Microsoft.Authorization/policySetDefinitions/{name}"
    group = estate.group()
    assigned(estate, group, set_id, list(LOG_ANALYTICS.roles), {"logAnalytics": {"value": estate.workspace}})
    for type in ("Microsoft.Storage/storageAccounts", "Microsoft.Storage/storageAccounts/blobServices"):
        place = f"{group}/providers/Microsoft.Storage/storageAccounts/store"
        place += "/blobServices/default" if type.endswith("blobServices") else ""
        estate.whole.send("PUT", place, {"location": "eastus", "properties": {}})
        estate.settle(place)
    found = estate.whole.send("GET", f"{place}/providers/{SETTINGS}").body["value"]
    assert [each["properties"]["logs"] for each in found] == [[{"categoryGroup": "allLogs", "enabled": True}]]


def test_a_template_of_a_management_group(estate: Estate) -> None:
    group = f"/providers/Microsoft.Management/managementGroups/{estate.whole.services.estate.tenant_id}"
    estate.whole.services.roles.assign(estate.whole.principal, OWNER, "/")
    made = [make_definition(known("Microsoft.KeyVault/vaults"), Choices())]
    template = policy_template(made, LOG_ANALYTICS, "", of_group=True)
    deployed = Deploying(estate.whole).deploy("policies", template, scope=group)
    assert deployed["provisioningState"] == "Succeeded", deployed
    found = estate.whole.send("GET", f"{group}/providers/Microsoft.Authorization/policyDefinitions/{made[0].name}")
    assert found.body["properties"]["policyRule"] == made[0].properties["policyRule"]
