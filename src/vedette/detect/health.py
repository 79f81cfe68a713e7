"""The SentinelHealth row that every run of a rule leaves behind.

https://learn.microsoft.com/azure/sentinel/health-table-reference
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.durations import format_duration
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.alert import Alert
from vedette.detect.run import Failed, Ran
from vedette.detect.schedule import Window


def run_row(
    window: Window, run: Ran | Failed, alerts: Sequence[Alert], failures: int, workspace: Workspace, now: datetime
) -> dict[str, Any]:
    """The row for one run. `failures` is the number of runs that failed in a row, this one included."""
    rule = window.rule.properties
    issues = _issues(window, run, alerts, failures)
    correlation = run_id(window)
    failed = isinstance(run, Failed)
    return {
        "TimeGenerated": now,
        "OperationName": "Scheduled analytics rule run",
        "Status": "Failure" if failed else "Partial success" if issues else "Success",
        "Description": run.reason if failed else "Rule executed successfully.",
        "Reason": run.code if failed else "",
        "RecordId": derived_id("health", correlation),
        "SentinelResourceId": window.rule.id,
        "SentinelResourceKind": "Scheduled",
        "SentinelResourceName": rule.display_name,
        "SentinelResourceType": "Analytics rule",
        "SourceSystem": "Sentinel",
        "WorkspaceId": workspace.id,
        "ExtendedProperties": {
            "AlertsGeneratedAmount": len(alerts),
            "CorrelationId": correlation,
            "EntitiesDroppedDueToMappingIssuesAmount": sum(alert.mapped.dropped for alert in alerts),
            "EntitiesGeneratedAmount": sum(len(alert.entities) for alert in alerts),
            "Issues": issues,
            "QueryEndTimeUTC": arm_time(window.end),
            "QueryFrequency": format_duration(rule.query_frequency),
            "QueryPeriod": format_duration(rule.query_period),
            "QueryResultAmount": 0 if failed else len(run.results.rows),
            "QueryStartTimeUTC": arm_time(window.start),
            "RuleId": window.rule.name,
            "SuppressionDuration": format_duration(rule.suppression_duration),
            "TriggerOperator": rule.trigger_operator.value,
            "TriggerThreshold": rule.trigger_threshold,
            "TriggerType": "Manual" if window.asked_for else "Scheduled",
        },
    }


def run_id(window: Window) -> str:
    """The GUID of a run, which its row has as CorrelationId."""
    return derived_id("run", *window.identity)


def _issues(window: Window, run: Ran | Failed, alerts: Sequence[Alert], failures: int) -> list[str]:
    issues: list[str] = []
    if window.missed:
        issues.append(f"{window.missed} earlier windows were not run: the server was down for too long.")
    if isinstance(run, Failed):
        issues.append(f"{failures} runs failed in a row; the next window is tried at its time.")
        return issues
    if run.truncated:
        issues.append(f"The query gave more than a run reads; {len(run.results.rows)} results were used.")
    dropped = sum(alert.mapped.dropped for alert in alerts)
    if dropped:
        issues.append(f"{dropped} entity values were dropped: they are arrays or objects, or above the limit.")
    return issues
