"""Solutions of the content hub, in the forms of 2023 and of 2022: deployed, shown as templates, made into rules."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from azure.mgmt.resource.deployments import DeploymentsMgmtClient
from azure.mgmt.securityinsight import SecurityInsightsMgmtClient, models
from tests.clients.sdk import Ready, bearer, management_client, security_insights, web

SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
IN_WORKSPACE = "Microsoft.OperationalInsights/workspaces/providers"
SUPPORT = {"name": "Contoso", "tier": "Partner", "link": "https://support.contoso.com"}


@pytest.fixture
def client(server: Ready) -> Iterator[SecurityInsightsMgmtClient]:
    with security_insights(server) as opened:
        yield opened


def template(**sections: Any) -> dict[str, Any]:
    parameters = {
        "location": {"type": "string", "minLength": 1, "defaultValue": "[resourceGroup().location]"},
        "workspace-location": {"type": "string", "defaultValue": ""},
        "workspace": {"type": "string", "defaultValue": ""},
    }
    return {"$schema": SCHEMA, "contentVersion": "1.0.0.0", "parameters": parameters} | sections


def rule_template(name: str, title: str) -> dict[str, Any]:
    return {
        "type": "Microsoft.SecurityInsights/AlertRuleTemplates",
        "name": name,
        "apiVersion": "2023-02-01-preview",
        "kind": "Scheduled",
        "location": "[parameters('workspace-location')]",
        "properties": {
            "description": "Finds hosts that are gone.",
            "displayName": title,
            "enabled": False,
            "query": 'Heartbeat\n| where Computer == "[not an expression"',
            "queryFrequency": "PT1H",
            "queryPeriod": "PT1H",
            "severity": "Medium",
            "suppressionDuration": "PT1H",
            "suppressionEnabled": False,
            "triggerOperator": "GreaterThan",
            "triggerThreshold": 0,
            "status": "Available",
            "requiredDataConnectors": [{"connectorId": "Contoso", "dataTypes": ["Heartbeat"]}],
            "tactics": ["Impact"],
            "techniques": ["T1499"],
            "entityMappings": [
                {"entityType": "Host", "fieldMappings": [{"columnName": "Computer", "identifier": "HostName"}]}
            ],
        },
    }


def metadata(kind: str, content: str, parent: str) -> dict[str, Any]:
    named = f"concat('{kind}-', last(split({parent},'/')))"
    return {
        "type": f"{IN_WORKSPACE}/metadata",
        "apiVersion": "2022-01-01-preview",
        "name": f"[concat(parameters('workspace'),'/Microsoft.SecurityInsights/',{named})]",
        "properties": {
            "description": "Contoso",
            "parentId": f"[{parent}]",
            "contentId": f"[{content}]",
            "kind": kind,
            "version": "1.0.1",
            "source": {"kind": "Solution", "name": "Contoso", "sourceId": "[variables('_solutionId')]"},
            "author": {"name": "Contoso"},
            "support": SUPPORT,
        },
    }


def of_2023(solution: str, rule: str) -> dict[str, Any]:
    """A package, and a content template with the rule's template."""
    package = (
        "extensionResourceId(resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace')),"
        "'Microsoft.SecurityInsights/contentPackages', variables('_solutionId'))"
    )
    inside = template(
        parameters={},
        variables={},
        resources=[
            rule_template("[variables('analyticRuleObject1')._analyticRulecontentId1]", "Hosts gone (2023)"),
            metadata(
                "AnalyticsRule",
                "variables('analyticRuleObject1')._analyticRulecontentId1",
                "variables('analyticRuleObject1').analyticRuleId1",
            ),
        ],
    )
    return template(
        variables={
            "solutionId": solution,
            "_solutionId": "[variables('solutionId')]",
            "analyticRuleObject1": {
                "analyticRuleVersion1": "1.0.1",
                "_analyticRulecontentId1": rule,
                "analyticRuleId1": f"[resourceId('Microsoft.SecurityInsights/AlertRuleTemplates', '{rule}')]",
                "analyticRuleTemplateSpecName1": f"[concat(parameters('workspace'),'-ar-',uniquestring('{rule}'))]",
                "_analyticRulecontentProductId1": (
                    "[concat(take(variables('_solutionId'),50),'-','ar','-', "
                    f"uniqueString(concat(variables('_solutionId'),'-','AnalyticsRule','-','{rule}','-', '1.0.1')))]"
                ),
            },
        },
        resources=[
            {
                "type": f"{IN_WORKSPACE}/contentTemplates",
                "apiVersion": "2023-04-01-preview",
                "name": "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/',"
                "variables('analyticRuleObject1').analyticRuleTemplateSpecName1)]",
                "location": "[parameters('workspace-location')]",
                "dependsOn": [f"[{package}]"],
                "properties": {
                    "description": "Rule of Contoso",
                    "mainTemplate": inside,
                    "packageKind": "Solution",
                    "packageVersion": "3.0.0",
                    "packageName": "Contoso",
                    "packageId": "[variables('_solutionId')]",
                    "contentSchemaVersion": "3.0.0",
                    "contentId": "[variables('analyticRuleObject1')._analyticRulecontentId1]",
                    "contentKind": "AnalyticsRule",
                    "displayName": "Hosts gone (2023)",
                    "contentProductId": "[variables('analyticRuleObject1')._analyticRulecontentProductId1]",
                    "id": "[variables('analyticRuleObject1')._analyticRulecontentProductId1]",
                    "version": "[variables('analyticRuleObject1').analyticRuleVersion1]",
                },
            },
            {
                "type": f"{IN_WORKSPACE}/contentPackages",
                "apiVersion": "2023-04-01-preview",
                "location": "[parameters('workspace-location')]",
                "name": "[concat(parameters('workspace'),'/Microsoft.SecurityInsights/', variables('_solutionId'))]",
                "properties": {
                    "version": "3.0.0",
                    "kind": "Solution",
                    "contentSchemaVersion": "3.0.0",
                    "displayName": "Contoso",
                    "publisherDisplayName": "Contoso",
                    "contentKind": "Solution",
                    "contentProductId": "[concat(take(variables('_solutionId'),50),'-sl-',uniqueString('3.0.0'))]",
                    "id": "[variables('_solutionId')]",
                    "contentId": "[variables('_solutionId')]",
                    "parentId": "[variables('_solutionId')]",
                    "source": {"kind": "Solution", "name": "Contoso", "sourceId": "[variables('_solutionId')]"},
                    "author": {"name": "Contoso"},
                    "support": SUPPORT,
                    "dependencies": {
                        "operator": "AND",
                        "criteria": [
                            {
                                "kind": "AnalyticsRule",
                                "contentId": "[variables('analyticRuleObject1')._analyticRulecontentId1]",
                                "version": "1.0.1",
                            }
                        ],
                    },
                },
            },
        ],
    )


