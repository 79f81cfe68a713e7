"""The kind of rule that finds what is unusual for a user or a machine, MLBehaviorAnalytics.

Every hour the last hour is held against the fourteen days before it, by the model of the rule's template; what stands
out is a row in Anomalies and an alert. The models, and their thresholds, are told in docs/rule-kinds.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from vedette.access.workspaces import Workspace
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.ids import derived_id
from vedette.detect.alert import MAX_DESCRIPTION, MAX_NAME, Alert, json_text
from vedette.detect.anomaly_models import HOUR, MODELS, Model
from vedette.detect.entity import Entity, entity_of
from vedette.detect.entity_json import entities_json
from vedette.detect.failures import failed
from vedette.detect.incident_of_alert import Filed
from vedette.detect.mapped import Mapped
from vedette.detect.rule import Severity
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import TimedProperties
from vedette.detect.window_rows import window_rows
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.logs.store import LogStore
from vedette.state.documents import Document
from vedette.state.store import Transaction

HISTORY: Final = timedelta(days=14)
MOST: Final = 50
COMPONENT: Final = "ML Behavior Analytics"
_MOST_THRESHOLD: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class BehaviorRule(TimedProperties):
    """The model of a rule, and what its own thresholds are."""

    template: str = ""
    severity: Severity = Severity.Medium
    threshold: float = 0.0
    least: int = 0

    @property
    def model(self) -> Model:
        """The model of its template."""
        return MODELS[self.template]


@dataclass(frozen=True, slots=True)
class BehaviorAnalytics:
    """Every hour over that hour and fourteen days before it."""

    logs: LogStore
    limits: Limits = DEFAULT_LIMITS
    name: str = "MLBehaviorAnalytics"
    operation: str = "ML behavior analytics rule run"
    trigger: str = "Scheduled"
    by_arrival: bool = False

    def read(self, document: Document) -> BehaviorRule:
        """As `RuleKind.read`. `anomalySettings` of the rule may have a `threshold` and a `minimumHistory`."""
        held: dict[str, Any] = document.body.get("properties", {})
        template = str(held.get("alertRuleTemplateName") or "").lower()
        if template not in MODELS:
            raise InvalidInput("BadRequest", f"There is no model for the template '{template[:60]}'.")
        model: Model = MODELS[template]
        settings: object = held.get("anomalySettings") or None
        severity = next((each for each in Severity if each.value == held.get("severity")), Severity.Medium)
        return BehaviorRule(
            display_name=str(held.get("displayName") or model.name),
            enabled=held.get("enabled") is True,
            query_frequency=HOUR,
            query_period=HOUR + HISTORY,
            template=template,
            severity=severity,
            threshold=_number(settings, "threshold", model.threshold),
            least=round(_number(settings, "minimumHistory", model.least)),
        )

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`."""
        rule = cast("BehaviorRule", window.rule.properties)
        try:
            rows = window_rows(
                self.logs, self.limits, workspace, window, rule.model.text(window, rule.threshold, rule.least, MOST)
            ).rows
        except VedetteError as error:
            return Evaluation(failure=failed(error))
        alerts = [_alert(window, rule, row) for row in rows]
        issues = (
            [f"More was unusual than a run tells of; the {MOST} most unusual are told."] if len(rows) == MOST else []
        )
        anomalies = _Anomalies(workspace, window, rule, list(zip(alerts, rows, strict=True)))
        return Evaluation(len(rows), alerts, issues, keep=anomalies.keep)


@dataclass(frozen=True, slots=True)
class _Anomalies:
    """What was unusual, each with its alert."""

    workspace: Workspace
    window: Window
    rule: BehaviorRule
    found: Sequence[tuple[Alert, Mapping[str, Any]]]

    def keep(self, transaction: Transaction, now: datetime) -> Sequence[Filed | None]:
        """A row in Anomalies for each: https://learn.microsoft.com/azure/azure-monitor/reference/tables/anomalies."""
        for alert, row in self.found:
            transaction.emit(self.workspace.id, "Anomalies", self._row(alert, row, now))
        return ()

    def _row(self, alert: Alert, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        model, subject = self.rule.model, str(row["Subject"])
        is_account = model.subject[0] == "Account"
        return {
            "TimeGenerated": now,
            "Id": derived_id("anomaly", alert.id),
            "WorkspaceId": self.workspace.id,
            "VendorName": "Microsoft",
            "AnomalyTemplateId": self.rule.template,
            "AnomalyTemplateName": model.name,
            "AnomalyTemplateVersion": "1.0",
            "RuleId": self.window.rule.name,
            "RuleName": self.rule.display_name,
            "RuleStatus": "Production",
            "RuleConfigVersion": "1.0",
            "Score": round(float(row["Score"]), 4),
            "Description": alert.description,
            "AnomalyReasons": [{"Name": model.name, "Value": alert.description}],
            "AnomalyDetails": {"Count": row["Count"], "Usual": row["Usual"], "Threshold": self.rule.threshold},
            "StartTime": alert.start,
            "EndTime": alert.end,
            "Tactics": ", ".join(model.tactics),
            "Techniques": ", ".join(model.techniques),
            "UserPrincipalName": subject if is_account and "@" in subject else "",
            "UserName": subject.partition("@")[0] if is_account else "",
            "SourceIpAddress": str(row["Value"]) if model.value else "" if is_account else subject,
            "Entities": entities_json(alert.entities),
            "ExtendedProperties": {"SystemAlertId": alert.id},
        }


def _alert(window: Window, rule: BehaviorRule, row: Mapping[str, Any]) -> Alert:
    model, subject, value = rule.model, str(row["Subject"]), str(row["Value"] or "")
    told = model.told.format(subject=subject, value=value, count=row["Count"], usual=row["Usual"])
    return Alert(
        id=derived_id("anomaly alert", *window.identity, subject, value),
        rule_name=window.rule.name,
        display_name=f"{model.name}: {subject}"[:MAX_NAME],
        description=told[:MAX_DESCRIPTION],
        severity=rule.severity,
        start=_utc(row["First"]),
        end=_utc(row["Last"]),
        tactics=model.tactics,
        techniques=model.techniques,
        mapped=Mapped(tuple(_entities(model, subject, value))),
        extended={
            "Analytic Rule Ids": json_text([window.rule.name]),
            "Analytic Rule Name": rule.display_name,
            "Score": f"{float(row['Score']):.4f}",
            "Threshold": f"{rule.threshold:g}",
            "Usual": str(row["Usual"]),
        },
        provider_name="ASI ML Behavior Analytics",
        component_name=COMPONENT,
    )


def _entities(model: Model, subject: str, value: str) -> list[Entity]:
    named = [(model.subject, subject), *([(model.value, value)] if model.value else [])]
    found = (entity_of(kind, [(identifier, text)]) for (kind, identifier), text in named)
    return [entity for entity in found if entity is not None]


def check_settings(settings: object) -> None:
    """Return if these are thresholds of a model. Raises InvalidInput."""
    for name in ("threshold", "minimumHistory"):
        _number(settings, name, 1.0)


def _number(settings: object, name: str, usual: float) -> float:
    if settings is None:
        return usual
    if not isinstance(settings, dict):
        raise InvalidInput("BadRequest", "'properties.anomalySettings' has 'threshold' and 'minimumHistory'.")
    value = cast("dict[str, Any]", settings).get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST_THRESHOLD:
        raise InvalidInput("BadRequest", f"'properties.anomalySettings.{name}' must be a number above 0.")
    return float(value)


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
