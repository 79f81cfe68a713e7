"""Instants as both databases keep and compare them: microseconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

INSTANT_PATTERN = (
    r"([0-9]{4})-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])[Tt]"
    r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:[.,]([0-9]{1,12}))?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))?"
)
"""An ISO 8601 date and time as resources hold them, in an expression that Python and PostgreSQL read alike."""

_INSTANT = re.compile(INSTANT_PATTERN)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970; a datetime without a zone is taken as UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """The aware UTC datetime that `to_microseconds` counted."""
    return _EPOCH + microseconds * _MICROSECOND


def instant_of_text(text: object) -> int | None:
    """Microseconds since 1970 of an ISO 8601 date and time; None for anything else."""
    if not isinstance(text, str) or _INSTANT.fullmatch(text) is None:
        return None
    try:
        return to_microseconds(datetime.fromisoformat(text))
    except ValueError:  # the 30th of February, the year 0
        return None
