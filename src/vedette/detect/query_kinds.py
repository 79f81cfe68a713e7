"""The kinds of rules that are queries: Scheduled, over the time of events, and NRT, over the time of their arrival.

https://learn.microsoft.com/azure/sentinel/near-real-time-rules
"""

from dataclasses import dataclass, replace
from datetime import datetime
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
from vedette.detect.stored_rule import StoredRule, query_rule
from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.logs.query_record import Caller
from vedette.logs.result import QueryResult
from vedette.logs.row_by_row import is_row_by_row, tables_read
from vedette.logs.store import LogStore
from vedette.state.documents import Document

MAX_NRT_ALERTS = 30
"""https://learn.microsoft.com/azure/sentinel/near-real-time-rules#considerations"""


@dataclass(frozen=True, slots=True)
class QueryKind:
    """What the kinds have in common: each run is a query, whose results are judged by the rule. Of a `cancellation` all
    runs are ended together."""

    logs: LogStore
    limits: Limits = DEFAULT_LIMITS
    cancellation: Cancellation | None = None

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`."""
        rule, began = query_rule(window.rule), perf_counter()
        try:
            answer = self._query(workspace, window, rule)
            rows = answer.rows()
        except VedetteError as error:
            return Evaluation(failure=failed(error), extended=_facts(rule))
        queried = perf_counter()
        results = Results({column.name: column.type for column in answer.columns}, rows)
        run = self.judge(window, results)
        stages = {"query": queried - began, "alerts": perf_counter() - queried}
        issues = [f"The query gave more than a run reads; {len(rows)} results were used."] if answer.truncated else []
        return replace(run, issues=issues, stages=stages)

    def judge(self, window: Window, results: Results) -> Evaluation:
        """What a run found that has these results."""
        return judged(window, results, MAX_ALERTS)

    def _query(self, workspace: Workspace, window: Window, rule: ScheduledRule) -> QueryResult:
        return self.logs.query(
            workspace.id,
            rule.query,
            timespan=(window.start, window.end),
            by_arrival=window.rule.by_arrival,
            limits=self.limits,
            now=window.end,
            cancellation=self.cancellation,
            caller=Caller("rule", rule.display_name),
            with_waiting=False,
        )


@dataclass(frozen=True, slots=True)
class Scheduled(QueryKind):
    """A query over `queryPeriod` before the end of each window, which takes in its start and leaves out its end: an
    event belongs to one of two adjoining windows, and one that arrives at the very instant of a run to the next."""

    name: str = "Scheduled"
    operation: str = "Scheduled analytics rule run"
    trigger: str = "Scheduled"
    by_arrival: bool = False

    def read(self, document: Document) -> ScheduledRule:
        """As `RuleKind.read`."""
        return parse_rule(document.body.get("properties", {}))


@dataclass(frozen=True, slots=True)
class NearRealTime(QueryKind):
    """A query over what arrived since the last run, a minute before: a row is in the window at whose time it was
    received, however old its event is."""

    name: str = "NRT"
    operation: str = "NRT analytics rule run"
    trigger: str = "NrtRun"
    by_arrival: bool = True

    def read(self, document: Document) -> ScheduledRule:
        """As `RuleKind.read`."""
        return parse_nrt_rule(document.body.get("properties", {}))

    def watched(self, workspace: Workspace, rule: StoredRule, now: datetime) -> frozenset[str]:
        """The tables on whose rows a run need not wait for its minute to end, by their lower-cased names: those of a
        query that looks at each row for itself, so that it finds in parts of a minute what it finds in all of it."""
        query, period = query_rule(rule), rule.properties.query_period
        try:
            compiled = self.logs.compiled(workspace.id, query.query, timespan=(now - period, now), now=now)
        except VedetteError:
            return frozenset()
        return tables_read(compiled.plan) if is_row_by_row(compiled.plan) else frozenset()

    def judge(self, window: Window, results: Results) -> Evaluation:
        """As `QueryKind.judge`."""
        run = judged(window, results, MAX_NRT_ALERTS)
        return replace(run, alerts=[_near_real_time(alert) for alert in run.alerts])


def judged(window: Window, results: Results, most: int) -> Evaluation:
    """What a run found that has these results; at most so many alerts."""
    rule, count = query_rule(window.rule), len(results.rows)
    triggered = is_triggered(rule.trigger_operator, rule.trigger_threshold, count)
    return Evaluation(count, make_alerts(window, results, most) if triggered else [], extended=_facts(rule))


def _near_real_time(alert: Alert) -> Alert:
    """With the names that Sentinel's own NRT alerts have, unless the rule's columns say otherwise."""
    component = "NRT Alerts" if alert.component_name == "Scheduled Alerts" else alert.component_name
    provider = "ASI NRT Alerts" if alert.provider_name == "ASI Scheduled Alerts" else alert.provider_name
    return replace(alert, component_name=component, provider_name=provider)


def _facts(rule: ScheduledRule) -> dict[str, object]:
    """https://learn.microsoft.com/azure/sentinel/health-table-reference"""
    return {
        "AggregationKind": rule.event_grouping_settings.aggregation_kind.value,
        "SuppressionDuration": format_duration(rule.suppression_duration),
        "SuppressionEnabled": rule.suppression_enabled,
        "TriggerOperator": rule.trigger_operator.value,
        "TriggerThreshold": rule.trigger_threshold,
    }
