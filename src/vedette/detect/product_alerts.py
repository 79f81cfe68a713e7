"""The kind of rules that make incidents of the alerts of other products, MicrosoftSecurityIncidentCreation.

https://learn.microsoft.com/azure/sentinel/create-incidents-from-alerts, docs/rule-kinds.md
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import orjson
import structlog

from vedette.access.workspaces import Workspace
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.instants import arm_time
from vedette.detect.alert import MAX_DESCRIPTION, MAX_NAME, Alert
from vedette.detect.automation_notes import note_alert
from vedette.detect.entities import merged
from vedette.detect.entity_documents import ENTITY, put_alert
from vedette.detect.entity_json import read_entities
from vedette.detect.failures import failed
from vedette.detect.incident_of_alert import Filed, file_alert
from vedette.detect.mapped import Mapped
from vedette.detect.rule import IncidentConfiguration, Severity
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import TimedProperties
from vedette.detect.window_rows import window_rows
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.logs.store import LogStore
from vedette.logs.table_changes import text_literal
from vedette.state.documents import Document
from vedette.state.store import Transaction

EVERY: Final = timedelta(minutes=1)
PRODUCTS: Final[Mapping[str, tuple[str, ...]]] = {
    "Microsoft Cloud App Security": ("Microsoft Defender for Cloud Apps",),
    "Azure Security Center": ("Microsoft Defender for Cloud",),
    "Azure Advanced Threat Protection": ("Microsoft Defender for Identity",),
    "Azure Active Directory Identity Protection": ("Microsoft Entra ID Protection",),
    "Azure Security Center for IoT": ("Microsoft Defender for IoT",),
    "Office 365 Advanced Threat Protection": ("Microsoft Defender for Office 365",),
    "Microsoft Defender Advanced Threat Protection": ("Microsoft Defender for Endpoint",),
}
"""The products that a rule can name, each with the name that it has today and that its alerts may come with."""

_ALERTS_AT_ONCE: Final = 50  # in one transaction: about half a second, for which nobody else writes
_ID: Final = re.compile(r"[^/\x00-\x1f]{1,256}")
_QUERY: Final = "SecurityAlert | where ProductName in~ ({names}) | order by TimeGenerated asc"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ProductRule(TimedProperties):
    """Of which product's alerts incidents are made: those whose name has one of the texts, and none of those that leave
    it out, and that are of one of the severities; all of them where nothing is said."""

    product: str = ""
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    def takes(self, name: str, severity: Severity) -> bool:
        """Whether an incident is made of an alert."""
        folded = name.casefold()
        if self.names and not any(each.casefold() in folded for each in self.names):
            return False
        if any(each.casefold() in folded for each in self.excluded):
            return False
        return not self.severities or severity in self.severities


@dataclass(frozen=True, slots=True)
class ProductAlerts:
    """Every minute the alerts that arrived in SecurityAlert, whenever they are of."""

    logs: LogStore
    limits: Limits = DEFAULT_LIMITS
    name: str = "MicrosoftSecurityIncidentCreation"
    operation: str = "Microsoft security rule run"
    trigger: str = "Scheduled"
    by_arrival: bool = True

    def read(self, document: Document) -> ProductRule:
        """As `RuleKind.read`."""
        held = document.body.get("properties", {})
        product = next((each for each in PRODUCTS if each.lower() == str(held.get("productFilter")).lower()), None)
        if product is None:
            raise InvalidInput("BadRequest", f"'{held.get('productFilter')}' is no product of such a rule.")
        return ProductRule(
            display_name=str(held.get("displayName") or ""),
            enabled=held.get("enabled") is True,
            query_frequency=EVERY,
            query_period=EVERY,
            incident_configuration=IncidentConfiguration(),
            product=product,
            names=_texts(held.get("displayNamesFilter")),
            excluded=_texts(held.get("displayNamesExcludeFilter")),
            severities=tuple(_severity(each) for each in _texts(held.get("severitiesFilter"))),
        )

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`. The alerts are in the log already: what is kept are their documents and incidents."""
        rule = cast("ProductRule", window.rule.properties)
        names = ", ".join(text_literal(name) for name in (rule.product, *PRODUCTS[rule.product]))
        try:
            arrived = window_rows(self.logs, self.limits, workspace, window, _QUERY.format(names=names))
        except VedetteError as error:
            return Evaluation(failure=failed(error))
        rows = arrived.rows
        readable = [(row, alert) for row in rows if (alert := _read(row, window.rule.name)) is not None]
        pieces = [_Arrived(workspace, window, rule, piece).keep for piece in _pieces(readable)]
        issues = [f"More alerts arrived than a run reads; {len(rows)} were looked at."] if arrived.truncated else []
        if len(readable) < len(rows):
            issues.append(f"{len(rows) - len(readable)} rows are no alerts that can be kept; they were left out.")
        return Evaluation(len(rows), issues=issues, before=pieces)


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Rows of alerts that arrived in a window, as many as one transaction writes, each with its alert."""

    workspace: Workspace
    window: Window
    rule: ProductRule
    rows: Sequence[tuple[Mapping[str, Any], Alert]] = field(repr=False)

    def keep(self, transaction: Transaction, now: datetime) -> Sequence[Filed | None]:
        """An alert becomes a document, and an incident, once: it is known by its id. A later row says its status."""
        filed: list[Filed | None] = []
        for row, alert in self.rows:
            known = transaction.get(f"{self.workspace.resource_id}/providers/{ENTITY}/{alert.id}")
            if known is not None:
                _take_status(transaction, known, row)
            elif self.rule.takes(str(row["AlertName"] or row["DisplayName"] or ""), alert.severity):
                filed.append(self._file(transaction, alert, row, now))
        return filed

    def _file(self, transaction: Transaction, alert: Alert, row: Mapping[str, Any], now: datetime) -> Filed:
        document = put_alert(transaction, alert, self.workspace, now)
        properties = document.body["properties"] | _of_row(row)
        document = transaction.change(document, document.body | {"properties": properties})
        note_alert(transaction, self.workspace, document, self.window.rule.id, now)
        return file_alert(transaction, self.workspace, self.window.rule.id, None, alert, document, now)


def _pieces(rows: Sequence[tuple[Mapping[str, Any], Alert]]) -> Iterator[Sequence[tuple[Mapping[str, Any], Alert]]]:
    return (rows[first : first + _ALERTS_AT_ONCE] for first in range(0, len(rows), _ALERTS_AT_ONCE))


def _read(row: Mapping[str, Any], rule_name: str) -> Alert | None:
    """The alert that a row tells of; None for one that cannot be kept, which costs no other."""
    if not _ID.fullmatch(str(row["SystemAlertId"] or "")):
        return None
    try:
        return _alert(row, rule_name)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        log.warning("a product's alert cannot be read", alert=row["SystemAlertId"], exc_info=True)
        return None


def _alert(row: Mapping[str, Any], rule_name: str) -> Alert:
    """The alert that a product's row tells of."""
    instant = _utc(row["TimeGenerated"])
    entities = (entity for entity in read_entities(row["Entities"] or "[]") if entity is not None)
    name = str(row["DisplayName"] or row["AlertName"] or row["AlertType"] or "Alert")
    return Alert(
        id=str(row["SystemAlertId"]),
        rule_name=rule_name,
        display_name=name[:MAX_NAME],
        description=str(row["Description"] or "")[:MAX_DESCRIPTION],
        severity=_severity(row["AlertSeverity"]),
        start=_utc(row["StartTime"] or instant),
        end=_utc(row["EndTime"] or instant),
        tactics=_listed(row["Tactics"]),
        techniques=_listed(row["Techniques"]),
        sub_techniques=_listed(row["SubTechniques"]),
        mapped=Mapped(merged(entities)),
        extended=_extended(row["ExtendedProperties"]),
        product_name=str(row["ProductName"]),
        provider_name=str(row["ProviderName"] or ""),
        component_name=str(row["ProductComponentName"] or ""),
        vendor_name=str(row["VendorName"] or "Microsoft"),
        link=str(row["AlertLink"] or ""),
        extended_links=str(row["ExtendedLinks"] or ""),
        remediation_steps=_steps(row["RemediationSteps"]),
        confidence_level=str(row["ConfidenceLevel"] or ""),
        confidence_score=row["ConfidenceScore"],
    )


