"""Data collection rules, endpoints, associations and diagnostic settings as management resources."""

import copy
import re
from typing import Any

import pytest
from tests.unit.sentinel.conftest import Send

from vedette.access.estate import Estate
from vedette.access.public_names import is_public_name
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.sentinel.data_collection_endpoints import ingestion_endpoint

STREAM = "Custom-Text"


@pytest.fixture
def group(estate: Estate) -> str:
    return estate.workspace_resource_id.partition("/providers/")[0]


def rule(estate: Estate, **properties: Any) -> dict[str, Any]:
    columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Computer", "type": "String"}]
    whole = {
        "streamDeclarations": {STREAM: {"columns": columns}},
        "destinations": {"logAnalytics": [{"workspaceResourceId": estate.workspace_resource_id, "name": "ws"}]},
        "dataFlows": [{"streams": [STREAM], "destinations": ["ws"], "outputStream": "Microsoft-Syslog"}],
    }
    return {"location": "East US", "kind": " direct", "properties": whole | properties}


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a body with another value at a path such as `properties.dataFlows.0.streams`."""
    copied = copy.deepcopy(body)
    *above, last = path.split(".")
    place: Any = copied
    for step in above:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return copied


def test_what_the_server_fills_in(send: Send, group: str, estate: Estate) -> None:
    id = f"{group}/providers/Microsoft.Insights/dataCollectionRules/one"
    made = send("PUT", id, rule(estate, description="d", immutableId="mine", dataSources={}))
    assert made.status == 201
    properties = made.body["properties"]
    assert re.fullmatch(r"dcr-[0-9a-f]{32}", properties["immutableId"])
    assert properties["provisioningState"] == "Succeeded"
    assert properties["endpoints"] == dict.fromkeys(("logsIngestion", "metricsIngestion"), "https://localhost:8443")
    assert properties["destinations"]["logAnalytics"][0]["workspaceId"] == estate.workspace_id
    assert properties["description"] == "d"
    assert made.body["kind"] == "Direct"
    again = send("PUT", id, rule(estate))
    assert again.status == 200
    assert again.body["properties"]["immutableId"] == properties["immutableId"]
    assert send("GET", id).body == again.body


def test_a_rule_of_another_kind_has_no_endpoints(send: Send, group: str, estate: Estate) -> None:
    body = rule(estate) | {"kind": "Linux"}
    made = send("PUT", f"{group}/providers/Microsoft.Insights/dataCollectionRules/linux", body)
    assert "endpoints" not in made.body["properties"]


WRONG: list[tuple[str, Any, str, str, str]] = [
    ("kind", "Solaris", "InvalidKind", "kind", "Solaris"),
    ("properties.streamDeclarations", [], "InvalidProperty", "properties.streamDeclarations", "object"),
    ("properties.streamDeclarations", {"Text": {}}, "InvalidStream", "properties.streamDeclarations.Text", "Custom-"),
    (
        f"properties.streamDeclarations.{STREAM}.columns.1.type",
        "guid",
        "InvalidStreamDeclaration",
        f"properties.streamDeclarations.{STREAM}.columns[1].type",
        "boolean",
    ),
    (
        f"properties.streamDeclarations.{STREAM}.columns.1.name",
        "TimeGenerated",
        "InvalidStreamDeclaration",
        f"properties.streamDeclarations.{STREAM}.columns[1].name",
        "two columns",
    ),
    (
        f"properties.streamDeclarations.{STREAM}.columns",
        [],
        "InvalidStreamDeclaration",
        f"properties.streamDeclarations.{STREAM}.columns",
        "empty",
    ),
    ("properties.destinations", {}, "InvalidDataFlow", "properties.dataFlows[0]", "destination name is unknown: ws"),
    (
        "properties.destinations.logAnalytics.0.workspaceResourceId",
        "{group}/providers/Microsoft.OperationalInsights/workspaces/nowhere",
        "InvalidDestination",
        "properties.destinations.logAnalytics",
        "does not exist",
    ),
    ("properties.dataFlows", [], "InvalidDataFlow", "properties.dataFlows", "empty"),
    ("properties.dataFlows.0.streams", [], "InvalidDataFlow", "properties.dataFlows[0].streams", "empty"),
    ("properties.dataFlows.0.streams", ["Custom-No"], "InvalidStream", "properties.dataFlows[0]", "not declared"),
    ("properties.dataFlows.0.streams", ["Microsoft-No"], "InvalidStream", "properties.dataFlows[0]", "Azure table"),
    (
        "properties.dataFlows.0.streams",
        ["Microsoft-Table-Syslog"],
        "InvalidStream",
        "properties.dataFlows[0]",
        "Azure table",
    ),
    ("properties.dataFlows.0.streams", [1], "InvalidProperty", "properties.dataFlows[0].streams[0]", "text"),
    (
        "properties.dataFlows.0.outputStream",
        "Custom-NoSuffix",
        "InvalidOutputStream",
        "properties.dataFlows[0].outputStream",
        "_CL",
    ),
    (
        "properties.dataFlows.0.outputStream",
        "Custom-Nowhere_CL",
        "InvalidOutputTable",
        "properties.dataFlows[0]",
        "'Custom-Nowhere_CL' is not available for destination 'ws'",
    ),
    (
        "properties.dataFlows.0.outputStream",
        "Microsoft-SecurityIncident",
        "InvalidOutputTable",
        "properties.dataFlows[0]",
        "not available",
    ),
    (
        "properties.dataFlows.0.transformKql",
        "source |\n extend a = nothing(1)",
        "InvalidTransformQuery",
        "properties.dataFlows[0]",
        "SemanticError:SEM0299 at 2:13",
    ),
    (
        "properties.dataFlows.0.transformKql",
        "source | project Computer",
        "InvalidTransformQuery",
        "properties.dataFlows[0]",
        "TimeGenerated",
    ),
    (
        "properties.dataFlows.0.transformKql",
        "source | extend Computer = strlen(Computer), ProcessID = 'x'",
        "InvalidTransformOutput",
        "properties.dataFlows[0]",
        "Computer [produced:'Long', output:'String'], ProcessID [produced:'String', output:'Int']",
    ),
    (
        "properties.dataFlows.0.builtInTransform",
        "x",
        "InvalidTransform",
        "properties.dataFlows[0].builtInTransform",
        "not supported",
    ),
    ("properties.transformations", [{}], "InvalidTransform", "properties.transformations", "not supported"),
    (
        "properties.dataCollectionEndpointId",
        "/nowhere",
        "InvalidDataCollectionEndpoint",
        "properties.dataCollectionEndpointId",
        "does not exist",
    ),
    (
        "properties.dataSources",
        {"syslog": [{"name": "a", "streams": ["Microsoft-No"]}]},
        "InvalidStream",
        "properties.dataSources.syslog[0].streams[0]",
        "Azure table",
    ),
]


@pytest.mark.parametrize(("path", "value", "code", "target", "said"), WRONG)
def test_a_wrong_rule_is_refused_with_its_place(
    send: Send, group: str, estate: Estate, path: str, value: Any, code: str, target: str, said: str
) -> None:
    id = f"{group}/providers/Microsoft.Insights/dataCollectionRules/wrong"
    value = value.format(group=group) if isinstance(value, str) and value.startswith("{group}") else value
    with pytest.raises(InvalidInput) as refused:
        send("PUT", id, changed(rule(estate), path, value))
    assert refused.value.code == "InvalidPayload"
    details = refused.value.details["details"]
    assert (code, target) in [(each["code"], each["target"]) for each in details]
    assert said in " ".join(each["message"] for each in details)
    with pytest.raises(NotFound):
        send("GET", id)


def test_a_location_is_needed(send: Send, group: str, estate: Estate) -> None:
    with pytest.raises(InvalidInput) as refused:
        send(
            "PUT", f"{group}/providers/Microsoft.Insights/dataCollectionRules/nowhere", rule(estate) | {"location": ""}
        )
    assert refused.value.code == "LocationRequired"


def test_workspace_transformations(send: Send, group: str, estate: Estate) -> None:
    flow = {
        "streams": ["Microsoft-Table-Syslog"],
        "destinations": ["ws"],
        "transformKql": "source | where Facility != ''",
    }
    body = rule(estate, dataFlows=[flow], streamDeclarations={}) | {"kind": "WorkspaceTransforms"}
    id = f"{group}/providers/Microsoft.Insights/dataCollectionRules/workspace"
    assert send("PUT", id, body).status == 201
    assert send("PUT", id, changed(body, "properties.dataFlows", [])).status == 200
    for path, value in (
        ("properties.dataFlows.0.streams", ["Microsoft-Syslog"]),
        ("properties.dataFlows.0.streams", ["Microsoft-Table-Own_CL"]),
        ("properties.dataFlows", [flow, flow]),
        ("properties.dataSources", {"syslog": [{"name": "a"}]}),
        ("properties.destinations", {}),
        ("properties.dataFlows.0.transformKql", "source | project-away TimeGenerated"),
    ):
        with pytest.raises(InvalidInput):
            send("PUT", id, changed(body, path, value))


def test_agents_rules_are_kept_as_they_are(send: Send, group: str, estate: Estate) -> None:
    sources = {
        "performanceCounters": [
            {"name": "p", "streams": ["Microsoft-Perf"], "samplingFrequencyInSeconds": 15, "counterSpecifiers": ["x"]}
        ],
        "prometheusForwarder": [{"name": "m", "streams": ["Microsoft-PrometheusMetrics"]}],
    }
    flows = [
        {"streams": ["Microsoft-Perf"], "destinations": ["ws"]},
        {"streams": ["Microsoft-PrometheusMetrics"], "destinations": ["account"]},
    ]
    destinations = rule(estate)["properties"]["destinations"] | {
        "monitoringAccounts": [{"accountResourceId": "/a", "name": "account"}]
    }
    body = rule(estate, dataSources=sources, dataFlows=flows, destinations=destinations) | {"kind": "Linux"}
    made = send("PUT", f"{group}/providers/Microsoft.Insights/dataCollectionRules/agents", body)
    assert made.body["properties"]["dataSources"] == sources
    assert made.body["properties"]["dataFlows"] == flows


def test_tags_are_patched_and_the_rest_stays(send: Send, group: str, estate: Estate) -> None:
    id = f"{group}/providers/Microsoft.Insights/dataCollectionRules/patched"
    made = send("PUT", id, rule(estate) | {"tags": {"a": "1"}})
    patched = send("PATCH", id, {"tags": {"b": "2"}})
    assert patched.status == 200
    assert patched.body["tags"] == {"b": "2"}
    assert patched.body["properties"] == made.body["properties"]
    assert patched.body["kind"] == "Direct"


def test_who_knows_azures_names_is_given_one() -> None:
    id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionEndpoints/DCE"
    assert ingestion_endpoint("https://127.0.0.1:8443", id) == "https://127.0.0.1:8443"
    named = ingestion_endpoint("https://management.azure.com", id)
    assert re.fullmatch(r"https://dce-[0-9a-f]{4}\.ingest\.monitor\.azure\.com", named)
    assert is_public_name(named.removeprefix("https://"))


def test_endpoints(send: Send, group: str) -> None:
    id = f"{group}/providers/Microsoft.Insights/dataCollectionEndpoints/dce"
    made = send("PUT", id, {"location": "eastus", "properties": {}})
    assert made.status == 201
    properties = made.body["properties"]
    assert re.fullmatch(r"dce-[0-9a-f]{32}", properties["immutableId"])
    assert properties["networkAcls"] == {"publicNetworkAccess": "Enabled"}
    assert properties["logsIngestion"]["endpoint"] == "https://localhost:8443"
    with pytest.raises(InvalidInput):
        send("PUT", id, {"location": "eastus", "properties": {"networkAcls": {"publicNetworkAccess": "No"}}})
    listed = send(
        "GET", f"{group.partition('/resourceGroups')[0]}/providers/Microsoft.Insights/dataCollectionEndpoints"
    )
    assert [each["name"] for each in listed.body["value"]] == ["dce"]


def test_associations(send: Send, group: str, estate: Estate) -> None:
    rule_id = f"{group}/providers/Microsoft.Insights/dataCollectionRules/associated"
    send("PUT", rule_id, rule(estate))
    machine = f"{group}/providers/Microsoft.Compute/virtualMachines/vm1"
    id = f"{machine}/providers/Microsoft.Insights/dataCollectionRuleAssociations/one"
    made = send("PUT", id, {"properties": {"dataCollectionRuleId": rule_id.upper()}})
    assert made.status == 201
    assert [each["id"] for each in send("GET", f"{rule_id}/associations").body["value"]] == [id]
    for properties in (
        {},
        {"dataCollectionRuleId": f"{rule_id}x"},
        {"dataCollectionRuleId": group},
        {"dataCollectionRuleId": rule_id, "dataCollectionEndpointId": rule_id},
        {"dataCollectionEndpointId": rule_id},
    ):
        with pytest.raises(InvalidInput):
            send("PUT", id, {"properties": properties})
    with pytest.raises(Conflict):
        send("DELETE", rule_id)
    assert send("DELETE", id).status == 200
    assert send("DELETE", rule_id).status == 200


SETTING = {"storageAccountId": "/s", "logs": [{"categoryGroup": "allLogs", "enabled": True}]}


def test_diagnostic_settings(send: Send, group: str) -> None:
    workflow = f"{group}/providers/Microsoft.Logic/workflows/w"
    send("PUT", workflow, {"location": "eastus", "properties": {}})
    above = f"{workflow}/providers/Microsoft.Insights"
    made = send("PUT", f"{above}/diagnosticSettings/one", {"properties": SETTING})
    assert made.status == 200
    assert made.body["properties"] == SETTING
    categories = send("GET", f"{above}/diagnosticSettingsCategories").body["value"]
    assert "WorkflowRuntime" in [each["name"] for each in categories]
    category = send("GET", f"{above}/diagnosticSettingsCategories/workflowruntime").body
    assert category["properties"] == {"categoryType": "Logs", "categoryGroups": ["allLogs"]}
    for number in range(4):
        send("PUT", f"{above}/diagnosticSettings/more{number}", {"properties": SETTING})
    with pytest.raises(InvalidInput):
        send("PUT", f"{above}/diagnosticSettings/sixth", {"properties": SETTING})
    assert len(send("GET", f"{above}/diagnosticSettings").body["value"]) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"storageAccountId": ""},
        {"workspaceId": 1},
        {"logs": {}},
        {"logs": [{"enabled": True}]},
        {"logs": [{"category": "A", "categoryGroup": "b", "enabled": True}]},
        {"logs": [{"category": "A"}]},
        {"logs": [{"category": "A", "enabled": True}, {"category": "a", "enabled": False}]},
        {"logAnalyticsDestinationType": "Elsewhere"},
    ],
)
def test_wrong_diagnostic_settings(send: Send, group: str, changes: dict[str, Any]) -> None:
    account = f"{group}/providers/Microsoft.Automation/automationAccounts/a"
    id = f"{account}/providers/Microsoft.Insights/diagnosticSettings/wrong"
    with pytest.raises(InvalidInput):
        send("PUT", id, {"properties": SETTING | changes})
