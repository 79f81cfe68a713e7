"""A run's results in; its alerts out, as SecurityAlert rows and as the documents that the management API shows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson

from vedette.access.workspaces import Workspace
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.entities import Entity, Mapped, entities_json, map_entities
from vedette.detect.results import Results, distinct, text_of
from vedette.detect.rule import AlertProperty, EventGrouping, ScheduledRule, Severity, Tactic
from vedette.detect.schedule import Window
from vedette.kql.literals import format_datetime, format_timespan
from vedette.kql.types import ScalarType

ALERT_KIND = "SecurityAlert"
PRODUCT_NAME = "Azure Sentinel"

MAX_ALERTS = 150
MAX_CUSTOM_DETAIL_VALUES = 50
MAX_CUSTOM_DETAIL_BYTES = 4096
MAX_NAME = 256
MAX_DESCRIPTION = 5000

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: what its rule says of it, and what its results say instead or besides.

    `id` is derived from the rule, the window and the alert's place in it, so that a run repeated after a crash gives
    the same alerts. `start` and `end` are the first and the last TimeGenerated of the results, or the window's bounds
    when the query drops that column. `results` is the number of results of the whole run.
    """

    id: str
    display_name: str
    description: str
    severity: Severity
    tactics: tuple[str, ...]
    techniques: tuple[str, ...]
    sub_techniques: tuple[str, ...]
    start: datetime
    end: datetime
    mapped: Mapped
    custom_details: Mapping[str, Sequence[str]]
    overrides: Mapping[AlertProperty, str]
    results: int

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities of its results."""
        return self.mapped.entities


def make_alerts(window: Window, results: Results) -> list[Alert]:
    """The alerts of a run that was triggered.

    One for all results, or one for each; of more than 150 the last one stands for all results together.
    """
    parts = [results]
    if window.rule.properties.event_grouping_settings.aggregation_kind is EventGrouping.AlertPerResult:
        single = len(results.rows) <= MAX_ALERTS
        parts = [results.of([row]) for row in results.rows[: MAX_ALERTS if single else MAX_ALERTS - 1]]
        parts += [] if single else [results]
    return [_alert(window, part, number, len(results.rows)) for number, part in enumerate(parts)]


def alert_row(alert: Alert, window: Window, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """The alert's row in SecurityAlert, with the columns that Sentinel's own scheduled rules fill.

    https://learn.microsoft.com/azure/sentinel/security-alert-schema
    """
    return {
        "TimeGenerated": now,
        "AlertLink": alert.overrides.get(AlertProperty.AlertLink, ""),
        "AlertName": alert.display_name,
        "AlertSeverity": alert.severity.value,
        "AlertType": alert_type(window, workspace),
        "ConfidenceLevel": alert.overrides.get(AlertProperty.ConfidenceLevel, ""),
        "ConfidenceScore": _number(alert.overrides.get(AlertProperty.ConfidenceScore, "")),
        "Description": alert.description,
        "DisplayName": alert.display_name,
        "EndTime": alert.end,
        "Entities": _json_text(entities_json(alert.entities)) if alert.entities else "",
        "ExtendedLinks": alert.overrides.get(AlertProperty.ExtendedLinks, ""),
        "ExtendedProperties": _json_text(_extended_properties(alert, window)),
        "IsIncident": False,
        "ProcessingEndTime": now,
        "ProductComponentName": alert.overrides.get(AlertProperty.ProductComponentName, "Scheduled Alerts"),
        "ProductName": product_name(alert),
        "ProviderName": provider_name(alert),
        "RemediationSteps": alert.overrides.get(AlertProperty.RemediationSteps, ""),
        "SourceSystem": "Detection",
        "StartTime": alert.start,
        "Status": "New",
        "SubTechniques": _json_text(alert.sub_techniques) if alert.sub_techniques else "",
        "SystemAlertId": alert.id,
        "Tactics": ", ".join(alert.tactics),
        "Techniques": _json_text(alert.techniques) if alert.techniques else "",
        "VendorName": "Microsoft",
        "VendorOriginalId": derived_id("vendor", alert.id),
        "WorkspaceResourceGroup": resource_group(workspace),
        "WorkspaceSubscriptionId": subscription_id(workspace),
    }


def alert_properties(alert: Alert, window: Window, workspace: Workspace, now: datetime) -> dict[str, Any]:
    """The alert's properties as an ARM resource of type entities and kind SecurityAlert.

    https://learn.microsoft.com/rest/api/securityinsights/incidents/list-alerts
    """
    properties: dict[str, Any] = {
        "systemAlertId": alert.id,
        "alertDisplayName": alert.display_name,
        "friendlyName": alert.display_name,
        "description": alert.description,
        "severity": alert.severity.value,
        "status": "New",
        "tactics": list(alert.tactics),
        "alertType": alert_type(window, workspace),
        "confidenceLevel": alert.overrides.get(AlertProperty.ConfidenceLevel) or "Unknown",
        "vendorName": "Microsoft",
        "productName": product_name(alert),
        "productComponentName": alert.overrides.get(AlertProperty.ProductComponentName, "Scheduled Alerts"),
        "providerAlertId": derived_id("vendor", alert.id),
        "startTimeUtc": arm_time(alert.start),
        "endTimeUtc": arm_time(alert.end),
        "timeGenerated": arm_time(now),
        "processingEndTime": arm_time(now),
        "resourceIdentifiers": [
            {
                "type": "LogAnalytics",
                "workspaceId": workspace.id,
                "subscriptionId": subscription_id(workspace),
                "resourceGroup": resource_group(workspace),
            }
        ],
        "additionalData": _extended_properties(alert, window) | {"Techniques": _json_text(alert.techniques)},
    }
    if AlertProperty.AlertLink in alert.overrides:
        properties["alertLink"] = alert.overrides[AlertProperty.AlertLink]
    if AlertProperty.RemediationSteps in alert.overrides:
        properties["remediationSteps"] = [alert.overrides[AlertProperty.RemediationSteps]]
    return properties


def product_name(alert: Alert) -> str:
    """The product that the alert comes from."""
    return alert.overrides.get(AlertProperty.ProductName, PRODUCT_NAME)


def provider_name(alert: Alert) -> str:
    """The provider that the alert comes from."""
    return alert.overrides.get(AlertProperty.ProviderName, "ASI Scheduled Alerts")


def alert_type(window: Window, workspace: Workspace) -> str:
    """What all alerts of a rule have in common: the workspace's GUID and the rule's name."""
    return f"{workspace.id}_{window.rule.name}"


def subscription_id(workspace: Workspace) -> str:
    """The subscription in the workspace's ARM id."""
    return workspace.resource_id.split("/")[2]


