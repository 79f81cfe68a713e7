"""Log rows as text: column values keep their Python types on the way through the outbox."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

_READERS: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "decimal": Decimal,
    "guid": UUID,
    "timespan": lambda text: timedelta(microseconds=int(text)),
}


def encode_row(row: Mapping[str, Any]) -> str:
    """A row as JSON text: each value as a pair of its type and its JSON or text.

    Raises TypeError for a value that is neither JSON, datetime, Decimal, UUID nor timedelta.
    """
    return orjson.dumps({column: _encode(value) for column, value in row.items()}).decode()


def decode_row(text: str) -> dict[str, Any]:
    """The row that `encode_row` wrote, equal to what went in."""
    return {column: _decode(value) for column, value in orjson.loads(text).items()}


def _encode(value: Any) -> list[Any]:
    match value:
        case datetime():
            return ["datetime", value.isoformat()]
        case Decimal():
            return ["decimal", str(value)]
        case UUID():
            return ["guid", str(value)]
        case timedelta():
            return ["timespan", str(value // timedelta(microseconds=1))]
        case _:
            return ["json", value]


def _decode(pair: list[Any]) -> Any:
    kind, value = pair
    return value if kind == "json" else _READERS[kind](value)
