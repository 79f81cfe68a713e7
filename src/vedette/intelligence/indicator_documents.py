"""Indicators as they are kept: a document of a workspace, and the log rows that each change of one writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from vedette.access.workspaces import Workspace
from vedette.core.instants import arm_time, instant_of
from vedette.intelligence.indicator_rows import LEGACY_TABLE, TABLE, legacy_row, observable_rows
from vedette.state.documents import Document
from vedette.state.store import Transaction

INTELLIGENCE: Final = "Microsoft.SecurityInsights/threatIntelligence"
DOCUMENT: Final = "Microsoft.SecurityInsights/ThreatIntelligence"
"""What an indicator says its type is, and is kept under."""

SOURCE: Final = "Microsoft Sentinel"
"""The source of what is made here, which nothing that is sent may have."""

NOBODY: Final = {"objectId": "00000000-0000-0000-0000-000000000000", "email": "", "name": ""}

_NAMES: Final = UUID("5b4f8c1e-3f5f-4c1e-9a39-0d6f2a1f5a11")  # of indicators, made of whose and which they are
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """The workspace where intelligence is kept, and its tenant."""

    workspace: Workspace
    tenant_id: str

    @property
    def id(self) -> str:
        """The ARM id that indicators are under."""
        return f"{self.workspace.resource_id}/providers/{INTELLIGENCE}/main"

    def indicator_id(self, name: str) -> str:
        """The ARM id of an indicator."""
        return f"{self.id}/indicators/{name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """How an indicator came, as LastUpdateMethod says it, and by whom: `{objectId, email, name}`."""

    method: str
    by: Mapping[str, Any] = field(default_factory=lambda: NOBODY)


@dataclass(frozen=True, slots=True)
class Sent:
    """An indicator that came: its name, its checked properties, and what it was sent as: a STIX object, or one of
    Graph's tiIndicators, if it was one of these."""

    name: str
    properties: Mapping[str, Any]
    stix: Mapping[str, Any] | None = None
    graph: Mapping[str, Any] | None = None


def name_of(place_id: str, source: str, external_id: str) -> str:
    """The name that an indicator of a source has, whenever it comes again."""
    return str(uuid5(_NAMES, f"{place_id.lower()}\n{source}\n{external_id}"))


def put_indicators(
    transaction: Transaction, place: Place, sent: Sequence[Sent], origin: Origin, now: datetime, *, soon: bool = True
) -> int:
    """Store indicators with their rows, whatever stands there; the answer is how many were not there before.

    No name may occur twice. Rows that nobody needs `soon` wait a second.
    """
    new: list[tuple[str, dict[str, Any]]] = []
    changed: list[tuple[str, dict[str, Any]]] = []
    for each in sent:
        id = place.indicator_id(each.name)
        existing = transaction.get(id)
        body = _body(each, origin, now, existing)
        if existing is None:
            new.append((each.name, body))
        else:
            changed.append((existing.name, body))
            transaction.put(id=existing.id, type=DOCUMENT, scope=place.id, name=existing.name, body=body)
    ids, bodies = [place.indicator_id(name) for name, _ in new], [body for _, body in new]
    transaction.create_all(type=DOCUMENT, scope=place.id, ids=ids, bodies=bodies)
    _emit(transaction, place, [*new, *changed], now, soon=soon)
    return len(new)


def put_indicator(
    transaction: Transaction,
    place: Place,
    id: str,
    sent: Sent,
    origin: Origin,
    now: datetime,
    existing: Document | None,
    more: Mapping[str, Any],
) -> Document:
    """Store one indicator under an id with its rows; `more` is what its body has beside."""
    body = {**more, **_body(sent, origin, now, existing)}
    document, _ = transaction.put(id=id, type=DOCUMENT, scope=place.id, name=sent.name, body=body)
    _emit(transaction, place, [(document.name, body)], now)
    return document


def remove_indicators(transaction: Transaction, place: Place, documents: Sequence[Document], now: datetime) -> None:
    """Delete indicators, and write the rows that say so."""
    transaction.delete_all(documents)
    emit_deleted(transaction, place, documents, now)


def emit_deleted(transaction: Transaction, place: Place, documents: Iterable[Document], now: datetime) -> None:
    """Write the rows of indicators that are deleted."""
    _emit(transaction, place, [(each.name, each.body) for each in documents], now, is_deleted=True)


def emit_again(transaction: Transaction, place: Place, documents: Iterable[Document], now: datetime) -> None:
    """Write the rows of indicators that did not change, as they are at this instant; they wait a second."""
    _emit(transaction, place, [(each.name, each.body) for each in documents], now, soon=False)


def _body(sent: Sent, origin: Origin, now: datetime, existing: Document | None) -> dict[str, Any]:
    before: Mapping[str, Any] = existing.body["properties"] if existing else {}
    properties = {"source": SOURCE, "revoked": False, "threatIntelligenceTags": []} | dict(sent.properties)
    changed = arm_time(_after(now, before))
    properties |= {
        "externalId": properties.get("externalId") or before.get("externalId") or f"indicator--{sent.name}",
        "created": before.get("created") or properties.get("created") or changed,
        "lastUpdatedTimeUtc": changed,
    }
    body: dict[str, Any] = {
        "kind": "indicator",
        "properties": properties,
        "search": _search_text(properties),
        "method": origin.method,
        "createdBy": existing.body["createdBy"] if existing else dict(origin.by),
        "lastModifiedBy": dict(origin.by),
    }
    if sent.stix is not None:
        body["stix"] = dict(sent.stix)
    if sent.graph is not None:
        body["graph"] = dict(sent.graph)
    return body


def _after(now: datetime, before: Mapping[str, Any]) -> datetime:
    """The newest row counts, also where a clock stands still."""
    return max(now, instant_of(before["lastUpdatedTimeUtc"]) + _TICK) if before else now


def _search_text(properties: Mapping[str, Any]) -> str:
    """What keywords are looked for in."""
    texts = [properties.get(name) or "" for name in ("displayName", "description", "pattern", "externalId")]
    return "\n".join([*texts, *properties["threatIntelligenceTags"]]).lower()


def _emit(
    transaction: Transaction,
    place: Place,
    bodies: Sequence[tuple[str, Mapping[str, Any]]],
    now: datetime,
    *,
    is_deleted: bool = False,
    soon: bool = True,
) -> None:
    legacy: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for name, body in bodies:
        last = instant_of(body["properties"]["lastUpdatedTimeUtc"])
        at = max(now, last + _TICK) if is_deleted else max(now, last)
        legacy.append(legacy_row(name, body, at, is_deleted=is_deleted))
        rows += observable_rows(place.workspace, place.tenant_id, name, body, at, is_deleted=is_deleted)
    transaction.emit_all(place.workspace.id, LEGACY_TABLE, legacy, soon=soon)
    transaction.emit_all(place.workspace.id, TABLE, rows, soon=soon)