def resource_group(workspace: Workspace) -> str:
    """The resource group in the workspace's ARM id."""
    return workspace.resource_id.split("/")[4]


def _alert(window: Window, results: Results, number: int, total: int) -> Alert:
    rule = window.rule.properties
    first = _FirstResult(results)
    override = rule.alert_details_override
    overrides = dict(_overrides(rule, first))
    start, end = _activity(window, results)
    return Alert(
        id=derived_id("alert", *window.identity, str(number)),
        display_name=first.fill(override.alert_display_name_format, rule.display_name)[:MAX_NAME],
        description=first.fill(override.alert_description_format, rule.description)[:MAX_DESCRIPTION],
        severity=_severity(rule, first),
        tactics=_tactics(rule, first),
        techniques=_listed(overrides.get(AlertProperty.Techniques, "")) or rule.techniques,
        sub_techniques=_listed(overrides.get(AlertProperty.SubTechniques, "")) or rule.sub_techniques,
        start=start,
        end=end,
        mapped=map_entities(rule, results),
        custom_details=_custom_details(rule, results),
        overrides=overrides,
        results=total,
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
        if not form or not all(self[column] for column in _PLACEHOLDER.findall(form)):
            return default
        return _PLACEHOLDER.sub(lambda match: self[match[1]], form)


def _overrides(rule: ScheduledRule, first: _FirstResult) -> Iterator[tuple[AlertProperty, str]]:
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
    """The distinct values of each detail's column: at most 50 of a detail, and 4 KB in all."""
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


def _extended_properties(alert: Alert, window: Window) -> dict[str, str]:
    """Every value is text, as in Sentinel's own rows."""
    rule = window.rule.properties
    properties = {
        "Analytic Rule Ids": _json_text([window.rule.name]),
        "Analytic Rule Name": rule.display_name,
        "Query": rule.query,
        "Query Period": format_timespan(rule.query_period // timedelta(microseconds=1) * 10),
        "Query Start Time UTC": format_datetime(window.start),
        "Query End Time UTC": format_datetime(window.end),
        "Trigger Operator": re.sub(r"(?<!^)(?=[A-Z])", " ", rule.trigger_operator.value),
        "Trigger Threshold": str(rule.trigger_threshold),
        "Event Grouping": rule.event_grouping_settings.aggregation_kind.value,
        "Search Query Results Overall Count": str(alert.results),
    }
    if alert.custom_details:
        properties["Custom Details"] = _json_text(alert.custom_details)
    return properties


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
