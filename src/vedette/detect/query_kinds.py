"""The kinds of rules that are queries: Scheduled, over the time of events, and NRT, over the time of their arrival.

https://learn.microsoft.com/azure/sentinel/near-real-time-rules
"""

from dataclasses import dataclass, replace
from time import perf_counter

from vedette.access.workspaces import Workspace
from vedette.core.durations import format_duration
from vedette.core.errors import VedetteError
from vedette.detect.alert import Alert
from vedette.detect.failures import failed
from vedette.detect.query_alerts import MAX_ALERTS, make_alerts
from vedette.detect.results import Results
from vedette.detect.rule import ScheduledRule, is_triggered, parse_nrt_rule, parse_rule
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import query_rule
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.logs.query_record import Caller
from vedette.logs.result import QueryResult
from vedette.logs.store import LogStore
from vedette.state.documents import Document

MAX_NRT_ALERTS = 30
"""https://learn.microsoft.com/azure/sentinel/near-real-time-rules#considerations"""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A query over `queryPeriod` before the end of each window."""

    logs: LogStore
    limits: Limits = DEFAULT_LIMITS
    name: str = "Scheduled"
    operation: str = "Scheduled analytics rule run"
    trigger: str = "Scheduled"
    by_arrival: bool = False

    def read(self, document: Document) -> ScheduledRule:
        """As `RuleKind.read`."""
        return parse_rule(document.body.get("properties", {}))

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`. The window takes in its start and leaves out its end: an event belongs to one of two
        adjoining windows, and one that arrives at the very instant of a run, after it, to the next."""
        return _evaluate(self.logs, self.limits, workspace, window, MAX_ALERTS)


@dataclass(frozen=True, slots=True)
class NearRealTime:
    """A query over what arrived since the last run, a minute before."""

    logs: LogStore
    limits: Limits = DEFAULT_LIMITS
    name: str = "NRT"
    operation: str = "NRT analytics rule run"
    trigger: str = "NrtRun"
    by_arrival: bool = True

    def read(self, document: Document) -> ScheduledRule:
        """As `RuleKind.read`."""
        return parse_nrt_rule(document.body.get("properties", {}))

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`. A row is in the window at whose time it was received, however old its event is."""
        evaluation = _evaluate(self.logs, self.limits, workspace, window, MAX_NRT_ALERTS)
        return replace(evaluation, alerts=[_near_real_time(alert) for alert in evaluation.alerts])


def _near_real_time(alert: Alert) -> Alert:
    """With the names that Sentinel's own NRT alerts have, unless the rule's columns say otherwise."""
    component = "NRT Alerts" if alert.component_name == "Scheduled Alerts" else alert.component_name
    provider = "ASI NRT Alerts" if alert.provider_name == "ASI Scheduled Alerts" else alert.provider_name
    return replace(alert, component_name=component, provider_name=provider)


def _evaluate(logs: LogStore, limits: Limits, workspace: Workspace, window: Window, most: int) -> Evaluation:
    rule, began = query_rule(window.rule), perf_counter()
    extended = _facts(rule)
    try:
        answer = _query(logs, limits, workspace, window, rule)
        rows = answer.rows()
    except VedetteError as error:
        return Evaluation(failure=failed(error), extended=extended)
    queried = perf_counter()
    results = Results({column.name: column.type for column in answer.columns}, rows)
    triggered = is_triggered(rule.trigger_operator, rule.trigger_threshold, len(rows))
    alerts = make_alerts(window, results, most) if triggered else []
    issues: list[str] = []
    if answer.truncated:
        issues.append(f"The query gave more than a run reads; {len(rows)} results were used.")
    stages = {"query": queried - began, "alerts": perf_counter() - queried}
    return Evaluation(len(rows), alerts, issues, extended=extended, stages=stages)


def _query(logs: LogStore, limits: Limits, workspace: Workspace, window: Window, rule: ScheduledRule) -> QueryResult:
    return logs.query(
        workspace.id,
        rule.query,
        timespan=(window.start, window.end),
        by_arrival=window.rule.by_arrival,
        limits=limits,
        now=window.end,
        caller=Caller("rule", rule.display_name),
        with_waiting=False,
    )


def _facts(rule: ScheduledRule) -> dict[str, object]:
    return {
        "SuppressionDuration": format_duration(rule.suppression_duration),
        "TriggerOperator": rule.trigger_operator.value,
        "TriggerThreshold": rule.trigger_threshold,
    }
