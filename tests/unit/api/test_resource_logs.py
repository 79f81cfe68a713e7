"""Resource logs: what is posted in a resource's name goes where its diagnostic settings say, also of a new resource."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.signing import post
from tests.unit.api.test_logs_ingestion import STREAM, make_rule
from tests.unit.sentinel.test_policies import Estate
from tests.unit.sentinel.whole import Whole

from vedette.api.app import make_app
from vedette.api.services import Services
from vedette.content.diagnostics.choices import Choices
from vedette.content.diagnostics.definition import make_definition
from vedette.core.instants import arm_time
from vedette.log_management.resource_log_types import logs_of

SETTINGS = "Microsoft.Insights/diagnosticSettings"
VAULTS = "Microsoft.KeyVault/vaults"


@pytest.fixture
def estate(virtual_services: Services) -> Estate:
    owner = virtual_services.directory.service_principal(virtual_services.estate.client_id)
    assert owner is not None
    return Estate(Whole(virtual_services, owner))


@pytest.fixture
def client(virtual_services: Services) -> TestClient:
    return TestClient(make_app(virtual_services), base_url="https://localhost:8443")


def second_workspace(estate: Estate) -> str:
    id = f"{estate.whole.services.estate.resource_group_id}/providers/Microsoft.OperationalInsights/workspaces/central"
    assert estate.whole.send("PUT", id, {"location": "eastus", "properties": {}}).status in (200, 201, 202)
    return id


def rows(estate: Estate, workspace: str, query: str) -> list[list[Any]]:
    found = estate.whole.services.workspaces.by_resource_id(workspace)
    assert found is not None
    return estate.whole.services.logs.query(found.id, query).rows()


def event(estate: Estate, category: str = "AuditEvent", **more: Any) -> dict[str, Any]:
    return {
        "time": arm_time(estate.whole.services.clock.now()),
        "category": category,
        "operationName": "SecretGet",
        "resultType": "Success",
        "durationMs": "12",
        "callerIpAddress": "203.0.113.7",
        "identity": {"claim": {"upn": "a@contoso.com"}},
        "properties": {"requestUri": "https://v.vault/secrets/x", "httpStatusCode": 200, "isRbacAuthorized": True},
    } | more


def send(client: TestClient, estate: Estate, resource: str, records: Any, log_type: str = "Vault") -> None:
    sent = post(client, estate.whole.services, records, log_type, headers={"x-ms-AzureResourceId": resource})
    assert sent.status_code == 200, sent.text


def put_setting(estate: Estate, resource: str, workspace: str, logs: list[Any], **more: Any) -> None:
    body = {"properties": {"workspaceId": workspace, "logs": logs, **more}}
    assert estate.whole.send("PUT", f"{resource}/providers/{SETTINGS}/own", body).status == 200


def test_a_resource_made_under_a_generated_policy_streams_at_once(client: TestClient, estate: Estate) -> None:
    central = second_workspace(estate)
    known = logs_of(VAULTS)
    assert known is not None
    made = make_definition(known, Choices(dedicated=True, all_regions=True))
    definition = f"{estate.subscription}/providers/Microsoft.Authorization/policyDefinitions/{made.name}"
    assert estate.whole.send("PUT", definition, {"properties": made.properties}).status == 201
    group = estate.group()
    roles = [each.rpartition("/")[2] for each in made.properties["policyRule"]["then"]["details"]["roleDefinitionIds"]]
    assigned = estate.assign(group, definition, role=roles[0], parameters={"logAnalytics": {"value": central}})
    estate.grant(assigned["identity"]["principalId"], roles[1], estate.subscription)
    vault = f"{group}/providers/{VAULTS}/new"
    estate.whole.send("PUT", vault, {"location": "eastus", "properties": {}})
    send(client, estate, vault, [event(estate), event(estate, "AzurePolicyEvaluationDetails")])  # and nobody has looked
    assert rows(
        estate,
        central,
        "AZKVAuditLogs | project OperationName, ResultType, DurationMs, CallerIpAddress, RequestUri, HttpStatusCode, "
        "IsRbacAuthorized, tostring(Identity.claim.upn), _ResourceId, SourceSystem",
    ) == [
        ["SecretGet", "Success", 12, "203.0.113.7", "https://v.vault/secrets/x", 200, True, "a@contoso.com",
         vault.lower(), "Azure"]
    ]  # fmt: skip
    assert rows(estate, central, "AZKVPolicyEvaluationDetailsLogs | count") == [[1]]
    (setting,) = estate.whole.send("GET", f"{vault}/providers/{SETTINGS}").body["value"]
    assert setting["properties"]["workspaceId"] == central
    assert rows(estate, estate.workspace, "Vault_CL | count") == [[2]]


def test_the_shared_table_has_suffixes_and_the_parts_of_the_id(client: TestClient, estate: Estate) -> None:
    vault = f"{estate.group()}/providers/{VAULTS}/shared"
    put_setting(estate, vault, estate.workspace, [{"category": "AuditEvent", "enabled": True}])
    send(
        client,
        estate,
        vault,
        [event(estate, properties={"id": "i", "n": 1, "deep": {"x": True}, "TimeGenerated": "t"})],
    )
    ((*found,),) = rows(
        estate,
        estate.workspace,
        "AzureDiagnostics | project Category, Resource, ResourceProvider, ResourceType, OperationName, DurationMs, "
        "id_s, n_d, deep_x_b, TimeGenerated__s, identity_claim_upn_s, CallerIPAddress",
    )
    assert found == [
        "AuditEvent", "SHARED", "MICROSOFT.KEYVAULT", "VAULTS", "SecretGet", 12, "i", 1.0, True, "t", "a@contoso.com",
        "203.0.113.7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("logs", "stored"),
    [
        ([{"category": "AuditEvent", "enabled": True}], ["AuditEvent"]),
        ([{"category": "auditevent", "enabled": False}], []),
        ([{"categoryGroup": "audit", "enabled": True}], ["AuditEvent"]),
        ([{"categoryGroup": "allLogs", "enabled": True}], ["AuditEvent", "AzurePolicyEvaluationDetails", "New"]),
        ([{"category": "New", "enabled": True}], ["New"]),
    ],
)
def test_categories_and_groups(client: TestClient, estate: Estate, logs: list[Any], stored: list[str]) -> None:
    vault = f"{estate.group()}/providers/{VAULTS}/v"
    put_setting(estate, vault, estate.workspace, logs)
    records = [event(estate), event(estate, "AzurePolicyEvaluationDetails")]
    send(client, estate, vault, records)
    without = event(estate)
    del without["category"]
    send(client, estate, vault, [without], "New")  # the table's name is the category
    if not stored:
        assert rows(estate, estate.workspace, "AzureDiagnostics | count") == [[0]]
        return
    assert rows(estate, estate.workspace, "AzureDiagnostics | order by Category asc | project Category") == [
        [each] for each in stored
    ]


def test_settings_are_read_anew_and_name_several_workspaces(client: TestClient, estate: Estate) -> None:
    central = second_workspace(estate)
    vault = f"{estate.group()}/providers/{VAULTS}/v"
    send(client, estate, vault, [event(estate)])
    every = [{"categoryGroup": "allLogs", "enabled": True}]
    put_setting(estate, vault, estate.workspace, every)
    body = {"properties": {"workspaceId": central, "logs": every, "logAnalyticsDestinationType": "Dedicated"}}
    estate.whole.send("PUT", f"{vault}/providers/{SETTINGS}/second", body)
    send(client, estate, vault.upper(), [event(estate)])
    assert rows(estate, estate.workspace, "AzureDiagnostics | count") == [[1]]
    assert rows(estate, central, "AZKVAuditLogs | count") == [[1]]
    estate.whole.send("DELETE", f"{vault}/providers/{SETTINGS}/own")
    send(client, estate, vault, [event(estate)])
    assert rows(estate, estate.workspace, "AzureDiagnostics | count") == [[1]]
    assert rows(estate, central, "AZKVAuditLogs | count") == [[2]]


def test_metrics_go_to_their_table(client: TestClient, estate: Estate) -> None:
    vault = f"{estate.group()}/providers/{VAULTS}/v"
    put_setting(estate, vault, estate.workspace, [], metrics=[{"category": "AllMetrics", "enabled": True}])
    metric = {
        "time": arm_time(estate.whole.services.clock.now()),
        "metricName": "ServiceApiHit",
        "total": 3,
        "count": 2,
    }
    send(client, estate, vault, [metric, event(estate)])
    assert rows(estate, estate.workspace, "AzureMetrics | project MetricName, Total, Count, _ResourceId") == [
        ["ServiceApiHit", 3.0, 2.0, vault.lower()]
    ]
    assert rows(estate, estate.workspace, "AzureDiagnostics | count") == [[0]]


def test_a_key_speaks_for_resources_of_its_subscription_alone(client: TestClient, estate: Estate) -> None:
    own = f"{estate.group()}/providers/{VAULTS}/v"
    other = own.replace(estate.subscription, "/subscriptions/00000000-0000-0000-0000-00000000000a")
    services = estate.whole.services
    body = {"properties": {"workspaceId": estate.workspace, "logs": [{"categoryGroup": "allLogs", "enabled": True}]}}
    with services.state.transaction() as transaction:
        transaction.put(id=f"{other}/providers/{SETTINGS}/s", type=SETTINGS, scope=other, name="s", body=body)
    send(client, estate, other, [event(estate)])
    assert rows(estate, estate.workspace, "Vault_CL | count") == [[1]]
    assert rows(estate, estate.workspace, "AzureDiagnostics | count") == [[0]]


def test_queries_of_a_workspace_are_sent_where_its_setting_says(
    signed_in: Callable[[Services], TestClient], estate: Estate
) -> None:
    central = second_workspace(estate)
    put_setting(estate, estate.workspace, central, [{"categoryGroup": "audit", "enabled": True}])
    services = estate.whole.services
    asked = signed_in(services).post(
        f"/v1/workspaces/{services.estate.workspace_id}/query", json={"query": "print Looked = 1"}
    )
    assert asked.status_code == 200
    services.periodic.run_due(services.clock.now() + timedelta(minutes=2))
    assert rows(estate, central, "LAQueryLogs | project QueryText, _ResourceId") == [
        ["print Looked = 1", estate.workspace.lower()]
    ]
    assert rows(estate, estate.workspace, "LAQueryLogs | count") == [[1]]


def test_the_ingestion_api_asks_for_a_right_on_the_resource(
    signed_in: Callable[[Services], TestClient], estate: Estate
) -> None:
    services = estate.whole.services
    owner = signed_in(services)
    rule = make_rule(owner, services, "resources")
    vault = f"{estate.group()}/providers/{VAULTS}/v"
    put_setting(estate, vault, estate.workspace, [{"categoryGroup": "audit", "enabled": True}])
    records = [{"Computer": "c", "SyslogMessage": "m", **event(estate)}]
    place = f"/dataCollectionRules/{rule['properties']['immutableId']}/streams/{STREAM}?api-version=2023-01-01"
    sent = owner.post(place, json=records, headers={"x-ms-AzureResourceId": vault})
    assert sent.status_code == 204, sent.text
    assert rows(estate, estate.workspace, "AzureDiagnostics | project Category, Resource") == [["AuditEvent", "V"]]
    assert rows(estate, estate.workspace, "Syslog | count") == [[1]]
    elsewhere = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/g/providers/Microsoft.Web/sites/s"
    refused = owner.post(place, json=records, headers={"x-ms-AzureResourceId": elsewhere})
    assert refused.status_code == 403
    assert "Monitoring Metrics Publisher" in refused.json()["error"]["message"]


def test_the_activity_log_honours_groups_and_categories(
    signed_in: Callable[[Services], TestClient], estate: Estate
) -> None:
    owner = signed_in(estate.whole.services)
    second_workspace(estate)
    central = estate.whole.services.workspaces.all()[-1].resource_id  # the first one has every activity log
    count = f"AzureActivity | where OperationNameValue =~ '{VAULTS}/write' | count"

    def written(logs: list[Any], name: str) -> int:
        put_setting(estate, estate.subscription, central, logs)
        before = rows(estate, central, count)[0][0]
        made = owner.put(
            f"{group}/providers/{VAULTS}/{name}?api-version=2022-07-01", json={"location": "eastus", "properties": {}}
        )
        assert made.status_code in (200, 201), made.text
        return rows(estate, central, count)[0][0] - before

    group = estate.group()
    assert written([{"category": "Policy", "enabled": True}], "a") == 0
    assert written([{"category": "administrative", "enabled": True}], "b") == 2
    assert written([{"category": "Administrative", "enabled": False}], "c") == 0
    assert written([{"categoryGroup": "allLogs", "enabled": True}], "d") == 2
