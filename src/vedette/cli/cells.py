"""The wire's cells as values: what each KQL type's JSON means in Python."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

_MICROSECONDS = 26  # characters of an ISO 8601 time down to the microsecond
_TIMESPAN = re.compile(r"(-?)(?:(\d+)\.)?(\d+):(\d+):(\d+)(?:\.(\d+))?")


def parsed(cell: Any, type: str) -> Any:
    """A cell as a Python value; decimals are Decimal, datetimes aware, dynamics whatever their JSON says."""
    if cell is None:
        return None
    match type:
        case "datetime":
            return datetime.fromisoformat(cell.rstrip("Z")[:_MICROSECONDS]).replace(tzinfo=UTC)
        case "timespan":
            return parse_timespan(cell)
        case "decimal":
            return Decimal(str(cell))
        case "real":
            return float(cell)
        case "dynamic":
            return as_json(cell, type)
        case _:
            return cell


def as_json(cell: Any, type: str) -> Any:
    """A cell as a value for JSON: a dynamic's text is read, all else stays as the wire wrote it."""
    if type != "dynamic" or not isinstance(cell, str):
        return cell
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        return cell  # a dynamic that is a bare string


def parse_timespan(text: str) -> timedelta:
    """`[-][d.]hh:mm:ss[.fffffff]`, to the microsecond. Raises ValueError."""
    match = _TIMESPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a timespan")
    days, hours, minutes, seconds = (int(part or 0) for part in match.group(2, 3, 4, 5))
    microseconds = int((match[6] or "").ljust(6, "0")[:6])
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds)
    return -span if match[1] else span
