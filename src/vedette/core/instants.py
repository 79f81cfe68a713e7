"""Instants as the texts of ARM documents."""

from datetime import UTC, datetime
from typing import Final

_FIRST: Final = datetime(1601, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9998, 12, 31, tzinfo=UTC)


def arm_time(instant: datetime, timespec: str = "auto") -> str:
    """`2024-01-01T00:00:00Z`, with a fraction where there is one, or always with `timespec="microseconds"`."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def instant_of(text: str) -> datetime:
    """The instant of such a text, in UTC; without an offset it is UTC. Raises ValueError."""
    instant = datetime.fromisoformat(text)
    if not instant.tzinfo:
        return instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"'{text}' is outside of the years 1 to 9999 in UTC") from error


def reckonable(instant: datetime) -> datetime:
    """The same instant, of the years 1601 to 9998, so that there is time before and after it. Raises ValueError."""
    if not _FIRST <= instant <= _LAST:
        raise ValueError("it is not of the years 1601 to 9998")
    return instant
