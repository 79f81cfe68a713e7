"""An alert, whatever raised it; its SecurityAlert row and the document that the management API shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from vedette.access.workspaces import Workspace
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.entity import Entity
from vedette.detect.entity_json import entities_json
from vedette.detect.mapped import Mapped
from vedette.detect.rule import Severity

ALERT_KIND = "SecurityAlert"
PRODUCT_NAME = "Azure Sentinel"

MAX_NAME = 256
MAX_DESCRIPTION = 5000


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert.

    `id` is derived from what raised it and when, so that a step repeated after a crash gives the same alerts.
    `rule_name` is what all alerts of a rule have in common, its name. `start` and `end` are the first and the last
    activity. `extended` are the texts of ExtendedProperties. A link, confidence or steps that are empty are not known.
    """

    id: str
    rule_name: str
    display_name: str
    description: str
    severity: Severity
    start: datetime
    end: datetime
    tactics: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    sub_techniques: tuple[str, ...] = ()
    mapped: Mapped = field(default=Mapped(()))
    custom_details: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    extended: Mapping[str, str] = field(default_factory=dict[str, str])
    product_name: str = PRODUCT_NAME
    provider_name: str = "ASI Scheduled Alerts"
    component_name: str = "Scheduled Alerts"
    vendor_name: str = "Microsoft"
    link: str = ""
    extended_links: str = ""
    remediation_steps: str = ""
    confidence_level: str = ""
    confidence_score: float | None = None

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities that it is about."""
        return self.mapped.entities


def alert_row(alert: Alert, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """The alert's row in SecurityAlert, with the columns that Sentinel's own rules fill.

    https://learn.microsoft.com/azure/sentinel/security-alert-schema
    """
    return {
        "TimeGenerated": now,
        "AlertLink": alert.link,
        "AlertName": alert.display_name,
        "AlertSeverity": alert.severity.value,
        "AlertType": alert_type(alert, workspace),
        "ConfidenceLevel": alert.confidence_level,
        "ConfidenceScore": alert.confidence_score,
        "Description": alert.description,
        "DisplayName": alert.display_name,
        "EndTime": alert.end,
        "Entities": json_text(entities_json(alert.entities)) if alert.entities else "",
        "ExtendedLinks": alert.extended_links,
        "ExtendedProperties": json_text(_extended_properties(alert)),
        "IsIncident": False,
        "ProcessingEndTime": now,
        "ProductComponentName": alert.component_name,
        "ProductName": alert.product_name,
        "ProviderName": alert.provider_name,
        "RemediationSteps": alert.remediation_steps,
        "SourceSystem": "Detection",
        "StartTime": alert.start,
        "Status": "New",
        "SubTechniques": json_text(alert.sub_techniques) if alert.sub_techniques else "",
        "SystemAlertId": alert.id,
        "Tactics": ", ".join(alert.tactics),
        "Techniques": json_text(alert.techniques) if alert.techniques else "",
        "VendorName": alert.vendor_name,
        "VendorOriginalId": derived_id("vendor", alert.id),
        "WorkspaceResourceGroup": resource_group(workspace),
        "WorkspaceSubscriptionId": subscription_id(workspace),
    }


def alert_properties(alert: Alert, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """The alert's properties as an ARM resource of type entities and kind SecurityAlert.

    https://learn.microsoft.com/rest/api/securityinsights/incidents/list-alerts
    """
    properties: dict[str, Any] = {
        "systemAlertId": alert.id,
        "alertDisplayName": alert.display_name,
        "friendlyName": alert.display_name,
        "description": alert.description,
        "severity": alert.severity.value,
        "status": "New",
        "tactics": list(alert.tactics),
        "alertType": alert_type(alert, workspace),
        "confidenceLevel": alert.confidence_level or "Unknown",
        "vendorName": alert.vendor_name,
        "productName": alert.product_name,
        "productComponentName": alert.component_name,
        "providerAlertId": derived_id("vendor", alert.id),
        "startTimeUtc": arm_time(alert.start),
        "endTimeUtc": arm_time(alert.end),
        "timeGenerated": arm_time(now),
        "processingEndTime": arm_time(now),
        "resourceIdentifiers": [
            {
                "type": "LogAnalytics",
                "workspaceId": workspace.id,
                "subscriptionId": subscription_id(workspace),
                "resourceGroup": resource_group(workspace),
            }
        ],
        "additionalData": _extended_properties(alert) | {"Techniques": json_text(alert.techniques)},
    }
    if alert.link:
        properties["alertLink"] = alert.link
    if alert.remediation_steps:
        properties["remediationSteps"] = [alert.remediation_steps]
    return properties


def alert_type(alert: Alert, workspace: Workspace) -> str:
    """What all alerts of a rule have in common: the workspace's GUID and the rule's name."""
    return f"{workspace.id}_{alert.rule_name}"


def subscription_id(workspace: Workspace) -> str:
    """The subscription in the workspace's ARM id."""
    return workspace.resource_id.split("/")[2]


def resource_group(workspace: Workspace) -> str:
    """The resource group in the workspace's ARM id."""
    return workspace.resource_id.split("/")[4]


def json_text(value: Any) -> str:
    """A value as the JSON text that an alert's columns hold."""
    return orjson.dumps(value).decode()


def _extended_properties(alert: Alert) -> dict[str, str]:
    """Every value is text, as in Sentinel's own rows."""
    details = {"Custom Details": json_text(alert.custom_details)} if alert.custom_details else {}
    return {**alert.extended, **details}
