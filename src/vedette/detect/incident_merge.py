"""Merges incidents: one takes the alerts and bookmarks of others, which are closed and say into which they went.

https://learn.microsoft.com/unified-secops/incidents-correlation-merge
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.errors import Conflict, InvalidInput
from vedette.core.instants import instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.incident_of_alerts import earliest, gravest, latest, told_by, union
from vedette.detect.incidents import (
    BOOKMARK_KIND,
    INCIDENT,
    MAX_ALERTS,
    MAX_BOOKMARKS,
    RELATION,
    change_incident,
    incident_alerts,
)
from vedette.detect.relations import End, relate, related_names, unrelate
from vedette.state.conditions import Compare
from vedette.state.documents import Document
from vedette.state.store import Transaction

REDIRECTED = {"labelName": "Redirected", "labelType": "AutoAssigned"}
"""The label of an incident that was merged into another one."""

_LIMITS = {ALERT_KIND: (MAX_ALERTS, "alerts"), BOOKMARK_KIND: (MAX_BOOKMARKS, "bookmarks")}
_MOST_STEPS = 100


def merge_incidents(
    transaction: Transaction,
    workspace: Workspace,
    target: Document,
    sources: Sequence[Document],
    *,
    modified_by: str,
    now: datetime,
) -> Document:
    """Move what the sources are about into the target, and close them; their comments and tasks stay with them.

    The target takes the gravest severity, the labels of all, and the first and last activity of all. Raises
    InvalidInput (BadRequest) and Conflict where an incident was merged before, or would be above its limits.
    """
    _check(transaction, target, sources)
    for source in sources:
        for relation in transaction.list(RELATION, source.id):
            _move(transaction, relation, target)
    known = target.body["properties"]
    others = [source.body["properties"] for source in sources]
    widened = _widened(known, others)
    changes = widened | told_by(known | widened, incident_alerts(transaction, target.id), workspace.resource_id)
    merged = change_incident(transaction, workspace, target, changes, modified_by=modified_by, now=now)
    for source in sources:
        _close(transaction, workspace, source, merged, modified_by, now)
    return merged


def merged_into(transaction: Transaction, incident: Document) -> Document | None:
    """The incident that another one is in now: itself, unless it was merged; None where that one was deleted."""
    for _ in range(_MOST_STEPS):
        if "mergedIncidentNumber" not in incident.body["properties"]["additionalData"]:
            return incident
        target = transaction.get_value(_target_key(incident.id))
        found = _numbered(transaction, incident) if target is None else transaction.get(str(target))
        if found is None:
            return None
        incident = found
    return None


def _numbered(transaction: Transaction, incident: Document) -> Document | None:
    """The incident of the number that one says it was merged into; for those merged before the id was kept."""
    number = incident.body["properties"]["additionalData"]["mergedIncidentNumber"]
    where = Compare(("properties", "incidentNumber"), "eq", number)
    return next(iter(transaction.list(INCIDENT, incident.scope, where=where, limit=1)), None)


def _target_key(id: str) -> str:
    return f"incident-merged:{id.lower()}"


def _check(transaction: Transaction, target: Document, sources: Sequence[Document]) -> None:
    for each in (target, *sources):
        number = each.body["properties"]["additionalData"].get("mergedIncidentNumber")
        if number is not None:
            raise Conflict("Conflict", f"The incident '{each.name}' was merged into the incident {number} already.")
    names: dict[str, set[str]] = {}
    for each in (target, *sources):
        for kind, found in related_names(transaction, each.id, RELATION).items():
            names.setdefault(kind, set()).update(found)
    for kind, (most, noun) in _LIMITS.items():
        number = len(names.get(kind, ()))
        if number > most:
            raise InvalidInput("BadRequest", f"The incidents have {number} {noun} together; one has {most} at most.")


def _move(transaction: Transaction, relation: Document, target: Document) -> None:
    properties = relation.body["properties"]
    unrelate(transaction, relation)
    other = transaction.get(properties["relatedResourceId"])
    if other is None:
        return
    kind = properties.get("relatedResourceKind", "")
    if other.name not in related_names(transaction, target.id, RELATION).get(kind, []):
        relate(transaction, End.of(target), End.of(other, kind))


def _widened(known: dict[str, Any], others: Sequence[dict[str, Any]]) -> dict[str, Any]:
    every = [known, *others]
    labels = {label["labelName"].lower(): label for each in reversed(every) for label in each["labels"]}
    changes: dict[str, Any] = {
        "severity": gravest(*(each["severity"] for each in every)),
        "labels": list(labels.values()),
        "relatedAnalyticRuleIds": union((), (rule for each in every for rule in each["relatedAnalyticRuleIds"])),
    }
    first = [instant_of(each["firstActivityTimeUtc"]) for each in every if "firstActivityTimeUtc" in each]
    last = [instant_of(each["lastActivityTimeUtc"]) for each in every if "lastActivityTimeUtc" in each]
    return (
        changes
        | ({"firstActivityTimeUtc": earliest(None, *first)} if first else {})
        | ({"lastActivityTimeUtc": latest(None, *last)} if last else {})
    )


def _close(
    transaction: Transaction, workspace: Workspace, source: Document, target: Document, modified_by: str, now: datetime
) -> None:
    known, into = source.body["properties"], target.body["properties"]
    changes: dict[str, Any] = {
        "status": "Closed",
        "labels": [*known["labels"], REDIRECTED],
        "additionalData": {
            **known["additionalData"],
            "mergedIncidentNumber": into["incidentNumber"],
            "mergedIncidentUrl": into["incidentUrl"],
        },
    }
    if "classification" not in known:
        changes["classification"] = "Undetermined"
    transaction.set_value(_target_key(source.id), target.id)
    change_incident(transaction, workspace, source, changes, modified_by=modified_by, now=now)
