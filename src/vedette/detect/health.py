"""The SentinelHealth row that every run of a rule leaves behind.

https://learn.microsoft.com/azure/sentinel/health-table-reference
"""

from collections import Counter
from datetime import datetime
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.durations import format_duration
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.failures import DISABLED_AFTER, is_to_disable
from vedette.detect.ledger import RunRecord
from vedette.detect.mapped import Drop
from vedette.detect.rule_kind import Evaluation, RuleKind
from vedette.detect.schedule import Window


def run_row(
    kind: RuleKind, window: Window, run: Evaluation, record: RunRecord, workspace: Workspace, now: datetime
) -> dict[str, Any]:
    """The row for one run; `record` is that of the rule's runs, this one included."""
    rule = window.rule.properties
    issues = _issues(window, run, record)
    correlation, failure = run_id(window), run.failure
    return {
        "TimeGenerated": now,
        "OperationName": kind.operation,
        "Status": "Failure" if failure else "Partial success" if issues else "Success",
        "Description": failure.reason if failure else "Rule executed successfully.",
        "Reason": failure.code if failure else "",
        "RecordId": derived_id("health", correlation, *([str(record.attempts)] if record.attempts else [])),
        "SentinelResourceId": window.rule.id,
        "SentinelResourceKind": window.rule.kind,
        "SentinelResourceName": rule.display_name,
        "SentinelResourceType": "Analytics rule",
        "SourceSystem": "Sentinel",
        "WorkspaceId": workspace.id,
        "ExtendedProperties": {
            "AlertsGeneratedAmount": len(run.alerts),
            "CorrelationId": correlation,
            "EntitiesDroppedDueToMappingIssuesAmount": sum(alert.mapped.dropped for alert in run.alerts),
            "EntitiesGeneratedAmount": sum(len(alert.entities) for alert in run.alerts),
            "Issues": issues,
            "QueryEndTimeUTC": arm_time(window.end),
            "QueryFrequency": format_duration(rule.query_frequency),
            "QueryPeriod": format_duration(rule.query_period),
            "QueryResultAmount": run.results,
            "QueryStartTimeUTC": arm_time(window.start),
            "RuleId": window.rule.name,
            "TriggerType": "Manual" if window.asked_for else kind.trigger,
            "StageDurations": {name: round(seconds, 6) for name, seconds in run.stages.items()},
            **run.extended,
        },
    }


def run_id(window: Window) -> str:
    """The GUID of a run, which its row has as CorrelationId."""
    return derived_id("run", *window.identity)


def _issues(window: Window, run: Evaluation, record: RunRecord) -> list[str]:
    issues: list[str] = []
    if window.missed and window.since is not None:
        issues.append(f"{window.missed} earlier windows were run together with this one: the server was down.")
    elif window.missed:
        issues.append(f"{window.missed} earlier windows were not run: the server was down for too long.")
    if run.failure is not None:
        issues.append(f"{record.failures} runs failed in a row; {_what_next(record)}")
        return issues
    issues += run.issues
    dropped = sum((Counter(alert.mapped.drops) for alert in run.alerts), Counter[Drop]())
    issues += [f"{count} mapped entities were dropped: {drop.value}." for drop, count in dropped.items()]
    return issues


def _what_next(record: RunRecord) -> str:
    if record.retry_at is not None:
        return f"the window is tried again at {arm_time(record.retry_at)}."
    if is_to_disable(record):
        return f"the rule was disabled, for {DISABLED_AFTER} of them failed for the same reason."
    return "the next window is tried at its time."
