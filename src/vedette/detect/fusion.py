"""The kind of rule that correlates alerts of all products into attacks of several stages, Fusion.

https://learn.microsoft.com/azure/sentinel/fusion names the idea; what is done here is told in docs/rule-kinds.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from vedette.access.workspaces import Workspace
from vedette.core.errors import VedetteError
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.detect.alert import MAX_DESCRIPTION, MAX_NAME, Alert, json_text
from vedette.detect.attack_chains import Chain, Step, attack_chains
from vedette.detect.entities import merged
from vedette.detect.entity import Entity
from vedette.detect.entity_documents import ENTITY, ENTITY_RELATION
from vedette.detect.entity_json import read_entities
from vedette.detect.failures import failed
from vedette.detect.incident_of_alert import Filed
from vedette.detect.incidents import INCIDENT, MAX_ALERTS, RELATION, change_incident
from vedette.detect.mapped import Mapped
from vedette.detect.relations import related_documents
from vedette.detect.rule import GroupingConfiguration, IncidentConfiguration, MatchingMethod, Severity
from vedette.detect.rule_kind import Evaluation
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import TimedProperties
from vedette.detect.window_rows import window_rows
from vedette.engine.limits import DEFAULT_LIMITS, Limits
from vedette.logs.store import LogStore
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

EVERY: Final = timedelta(minutes=5)
LOOKBACK: Final = timedelta(days=7)
MOST: Final = 1000
COMPONENT: Final = "Fusion"
CONNECTING: Final = frozenset({"Account", "Host", "IP", "URL", "DNS", "FileHash", "Mailbox", "AzureResource"})
"""The kinds of entity that connect alerts: those that one attack has and others have not."""

_CHAIN: Final = "Attack"
_QUERY: Final = f"""SecurityAlert
| summarize arg_max(TimeGenerated, *) by SystemAlertId
| where ProductComponentName != '{COMPONENT}' and Status !in~ ('Dismissed') and isnotempty(Entities)
| top {MOST} by StartTime desc
| project SystemAlertId, AlertName, DisplayName, AlertSeverity, ProductName, ProductComponentName, StartTime, EndTime,
    TimeGenerated, Tactics, Entities"""
_GROUPED: Final = IncidentConfiguration(
    grouping_configuration=GroupingConfiguration(
        enabled=True,
        reopen_closed_incident=False,
        lookback_duration=LOOKBACK,
        matching_method=MatchingMethod.Selected,
        group_by_custom_details=(_CHAIN,),
    )
)


@dataclass(frozen=True, slots=True)
class FusionRule(TimedProperties):
    """Which alerts it looks at: not those of `sources` that are off, of a severity that is off there, or whose names
    have one of the `excluded` texts. A source is given as its folded name and the severities that it leaves out, all of
    them where it is off."""

    sources: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    excluded: tuple[str, ...] = ()

    def takes(self, product: str, component: str, severity: str, name: str) -> bool:
        """Whether an alert counts."""
        if any(each.casefold() in name.casefold() for each in self.excluded):
            return False
        return not any(severity.lower() in left_out for left_out in self._left_out(product, component))

    def _left_out(self, product: str, component: str) -> list[frozenset[str]]:
        """What the settings of its source leave out; Sentinel's own rules are sources by the way they find."""
        names = {product.lower()}
        if component in _WAYS:
            names = {source for source in self.sources if _WAYS[component] in source}
        return [self.sources[name] for name in names if name in self.sources]


_WAYS: Final = {"Scheduled Alerts": "scheduled", "NRT Alerts": "nrt"}
_SEVERITIES: Final = frozenset(each.value.lower() for each in Severity)


@dataclass(frozen=True, slots=True)
class Fusion:
    """Every five minutes over the alerts of the last seven days."""

    logs: LogStore
    state: StateStore
    limits: Limits = DEFAULT_LIMITS
    name: str = "Fusion"
    operation: str = "Fusion rule run"
    trigger: str = "Scheduled"
    by_arrival: bool = False

    def read(self, document: Document) -> FusionRule:
        """As `RuleKind.read`."""
        held = document.body.get("properties", {})
        patterns = cast("list[dict[str, Any]]", held.get("scenarioExclusionPatterns") or [])
        return FusionRule(
            display_name=str(held.get("displayName") or self.name),
            enabled=held.get("enabled") is True,
            query_frequency=EVERY,
            query_period=LOOKBACK,
            incident_configuration=_GROUPED,
            sources=_sources(cast("list[dict[str, Any]]", held.get("sourceSettings") or [])),
            excluded=tuple(str(each["exclusionPattern"]) for each in patterns if each.get("exclusionPattern")),
        )

    def evaluate(self, workspace: Workspace, window: Window) -> Evaluation:
        """As `RuleKind.evaluate`. A chain that was told of is told of again when it has come to another stage."""
        rule = cast("FusionRule", window.rule.properties)
        try:
            rows = window_rows(self.logs, self.limits, workspace, window, _QUERY).rows
        except VedetteError as error:
            return Evaluation(failure=failed(error))
        entities = {str(row["SystemAlertId"]): _entities(row) for row in rows}
        steps = [_step(row, entities[str(row["SystemAlertId"])]) for row in rows if _is_taken(rule, row)]
        chains = attack_chains(steps)
        alerts = [_alert(window, chain, entities) for chain in chains]
        is_new = [self.state.get(_document_id(workspace, alert.id)) is None for alert in alerts]
        new = [(alert, chain) for alert, chain, new in zip(alerts, chains, is_new, strict=True) if new]
        issues = (
            [f"There are more alerts than a run reads; the last {MOST} were looked at."] if len(rows) == MOST else []
        )
        return Evaluation(
            len(chains),
            [alert for alert, _ in new],
            issues,
            keep=_Constituents(workspace, [(alert.id, chain) for alert, chain in new]).keep,
        )


