"""Puts an alert into the incident where it belongs: one that its rule's grouping finds, or a new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time, instant_of
from vedette.detect.alert import Alert
from vedette.detect.grouping import group_key
from vedette.detect.incident_merge import merged_into
from vedette.detect.incident_of_alerts import earliest, gravest, latest, union
from vedette.detect.incidents import INCIDENT, MAX_ALERTS, change_incident, create_incident
from vedette.detect.rule import GroupingConfiguration
from vedette.state.documents import Document
from vedette.state.store import Transaction

_FROM_ALERT = "Incident created from alert"
_ALERT_ADDED = "Alert added to incident"


@dataclass(frozen=True, slots=True)
class Filed:
    """The incident that an alert is in now, and whether it was opened for it."""

    incident: Document
    opened: bool


def file_alert(
    transaction: Transaction,
    workspace: Workspace,
    rule_id: str,
    grouping: GroupingConfiguration | None,
    alert: Alert,
    document: Document,
    now: datetime,
) -> Filed:
    """Add an alert to the open incident of its group among its rule's, or open one. `document` is the alert's own."""
    key = group_key(grouping, alert)
    if grouping is None or key is None:
        return Filed(_open(transaction, workspace, rule_id, alert, document, now), opened=True)
    place = f"incident-group:{rule_id.lower()}:{key}"
    standing = _standing(transaction, grouping, transaction.get_value(place), now)
    if standing is not None and standing.body["properties"]["additionalData"]["alertsCount"] < MAX_ALERTS:
        return Filed(_add(transaction, workspace, rule_id, alert, document, standing, now), opened=False)
    incident = _open(transaction, workspace, rule_id, alert, document, now, like=standing)
    transaction.set_value(place, incident.id)
    return Filed(incident, opened=True)


def _standing(
    transaction: Transaction, grouping: GroupingConfiguration, incident_id: str | None, now: datetime
) -> Document | None:
    """The group's latest incident, if an alert still belongs to it; whether it has room is another question."""
    known = None if incident_id is None else transaction.get(incident_id)
    incident = None if known is None else merged_into(transaction, known)
    if incident is None:
        return None
    properties = incident.body["properties"]
    if instant_of(properties["createdTimeUtc"]) < now - grouping.lookback_duration:
        return None
    if properties["status"] == "Closed" and not grouping.reopen_closed_incident:
        return None
    return incident


def _open(
    transaction: Transaction,
    workspace: Workspace,
    rule_id: str,
    alert: Alert,
    document: Document,
    now: datetime,
    like: Document | None = None,
) -> Document:
    """A new incident; `like` is a full one that it goes on with, under the same title.

    https://learn.microsoft.com/azure/sentinel/create-analytics-rules#configure-the-incident-creation-settings
    """
    known: dict[str, Any] = like.body["properties"] if like else {}
    name = derived_id("incident", alert.id)
    return create_incident(
        transaction,
        workspace,
        id=f"{workspace.resource_id}/providers/{INCIDENT}/{name}",
        name=name,
        properties={
            "title": known.get("title") or alert.display_name,
            "description": known.get("description") or alert.description,
            "severity": gravest(alert.severity.value, known.get("severity", alert.severity.value)),
            "status": "New",
            "firstActivityTimeUtc": arm_time(alert.start),
            "lastActivityTimeUtc": arm_time(alert.end),
        },
        found={
            "relatedAnalyticRuleIds": [rule_id],
            "additionalData": _additional({}, alert),
        },
        alerts=[document],
        modified_by=_FROM_ALERT,
        now=now,
    )


def _add(
    transaction: Transaction,
    workspace: Workspace,
    rule_id: str,
    alert: Alert,
    document: Document,
    incident: Document,
    now: datetime,
) -> Document:
    known = incident.body["properties"]
    changes: dict[str, Any] = {
        "severity": gravest(known["severity"], alert.severity.value),
        "firstActivityTimeUtc": earliest(known.get("firstActivityTimeUtc"), alert.start),
        "lastActivityTimeUtc": latest(known.get("lastActivityTimeUtc"), alert.end),
        "relatedAnalyticRuleIds": union(known["relatedAnalyticRuleIds"], [rule_id]),
        "additionalData": _additional(known["additionalData"], alert),
    }
    if known["status"] == "Closed":
        changes |= {"status": "Active", "classification": None}
        changes |= {"classificationReason": None, "classificationComment": None}
    return change_incident(
        transaction, workspace, incident, changes, alerts=[document], modified_by=_ALERT_ADDED, now=now
    )


def _additional(known: Mapping[str, Any], alert: Alert) -> dict[str, Any]:
    return {
        **known,
        "alertProductNames": union(known.get("alertProductNames", ()), [alert.product_name]),
        "tactics": union(known.get("tactics", ()), alert.tactics),
        "techniques": union(known.get("techniques", ()), alert.techniques),
    }
