"""What callers of Graph change of incidents, carried out as the management API would, with a row for each change.

https://learn.microsoft.com/graph/api/security-incident-update
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.arm.context import Context
from vedette.core.errors import InvalidInput
from vedette.core.instants import arm_time
from vedette.detect.incidents import COMMENT, change_incident, update_incident
from vedette.graph_security.alert_changes import determination, one_of, refuse, text_or_none, texts
from vedette.graph_security.names import CLASSIFICATIONS, INCIDENT_STATES, SEVERITIES
from vedette.graph_security.triage import Triage, put_triage, triage_of
from vedette.sentinel.incident_comments import MAX_COMMENTS
from vedette.sentinel.people import person, with_owner
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NOBODY: Final = {"objectId": None, "email": None, "assignedTo": None, "userPrincipalName": None, "ownerType": None}


def update(
    context: Context,
    transaction: Transaction,
    workspace: Workspace,
    incident: Document,
    body: Mapping[str, Any],
    by: str,
) -> Document:
    """Change an incident as the body of a PATCH says. Raises InvalidInput."""
    held = incident.body["properties"]
    changed = dict(held)
    triage = Triage(
        classification=CLASSIFICATIONS.get(str(held.get("classification")), "unknown"),
        determination=triage_of(transaction, incident.id).determination,
    )
    for name, value in body.items():
        match name:
            case "classification":
                triage = replace(triage, classification=one_of(name, value, CLASSIFICATIONS.values()))
            case "determination":
                triage = replace(triage, determination=determination(value))
            case _:
                changed |= _changed(context, held, name, value)
    if {"classification", "determination"} & set(body):
        changed |= _classified(triage)
    if changed["status"] == "Closed" and not changed.get("classification"):
        changed["classification"] = "Undetermined"
    kept = {name: value for name, value in changed.items() if value is not None}
    put_triage(transaction, incident, triage)
    return update_incident(transaction, workspace, incident, kept, modified_by=by, now=context.clock.now())


def add_comment(
    context: Context, transaction: Transaction, workspace: Workspace, incident: Document, text: str, by: Principal
) -> Document:
    """Comment on an incident, as the management API does. Raises InvalidInput."""
    if transaction.count(COMMENT, incident.id) >= MAX_COMMENTS:
        raise InvalidInput("BadRequest", f"The incident has {MAX_COMMENTS} comments already, which is the most.")
    now, name = context.clock.now(), context.new_id()
    made = {"createdTimeUtc": arm_time(now), "lastModifiedTimeUtc": arm_time(now), "author": person(context, by)}
    transaction.put(
        id=f"{incident.id}/comments/{name}",
        type=COMMENT,
        scope=incident.id,
        name=name,
        body={"properties": {"message": text} | made},
    )
    return change_incident(transaction, workspace, incident, {}, modified_by=by.name, now=now)


def _changed(context: Context, held: Mapping[str, Any], name: str, value: object) -> dict[str, Any]:
    """What a property of Graph's changes of an incident's own."""
    match name:
        case "status":
            return {"status": _held(INCIDENT_STATES, name, value)}
        case "severity":
            return {"severity": _held(SEVERITIES, name, value)}
        case "assignedTo":
            return {"owner": _owner(context, text_or_none(name, value))}
        case "displayName":
            return {"title": text_or_none(name, value) or ""}
        case "description":
            return {"description": text_or_none(name, value)}
        case "resolvingComment":
            return {"classificationComment": text_or_none(name, value)}
        case "customTags":
            automatic = [label for label in held.get("labels") or () if label.get("labelType") == "AutoAssigned"]
            tags = [tag for tag in dict.fromkeys(texts(name, value)) if tag.strip()]
            return {"labels": [*automatic, *({"labelName": tag, "labelType": "User"} for tag in tags)]}
        case _:
            refuse(name, "incident")
            return {}


def _held(names: Mapping[str, str], property: str, value: object) -> str:
    told = one_of(property, value, names.values())
    return next(ours for ours, theirs in names.items() if theirs == told)


def _classified(triage: Triage) -> dict[str, Any]:
    """The management API's classification, and the reason that goes with it."""
    ours = next(name for name, graph in CLASSIFICATIONS.items() if graph == triage.classification)
    match triage.classification:
        case "truePositive":
            reason = "SuspiciousActivity"
        case "informationalExpectedActivity":
            reason = "SuspiciousButExpected"
        case "falsePositive":
            data = triage.determination == "notEnoughDataToValidate"
            reason = "InaccurateData" if data else "IncorrectAlertLogic"
        case _:
            reason = None
    return {"classification": ours, "classificationReason": reason}


def _owner(context: Context, name: str | None) -> dict[str, Any]:
    """Whom a text names, with what else the directory knows of them."""
    if name is None:
        return dict(_NOBODY)
    mail = name if "@" in name else None
    return with_owner(context, {**_NOBODY, "email": mail, "assignedTo": name, "userPrincipalName": mail})
