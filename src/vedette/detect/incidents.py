"""Incidents: their document, and the SecurityIncident row that every change of one writes in the same transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.instants import arm_time, instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.automation_notes import note_incident
from vedette.detect.incident_properties import checked
from vedette.detect.relations import End, relate, related_documents, related_names, unrelate_all
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

INCIDENT = "Microsoft.SecurityInsights/incidents"
COMMENT = f"{INCIDENT}/comments"
RELATION = f"{INCIDENT}/relations"
TASK = f"{INCIDENT}/tasks"
PROVIDER_NAME = "Azure Sentinel"
MAX_ALERTS = 150
MAX_BOOKMARKS = 20

BOOKMARK_KIND = "Bookmark"
_PORTAL = "https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident"


def create_incident(
    transaction: Transaction,
    workspace: Workspace,
    *,
    id: str,
    name: str,
    properties: Mapping[str, Any],
    modified_by: str,
    now: datetime,
    alerts: Sequence[Document] = (),
    found: Mapping[str, Any] | None = None,
) -> Document:
    """Open an incident: from `properties` as a caller sends them, with the next number of its workspace.

    `alerts` are the alert documents that it is about. `found` is what the rule that found it adds to the read-only
    properties. Raises InvalidInput (BadRequest).
    """
    number = transaction.next_number(workspace.resource_id, "incident")
    kept: dict[str, Any] = {
        **checked(properties),
        "incidentNumber": number,
        "createdTimeUtc": arm_time(now),
        "incidentUrl": f"{_PORTAL}{id}",
        "providerName": PROVIDER_NAME,
        "providerIncidentId": str(number),
        "relatedAnalyticRuleIds": [],
        "additionalData": {"alertProductNames": [], "tactics": [], "techniques": []},
        **(found or {}),
    }
    for alert in alerts:
        relate(transaction, End(id, name, INCIDENT), End.of(alert))
    return _save(transaction, workspace, id, name, kept, modified_by, now)


def update_incident(
    transaction: Transaction,
    workspace: Workspace,
    document: Document,
    properties: Mapping[str, Any],
    *,
    modified_by: str,
    now: datetime,
    etag: str | None = None,
) -> Document:
    """Replace what a caller may set by `properties`; what only the server knows stays.

    The caller's PUT is the whole of it: a property that is not in it is gone, save the times of activity.
    Raises InvalidInput (BadRequest), and Conflict when `etag` is neither None nor `*` nor the document's.
    """
    kept = document.body["properties"]
    server_side = {name: kept[name] for name in _SERVER_SIDE if name in kept}
    return _save(
        transaction,
        workspace,
        document.id,
        document.name,
        checked(properties) | server_side,
        modified_by,
        now,
        etag=etag,
        before=kept,
    )


def change_incident(
    transaction: Transaction,
    workspace: Workspace,
    document: Document,
    changes: Mapping[str, Any],
    *,
    modified_by: str,
    now: datetime,
    alerts: Sequence[Document] = (),
    deleted_tasks: Sequence[Document] = (),
) -> Document:
    """Change some properties, read-only ones too, and add alerts; None removes a property.

    With no changes it takes up what hangs on the incident: its comments, tasks and relations. `deleted_tasks` are gone
    and are shown in this row a last time.
    """
    for alert in alerts:
        relate(transaction, End.of(document), End.of(alert))
    before = document.body["properties"]
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}
    return _save(
        transaction,
        workspace,
        document.id,
        document.name,
        after,
        modified_by,
        now,
        before=before,
        deleted_tasks=deleted_tasks,
        alerts_added=bool(alerts),
    )


def delete_incident(
    transaction: Transaction, workspace: Workspace, document: Document, *, modified_by: str, now: datetime
) -> None:
    """Remove an incident and what hangs on it; its last row says Closed, so that no query takes it for open."""
    last = {**document.body["properties"], "status": "Closed", "lastModifiedTimeUtc": arm_time(now)}
    times = _times(transaction, document.id, last, now, before=document.body["properties"])
    related = related_names(transaction, document.id, RELATION)
    row = _row(transaction, document, last, related, times, modified_by, now)
    row["AdditionalData"] = {**row["AdditionalData"], "deleted": True}
    transaction.emit(workspace.id, "SecurityIncident", row)
    unrelate_all(transaction, document.id, RELATION)
    transaction.delete(document.id)
    transaction.delete_below(document.id)
    transaction.set_value(_times_key(document.id), None)


def incident_alerts(state: StateStore | Transaction, incident_id: str) -> list[Document]:
    """The alerts of an incident: documents of type entities and kind SecurityAlert, in the order they joined it."""
    return related_documents(state, incident_id, RELATION, ALERT_KIND)


_SERVER_SIDE = (
    "incidentNumber",
    "createdTimeUtc",
    "incidentUrl",
    "providerName",
    "providerIncidentId",
    "relatedAnalyticRuleIds",
    "additionalData",
    "teamInformation",
)


def _save(
    transaction: Transaction,
    workspace: Workspace,
    id: str,
    name: str,
    properties: Mapping[str, Any],
    modified_by: str,
    now: datetime,
    *,
    etag: str | None = None,
    before: Mapping[str, Any] | None = None,
    deleted_tasks: Sequence[Document] = (),
    alerts_added: bool = False,
) -> Document:
    related = related_names(transaction, id, RELATION)
    activity = {key: before[key] for key in ("firstActivityTimeUtc", "lastActivityTimeUtc") if before and key in before}
    full = {
        **activity,
        **properties,
        "lastModifiedTimeUtc": arm_time(now),
        "additionalData": {
            **properties["additionalData"],
            "alertsCount": len(related.get(ALERT_KIND, [])),
            "bookmarksCount": len(related.get(BOOKMARK_KIND, [])),
            "commentsCount": transaction.count(COMMENT, id),
        },
    }
    document, _ = transaction.put(
        id=id, type=INCIDENT, scope=workspace.resource_id, name=name, body={"properties": full}, etag=etag
    )
    times = _times(transaction, id, full, now, before)
    transaction.set_value(_times_key(id), times)
    row = _row(transaction, document, full, related, times, modified_by, now)
    row["Tasks"] += [_task(each) | {"status": "Deleted"} for each in deleted_tasks]
    transaction.emit(workspace.id, "SecurityIncident", row)
    note_incident(transaction, workspace, document, before, now, alerts_added=alerts_added)
    return document


def _row(
    transaction: Transaction,
    document: Document,
    properties: Mapping[str, Any],
    related: Mapping[str, list[str]],
    times: Mapping[str, str | None],
    modified_by: str,
    now: datetime,
) -> dict[str, Any]:
    """The SecurityIncident row of an incident as it stands.

    https://learn.microsoft.com/azure/sentinel/manage-soc-with-incident-metrics
    """
    return {
        "TimeGenerated": now,
        "IncidentName": document.name,
        "IncidentNumber": properties["incidentNumber"],
        "IncidentUrl": properties["incidentUrl"],
        "Title": properties["title"],
        "Description": properties.get("description") or "",
        "Severity": properties["severity"],
        "Status": properties["status"],
        "Classification": properties.get("classification") or "",
        "ClassificationComment": properties.get("classificationComment") or "",
        "ClassificationReason": properties.get("classificationReason") or "",
        "Owner": properties["owner"],
        "Labels": properties["labels"],
        "ProviderName": properties["providerName"],
        "ProviderIncidentId": properties["providerIncidentId"],
        "CreatedTime": instant_of(properties["createdTimeUtc"]),
        "FirstModifiedTime": _instant(times.get("firstModified")),
        "LastModifiedTime": _instant(properties["lastModifiedTimeUtc"]),
        "ClosedTime": _instant(times.get("closed")),
        "FirstActivityTime": _instant(properties.get("firstActivityTimeUtc")),
        "LastActivityTime": _instant(properties.get("lastActivityTimeUtc")),
        "RelatedAnalyticRuleIds": [id.rpartition("/")[2] for id in properties["relatedAnalyticRuleIds"]],
        "AlertIds": related.get(ALERT_KIND, []),
        "BookmarkIds": related.get(BOOKMARK_KIND, []),
        "Comments": [_comment(each) for each in transaction.list(COMMENT, document.id)],
        "Tasks": [_task(each) for each in transaction.list(TASK, document.id)],
        "AdditionalData": properties["additionalData"],
        "ModifiedBy": modified_by,
        "SourceSystem": PROVIDER_NAME,
    }


def _times(
    transaction: Transaction, id: str, properties: Mapping[str, Any], now: datetime, before: Mapping[str, Any] | None
) -> dict[str, str | None]:
    """When the incident was first changed and last closed: the log has columns for these, the ARM resource has not."""
    known: Mapping[str, str | None] = transaction.get_value(_times_key(id)) or {}
    closed = None
    if properties["status"] == "Closed":
        was_closed = before is not None and before["status"] == "Closed"
        closed = known.get("closed") if was_closed else arm_time(now)
    first = known.get("firstModified") or (arm_time(now) if before is not None else None)
    return {"firstModified": first, "closed": closed}


def _times_key(id: str) -> str:
    return f"incident-times:{id.lower()}"


def _comment(document: Document) -> dict[str, Any]:
    return {"name": document.name, **document.body["properties"]}


def _task(document: Document) -> dict[str, Any]:
    """https://learn.microsoft.com/azure/sentinel/audit-track-tasks#structure-of-tasks-array-in-the-securityincident-table"""
    return {"taskId": document.name, **document.body["properties"]}


def _instant(text: str | None) -> datetime | None:
    return None if text is None else instant_of(text)
