"""An incident as `/security/incidents` shows it: https://learn.microsoft.com/graph/api/resources/security-incident."""

from collections.abc import Mapping
from typing import Any, Final

from vedette.access.workspaces import Workspace
from vedette.core.instants import arm_time
from vedette.detect.incidents import COMMENT
from vedette.graph_security.incident_ids import incident_web_url, shown_incident_id
from vedette.graph_security.names import CLASSIFICATIONS, INCIDENT_STATES, SEVERITIES
from vedette.graph_security.triage import triage_of
from vedette.state.documents import Document
from vedette.state.store import StateStore

OF_OTHERS: Final = frozenset({"comments", "determination"})
"""The properties that take looking at other documents."""


def shown_incident(
    state: StateStore,
    incident: Document,
    workspace: Workspace,
    tenant_id: str,
    own_workspace: str,
    *,
    whole: bool = True,
) -> dict[str, Any]:
    """Its properties, those that take looking at other documents only of the `whole`; alerts are not among them."""
    held = incident.body["properties"]
    id = shown_incident_id(incident, workspace, own_workspace)
    owner = held.get("owner") or {}
    additional = held.get("additionalData") or {}
    merged = additional.get("mergedIncidentNumber")
    shown: dict[str, Any] = {
        "id": id,
        "tenantId": tenant_id,
        "status": "redirected" if merged else INCIDENT_STATES.get(str(held.get("status")), "active"),
        "incidentWebUrl": incident_web_url(id, tenant_id),
        "redirectIncidentId": _beside(id, str(merged)) if merged else None,
        "displayName": held.get("title") or "",
        "createdDateTime": held.get("createdTimeUtc") or arm_time(incident.created),
        "lastUpdateDateTime": held.get("lastModifiedTimeUtc") or arm_time(incident.modified),
        "assignedTo": owner.get("userPrincipalName") or owner.get("email") or owner.get("assignedTo"),
        "classification": CLASSIFICATIONS.get(str(held.get("classification")), "unknown"),
        "severity": SEVERITIES.get(str(held.get("severity")), "unknown"),
        "customTags": _tags(held, of_people=True),
        "systemTags": _tags(held, of_people=False),
        "description": held.get("description") or "",
        "lastModifiedBy": None,
        "resolvingComment": held.get("classificationComment"),
        "summary": None,
    }
    if not whole:
        return shown
    return shown | {
        "determination": determination_of(state, incident),
        "comments": [_comment(each) for each in state.list(COMMENT, incident.id)],
    }


def _tags(held: Mapping[str, Any], *, of_people: bool) -> list[str]:
    labels = held.get("labels") or ()
    return [each["labelName"] for each in labels if (each.get("labelType") != "AutoAssigned") == of_people]


def determination_of(state: StateStore, incident: Document) -> str:
    """What was found out, as far as it still goes with the classification, which others may have changed."""
    held = incident.body["properties"]
    kept = triage_of(state, incident.id)
    fits = kept.classification == CLASSIFICATIONS.get(str(held.get("classification")), "unknown")
    if fits and kept.determination != "unknown":
        return kept.determination
    return _OF_REASONS.get(str(held.get("classificationReason")), "unknown")


_OF_REASONS: Final = {
    "SuspiciousButExpected": "confirmedActivity",
    "IncorrectAlertLogic": "notMalicious",
    "InaccurateData": "notEnoughDataToValidate",
}
"""What the management API's reasons say of an incident that was classified there."""


def _beside(id: str, number: str) -> str:
    """The id of another incident of the same workspace."""
    return number + id[id.index("_") :] if "_" in id else number


def _comment(comment: Document) -> dict[str, Any]:
    held = comment.body["properties"]
    author = held.get("author") or {}
    return {
        "@odata.type": "#microsoft.graph.security.alertComment",
        "comment": held.get("message"),
        "createdByDisplayName": author.get("userPrincipalName") or author.get("name"),
        "createdDateTime": held.get("createdTimeUtc"),
    }
