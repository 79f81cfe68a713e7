"""Compares answers with recorded ones: names, types, rows; reals to 1e-9, trailing zeros of fractions aside."""

import json
import math
import re
from typing import Any

KUSTO_TYPES = {
    "Boolean": "bool",
    "SByte": "bool",
    "Int32": "int",
    "Int64": "long",
    "Double": "real",
    "Decimal": "decimal",
    "SqlDecimal": "decimal",
    "String": "string",
    "DateTime": "datetime",
    "TimeSpan": "timespan",
    "Guid": "guid",
    "Object": "dynamic",
}

_ZEROS = re.compile(r"(\.\d*?)0+(?=Z?$)")


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same answer."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (one != one and other != other)
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _short(one) == _short(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, str):
        return str(one).lower()[:3] == other.lower()[:3]
    return one == other


def _short(text: str) -> str:
    return _ZEROS.sub(r"\1", text).replace(".Z", "Z").rstrip(".")


def same_rows(rows: list[list[Any]], expected: list[list[Any]]) -> bool:
    """Whether the rows are the same, in this order or in any."""
    if len(rows) != len(expected):
        return False
    if all(map(same, rows, expected)):
        return True
    return all(map(same, sorted(rows, key=_canonical), sorted(expected, key=_canonical)))


def _canonical(row: list[Any]) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def verdict(case: dict[str, Any], columns: tuple[tuple[str, str], ...], rows: list[list[Any]]) -> str:
    """`equal`, or what differs first: names, types or rows."""
    if [name for name, _ in columns] != case["columns"]:
        return "names"
    if [type for _, type in columns] != [KUSTO_TYPES[type] for type in case["column_types"]]:
        return "types"
    expected = [
        [_parsed(value, type) for value, type in zip(row, case["column_types"], strict=True)] for row in case["rows"]
    ]
    return "equal" if same_rows(rows, expected) else "rows"


def _parsed(value: Any, type: str) -> Any:
    if type == "Object" and isinstance(value, str) and value[:1] in ("[", "{", '"'):
        return json.loads(value)
    return value
