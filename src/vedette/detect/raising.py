"""Raises an alert, whatever found it: its document, its SecurityAlert row and its incident, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from vedette.access.workspaces import Workspace
from vedette.detect.alert import Alert, alert_row
from vedette.detect.automation_notes import note_alert
from vedette.detect.entity_documents import put_alert
from vedette.detect.incident_of_alert import Filed, file_alert
from vedette.detect.rule import IncidentConfiguration
from vedette.state.store import Transaction


@dataclass(frozen=True, slots=True)
class Source:
    """What raises alerts: the ARM id of its rule, and how alerts of it become incidents."""

    rule_id: str
    incidents: IncidentConfiguration


def raise_alert(
    transaction: Transaction, workspace: Workspace, source: Source, alert: Alert, now: datetime
) -> Filed | None:
    """Keep an alert and tell of it; gives where it was filed, or None where no incidents are made of such alerts."""
    document = put_alert(transaction, alert, workspace, now)
    transaction.emit(workspace.id, "SecurityAlert", alert_row(alert, workspace, now))
    note_alert(transaction, workspace, document, source.rule_id, now)
    if not source.incidents.create_incident:
        return None
    grouping = source.incidents.grouping_configuration
    return file_alert(transaction, workspace, source.rule_id, grouping, alert, document, now)
