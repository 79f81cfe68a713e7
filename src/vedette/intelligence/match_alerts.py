"""What matched in; the alerts of it out, one for each observable and table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from vedette.core.ids import derived_id
from vedette.detect.alert import MAX_DESCRIPTION, MAX_NAME, Alert, json_text
from vedette.detect.entities import merged
from vedette.detect.entity import Entity, entity_of
from vedette.detect.mapped import Mapped
from vedette.detect.rule import Severity
from vedette.detect.schedule import Window
from vedette.intelligence.matched_columns import MatchedTable
from vedette.kql.functions.entry import quote
from vedette.kql.literals import format_datetime

MAX_ALERTS: Final = 150
"""Of a run, as of one of a scheduled rule: https://learn.microsoft.com/azure/sentinel/sentinel-service-limits"""

_COMPONENT: Final = "Microsoft Defender Threat Intelligence Analytics"
_MOST_VALUES: Final = 20
_MOST_DETAILS: Final = 10
_ENTITIES: Final = {
    "ip": ("IP", "Address"),
    "domain": ("DNS", "DomainName"),
    "url": ("URL", "Url"),
    "email": ("MailMessage", "P2Sender"),
}
_ALGORITHMS: Final = {32: "MD5", 40: "SHA1", 64: "SHA256", 128: "SHA512"}
_ROLES: Final = (("Host", "FullName"), ("Account", "FullName"), ("IP", "Address"))


@dataclass(frozen=True, slots=True)
class Hit:
    """A value of a column that an indicator is about: how many rows have it, how many of these tell of something that
    was blocked, and when the first and the last was."""

    kind: str
    column: str
    value: str
    count: int
    blocked: int
    first: datetime
    last: datetime
    id: str
    key: str
    observable: str


@dataclass(frozen=True, slots=True)
class Current:
    """An indicator that counts, for one of its observables."""

    id: str
    key: str
    observable: str
    confidence: int | None
    until: datetime | None
    source: str
    name: str
    external_id: str
    types: str

    def covers(self, hit: Hit) -> bool:
        """Whether there was an event while the indicator was valid."""
        return self.until is None or hit.first < self.until


@dataclass(frozen=True, slots=True)
class Found:
    """A hit of an indicator that counts. `details` are lists of hosts, accounts and addresses of the events."""

    table: MatchedTable
    hit: Hit
    indicator: Current
    details: Sequence[Any]


def make_alerts(window: Window, found: Iterable[Found]) -> tuple[list[Alert], int]:
    """The alerts, and how many observables have none of their own: of more than 150 the last one stands for them."""
    groups: dict[tuple[str, str, str], list[Found]] = {}
    for each in sorted(
        found, key=lambda one: (one.table.name, one.hit.kind, one.hit.observable.lower(), one.hit.value)
    ):
        groups.setdefault((each.table.name, each.hit.kind, each.hit.observable.lower()), []).append(each)
    parts = list(groups.values())
    if len(parts) <= MAX_ALERTS:
        return [_alert(window, part, part[0].hit.observable) for part in parts], 0
    single, rest = parts[: MAX_ALERTS - 1], parts[MAX_ALERTS - 1 :]
    others = f"{len(rest)} other observables"
    last = _alert(window, [each for part in rest for each in part], others)
    return [*(_alert(window, part, part[0].hit.observable) for part in single), last], len(rest)