@dataclass(frozen=True, slots=True)
class _Constituents:
    """The chains that alerts tell of, by the alerts' ids: their alerts join the incidents."""

    workspace: Workspace
    chains: Sequence[tuple[str, Chain]]

    def keep(self, transaction: Transaction, now: datetime) -> Sequence[Filed | None]:
        """Relate each incident to those alerts of its chain that have documents."""
        filed: list[Filed | None] = []
        for id, chain in self.chains:
            related = related_documents(transaction, _document_id(self.workspace, id), ENTITY_RELATION)
            incident = next((each for each in related if each.type == INCIDENT), None)
            if incident is None:
                continue
            inside = {each.id for each in related_documents(transaction, incident.id, RELATION)}
            found = (transaction.get(_document_id(self.workspace, step.id)) for step in chain.steps)
            joining = [each for each in found if each is not None and each.id not in inside]
            joining = joining[: max(0, MAX_ALERTS - len(inside))]
            if joining:
                changed = change_incident(
                    transaction, self.workspace, incident, {}, alerts=joining, modified_by="Fusion", now=now
                )
                filed.append(Filed(changed, opened=False))
        return filed


def _alert(window: Window, chain: Chain, entities: Mapping[str, Sequence[Entity]]) -> Alert:
    first, last = chain.steps[0], chain.steps[-1]
    told = [
        f"{arm_time(step.start)} {stage}: {step.name} ({step.source})"
        for step, stage in zip(chain.steps, chain.stages, strict=True)
    ]
    constituents = [
        {"SystemAlertId": step.id, "AlertName": step.name, "Source": step.source, "Stage": stage}
        for step, stage in zip(chain.steps, chain.stages, strict=True)
    ]
    rule = window.rule
    return Alert(
        id=derived_id("fusion", rule.id.lower(), arm_time(rule.created), first.id, *chain.stages),
        rule_name=rule.name,
        display_name=f"Possible multistage attack: {', '.join(chain.stages)}"[:MAX_NAME],
        description="\n".join(["These alerts follow one another on shared entities:", *told])[:MAX_DESCRIPTION],
        severity=Severity.High,
        start=first.start,
        end=max(step.end for step in (*chain.steps, last)),
        tactics=chain.stages,
        mapped=Mapped(merged(entity for step in chain.steps for entity in entities[step.id])),
        custom_details={_CHAIN: [first.id]},
        extended={"Analytic Rule Ids": json_text([rule.name]), "Constituent Alerts": json_text(constituents)},
        provider_name="ASI Fusion",
        component_name=COMPONENT,
    )


def _is_taken(rule: FusionRule, row: Mapping[str, Any]) -> bool:
    severity, name = str(row["AlertSeverity"] or ""), str(row["DisplayName"] or row["AlertName"] or "")
    return rule.takes(str(row["ProductName"] or ""), str(row["ProductComponentName"] or ""), severity, name)


def _step(row: Mapping[str, Any], entities: Sequence[Entity]) -> Step:
    start = _utc(row["StartTime"] or row["TimeGenerated"])
    connecting = (entity for entity in entities if entity.kind in CONNECTING)
    product, component = str(row["ProductName"] or ""), str(row["ProductComponentName"] or "")
    return Step(
        id=str(row["SystemAlertId"]),
        name=str(row["DisplayName"] or row["AlertName"] or ""),
        source=product if component in _WAYS else f"{product} {component}".strip(),
        start=start,
        end=_utc(row["EndTime"] or start),
        tactics=tuple(part.strip() for part in str(row["Tactics"] or "").strip("[]").replace('"', "").split(",")),
        entities=frozenset(identity for entity in connecting for identity in entity.identities),
    )


def _entities(row: Mapping[str, Any]) -> list[Entity]:
    return [entity for entity in read_entities(row["Entities"]) if entity is not None]


def _sources(settings: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """What each source leaves out, by its folded name."""
    left_out: dict[str, frozenset[str]] = {}
    for source in settings:
        if not source.get("sourceSubTypes"):
            left_out[str(source.get("sourceName", "")).lower()] = _off(source)
        for subtype in cast("list[dict[str, Any]]", source.get("sourceSubTypes") or []):
            is_on = source.get("enabled") is not False
            left_out[str(subtype.get("sourceSubTypeName", "")).lower()] = _off(subtype) if is_on else _SEVERITIES
    return left_out


def _off(setting: Mapping[str, Any]) -> frozenset[str]:
    if setting.get("enabled") is False:
        return _SEVERITIES
    filters: Any = cast("dict[str, Any]", setting.get("severityFilters") or {}).get("filters") or []
    return frozenset(
        str(each.get("severity", "")).lower()
        for each in cast("list[dict[str, Any]]", filters)
        if each.get("enabled") is False
    )


def _document_id(workspace: Workspace, alert_id: str) -> str:
    return f"{workspace.resource_id}/providers/{ENTITY}/{alert_id}"


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
