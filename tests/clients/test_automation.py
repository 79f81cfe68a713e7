"""azure-mgmt-securityinsight and azure-mgmt-logic together: a rule changes an incident and starts a playbook."""

import time
from collections.abc import Callable
from json import JSONDecodeError
from typing import Any
from uuid import uuid4

import pytest
from azure.mgmt.securityinsight import SecurityInsightsMgmtClient
from tests.clients import sdk

pytest.importorskip("six", reason="azure-mgmt-logic imports six and does not say so: pip install six")

from azure.mgmt.logic import LogicManagementClient
from azure.mgmt.logic import models as logic

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
SECONDS = 20.0


def wait_for(what: Callable[[], Any]) -> Any:
    end = time.monotonic() + SECONDS
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def test_a_rule_and_its_playbook(server: sdk.Ready) -> None:
    client = sdk.security_insights(server)
    workflows = sdk.management_client(LogicManagementClient, server)
    group, place = server["resource_group"], (server["resource_group"], server["workspace_name"])
    made = make_playbook(server, workflows, group)
    rule, name = str(uuid4()), f"automated-{uuid4()}"
    client.automation_rules.create_or_update(*place, rule, automation_rule_to_upsert=rule_body(name, made))
    try:
        incident = {"properties": {"title": name, "severity": "Medium", "status": "New"}}
        created = client.incidents.create_or_update(*place, name, incident)
        changed = wait_for(lambda: labelled(client, place, name))
        assert (changed.severity, [each.label_name for each in changed.labels]) == ("High", ["automated"])
        (comment,) = wait_for(lambda: list(client.incident_comments.list(*place, name)))
        assert comment.message == f"Hello {name}"
        (task,) = client.incident_tasks.list(*place, name)
        assert task.title == "Look"
        (run,) = workflows.workflow_runs.list(group, "greets")
        wait_for(lambda: workflows.workflow_runs.get(group, "greets", run.name or "").status == "Succeeded")
        with pytest.raises(JSONDecodeError):  # this SDK reads a body out of 204, which has none
            client.incidents.run_playbook(*place, name, {"logicAppsResourceId": made, "tenantId": server["tenant_id"]})
        wait_for(lambda: len(list(client.incident_comments.list(*place, name))) == 2)
        query = f"""SentinelHealth | where tostring(ExtendedProperties.IncidentName) == '{created.id}'
            | sort by OperationName asc | project OperationName, Status"""
        told = wait_for(lambda: len(found := sdk.rows(server, query)) == 2 and found)
        assert told == [["Automation rule run", "Success"], ["Playbook was triggered", "Success"]]
    finally:
        client.automation_rules.delete(*place, rule)


def labelled(client: SecurityInsightsMgmtClient, place: tuple[str, str], name: str) -> Any:
    found = client.incidents.get(*place, name)
    return found if found.labels else None


def make_playbook(server: sdk.Ready, workflows: LogicManagementClient, group: str) -> str:
    """A playbook that has the rights of whoever made its connection."""
    subscription = f"/subscriptions/{server['subscription_id']}"
    connection = f"{subscription}/resourceGroups/{group}/providers/Microsoft.Web/connections/sentinel"
    api = f"{subscription}/providers/Microsoft.Web/locations/local/managedApis/azuresentinel"
    with sdk.web(server) as web:
        sent = {"location": "local", "properties": {"api": {"id": api}, "displayName": "sentinel"}}
        answer = web.put(f"{server['https']}{connection}?api-version=2016-06-01", json=sent, headers=sdk.bearer(server))
        assert answer.status_code == 201, answer.text
    host = {"connection": {"name": "@parameters('$connections')['azuresentinel']['connectionId']"}}
    definition = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {
            "Microsoft_Sentinel_incident": {
                "type": "ApiConnectionWebhook",
                "inputs": {
                    "host": host,
                    "path": "/incident-creation",
                    "body": {"callback_url": "@{listCallbackUrl()}"},
                },
            }
        },
        "actions": {
            "Say": {
                "type": "ApiConnection",
                "inputs": {
                    "host": host,
                    "method": "post",
                    "path": "/Incidents/Comment",
                    "body": {
                        "incidentArmId": "@triggerBody()?['object']?['id']",
                        "message": "Hello @{triggerBody()?['object']?['properties']?['title']}",
                    },
                },
            }
        },
    }
    values = {"azuresentinel": {"connectionId": connection, "connectionName": "sentinel", "id": api}}
    parameters = {"$connections": logic.WorkflowParameter(value=values)}
    wanted = logic.Workflow(location="local", definition=definition, parameters=parameters)
    return workflows.workflows.create_or_update(group, "greets", wanted).id or ""


def rule_body(title: str, playbook: str) -> dict[str, Any]:
    condition = {"propertyName": "IncidentTitle", "operator": "Equals", "propertyValues": [title]}
    return {
        "properties": {
            "displayName": "Greets",
            "order": 1,
            "triggeringLogic": {
                "isEnabled": True,
                "triggersOn": "Incidents",
                "triggersWhen": "Created",
                "conditions": [{"conditionType": "Property", "conditionProperties": condition}],
            },
            "actions": [
                {
                    "order": 1,
                    "actionType": "ModifyProperties",
                    "actionConfiguration": {"severity": "High", "labels": [{"labelName": "automated"}]},
                },
                {"order": 2, "actionType": "AddIncidentTask", "actionConfiguration": {"title": "Look"}},
                {"order": 3, "actionType": "RunPlaybook", "actionConfiguration": {"logicAppResourceId": playbook}},
            ],
        }
    }
