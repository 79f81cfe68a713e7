"""The columns of a table as the Tables API has them, and what names and types they may have.

https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table#add-or-delete-a-custom-column
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import STANDARD_COLUMNS

TYPES: Final[Mapping[str, ScalarType]] = {
    "string": ScalarType.string,
    "int": ScalarType.int,
    "long": ScalarType.long,
    "real": ScalarType.real,
    "boolean": ScalarType.bool,
    "dateTime": ScalarType.datetime,
    "guid": ScalarType.string,  # documented: a logical annotation; stored and queried as a string
    "dynamic": ScalarType.dynamic,
}
"""The types of a column by their names in the API."""

MOST_COLUMNS: Final = 500
TIME_GENERATED: Final = {"name": "TimeGenerated", "type": "dateTime"}

_BY_NAME = {name.lower(): name for name in TYPES} | {"bool": "boolean"}
_NAMES = {ScalarType.bool: "boolean", ScalarType.datetime: "dateTime"}
_GUIDS = frozenset({"TenantId", "MG"})
_HINTS = frozenset({"uri", "guid", "armPath", "ip"})
_COLUMN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{1,44}")
_RESERVED = frozenset(
    """id BilledSize IsBillable InvalidTimeGenerated TenantId Title Type UniqueId""".lower().split()
) | {name.lower() for name in STANDARD_COLUMNS if name not in ("TimeGenerated", "SourceSystem")}
_FIELDS = ("dataTypeHint", "displayName", "description")

TableColumn = dict[str, Any]
"""`name`, `type` (one of `TYPES`) and, where the caller said them, `dataTypeHint`, `displayName`, `description`."""


def read_columns(value: Any, *, in_built_in: bool) -> list[TableColumn]:
    """The columns that a caller declares. Raises InvalidInput (InvalidParameter) for what cannot be one."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise invalid("'properties.schema.columns' must be a list.")
    columns = [_column(each, in_built_in) for each in cast("Sequence[Any]", value)]
    names = [column["name"] for column in columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise invalid(f"The column '{twice}' is there twice.")
    if len(columns) > MOST_COLUMNS:
        raise invalid(f"A table has at most {MOST_COLUMNS} columns, and this one would have {len(columns)}.")
    return columns


def scalar_type(column: TableColumn) -> ScalarType:
    """What the column holds."""
    return TYPES[column["type"]]


def type_name(type: ScalarType) -> str:
    """The API's name of a type; decimals and timespans, which it does not know, by their own."""
    return _NAMES.get(type, type.value)


def shown_columns(columns: Mapping[str, ScalarType]) -> list[TableColumn]:
    """Stored columns as the API shows them."""
    return [
        shown_column({"name": name, "type": "guid" if name in _GUIDS else type_name(type)})
        for name, type in columns.items()
    ]


def shown_column(column: TableColumn) -> TableColumn:
    """A column as the API shows it."""
    said = dict.fromkeys(_FIELDS) | column
    return {**said, "isDefaultDisplay": False, "isHidden": column["name"] == "TenantId"}


def invalid(message: str) -> InvalidInput:
    """A property of a table that cannot be."""
    return InvalidInput("InvalidParameter", message)


def _column(value: Any, in_built_in: bool) -> TableColumn:
    if not isinstance(value, dict):
        raise invalid("A column must be an object with 'name' and 'type'.")
    given = cast("dict[str, Any]", value)
    name, type = given.get("name"), given.get("type")
    if not isinstance(name, str) or _COLUMN_NAME.fullmatch(name) is None:
        raise invalid(
            f"The column name '{str(name)[:80]}' is invalid: 2 to 45 letters, digits and underscores, a letter first."
        )
    if name.lower() in _RESERVED:
        raise invalid(f"The column name '{name}' is reserved.")
    if in_built_in and not name.endswith("_CF"):
        raise invalid(f"The column name '{name}' is invalid: custom columns of an Azure table end in '_CF'.")
    known = _BY_NAME.get(type.lower()) if isinstance(type, str) else None
    if known is None:
        raise invalid(f"The column '{name}' cannot have the type '{str(type)[:40]}'; the types are {', '.join(TYPES)}.")
    if name == "TimeGenerated" and known != "dateTime":
        raise invalid("The column 'TimeGenerated' must have the type dateTime.")
    return {"name": name, "type": known} | _said(name, given)


def _said(name: str, given: Mapping[str, Any]) -> dict[str, str]:
    said = {field: given[field] for field in _FIELDS if given.get(field) is not None}
    wrong = next((field for field, text in said.items() if not isinstance(text, str)), None)
    if wrong is not None:
        raise invalid(f"'{wrong}' of the column '{name}' must be a string.")
    if "dataTypeHint" in said and said["dataTypeHint"] not in _HINTS:
        raise invalid(f"'dataTypeHint' of the column '{name}' must be one of {', '.join(sorted(_HINTS))}.")
    return said
