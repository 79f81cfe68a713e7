"""An alert as `/security/alerts` shows it, the first alerts API: https://learn.microsoft.com/graph/api/resources/alert."""

from typing import Any, Final

from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.incident_ids import shown_incident_id
from vedette.graph_security.legacy_states import COLLECTIONS, states_of
from vedette.graph_security.names import FEEDBACK, LEGACY_STATES, SEVERITIES

VENDOR: Final = "Microsoft"
OF_OTHERS: Final = frozenset({"incidentIds", *COLLECTIONS})
"""The properties that take looking at other documents."""


def shown_legacy_alert(alert: FoundAlert, tenant_id: str, own_workspace: str, *, whole: bool = True) -> dict[str, Any]:
    """Its properties; those that take looking at other documents only of the `whole`."""
    held, triage = alert.properties, alert.triage
    tactics = held.get("tactics") or []
    link = held.get("alertLink")
    shown: dict[str, Any] = {
        "id": alert.document.name,
        "azureTenantId": tenant_id,
        "azureSubscriptionId": alert.workspace.resource_id.split("/")[2],
        "title": held.get("alertDisplayName") or "",
        "description": held.get("description") or "",
        "category": tactics[0] if tactics else "",
        "severity": SEVERITIES.get(str(held.get("severity")), "unknown"),
        "status": LEGACY_STATES.get(str(held.get("status") or "New"), "unknown"),
        "createdDateTime": alert.created,
        "eventDateTime": held.get("endTimeUtc") or alert.created,
        "lastEventDateTime": held.get("endTimeUtc"),
        "lastModifiedDateTime": alert.updated,
        "closedDateTime": triage.resolved,
        "activityGroupName": None,
        "assignedTo": triage.assigned_to,
        "comments": list(triage.notes),
        "confidence": _percentage(held.get("confidenceScore")),
        "detectionIds": [],
        "feedback": FEEDBACK.get(triage.classification, "unknown"),
        "recommendedActions": list(held.get("remediationSteps") or ()),
        "sourceMaterials": [link] if link else [],
        "tags": list(triage.tags),
        "triggers": [],
        "historyStates": [],
        "alertDetections": [],
        "investigationSecurityStates": [],
        "vendorInformation": vendor_information(alert),
    }
    return shown | (_of_others(alert, own_workspace) if whole else {})


def vendor_information(alert: FoundAlert) -> dict[str, Any]:
    """Who found it: of an alert of a scheduled rule, Microsoft's `Azure Sentinel`."""
    return {
        "provider": alert.product.keyword,
        "providerVersion": None,
        "subProvider": alert.properties.get("productComponentName"),
        "vendor": alert.properties.get("vendorName") or VENDOR,
    }


def _of_others(alert: FoundAlert, own_workspace: str) -> dict[str, Any]:
    incident = alert.incident
    ids = [] if incident is None else [shown_incident_id(incident, alert.workspace, own_workspace)]
    return {"incidentIds": ids, **states_of(alert.entities)}


def _percentage(score: object) -> int | None:
    """A score between 0 and 1, as per cent."""
    return round(score * 100) if isinstance(score, int | float) and 0 < score <= 1 else None
