"""The results of a rule's query in; its alerts out."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson

from vedette.core.ids import derived_id
from vedette.detect.alert import MAX_DESCRIPTION, MAX_NAME, PRODUCT_NAME, Alert, json_text
from vedette.detect.entities import map_entities
from vedette.detect.event_query import query_of_event
from vedette.detect.health import run_id
from vedette.detect.results import Results, distinct, text_of
from vedette.detect.rule import PLACEHOLDER, AlertProperty, EventGrouping, ScheduledRule, Severity, Tactic
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import query_rule
from vedette.kql.literals import format_datetime, format_timespan
from vedette.kql.types import ScalarType

MAX_ALERTS = 150
MAX_CUSTOM_DETAIL_VALUES = 50
MAX_CUSTOM_DETAIL_BYTES = 64 * 1024
"""Of all details together: https://learn.microsoft.com/azure/sentinel/surface-custom-details-in-alerts"""

_TICK = timedelta(microseconds=1)
_AS_OF = "// now() is the instant at which the rule ran and raised this alert.\nset query_now = datetime({instant});\n"


def make_alerts(window: Window, results: Results, most: int = MAX_ALERTS) -> list[Alert]:
    """The alerts of a run that was triggered; the first and last activity of each are the bounds of its results'
    TimeGenerated, or the window's when the query drops that column.

    One for all results, or one for each; of more than `most` the last one stands for all results together.
    """
    total = len(results.rows)
    if query_rule(window.rule).event_grouping_settings.aggregation_kind is not EventGrouping.AlertPerResult:
        return [_alert(window, results, 0, total, single=True)]
    enough = total <= most
    rows = results.rows[: most if enough else most - 1]
    alerts = [_alert(window, results.of([row]), number, total, single=False) for number, row in enumerate(rows)]
    return alerts if enough else [*alerts, _alert(window, results, len(alerts), total, single=True)]


def _alert(window: Window, results: Results, number: int, total: int, *, single: bool) -> Alert:
    rule = query_rule(window.rule)
    first = _FirstResult(results)
    override = rule.alert_details_override
    given = dict(_given(rule, first))
    start, end = _activity(window, results)
    return Alert(
        id=derived_id("alert", *window.identity, str(number)),
        rule_name=window.rule.name,
        display_name=first.fill(override.alert_display_name_format, rule.display_name)[:MAX_NAME],
        description=first.fill(override.alert_description_format, rule.description)[:MAX_DESCRIPTION],
        severity=_severity(rule, first),
        tactics=_tactics(rule, first),
        techniques=_listed(given.get(AlertProperty.Techniques, "")) or rule.techniques,
        sub_techniques=_listed(given.get(AlertProperty.SubTechniques, "")) or rule.sub_techniques,
        start=start,
        end=end,
        mapped=map_entities(rule, results),
        custom_details=_custom_details(rule, results),
        extended=_extended(window, results, total, single=single),
        product_name=given.get(AlertProperty.ProductName, PRODUCT_NAME),
        provider_name=given.get(AlertProperty.ProviderName, "ASI Scheduled Alerts"),
        component_name=given.get(AlertProperty.ProductComponentName, "Scheduled Alerts"),
        link=given.get(AlertProperty.AlertLink, ""),
        extended_links=given.get(AlertProperty.ExtendedLinks, ""),
        remediation_steps=given.get(AlertProperty.RemediationSteps, ""),
        confidence_level=given.get(AlertProperty.ConfidenceLevel, ""),
        confidence_score=_number(given.get(AlertProperty.ConfidenceScore, "")),
    )


class _FirstResult:
    """The values of the first result as text, by column; empty where there is no result or no such column."""

    def __init__(self, results: Results) -> None:
        row = results.rows[0] if results.rows else [None] * len(results.columns)
        self._texts = {
            name: text_of(value, type) for (name, type), value in zip(results.columns.items(), row, strict=True)
        }

    def __getitem__(self, column: str | None) -> str:
        return self._texts.get(column or "", "")

    def fill(self, form: str | None, default: str) -> str:
        """The format with its columns filled in; the default when there is no format or one of them is empty."""
        if not form or not all(self[column] for column in PLACEHOLDER.findall(form)):
            return default
        return PLACEHOLDER.sub(lambda match: self[match[1]], form)


