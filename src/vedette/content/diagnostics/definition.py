"""One policy definition: resources of a type that have no diagnostic setting to a sink get one.

https://learn.microsoft.com/azure/governance/policy/concepts/effect-deploy-if-not-exists
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette.content.diagnostics.choices import EACH, Choices
from vedette.content.diagnostics.sinks import Sink
from vedette.log_management.resource_log_types import ResourceLogs

_SETTINGS: Final = "Microsoft.Insights/diagnosticSettings"
_API_VERSION: Final = "2021-05-01-preview"
_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_LONGEST_TITLE: Final = 127
_WANTS_LOGS: Final = "[equals(parameters('logsEnabled'), 'True')]"
_WANTS_METRICS: Final = "[equals(parameters('metricsEnabled'), 'True')]"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """A definition: its name, which stays, its properties as the API takes them, and the folder of its files."""

    name: str
    folder: str
    properties: Mapping[str, Any]


def stable_name(*parts: str) -> str:
    """A name for what these parts tell apart, the same on each day and machine."""
    return "vedette-diagnostics-" + hashlib.sha256("\0".join(parts).lower().encode()).hexdigest()[:24]


def make_definition(type: ResourceLogs, choices: Choices) -> Made:
    """The definition for a type."""
    sink = choices.sink
    title = f"{type.type} ({type.kind})" if type.kind else type.type
    what = "logs" if choices.logs_only or not type.metrics else "logs and metrics" if type.logs else "metrics"
    properties: Json = {
        "displayName": f"Stream {title} to {sink.noun}"[:_LONGEST_TITLE],
        "description": f"Gives resources of the type {title} a diagnostic setting that sends their {what} to "
        f"{sink.noun}.",
        "mode": "Indexed" if type.located else "All",
        "metadata": {"category": "Monitoring"},
        "parameters": _parameters(type, choices),
        "policyRule": {"if": _condition(type, choices), "then": _then(type, choices)},
    }
    name = stable_name("definition", sink.name, type.type, type.kind)
    return Made(name, folder_of(type.type, type.kind, sink), properties)


def folder_of(type: str, kind: str, sink: Sink) -> str:
    """The folder of a definition's files, as Create-AzDiagPolicy calls it."""
    suffix = "-" + "".join(each if each.isalnum() else "-" for each in kind) if kind else ""
    return f"Apply-Diag-Settings-{sink.short}-{type.replace('/', '-')}{suffix}"


def _parameters(type: ResourceLogs, choices: Choices) -> Json:
    sink = choices.sink
    found: Json = {
        "effect": _choice(
            "Effect",
            "What the policy does.",
            ("DeployIfNotExists", "AuditIfNotExists", "Disabled"),
            "DeployIfNotExists",
        ),
        "profileName": {
            "type": "String",
            "metadata": {"displayName": "Setting", "description": "The name of the diagnostic setting."},
            "defaultValue": sink.profile,
        },
        **sink.parameters,
    }
    if choices.has_regions(type):
        found["azureRegions"] = {
            "type": "Array",
            "metadata": {
                "displayName": "Regions",
                "description": "Resources in these regions are given a setting.",
                "strongType": "location",
            },
        }
    if type.logs:
        found["logsEnabled"] = _choice("Logs", "Whether logs are sent.", ("True", "False"), "True")
    if _metrics(type, choices):
        found["metricsEnabled"] = _choice("Metrics", "Whether metrics are sent.", ("True", "False"), "False")
    return found


def _choice(display: str, description: str, values: tuple[str, ...], default: str) -> Json:
    return {
        "type": "String",
        "metadata": {"displayName": display, "description": description},
        "allowedValues": list(values),
        "defaultValue": default,
    }


def _condition(type: ResourceLogs, choices: Choices) -> Json:
    conditions: list[Json] = [{"field": "type", "equals": type.type}]
    if type.kind:
        conditions.append({"field": "kind", "equals": type.kind})
    if choices.has_regions(type):
        conditions.append({"field": "location", "in": "[parameters('azureRegions')]"})
    return conditions[0] if len(conditions) == 1 else {"allOf": conditions}


