"""What the writer puts into the columns that every log table has.

https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.standard_names import STANDARD_COLUMNS, TIME_GENERATED

_OURS = ("TenantId", "Type", "_ItemId", "_BilledSize", "_IsBillable", "_TimeReceived")
_NOT_BILLED = frozenset(
    {"TenantId", "SourceSystem", "Type", *(name for name in STANDARD_COLUMNS if name.startswith("_"))}
)
WRITTEN_BY_US = frozenset(_OURS)
"""What only the writer fills; values of a source under these names are replaced."""

_FIXED_SIZE = pa.scalar(8, pa.int64())
_NO_SIZE = pa.scalar(0, pa.int64())


@dataclass(frozen=True, slots=True)
class Arrival:
    """The circumstances of a batch; `id` is new for each."""

    workspace_id: str
    table: str
    billable: bool
    received: datetime
    id: str


def with_times(rows: Sequence[Mapping[str, Any]], received: datetime) -> list[Mapping[str, Any]]:
    """The rows, each with a TimeGenerated: its own, or else when it was received."""
    missing = {TIME_GENERATED: received}
    return [row if row.get(TIME_GENERATED) is not None else {**row, **missing} for row in rows]


def with_arrow_times(rows: pa.Table, received: datetime) -> pa.Table:
    """`with_times` for rows that are typed already."""
    instant = pa.scalar(received.replace(tzinfo=None), pa.timestamp("us"))
    if TIME_GENERATED not in rows.column_names:
        return rows.append_column(TIME_GENERATED, pa.repeat(instant, rows.num_rows))
    position = rows.column_names.index(TIME_GENERATED)
    return rows.set_column(position, TIME_GENERATED, rows.column(position).fill_null(instant))


def with_standard_values(rows: pa.Table, arrival: Arrival) -> pa.Table:
    """The rows with the columns that only the writer fills; what a source sent under these names is replaced."""
    count = rows.num_rows
    sizes = _billed_sizes(rows)
    subscriptions = _subscriptions(rows)
    replaced = _OURS if subscriptions is None else (*_OURS, "_SubscriptionId")
    rows = rows.drop_columns([name for name in replaced if name in rows.column_names])
    numbers = pa.array(range(count), pa.int64()).cast(pa.string())
    values: dict[str, pa.Array | pa.ChunkedArray] = {
        "TenantId": _repeated(arrival.workspace_id, count),
        "Type": _repeated(arrival.table, count),
        "_ItemId": pc.call_function("binary_join_element_wise", [f"{arrival.id}-", numbers, ""]),
        "_BilledSize": sizes,
        "_IsBillable": _repeated("True" if arrival.billable else "False", count),
        "_TimeReceived": pa.repeat(pa.scalar(arrival.received.replace(tzinfo=None), pa.timestamp("us")), count),
    }
    if subscriptions is not None:
        values["_SubscriptionId"] = subscriptions
    for name, value in values.items():
        rows = rows.append_column(name, value)
    return rows


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _billed_sizes(rows: pa.Table) -> pa.Array | pa.ChunkedArray:
    """Bytes of each row: text as long as it is, everything else eight; standard columns are free of charge."""
    total: Any = pa.array([0] * rows.num_rows, pa.int64())
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        if name in _NOT_BILLED:
            continue
        if pa.types.is_string(column.type):
            size = pc.call_function("binary_length", [column]).cast(pa.int64()).fill_null(_NO_SIZE)
        else:
            size = pc.call_function("if_else", [column.is_valid(), _FIXED_SIZE, _NO_SIZE])
        total = pc.call_function("add", [total, size])
    return total.cast(pa.float64())


def _subscriptions(rows: pa.Table) -> pa.Array | None:
    """The subscription that each _ResourceId names; None when the source says it itself or names no resource."""
    said = "_SubscriptionId" in rows.column_names and rows["_SubscriptionId"].null_count < rows.num_rows
    if said or "_ResourceId" not in rows.column_names:
        return None
    resources = rows["_ResourceId"].combine_chunks().dictionary_encode()
    subscriptions = [_subscription(resource) for resource in resources.dictionary.to_pylist()]
    found = pc.call_function("take", [pa.array(subscriptions, pa.string()), resources.indices])
    return found.fill_null("")


def _subscription(resource_id: str | None) -> str:
    parts = (resource_id or "").split("/")
    return parts[2] if len(parts) > 2 and parts[1].lower() == "subscriptions" else ""