def _given(rule: ScheduledRule, first: _FirstResult) -> Iterator[tuple[AlertProperty, str]]:
    for each in rule.alert_details_override.alert_dynamic_properties:
        text = first[each.value]
        if text:
            yield each.alert_property, text


def _severity(rule: ScheduledRule, first: _FirstResult) -> Severity:
    given = first[rule.alert_details_override.alert_severity_column_name].lower()
    return next((severity for severity in Severity if severity.value.lower() == given), rule.severity)


def _tactics(rule: ScheduledRule, first: _FirstResult) -> tuple[str, ...]:
    given = {text.lower() for text in _listed(first[rule.alert_details_override.alert_tactics_column_name])}
    named = tuple(tactic.value for tactic in Tactic if tactic.value.lower() in given)
    return named or tuple(tactic.value for tactic in rule.tactics)


def _listed(text: str) -> tuple[str, ...]:
    """The texts of a JSON array, or those between commas."""
    if text.startswith("["):
        try:
            items = orjson.loads(text)
        except orjson.JSONDecodeError:
            return ()
        return tuple(str(item) for item in items if item)
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _activity(window: Window, results: Results) -> tuple[datetime, datetime]:
    if results.columns.get("TimeGenerated") is not ScalarType.datetime:
        return window.start, window.end
    instants = [_aware(instant) for instant in results.column("TimeGenerated") if instant is not None]
    return (min(instants), max(instants)) if instants else (window.start, window.end)


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _custom_details(rule: ScheduledRule, results: Results) -> dict[str, list[str]]:
    """The distinct values of each detail's column: at most 50 of a detail, and 64 KB in all."""
    details: dict[str, list[str]] = {}
    room = MAX_CUSTOM_DETAIL_BYTES
    for name, column in rule.custom_details.items():
        kept: list[str] = []
        for text in distinct(_detail_texts(results, column), MAX_CUSTOM_DETAIL_VALUES):
            room -= len(text.encode())
            if room < 0:
                break
            kept.append(text)
        if kept:
            details[name] = kept
    return details


def _detail_texts(results: Results, column: str) -> Iterable[str]:
    """A column's texts; an array in it counts as its items."""
    for value in results.column(column):
        items = cast("list[Any]", value) if isinstance(value, list) else [value]
        for item in items:
            text = text_of(item, ScalarType.dynamic if isinstance(value, list) else results.columns[column])
            if text:
                yield text


def _extended(window: Window, results: Results, total: int, *, single: bool) -> dict[str, str]:
    """What Sentinel's own rows say of the rule and the run, in their order and words."""
    rule = query_rule(window.rule)
    start, end = _bounds(window, results)
    repeated = _AS_OF.format(instant=format_datetime(window.end)) + rule.query
    query = {"Query": repeated} if single else {"Query": query_of_event(results), "OriginalQuery": repeated}
    return {
        "Query Period": format_timespan(rule.query_period // timedelta(microseconds=1) * 10),
        "Trigger Operator": rule.trigger_operator.value,
        "Trigger Threshold": str(rule.trigger_threshold),
        "Correlation Id": run_id(window),
        "Search Query Results Overall Count": str(total),
        "Data Sources": json_text([window.rule.workspace_id.rpartition("/")[2]]),
        **query,
        "Query Start Time UTC": _second(start),
        "Query End Time UTC": _second(end),
        "Analytic Rule Ids": json_text([window.rule.name]),
        "Event Grouping": "SingleAlert" if single else "AlertPerEvent",
        "Analytic Rule Name": rule.display_name,
        "ProcessedBySentinel": "True",
        "Alert generation status": "Full alert created",
    }


def _bounds(window: Window, results: Results) -> tuple[datetime, datetime]:
    """The window; where that is of arrival, widened to the time of the events, so that the query finds them again."""
    if not window.rule.by_arrival:
        return window.start, window.end
    first, last = _activity(window, results)
    return min(window.start, first), max(window.end, last + _TICK)


def _second(instant: datetime) -> str:
    """`2024-05-01 12:00:00Z`; an instant within a second keeps its digits, or its window would be another."""
    return format_datetime(instant) if instant.microsecond else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
