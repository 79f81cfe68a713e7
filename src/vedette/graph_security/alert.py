"""An alert as `/security/alerts_v2` shows it: https://learn.microsoft.com/graph/api/resources/security-alert."""

from typing import Any, Final, cast

import orjson

from vedette.graph_security.evidence import evidence_of
from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.incident_ids import incident_web_url, shown_incident_id
from vedette.graph_security.names import ALERT_STATES, DETECTIONS, SEVERITIES

OF_OTHERS: Final = frozenset({"evidence", "incidentId", "incidentWebUrl"})
"""The properties that take looking at other documents."""

_PORTAL: Final = "https://security.microsoft.com/alerts"


def shown_alert(alert: FoundAlert, tenant_id: str, own_workspace: str, *, whole: bool = True) -> dict[str, Any]:
    """Its properties; those that take looking at other documents only of the `whole`."""
    held, triage = alert.properties, alert.triage
    status = str(held.get("status") or "New")
    component = str(held.get("productComponentName") or "")
    tactics = held.get("tactics") or []
    shown: dict[str, Any] = {
        "id": alert.document.name,
        "providerAlertId": held.get("providerAlertId") or alert.document.name,
        "status": ALERT_STATES.get(status, "unknown"),
        "severity": SEVERITIES.get(str(held.get("severity")), "unknown"),
        "classification": triage.classification,
        "determination": triage.determination,
        "serviceSource": alert.product.service,
        "detectionSource": DETECTIONS.get(component, alert.product.detection),
        "productName": held.get("productName"),
        "detectorId": _first(alert.rule_ids) or held.get("alertType"),
        "tenantId": tenant_id,
        "title": held.get("alertDisplayName") or "",
        "description": held.get("description") or "",
        "recommendedActions": "\n".join(held.get("remediationSteps") or ()),
        "category": tactics[0] if tactics else "",
        "categories": tactics,
        "assignedTo": triage.assigned_to,
        "alertWebUrl": held.get("alertLink") or f"{_PORTAL}/{alert.document.name}?tid={tenant_id}",
        "actorDisplayName": None,
        "threatDisplayName": None,
        "threatFamilyName": None,
        "mitreTechniques": _listed(alert.additional.get("Techniques")),
        "createdDateTime": alert.created,
        "lastUpdateDateTime": alert.updated,
        "resolvedDateTime": triage.resolved if ALERT_STATES.get(status) == "resolved" else None,
        "firstActivityDateTime": held.get("startTimeUtc"),
        "lastActivityDateTime": held.get("endTimeUtc"),
        "systemTags": [],
        "alertPolicyId": None,
        "additionalData": None,
        "customDetails": _details(alert.additional.get("Custom Details")),
        "comments": list(triage.comments),
    }
    return shown | (_of_others(alert, tenant_id, own_workspace) if whole else {})


def _of_others(alert: FoundAlert, tenant_id: str, own_workspace: str) -> dict[str, Any]:
    incident = alert.incident
    evidence = (evidence_of(entity, alert.created) for entity in alert.entities)
    id = None if incident is None else shown_incident_id(incident, alert.workspace, own_workspace)
    return {
        "incidentId": id,
        "incidentWebUrl": None if id is None else incident_web_url(id, tenant_id),
        "evidence": [each for each in evidence if each is not None],
    }


def _first(ids: str) -> str:
    """The first of a JSON list of ids."""
    listed = _listed(ids)
    return listed[0] if listed else ""


def _listed(text: object) -> list[str]:
    if isinstance(text, list):
        return [str(each) for each in cast("list[Any]", text)]
    try:
        read: Any = orjson.loads(str(text)) if text else []
    except orjson.JSONDecodeError:
        return []
    return [str(each) for each in cast("list[Any]", read)] if isinstance(read, list) else []


def _details(text: object) -> dict[str, Any] | None:
    try:
        read: Any = orjson.loads(str(text)) if text else None
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", read) if isinstance(read, dict) else None
