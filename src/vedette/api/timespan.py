"""The `timespan` of the query API: an ISO 8601 duration or interval, as the stretch of time that it names.

https://learn.microsoft.com/azure/azure-monitor/logs/api/timespan
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput

Timespan = tuple[datetime | None, datetime | None]
"""A half-open stretch [from, to), aware and in UTC; None is open."""

_TICK: Final = timedelta(microseconds=1)
"""The resolution of stored times: the API's stretches hold their end, so they reach one tick beyond it."""


def parse_timespan(text: str, now: datetime) -> Timespan:
    """`P1D` (up to now), `start/end`, `start/duration` or `duration/end`; the end is within. No offset means UTC.

    Raises InvalidInput (QueryValidationError) for anything else and for an end before its start.
    """
    first, slash, second = text.strip().partition("/")
    try:
        if not slash:
            return _before(now, parse_duration(first)), _after(now, _TICK)
        start, end = _interval(first, second)
    except InvalidInput as error:
        raise _invalid(text, error.message) from error
    if start is not None and end is not None and start > end:
        raise _invalid(text, "Its end is before its start.")
    return start, None if end is None else _after(end, _TICK)


def intersection(one: Timespan | None, other: Timespan | None) -> Timespan | None:
    """The time that both cover; None is all time. Two that do not meet give an empty stretch."""
    if one is None or other is None:
        return one or other
    starts = [start for start, _ in (one, other) if start is not None]
    ends = [end for _, end in (one, other) if end is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    if start is not None and end is not None and start > end:
        return start, start
    return start, end


def _interval(first: str, second: str) -> Timespan:
    if _is_duration(first):
        end = _instant(second)
        return _before(end, parse_duration(first)), end
    start = _instant(first)
    return start, _after(start, parse_duration(second)) if _is_duration(second) else _instant(second)


def _is_duration(text: str) -> bool:
    return text.lstrip()[:1] in ("P", "p")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("InvalidTimespan", f"'{text}' is not a time such as 2024-01-01T00:00:00Z.") from error


def _before(instant: datetime, duration: timedelta) -> datetime | None:
    try:
        return instant - duration
    except OverflowError:
        return None


def _after(instant: datetime, duration: timedelta) -> datetime | None:
    try:
        return instant + duration
    except OverflowError:
        return None


def _invalid(text: str, reason: str) -> InvalidInput:
    message = f"The timespan '{text[:200]}' is not valid. {reason}"
    return InvalidInput(
        "QueryValidationError",
        message,
        details=[{"code": "InvalidTimespan", "message": message, "target": "timespan"}],
    )
