"""STIX objects that are no indicators, as they are kept: a document, and a row of ThreatIntelObjects for each change.

https://learn.microsoft.com/azure/azure-monitor/reference/tables/threatintelobjects
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.core.instants import arm_time, instant_of
from vedette.intelligence.indicator_documents import INTELLIGENCE, Origin, Place
from vedette.state.documents import Document
from vedette.state.store import Transaction

OBJECT: Final = f"{INTELLIGENCE}/objects"
TABLE: Final = "ThreatIntelObjects"

_TICK: Final = timedelta(microseconds=1)


def object_id(place: Place, name: str) -> str:
    """The id of an object's document."""
    return f"{place.id}/objects/{name}"


def put_objects(
    transaction: Transaction,
    place: Place,
    sent: Sequence[tuple[str, Mapping[str, Any]]],
    source: str,
    origin: Origin,
    now: datetime,
    *,
    soon: bool = True,
) -> int:
    """Store objects by their names, with their rows; the answer is how many were not there before."""
    new: list[tuple[str, dict[str, Any]]] = []
    rows: list[dict[str, Any]] = []
    for name, stix in sent:
        existing = transaction.get(object_id(place, name))
        body = _body(stix, source, origin, now, existing)
        rows.append(_row(place, name, body))
        if existing is None:
            new.append((object_id(place, name), body))
        else:
            transaction.change(existing, body)
    ids, bodies = [id for id, _ in new], [body for _, body in new]
    transaction.create_all(type=OBJECT, scope=place.id, ids=ids, bodies=bodies)
    transaction.emit_all(place.workspace.id, TABLE, rows, soon=soon)
    return len(new)


def _body(
    stix: Mapping[str, Any], source: str, origin: Origin, now: datetime, existing: Document | None
) -> dict[str, Any]:
    changed = now if existing is None else max(now, instant_of(existing.body["changed"]) + _TICK)
    return {
        "kind": stix["type"],
        "stix": dict(stix),
        "source": source,
        "method": origin.method,
        "changed": arm_time(changed),
        "first": arm_time(changed) if existing is None else existing.body["first"],
        "createdBy": dict(origin.by) if existing is None else existing.body["createdBy"],
        "lastModifiedBy": dict(origin.by),
    }


def _row(place: Place, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    stix: Mapping[str, Any] = body["stix"]
    return {
        "TimeGenerated": instant_of(body["changed"]),
        "AzureTenantId": place.tenant_id,
        "Data": stix,
        "Id": name,
        "IsDeleted": False,
        "LastUpdateMethod": body["method"],
        "SourceSystem": body["source"],
        "StixType": stix["type"],
        "WorkspaceId": place.workspace.id,
    }
