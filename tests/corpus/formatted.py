"""Reads rows as `recorded_fuzz.jsonl` has them, one text a row: `('a', 1, null, [1, 2])`, by the columns' types."""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

KUSTO_TYPES = {
    "Bool": ("bool",),
    "Int": ("int", "long"),
    "Real": ("real", "decimal"),
    "String": ("string",),
    "DateTime": ("datetime",),
    "TimeSpan": ("timespan",),
    "Guid": ("guid",),
    "Dynamic": ("dynamic",),
}
"""The types that each name of a recorded type stands for: int and long, real and decimal are not told apart there."""

_FORMS = {"String": "'(.*?)'|null", "Guid": "'(.*?)'|null", "Dynamic": "(.*?)"}


@cache
def _pattern(types: tuple[str, ...]) -> re.Pattern[str]:
    cells = (f"(?:{_FORMS[type]})" if type in _FORMS else r"([^,()']+?)" for type in types)
    return re.compile(r"\(" + ", ".join(cells) + r"\)", re.DOTALL)


def row(text: str, types: Sequence[str]) -> list[Any]:
    """The values of a row as JSON has them; a datetime and a timespan as text. Raises ValueError."""
    match = _pattern(tuple(types)).fullmatch(text)
    if match is None:
        raise ValueError(f"no row of {types}: {text}")
    return [_value(cell, type) for cell, type in zip(match.groups(), types, strict=True)]


def _value(cell: str | None, type: str) -> Any:
    if cell is None or (cell == "null" and type != "String"):
        return None
    match type:
        case "Bool":
            return cell == "True"
        case "Int":
            return int(cell)
        case "Real":
            return float(cell)
        case "Dynamic":
            return json.loads(cell)
        case "DateTime":
            return datetime_text(cell)
        case _:
            return cell


def datetime_text(text: str) -> str:
    """The datetime without zeros at the end of its fraction."""
    return (text.removesuffix("Z").rstrip("0").rstrip(".") if "." in text else text.removesuffix("Z")) + "Z"
