"""What a workspace tells of itself: its schema, its usage of today, its tiers, and that it has no management groups.

https://learn.microsoft.com/rest/api/loganalytics
"""

import time
from datetime import datetime, timedelta
from typing import Any

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Resource
from vedette.core.instants import arm_time
from vedette.kql.catalog import Catalog
from vedette.kql.types import ScalarType
from vedette.sentinel.workspaces import WORKSPACE, workspace_above

_READ = frozenset({"LIST"})
_TYPES = {
    ScalarType.bool: "Boolean",
    ScalarType.int: "Int32",
    ScalarType.long: "Int64",
    ScalarType.real: "Double",
    ScalarType.decimal: "Decimal",
    ScalarType.string: "String",
    ScalarType.datetime: "DateTime",
    ScalarType.timespan: "TimeSpan",
    ScalarType.guid: "Guid",
    ScalarType.dynamic: "Object",
}
_GIGABYTE = 2**30
_RESERVATIONS = (100, 200, 300, 400, 500, 1000, 2000, 5000)


def _schema(context: Context, call: Call) -> Answer:
    """Every column that a search may name, with the tables that have it."""
    began = time.perf_counter()
    workspace = workspace_above(context, call.path)
    catalog = context.catalog(workspace.id)
    owners: dict[tuple[str, ScalarType], list[str]] = {}
    for name in catalog.table_names():
        table = catalog.table(name)
        for column in table.columns if table else ():
            owners.setdefault((column.name, column.type), []).append(name)
    value = [
        {
            "name": name,
            "displayName": name,
            "type": _TYPES[type],
            "indexed": True,
            "stored": True,
            "facet": False,
            "ownerType": tables,
        }
        for (name, type), tables in sorted(owners.items(), key=lambda pair: pair[0][0].lower())
    ]
    took = round((time.perf_counter() - began) * 1000)
    metadata = {"schema": {"name": workspace.name, "version": 2}, "resultType": "schema", "requestTime": took}
    return Answer(200, {"metadata": metadata, "value": value})


def _usages(context: Context, call: Call) -> Answer:
    """The bytes that came in since midnight."""
    workspace = workspace_above(context, call.path)
    document = context.state.get(workspace.resource_id)
    assert document is not None
    quota = document.body["properties"]["workspaceCapping"]["dailyQuotaGb"]
    now = context.clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    usage = {
        "name": {"value": "DataAnalyzed", "localizedValue": "Data Analyzed"},
        "unit": "Bytes",
        "currentValue": _bytes_since(context, workspace.id, midnight, now),
        "limit": -1.0 if quota < 0 else quota * _GIGABYTE,
        "nextResetTime": arm_time(midnight + timedelta(days=1)),
        "quotaPeriod": "P1D",
    }
    return Answer(200, {"value": [usage]})


def _bytes_since(context: Context, workspace_id: str, start: datetime, end: datetime) -> float:
    tables = _stored(context.catalog(workspace_id))
    if not tables:
        return 0.0
    named = ", ".join(f"(['{name}'] | project _BilledSize, _TimeReceived)" for name in tables)
    since = f"datetime({start:%Y-%m-%dT%H:%M:%SZ})"
    query = f"union {named} | where _TimeReceived >= {since} | summarize toreal(sum(_BilledSize))"
    ((total,),) = context.logs.query(workspace_id, query, now=end).rows()
    return total or 0.0


def _stored(catalog: Catalog) -> list[str]:
    tables = ((name, catalog.table(name)) for name in catalog.table_names())
    return [name for name, table in tables if table is not None and table.relation is not None]


def _tiers(_context: Context, _call: Call) -> Answer:
    """The tiers that a workspace may be put into; none of them costs anything here."""
    days: dict[str, Any] = {"enabled": True, "minimumRetention": 30, "maximumRetention": 730, "defaultRetention": 30}
    reserved = [
        {"serviceTier": "CapacityReservation", **days, "capacityReservationLevel": level} for level in _RESERVATIONS
    ]
    return Answer(200, [{"serviceTier": "PerGB2018", **days}, *reserved])


def _no_management_groups(_context: Context, _call: Call) -> Answer:
    """Management groups of System Center are not connected here."""
    return Answer(200, {"value": []})


SCHEMA = Resource(
    f"{WORKSPACE}/schema",
    parent=WORKSPACE,
    methods=frozenset({"LIST", "ASK"}),
    handlers={"LIST": _schema, "ASK": _schema},
)
USAGES = Resource(f"{WORKSPACE}/usages", parent=WORKSPACE, methods=_READ, handlers={"LIST": _usages})
AVAILABLE_SERVICE_TIERS = Resource(
    f"{WORKSPACE}/availableServiceTiers", parent=WORKSPACE, methods=_READ, handlers={"LIST": _tiers}
)
MANAGEMENT_GROUPS_OF_WORKSPACE = Resource(
    f"{WORKSPACE}/managementGroups", parent=WORKSPACE, methods=_READ, handlers={"LIST": _no_management_groups}
)
