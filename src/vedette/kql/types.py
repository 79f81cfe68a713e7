"""The scalar types of KQL."""

from enum import Enum


class ScalarType(Enum):
    """A column's or expression's static type; the value is Kusto's own name for it.

    https://learn.microsoft.com/kusto/query/scalar-data-types/
    """

    bool = "bool"
    int = "int"
    long = "long"
    real = "real"
    decimal = "decimal"
    string = "string"
    datetime = "datetime"
    timespan = "timespan"
    guid = "guid"
    dynamic = "dynamic"

    @property
    def is_numeric(self) -> "bool":
        """Whether arithmetic applies: int, long, real or decimal."""
        return self in NUMERIC


NUMERIC = frozenset({ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.decimal})
INTEGRAL = frozenset({ScalarType.int, ScalarType.long})

_ALIASES = {
    "boolean": ScalarType.bool,
    "date": ScalarType.datetime,
    "time": ScalarType.timespan,
    "double": ScalarType.real,
    "uniqueid": ScalarType.guid,
    "uuid": ScalarType.guid,
    "int32": ScalarType.int,
    "int64": ScalarType.long,
    "float": ScalarType.real,
}


def type_named(name: str) -> ScalarType | None:
    """The type of that name or accepted alias, in any case; None if there is none."""
    lowered = name.lower()
    if lowered in _ALIASES:
        return _ALIASES[lowered]
    return ScalarType.__members__.get(lowered)
