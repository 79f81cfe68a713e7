"""Exported events as rows of the tables of a workspace.

https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityrecommendation, and its neighbours there
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput
from vedette.core.ids import derived_id
from vedette.core.instants import instant_of
from vedette.sentinel.defender.events import Event
from vedette.sentinel.defender.types import (
    ALERT,
    ASSESSMENT,
    COMPLIANCE_ASSESSMENT,
    SECURE_SCORE,
    SECURE_SCORE_CONTROL,
    SUB_ASSESSMENT,
)

Row = dict[str, Any]

_PRODUCT: Final = "Azure Security Center"
"""What the rows of this product have as ProductName, whatever it is called today:
https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas"""


def row_of(event: Event, now: datetime, region: str = "") -> tuple[str, Row]:
    """The table and the row of an event; `region` is where its resource is, if that is known."""
    table, make = _TABLES[event.document.type]
    row = make(event, now)
    row |= {"TimeGenerated": now, "SourceSystem": "Azure"}
    if table != "SecurityAlert":
        row |= {"IsSnapshot": event.is_snapshot}
    if region and table == "SecurityRecommendation":
        row["ResourceRegion"] = region
    return table, {name: value for name, value in row.items() if value is not None}


def _alert(event: Event, now: datetime) -> Row:
    body = event.body
    id = str(body["SystemAlertId"])
    return {
        "AlertLink": body["AlertUri"],
        "AlertName": body["AlertDisplayName"],
        "DisplayName": body["AlertDisplayName"],
        "AlertSeverity": body["Severity"],
        "AlertType": body["AlertType"],
        "CompromisedEntity": body["CompromisedEntity"],
        "ConfidenceLevel": body["ConfidenceLevel"],
        "ConfidenceScore": body["ConfidenceScore"],
        "Description": body["Description"],
        "StartTime": _instant(body["StartTimeUtc"]),
        "EndTime": _instant(body["EndTimeUtc"]),
        "Entities": _text(body["Entities"]),
        "ExtendedLinks": _text(body["ExtendedLinks"]) if body["ExtendedLinks"] else "",
        "ExtendedProperties": _text(body["ExtendedProperties"]),
        "IsIncident": body["IsIncident"],
        "ProcessingEndTime": _instant(body["ProcessingEndTime"]) or now,
        "ProductName": _PRODUCT,
        "ProductComponentName": body["ProductComponentName"],
        "ProviderName": _PRODUCT,
        "RemediationSteps": _text(body["RemediationSteps"]),
        "ResourceId": event.resource,
        "Status": body["Status"],
        "SystemAlertId": id,
        "Tactics": "" if body["Intent"] == "Unknown" else body["Intent"],
        "Techniques": _text(body["Techniques"]) if body["Techniques"] else "",
        "SubTechniques": _text(body["SubTechniques"]) if body["SubTechniques"] else "",
        "VendorName": body["VendorName"],
        "VendorOriginalId": derived_id("defender alert", event.document.id.lower()),
        "WorkspaceSubscriptionId": body["WorkspaceSubscriptionId"],
        "WorkspaceResourceGroup": body["WorkspaceResourceGroup"],
        "_ResourceId": event.resource.lower(),
    }


def _recommendation(event: Event, _now: datetime) -> Row:
    properties, metadata = event.properties, event.properties["metadata"]
    status = properties["status"]
    name = properties.get("displayName") or event.document.name
    is_healthy = status["code"] == "Healthy"
    return {
        "AssessedResourceId": properties["resourceDetails"].get("id") or event.resource,
        "Description": metadata.get("description") or status.get("description"),
        "DiscoveredTimeUTC": _instant(status.get("firstEvaluationDate")),
        "Environment": properties["resourceDetails"].get("source"),
        "FirstEvaluationDate": _instant(status.get("firstEvaluationDate")),
        "PolicyDefinitionId": metadata.get("policyDefinitionId"),
        "Properties": properties,
        "ProviderName": (properties.get("partnersData") or {}).get("partnerName") or _PRODUCT,
        "RecommendationAdditionalData": properties.get("additionalData"),
        "RecommendationDisplayName": name,
        "RecommendationId": event.document.name,
        "RecommendationName": name,
        "RecommendationSeverity": metadata.get("severity"),
        "RecommendationState": status["code"],
        "ResolvedTimeUTC": _instant(status.get("statusChangeDate")) if is_healthy else None,
        "StatusChangeDate": _instant(status.get("statusChangeDate")),
    }


def _nested(event: Event, _now: datetime) -> Row:
    properties = event.properties
    status, path = properties["status"], parse_id(event.document.id)
    return {
        "AdditionalData": properties.get("additionalData"),
        "AssessedResourceId": properties["resourceDetails"].get("id") or event.resource,
        "Category": properties.get("category"),
        "Cause": status.get("cause"),
        "Description": properties.get("description"),
        "Id": event.document.id,
        "Impact": properties.get("impact"),
        "NestedRecommendationId": event.document.name,
        "ParentRecommendationId": path.names[0],
        "RecommendationName": properties.get("displayName"),
        "RecommendationSeverity": status.get("severity"),
        "RecommendationState": status["code"],
        "RecommendationSubscriptionId": _subscription(event.document.id),
        "RemediationDescription": properties.get("remediation"),
        "RemidiationDescription": properties.get("remediation"),
        "ResourceDetails": properties["resourceDetails"],
        "ResourceGroup": path.resource_group,
        "ResourceProviderType": _type(event.resource),
        "SubAssessmentTimeGeneration": _instant(properties.get("timeGenerated")),
        "VulnerabilityId": properties.get("id"),
        **_about(event),
    }


def _score(event: Event, _now: datetime) -> Row:
    properties = event.properties
    score = properties["score"]
    return {
        "AssessedResourceId": event.document.id,
        "CurrentScore": score["current"],
        "DisplayName": properties.get("displayName"),
        "Environment": properties.get("environment") or "Azure",
        "MaxScore": int(score["max"]),
        "PercentageScore": score["percentage"],
        "Properties": properties,
        "ResourceProviderType": SECURE_SCORE.lower(),
        "SecureScoresSubscriptionId": _subscription(event.document.id),
        "Weight": int(properties["weight"]),
        **_about(event),
    }


def _control(event: Event, now: datetime) -> Row:
    properties = event.properties
    definition: Row = properties.get("definition") or {}
    told: Row = definition.get("properties") or {}
    return {name: each for name, each in _score(event, now).items() if name != "DisplayName"} | {
        "ControlId": definition.get("name") or event.document.name,
        "ControlName": properties.get("displayName"),
        "ControlType": (told.get("source") or {}).get("sourceType") or "BuiltIn",
        "Description": told.get("description"),
        "HealthyResources": int(properties["healthyResourceCount"]),
        "UnhealthyResources": int(properties["unhealthyResourceCount"]),
        "NotApplicableResources": int(properties["notApplicableResourceCount"]),
        "RecommendationResourceIds": [each.get("id") for each in told.get("assessmentDefinitions") or []],
        "ResourceProviderType": SECURE_SCORE_CONTROL.lower(),
    }


def _compliance(event: Event, _now: datetime) -> Row:
    properties, names = event.properties, parse_id(event.document.id).names
    counts = {
        f"{state}Resources": None if (count := properties.get(f"{state.lower()}Resources")) is None else int(count)
        for state in ("Failed", "Passed", "Skipped")
    }
    return {
        "AssessedResourceId": event.resource,
        "ComplianceStandard": names[0],
        "ComplianceControl": names[1],
        "Properties": properties,
        "RecommendationId": names[2],
        "RecommendationLink": properties.get("assessmentDetailsLink"),
        "RecommendationName": properties.get("description"),
        "RegulatoryComplianceSubscriptionId": _subscription(event.document.id),
        "ResourceProviderType": COMPLIANCE_ASSESSMENT.lower(),
        "State": properties["state"],
        **counts,
        **_about(event),
    }


_TABLES: Final[Mapping[str, tuple[str, Callable[[Event, datetime], Row]]]] = {
    ALERT: ("SecurityAlert", _alert),
    ASSESSMENT: ("SecurityRecommendation", _recommendation),
    SUB_ASSESSMENT: ("SecurityNestedRecommendation", _nested),
    SECURE_SCORE: ("SecureScores", _score),
    SECURE_SCORE_CONTROL: ("SecureScoreControls", _control),
    COMPLIANCE_ASSESSMENT: ("SecurityRegulatoryCompliance", _compliance),
}


def _about(event: Event) -> Row:
    return {"_ResourceId": event.resource.lower(), "_SubscriptionId": _subscription(event.document.id)}


def _subscription(id: str) -> str:
    parts = id.split("/")
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""


def _type(resource: str) -> str:
    try:
        return parse_id(resource).type.lower() if resource else ""
    except InvalidInput:
        return ""


def _instant(text: Any) -> datetime | None:
    return instant_of(text) if isinstance(text, str) else None


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