def _alert(window: Window, part: Sequence[Found], observable: str) -> Alert:
    rule: Any = window.rule.properties
    tables = sorted({each.table.name for each in part})
    hits = list({(each.table.name, each.hit.column, each.hit.value): each.hit for each in part}.values())
    rows, blocked = sum(hit.count for hit in hits), sum(hit.blocked for hit in hits)
    start, end = min(hit.first for hit in hits), max(hit.last for hit in hits)
    indicators = list({each.indicator.id: each.indicator for each in part}.values())
    columns = ", ".join(sorted({hit.column for hit in hits}))
    names = [each.name for each in indicators if each.name]
    description = (
        f"{rows} events of {', '.join(tables)} match {observable} in {columns}."
        f"{f' Indicators: {chr(44).join(names[:_MOST_DETAILS])}.' if names else ''} {rule.description}"
    )
    return Alert(
        id=derived_id("threat intelligence", *window.identity, *tables, part[0].hit.kind, observable.lower()),
        rule_name=window.rule.name,
        display_name=f"{rule.display_name}: {observable}"[:MAX_NAME],
        description=description.strip()[:MAX_DESCRIPTION],
        severity=_severity(rule.severity, part, rows, blocked),
        start=start,
        end=end,
        tactics=rule.tactics,
        techniques=rule.techniques,
        mapped=Mapped(merged(_entities(part))),
        custom_details=_details(part, observable, indicators),
        extended={
            "Analytic Rule Ids": json_text([window.rule.name]),
            "Analytic Rule Name": rule.display_name,
            "Query": _query(part),
            "Query Start Time UTC": format_datetime(start),
            "Query End Time UTC": format_datetime(end),
            "Trigger Operator": "Greater Than",
            "Trigger Threshold": "0",
            "Search Query Results Overall Count": str(rows),
        },
        provider_name="Threat Intelligence Alerts",
        component_name=_COMPONENT,
        confidence_score=_confidence(indicators),
    )


def _severity(usual: Severity, part: Sequence[Found], rows: int, blocked: int) -> Severity:
    """High where something was let through, Low where all was blocked; usual where a table does not say."""
    if not all(each.table.blocked for each in part):
        return usual
    return Severity.Low if blocked >= rows else Severity.High


def _confidence(indicators: Sequence[Current]) -> float | None:
    known = [each.confidence for each in indicators if each.confidence is not None]
    return max(known) / 100 if known else None


def _entities(part: Sequence[Found]) -> Iterator[Entity]:
    """What matched, then who the events are about."""
    for each in part:
        yield from (entity for entity in (_observed(each.hit),) if entity is not None)
    for each in part:
        for (kind, identifier), values in zip(_ROLES, each.details, strict=False):
            for value in cast("list[Any]", values or []):
                entity = entity_of(kind, [(identifier, str(value))])
                if entity is not None:
                    yield entity


def _observed(hit: Hit) -> Entity | None:
    if hit.kind == "hash":
        algorithm = _ALGORITHMS.get(len(hit.value), "Unknown")
        return entity_of("FileHash", [("Algorithm", algorithm), ("Value", hit.value)])
    kind, identifier = _ENTITIES[hit.kind]
    # A URL that matched by its host is about that name or address, which the indicator has.
    is_host = hit.kind in ("domain", "ip") and ("/" in hit.value or ":" in hit.value.partition("//")[2])
    return entity_of(kind, [(identifier, hit.observable if is_host else hit.value)])


def _details(part: Sequence[Found], observable: str, indicators: Sequence[Current]) -> dict[str, Sequence[str]]:
    details: dict[str, Sequence[str]] = {
        "Observable": [observable],
        "ObservableType": sorted({each.hit.kind for each in part}),
        "Table": sorted({each.table.name for each in part}),
        "IndicatorId": [each.id for each in indicators[:_MOST_DETAILS]],
        "ExternalIndicatorId": [each.external_id for each in indicators[:_MOST_DETAILS] if each.external_id],
        "Source": sorted({each.source for each in indicators}),
        "ThreatType": sorted({each.types for each in indicators if each.types}),
    }
    return {name: values for name, values in details.items() if values}


def _query(part: Sequence[Found]) -> str:
    """A query that finds the events again, within the alert's time."""
    texts: list[str] = []
    for table in dict.fromkeys(each.table.name for each in part):
        own = [each for each in part if each.table.name == table]
        conditions: list[str] = []
        for column in sorted({each.hit.column for each in own}):
            values = sorted({each.hit.value for each in own if each.hit.column == column})[:_MOST_VALUES]
            single = any(column in columns for columns in own[0].table.single.values())
            if single:
                conditions.append(f"{column} in~ ({', '.join(map(_literal, values))})")
            else:
                conditions += [f"{column} contains {_literal(value)}" for value in values]
        texts.append(f"{table} | where {' or '.join(conditions)}")
    return texts[0] if len(texts) == 1 else "union " + ", ".join(f"({text})" for text in texts)


def _literal(text: str) -> str:
    return f"@{quote(text)}"