def _of_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the product itself says where an alert of a rule has something of the rule's."""
    told = {
        "alertType": row["AlertType"],
        "providerAlertId": row["VendorOriginalId"],
        "status": row["Status"],
        "compromisedEntity": row["CompromisedEntity"],
        "timeGenerated": arm_time(_utc(row["TimeGenerated"])),
    }
    return {name: value for name, value in told.items() if value}


def _take_status(transaction: Transaction, known: Document, row: Mapping[str, Any]) -> None:
    properties, status = known.body["properties"], row["Status"]
    if status and status != properties.get("status"):
        transaction.change(known, known.body | {"properties": properties | {"status": status}})


def _severity(value: object) -> Severity:
    return next((each for each in Severity if each.value.lower() == str(value).lower()), Severity.Informational)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[Any]", value)) if isinstance(value, list) else ()


def _listed(value: object) -> tuple[str, ...]:
    """The texts of a JSON array, or those between commas."""
    text = str(value or "")
    if text.startswith("["):
        try:
            return tuple(str(each) for each in orjson.loads(text) if each)
        except orjson.JSONDecodeError:
            return ()
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _steps(value: object) -> str:
    """Steps of a JSON array, a line each; any other text as it is."""
    text = str(value or "")
    return "\n".join(_listed(text)) if text.startswith("[") else text


def _extended(value: object) -> dict[str, str]:
    try:
        read: Any = orjson.loads(str(value)) if value else {}
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(read, dict):
        return {}
    fields = cast("dict[str, Any]", read)
    return {name: each if isinstance(each, str) else orjson.dumps(each).decode() for name, each in fields.items()}


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
