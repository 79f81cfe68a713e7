"""Instants in the requests of search jobs and restores."""

from datetime import datetime
from typing import Any

from vedette.kql.literals import parse_datetime
from vedette.sentinel.table_schema import invalid


def instant(value: Any, name: str) -> datetime:
    """An instant in UTC. Raises InvalidInput (InvalidParameter) for what is none, by its name in the properties."""
    read = parse_datetime(value) if isinstance(value, str) else None
    if read is None:
        raise invalid(
            f"'properties.{name}' must be an instant such as 2026-01-01T00:00:00Z, and is {str(value)[:40]!r}."
        )
    return read