def _then(type: ResourceLogs, choices: Choices) -> Json:
    return {
        "effect": "[parameters('effect')]",
        "details": {
            "type": _SETTINGS,
            "evaluationDelay": "AfterProvisioning",
            "existenceCondition": {"allOf": _existence(type, choices)},
            "roleDefinitionIds": list(choices.sink.roles),
            "deployment": {
                "properties": {
                    "mode": "incremental",
                    "template": _template(type, choices),
                    "parameters": {
                        "resourceName": {"value": "[field('fullName')]"},
                        **{name: {"value": f"[parameters('{name}')]"} for name in _passed(type, choices)},
                    },
                }
            },
        },
    }


def _existence(type: ResourceLogs, choices: Choices) -> list[Json]:
    """What a setting that will do is like. A setting without a category that was added since is none."""
    found = choices.sink.existence()
    if _is_dedicated(choices) and _has_both_tables(type):
        found.append({"field": f"{_SETTINGS}/logAnalyticsDestinationType", "equals": "Dedicated"})
    if type.logs:
        key, names = _asked(type, choices)
        found.append(_unless_off("logsEnabled", _count("logs", key, names)))
    if metrics := _metrics(type, choices):
        found.append(_unless_off("metricsEnabled", _count("metrics", "category", metrics)))
    return found


def _is_dedicated(choices: Choices) -> bool:
    return choices.dedicated and "workspaceId" in choices.sink.fields


def _has_both_tables(type: ResourceLogs) -> bool:
    """Whether logs can go to either table; the setting of any other type does not say which."""
    return type.azure_diagnostics and any(each.table for each in type.logs)


def _unless_off(parameter: str, condition: Json) -> Json:
    return {"anyOf": [{"value": f"[parameters('{parameter}')]", "equals": "False"}, condition]}


def _count(array: str, key: str, names: tuple[str, ...]) -> Json:
    members = f"{_SETTINGS}/{array}[*]"
    where: Json = {
        "allOf": [{"field": f"{members}.{key}", "in": list(names)}, {"field": f"{members}.enabled", "equals": True}]
    }
    return {"count": {"field": members, "where": where}, "equals": len(names)}


def _asked(type: ResourceLogs, choices: Choices) -> tuple[str, tuple[str, ...]]:
    """How logs are asked for: the property, and the names."""
    if choices.categories == EACH:
        return "category", tuple(each.name for each in type.logs)
    return "categoryGroup", (choices.categories,)


def _metrics(type: ResourceLogs, choices: Choices) -> tuple[str, ...]:
    return () if choices.logs_only else type.metrics


def _passed(type: ResourceLogs, choices: Choices) -> list[str]:
    """The parameters that the template takes as they are."""
    return [name for name in _parameters(type, choices) if name not in ("effect", "azureRegions")]


def _template(type: ResourceLogs, choices: Choices) -> Json:
    sink = choices.sink
    properties: Json = {field: f"[parameters('{name}')]" for field, name in sink.fields.items()}
    if _is_dedicated(choices):
        properties["logAnalyticsDestinationType"] = "Dedicated"
    key, names = _asked(type, choices)
    properties["logs"] = [{key: name, "enabled": _WANTS_LOGS} for name in (names if type.logs else ())]
    properties["metrics"] = [{"category": name, "enabled": _WANTS_METRICS} for name in _metrics(type, choices)]
    return {
        "$schema": _SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {
            "resourceName": {"type": "string"},
            **{name: {"type": "string"} for name in _passed(type, choices)},
        },
        "resources": [
            {
                "type": f"{type.type}/providers/diagnosticSettings",
                "apiVersion": _API_VERSION,
                "name": "[concat(parameters('resourceName'), '/Microsoft.Insights/', parameters('profileName'))]",
                "properties": properties,
            }
        ],
    }
