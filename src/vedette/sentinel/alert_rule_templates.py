"""Templates of analytics rules: those of installed content, and the few that rules of the other kinds name.

https://learn.microsoft.com/rest/api/securityinsights/alert-rule-templates
"""

from collections.abc import Iterator
from typing import cast

from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import READ_METHODS, Body, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.sentinel.extension import extension
from vedette.sentinel.installed_templates import installed_rule_templates
from vedette.state.conditions import Compare
from vedette.state.documents import Document

TEMPLATE = "Microsoft.SecurityInsights/alertRuleTemplates"
_ALERT_RULE = "Microsoft.SecurityInsights/alertRules"

# Names and kinds that automation of others refers to: https://learn.microsoft.com/azure/sentinel/fusion,
# …/cli/azure/sentinel/alert-rule, https://registry.terraform.io/providers/hashicorp/azurerm (sentinel_alert_rule_*).
_BUILT_IN: dict[str, tuple[str, Body]] = {
    "f71aba3d-28fb-450b-b192-4e76a83015c8": (
        "Fusion",
        {
            "displayName": "Advanced Multi-Stage Attack Detection",
            "description": "Correlates alerts and anomalies of several products into multistage attacks.",
            "severity": "High",
            "tactics": [
                "Collection",
                "CommandAndControl",
                "CredentialAccess",
                "DefenseEvasion",
                "Discovery",
                "Execution",
                "Exfiltration",
                "Impact",
                "InitialAccess",
                "LateralMovement",
                "Persistence",
                "PrivilegeEscalation",
            ],
        },
    ),
    "737a2ce1-70a3-4968-9e90-3e6aca836abf": (
        "MLBehaviorAnalytics",
        {
            "displayName": "(Preview) Anomalous RDP Login Detection",
            "description": "Finds remote desktop sign-ins that are unusual for their user or address.",
            "severity": "Medium",
            "tactics": ["InitialAccess"],
        },
    ),
    "fa118b98-de46-4e94-87f9-8e6d5060b60b": (
        "MLBehaviorAnalytics",
        {
            "displayName": "(Preview) Anomalous SSH Login Detection",
            "description": "Finds SSH sign-ins that are unusual for their user or address.",
            "severity": "Medium",
            "tactics": ["InitialAccess"],
        },
    ),
    "6d1c8a52-6a4e-4f0b-9c34-0d6f0a5b7e11": (
        "MLBehaviorAnalytics",
        {
            "displayName": "Unusual country of sign-ins",
            "description": "Finds users who signed in from a country that they had never signed in from.",
            "severity": "Medium",
            "tactics": ["InitialAccess"],
        },
    ),
    "0b7f2f3e-3c55-4d0e-8f7c-51b1a5b0c3d2": (
        "MLBehaviorAnalytics",
        {
            "displayName": "Unusual number of failed sign-ins",
            "description": "Finds users who failed to sign in far more often in an hour than they usually do.",
            "severity": "Medium",
            "tactics": ["CredentialAccess"],
        },
    ),
    "b1e0a4d9-7a2c-4c62-8d0e-2f9c6e4a1f63": (
        "MLBehaviorAnalytics",
        {
            "displayName": "Unusual number of DNS queries",
            "description": "Finds machines that asked for far more names in an hour than they usually do.",
            "severity": "Low",
            "tactics": ["CommandAndControl", "Exfiltration"],
        },
    ),
    "e4c9d7a0-52f1-4b39-a6c8-90d3f1b27c58": (
        "MLBehaviorAnalytics",
        {
            "displayName": "Unusual number of names that do not exist",
            "description": "Finds machines that asked for far more names that do not exist than they usually do.",
            "severity": "Low",
            "tactics": ["CommandAndControl"],
        },
    ),
    "0dd422ee-e6af-4204-b219-f59ac172e4c6": (
        "ThreatIntelligence",
        {
            "displayName": "(Preview) Microsoft Threat Intelligence Analytics",
            "description": "Finds the workspace's own indicators of threats in the logs.",
            "severity": "Medium",
            "tactics": ["Persistence", "LateralMovement"],
        },
    ),
    "b3cfc7c0-092c-481c-a55b-34a3979758cb": (
        "MicrosoftSecurityIncidentCreation",
        {
            "displayName": "Create incidents based on Microsoft Cloud App Security alerts",
            "description": "Makes an incident of every alert of Microsoft Cloud App Security.",
            "productFilter": "Microsoft Cloud App Security",
        },
    ),
}


def template_of(context: Context, scope: str, name: str) -> Document | None:
    """The template of this name in a workspace, in any casing."""
    return next((each for each in _templates(context, scope) if each.name.lower() == name.lower()), None)


def _templates(context: Context, scope: str) -> Iterator[Document]:
    """Those that content brought come before built-in ones of the same name, which they bring up to date."""
    seen: set[str] = set()
    for document in (*_installed(context, scope), *context.state.list(TEMPLATE, scope), *_built_in(context, scope)):
        if document.name.lower() not in seen:
            seen.add(document.name.lower())
            yield document


def _built_in(context: Context, scope: str) -> Iterator[Document]:
    start = context.clock.now()
    for name, (kind, properties) in _BUILT_IN.items():
        body = {"kind": kind, "properties": properties | {"status": "Available"}}
        yield Document(f"{scope}/providers/{TEMPLATE}/{name}", TEMPLATE, scope.lower(), name, "", body, start, start)


def _installed(context: Context, scope: str) -> Iterator[Document]:
    """The rule templates of installed content."""
    for content, name, resource in installed_rule_templates(context, scope):
        body = {
            "kind": str(resource.get("kind") or "Scheduled"),
            "properties": _unpacked(cast("Body", resource.get("properties") or {})) | {"status": "Available"},
        }
        id = f"{scope}/providers/{TEMPLATE}/{name}"
        yield Document(id, TEMPLATE, scope.lower(), name, content.etag, body, content.created, content.modified)


def _unpacked(properties: Body) -> Body:
    """With lists as lists: what packs solutions writes the only item of some without the list around it."""
    mappings = properties.get("entityMappings")
    return properties | {"entityMappings": [mappings]} if isinstance(mappings, dict) else properties


def _find(context: Context, path: ResourcePath) -> Document | None:
    return template_of(context, path.scope, path.name)


def _list(context: Context, path: ResourcePath) -> Iterator[Document]:
    return _templates(context, path.scope)


def _show(context: Context, _call: Call, document: Document) -> Body:
    """The template with the number of rules that were made from it."""
    made = Compare(("properties", "alertRuleTemplateName"), "eq", document.name)
    count = context.state.count(_ALERT_RULE, document.scope, where=made)
    return document.body | {"properties": document.body["properties"] | {"alertRulesCreatedByTemplateCount": count}}


ALERT_RULE_TEMPLATES = extension(
    "rule template",
    TEMPLATE,
    key="alertRuleTemplateId",
    page=1000,
    methods=READ_METHODS,
    source=Source(find=_find, list=_list),
    show=_show,
)