def of_2022(solution: str, rule: str) -> dict[str, Any]:
    """A template spec with the rule's template in a version of it, and the solution's metadata."""
    tags = {
        "hidden-sentinelWorkspaceId": "[variables('workspaceResourceId')]",
        "hidden-sentinelContentType": "AnalyticsRule",
    }
    spec = {"apiVersion": "2021-05-01", "location": "[parameters('workspace-location')]", "tags": tags}
    inside = template(
        parameters={},
        variables={},
        resources=[
            rule_template("[variables('AnalyticRulecontentId1')]", "Hosts gone (2022)"),
            metadata("AnalyticsRule", "variables('AnalyticRulecontentId1')", "variables('analyticRuleId1')"),
        ],
    )
    return template(
        variables={
            "_solutionId": solution,
            "workspaceResourceId": "[resourceId('microsoft.OperationalInsights/Workspaces', parameters('workspace'))]",
            "AnalyticRulecontentId1": rule,
            "analyticRuleId1": (
                "[resourceId('Microsoft.SecurityInsights/AlertRuleTemplates', variables('AnalyticRulecontentId1'))]"
            ),
            "analyticRuleTemplateSpecName1": (
                "[concat(parameters('workspace'),'-ar-',uniquestring(variables('AnalyticRulecontentId1')))]"
            ),
        },
        resources=[
            spec
            | {
                "type": "Microsoft.Resources/templateSpecs",
                "name": "[variables('analyticRuleTemplateSpecName1')]",
                "properties": {"description": "Rule", "displayName": "Rule of Contoso"},
            },
            spec
            | {
                "type": "Microsoft.Resources/templateSpecs/versions",
                "name": "[concat(variables('analyticRuleTemplateSpecName1'),'/','1.0.1')]",
                "dependsOn": [
                    "[resourceId('Microsoft.Resources/templateSpecs', variables('analyticRuleTemplateSpecName1'))]"
                ],
                "properties": {"description": "Rule with template version 1.0.1", "mainTemplate": inside},
            },
            metadata("Solution", "variables('_solutionId')", "variables('_solutionId')"),
        ],
    )


