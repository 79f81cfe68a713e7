"""The rows that a rule's query gave, and their values as the text that alerts carry."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from vedette.kql.literals import format_datetime, format_timespan
from vedette.kql.types import ScalarType

ResultRow = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Results:
    """Rows of Python values under typed columns; timespans are ticks of 100 ns, dynamics are read JSON."""

    columns: Mapping[str, ScalarType]
    rows: Sequence[ResultRow]

    def of(self, rows: Sequence[ResultRow]) -> "Results":
        """Some of the rows under the same columns."""
        return Results(self.columns, rows)

    def column(self, name: str) -> Iterator[Any]:
        """The values of a column, top to bottom; none when there is no such column."""
        place = self.place(name)
        return iter(()) if place is None else (row[place] for row in self.rows)

    def place(self, name: str) -> int | None:
        """Where a column stands; None when there is no such column."""
        return next((place for place, column in enumerate(self.columns) if column == name), None)


def text_of(value: Any, type: ScalarType) -> str:
    """A value as `tostring()` gives it; null is the empty text, and a datetime without an offset is in UTC."""
    if value is None:
        return ""
    if type is ScalarType.timespan:
        return format_timespan(value)
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return format_datetime(value.astimezone(UTC) if value.tzinfo else value)
        case dict() | list():
            return orjson.dumps(value).decode()
        case _:
            return str(value)


def distinct(texts: Iterable[str], limit: int | None = None) -> list[str]:
    """Each text once, in order of first appearance, at most `limit` of them."""
    return list(dict.fromkeys(texts))[:limit]
