"""The SentinelHealth rows of automation rules, and of playbooks that somebody starts by hand.

https://learn.microsoft.com/azure/sentinel/health-table-reference#automation-rules
"""

from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.ids import derived_id
from vedette.detect.incidents import INCIDENT
from vedette.state.documents import Document

Json = dict[str, Any]


def rule_row(
    workspace: Workspace,
    rule: Document,
    note: Document,
    subject: Document | None,
    done: int,
    failures: list[str],
    playbooks: list[Json],
    now: datetime,
) -> Json:
    """The row of a rule that was carried out: how many of its actions were, and why the others were not."""
    properties = rule.body["properties"]
    status = "Success" if not failures else "Partial success" if done else "Failure"
    return _row(workspace, rule.id, properties["displayName"], "Automation rule", "Automation rule run", now) | {
        "Status": status,
        "Description": " ".join(failures) if failures else "Rule executed successfully, triggering all actions.",
        "Reason": "" if not failures else "ActionsFailed",
        "RecordId": derived_id("automation health", note.name, rule.id),
        "ExtendedProperties": {
            **_incident(subject),
            "ActionsTriggeredSuccessfully": done,
            "TotalActions": len(properties["actions"]),
            "TriggeredOn": note.body["about"],
            "TriggeredWhen": note.body["event"],
            "TriggeredPlaybooks": playbooks,
        },
    }


def playbook_row(
    workspace: Workspace,
    playbook_id: str,
    subject: Document,
    run_id: str,
    who: Json,
    now: datetime,
    failure: str = "",
) -> Json:
    """The row of a playbook that somebody started on an incident or entity, or could not start."""
    name = playbook_id.rpartition("/")[2]
    return _row(workspace, playbook_id, name, "Playbook", "Playbook was triggered", now) | {
        "Status": "Failure" if failure else "Success",
        "Description": failure or "Playbook was triggered successfully.",
        "Reason": "PlaybookNotTriggered" if failure else "",
        "RecordId": derived_id("playbook health", playbook_id, run_id, subject.id, now.isoformat()),
        "ExtendedProperties": {
            **_incident(subject),
            "RunId": run_id,
            "TriggeredByName": who,
            "TriggeredOn": "Incident" if subject.type == INCIDENT else "Entity",
        },
    }


def _row(workspace: Workspace, id: str, name: str, kind: str, operation: str, now: datetime) -> Json:
    return {
        "TimeGenerated": now,
        "OperationName": operation,
        "SentinelResourceId": id,
        "SentinelResourceKind": "",
        "SentinelResourceName": name,
        "SentinelResourceType": kind,
        "SourceSystem": "Sentinel",
        "WorkspaceId": workspace.id,
    }


def _incident(subject: Document | None) -> Json:
    if subject is None or subject.type != INCIDENT:
        return {}
    number = subject.body["properties"]["incidentNumber"]
    return {"IncidentName": subject.id, "IncidentNumber": str(number)}
