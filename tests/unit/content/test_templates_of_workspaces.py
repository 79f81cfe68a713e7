"""Templates are read for the workspace that they are applied to."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from vedette.cli.content_files import ContentFiles
from vedette.cli.content_targets import Target

from .memory_endpoint import WORKSPACE, MemoryEndpoint

TEMPLATE: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"workspace": {"type": "string"}, "severity": {"type": "string"}, "threshold": {"type": "int"}},
    "resources": [
        {
            "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
            "apiVersion": "2024-03-01",
            "name": "[concat(parameters('workspace'), '/Microsoft.SecurityInsights/r')]",
            "kind": "Scheduled",
            "properties": {
                "displayName": "[resourceGroup().location]",
                "severity": "[parameters('severity')]",
                "triggerThreshold": "[parameters('threshold')]",
                "description": "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspace'))]",
                "query": "[concat(subscription().tenantId, subscription().subscriptionId)]",
            },
        }
    ],
}


def test_a_template_is_read_for_each_workspace(tmp_path: Path) -> None:
    (tmp_path / "rule.json").write_text(json.dumps(TEMPLATE))
    endpoint = MemoryEndpoint()
    other = replace(WORKSPACE, name="soc2")
    endpoint.keep(other.id, {"location": "westus", "properties": {}})
    (tmp_path / "rule.parameters-soc2.json").write_text('{"parameters": {"severity": {"value": "Informational"}}}')
    content = ContentFiles([tmp_path / "rule.json"])
    first = Target(WORKSPACE, endpoint.client(), {"severity": "High", "threshold": "5"})
    second = Target(other, endpoint.client(), {"threshold": 7})
    (one,), (two,) = content.items_for(first), content.items_for(second)
    assert one.body["properties"] == {
        "displayName": "uksouth",
        "severity": "High",
        "triggerThreshold": 5,
        "description": WORKSPACE.id,
        "query": "ts",
    }
    assert (two.body["properties"]["severity"], two.body["properties"]["description"]) == ("Informational", other.id)


def test_a_workspace_is_asked_about_itself_only_for_templates(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\nname: A\nquery: T\n")
    endpoint = MemoryEndpoint()
    assert ContentFiles([tmp_path]).items_for(Target(WORKSPACE, endpoint.client()))
    assert endpoint.sent == []