@pytest.mark.parametrize(("form", "title"), [(of_2023, "Hosts gone (2023)"), (of_2022, "Hosts gone (2022)")])
def test_a_solution_brings_templates_from_which_rules_are_made(
    client: SecurityInsightsMgmtClient, server: Ready, form: Any, title: str
) -> None:
    place = (server["resource_group"], server["workspace_name"])
    solution, rule = f"contoso.solution-{uuid4().hex[:8]}", str(uuid4())
    parameters = {"workspace": {"value": server["workspace_name"]}, "workspace-location": {"value": "eastus"}}
    properties = {"mode": "Incremental", "template": form(solution, rule), "parameters": parameters}
    with management_client(DeploymentsMgmtClient, server) as deployments:
        begun = deployments.deployments.begin_create_or_update(place[0], solution, {"properties": properties})
        done = begun.result()
    assert done.properties.provisioning_state == "Succeeded"

    found = client.alert_rule_templates.get(*place, rule)
    assert isinstance(found, models.ScheduledAlertRuleTemplate)
    assert (found.display_name, found.severity, found.tactics) == (title, "Medium", ["Impact"])
    assert found.query.endswith('"[not an expression"')
    assert rule in [each.name for each in client.alert_rule_templates.list(*place)]
    made = client.alert_rules.create_or_update(
        *place,
        f"rule-{rule}",
        {
            "kind": "Scheduled",
            "properties": {
                "displayName": found.display_name,
                "enabled": True,
                "query": "Heartbeat",
                "queryFrequency": "PT1H",
                "queryPeriod": "PT1H",
                "severity": found.severity,
                "suppressionDuration": "PT1H",
                "suppressionEnabled": False,
                "triggerOperator": "GreaterThan",
                "triggerThreshold": 0,
                "alertRuleTemplateName": rule,
                "templateVersion": "1.0.1",
            },
        },
    )
    assert isinstance(made, models.ScheduledAlertRule)
    assert (made.alert_rule_template_name, made.template_version) == (rule, "1.0.1")
    assert client.alert_rule_templates.get(*place, rule).alert_rules_created_by_template_count == 1


def test_an_installed_package_is_shown_with_what_it_brought(client: SecurityInsightsMgmtClient, server: Ready) -> None:
    place = (server["resource_group"], server["workspace_name"])
    solution, rule = f"contoso.solution-{uuid4().hex[:8]}", str(uuid4())
    parameters = {"workspace": {"value": server["workspace_name"]}}
    properties = {"mode": "Incremental", "template": of_2023(solution, rule), "parameters": parameters}
    with management_client(DeploymentsMgmtClient, server) as deployments:
        deployments.deployments.begin_create_or_update(place[0], solution, {"properties": properties}).result()
    package = client.content_packages.list(*place, filter=f"properties/contentId eq '{solution}'")
    assert [(each.display_name, each.version) for each in package] == [("Contoso", "3.0.0")]
    base = (
        f"{server['https']}/subscriptions/{server['subscription_id']}/resourceGroups/{place[0]}/providers/"
        f"Microsoft.OperationalInsights/workspaces/{place[1]}/providers/Microsoft.SecurityInsights"
    )
    with web(server) as http:
        answer = http.get(
            f"{base}/contentTemplates?api-version=2023-11-01&$expand=properties/mainTemplate"
            f"&$filter=properties/packageId eq '{solution}'",
            headers=bearer(server),
        )
    assert answer.status_code == 200
    (content,) = answer.json()["value"]
    assert content["properties"]["contentKind"] == "AnalyticsRule"
    inside = content["properties"]["mainTemplate"]["resources"]
    assert [each["name"] for each in inside] == [rule, f"{place[1]}/Microsoft.SecurityInsights/AnalyticsRule-{rule}"]
