"""The names and types of the columns that every log table has; nothing here loads Arrow.

https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns
"""

from collections.abc import Mapping

from vedette.kql.types import ScalarType

TIME_GENERATED = "TimeGenerated"
RECEIVED = "_TimeReceived"
ITEM_ID = "_ItemId"

_FIRST = {TIME_GENERATED: ScalarType.datetime}
_LAST = {
    "TenantId": ScalarType.string,
    "SourceSystem": ScalarType.string,
    "Type": ScalarType.string,
    "_ResourceId": ScalarType.string,
    "_SubscriptionId": ScalarType.string,
    ITEM_ID: ScalarType.string,
    "_BilledSize": ScalarType.real,
    "_IsBillable": ScalarType.string,
    RECEIVED: ScalarType.datetime,
}
STANDARD_COLUMNS: Mapping[str, ScalarType] = {**_FIRST, **_LAST}


def with_standard_columns(columns: Mapping[str, ScalarType]) -> dict[str, ScalarType]:
    """A table's own columns between the standard ones: TimeGenerated first, the others last."""
    own = {name: type for name, type in columns.items() if name not in STANDARD_COLUMNS}
    return {**_FIRST, **own, **_LAST}
