"""Serves automation over a data directory until it is killed: `python crash_child.py DIRECTORY INCIDENTS [PORT]`.

Prints a line for each thing that it has done.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vedette.access.addresses import make_addresses
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.api.arm_context import arm_context
from vedette.api.own_calls import own_calls
from vedette.api.services import Services
from vedette.core.settings import EgressSettings, Settings
from vedette.server.composition import compose

RULES = 3
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
CONNECTION = {"host": {"connection": {"name": "@parameters('$connections')['azuresentinel']['connectionId']"}}}
VALUES = {
    "$connections": {
        "value": {
            "azuresentinel": {
                "connectionId": "c",
                "id": "/x/managedApis/azuresentinel",
                "connectionProperties": {"authentication": {"type": "ManagedServiceIdentity"}},
            }
        }
    }
}


def definition(port: int) -> dict[str, Any]:
    """A playbook that comments on the incident ten times, and then asks a server."""
    comment = {
        "type": "ApiConnection",
        "inputs": {
            **CONNECTION,
            "method": "post",
            "path": "/Incidents/Comment",
            "body": {"incidentArmId": "@triggerBody()?['object']?['id']", "message": "Number @{item()}"},
        },
    }
    actions: dict[str, Any] = {
        "Total": {"type": "InitializeVariable", "inputs": {"variables": [{"name": "total", "type": "integer"}]}},
        "Each": {
            "type": "Foreach",
            "foreach": "@range(0, 10)",
            "runAfter": {"Total": ["Succeeded"]},
            "operationOptions": "Sequential",
            "actions": {
                "Comment": comment,
                "Count": {
                    "type": "IncrementVariable",
                    "inputs": {"name": "total", "value": 1},
                    "runAfter": {"Comment": ["Succeeded"]},
                },
            },
        },
        "End": {"type": "Compose", "inputs": "@variables('total')", "runAfter": {"Each": ["Succeeded"]}},
    }
    if port:
        actions["Ask"] = {
            "type": "Http",
            "runAfter": {"End": ["Succeeded"]},
            "inputs": {"method": "POST", "uri": f"http://127.0.0.1:{port}/", "retryPolicy": {"type": "none"}},
        }
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {"i": {"type": "ApiConnectionWebhook", "inputs": {"path": "/incident-creation"}}},
        "actions": actions,
    }


class Child:
    """A server without its listeners."""

    def __init__(self, services: Services) -> None:
        estate = services.estate
        self.services = services
        self.owner = Principal(estate.client_object_id, estate.client_id, "vedette-owner", estate.tenant_id)
        self.manage = own_calls(lambda: arm_context(services))
        self.sentinel = f"{estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"
        self.playbook = f"{estate.resource_group_id}/providers/Microsoft.Logic/workflows/p"

    def put(self, id: str, body: dict[str, Any]) -> None:
        self.manage(self.owner, "PUT", f"{id}?api-version=2024-03-01", body)

    def prepare(self, port: int) -> None:
        """Rules, of which each adds a label and a task and starts the playbook."""
        if self.services.state.get(self.playbook) is None:
            properties = {"definition": definition(port), "parameters": VALUES}
            body = {"location": "local", "identity": {"type": "SystemAssigned"}, "properties": properties}
            self.put(self.playbook, body)
            identity = self.services.directory.managed_identity(self.playbook)
            self.services.roles.assign(identity, OWNER, self.services.estate.resource_group_id)
        for number in range(RULES):
            self.put(f"{self.sentinel}/automationRules/r{number}", self._rule(number))

    def _rule(self, number: int) -> dict[str, Any]:
        actions: list[dict[str, Any]] = [
            {"order": 1, "actionType": "ModifyProperties",
             "actionConfiguration": {"labels": [{"labelName": f"l{number}"}]}},
            {"order": 2, "actionType": "AddIncidentTask", "actionConfiguration": {"title": f"t{number}"}},
        ]  # fmt: skip
        if number == 0:
            actions.append(
                {"order": 3, "actionType": "RunPlaybook", "actionConfiguration": {"logicAppResourceId": self.playbook}}
            )
        logic = {"isEnabled": True, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": []}
        properties = {"displayName": f"r{number}", "order": number + 1, "triggeringLogic": logic, "actions": actions}
        return {"properties": properties}


@contextmanager
def child(directory: Path, port: int = 0) -> Iterator[Child]:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    egress = EgressSettings((f"127.0.0.1:{port}", f"localhost:{port}"), private_addresses=True)
    with compose(Settings(directory, virtual_clock=True, egress=egress), addresses) as services:
        yield Child(services)


def run(directory: Path, incidents: int, port: int = 0) -> None:
    """Make what incidents there are not yet, and do all that follows."""
    with child(directory, port) as made:
        made.prepare(port)
        made.services.automation.run_due()
        for number in range(incidents):
            id = f"{made.sentinel}/incidents/i{number}"
            if made.services.state.get(id) is None:
                properties = {"title": "Crash", "severity": "Low", "status": "New"}
                made.put(id, {"properties": properties})
            print(json.dumps({"incident": number}), flush=True)
            made.services.automation.run_due()
            print(json.dumps({"done": number}), flush=True)


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
