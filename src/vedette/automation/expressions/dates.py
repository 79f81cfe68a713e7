"""Date and time functions: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference"""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from vedette.automation.expressions.time_zones import time_zone
from vedette.expressions.date_formats import format_datetime, parse_datetime, parse_with
from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import Function, function

_TICK = timedelta(microseconds=1)
_FIRST = datetime(1, 1, 1)
UNITS: dict[str, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
MONTHS = {"month": 1, "year": 12}


def later(instant: datetime, interval: int, unit: str) -> datetime:
    """The instant so many units later. Raises ExpressionError."""
    folded = unit.lower().rstrip("s")
    try:
        if folded in UNITS:
            return instant + interval * UNITS[folded]
        if folded in MONTHS:
            months = instant.year * 12 + instant.month - 1 + interval * MONTHS[folded]
            year, month = divmod(months, 12)
            return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError) as error:
        raise ExpressionError("The date and time that results is out of range.") from error
    raise ExpressionError(f"The time unit '{unit[:20]}' is not one of Second, Minute, Hour, Day, Week, Month, Year.")


def ticks(instant: datetime) -> int:
    """Pieces of 100 nanoseconds since the year 1."""
    return (instant.replace(tzinfo=None) - _FIRST) // _TICK * 10


def _adding(name: str, unit: str) -> Function:
    def call(text: str, number: Any, format: str | None = None) -> str:
        try:
            moved = parse_datetime(text) + number * UNITS[unit]
        except OverflowError as error:
            raise about(name, "gives a date and time that is out of range.") from error
        return format_datetime(moved, format)

    return function(name, f"timestamp: string, {unit}s: number, format?: string", call)


def _moved(text: str, interval: int, unit: str, format: str | None = None) -> str:
    return format_datetime(later(parse_datetime(text), interval, unit), format)


def _moved_back(text: str, interval: int, unit: str, format: str | None = None) -> str:
    return format_datetime(later(parse_datetime(text), -interval, unit), format)


def _start(name: str, cut: Callable[[datetime], datetime]) -> Function:
    return function(
        name,
        "timestamp: string, format?: string",
        lambda text, format=None: format_datetime(cut(parse_datetime(text)), format),
    )


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _from_utc(text: str, zone: str, format: str | None = None) -> str:
    return _in_zone(parse_datetime(text).replace(tzinfo=UTC), zone, format)


def _to_utc(text: str, zone: str, format: str | None = None) -> str:
    instant = parse_datetime(text)
    local = instant if instant.tzinfo else instant.replace(tzinfo=time_zone(zone))
    return format_datetime(local.astimezone(UTC), format)


def _between_zones(text: str, source: str, target: str, format: str | None = None) -> str:
    instant = parse_datetime(text)
    return _in_zone(instant if instant.tzinfo else instant.replace(tzinfo=time_zone(source)), target, format)


def _in_zone(instant: datetime, zone: str, format: str | None) -> str:
    """The time on a zone's clocks, which does not say of which zone it is, but for UTC's."""
    target = time_zone(zone)
    local = instant.astimezone(target)
    return format_datetime(local.astimezone(UTC) if target.key == "Etc/UTC" else local.replace(tzinfo=None), format)


def _difference(start: str, end: str) -> str:
    """`[-]days.hours:minutes:seconds`, as .NET writes a span."""
    span = parse_datetime(end).replace(tzinfo=UTC) - parse_datetime(start).replace(tzinfo=UTC)
    sign, span = ("-", -span) if span < timedelta(0) else ("", span)
    hours, rest = divmod(span.seconds, 3600)
    days = f"{span.days}." if span.days else ""
    fraction = f".{span.microseconds:06d}0" if span.microseconds else ""
    return f"{sign}{days}{hours:02d}:{rest // 60:02d}:{rest % 60:02d}{fraction}"


def _parse(text: str, _locale: str | None = None, format: str | None = None) -> str:
    return format_datetime(parse_with(text, format) if format else parse_datetime(text), "o")


DATES = (
    _adding("addDays", "day"),
    _adding("addHours", "hour"),
    _adding("addMinutes", "minute"),
    _adding("addSeconds", "second"),
    function("addToTime", "timestamp: string, interval: integer, timeUnit: string, format?: string", _moved),
    function(
        "subtractFromTime", "timestamp: string, interval: integer, timeUnit: string, format?: string", _moved_back
    ),
    function("convertFromUtc", "timestamp: string, destinationTimeZone: string, format?: string", _from_utc),
    function("convertToUtc", "timestamp: string, sourceTimeZone: string, format?: string", _to_utc),
    function(
        "convertTimeZone",
        "timestamp: string, sourceTimeZone: string, destinationTimeZone: string, format?: string",
        _between_zones,
    ),
    function("dateDifference", "startDate: string, endDate: string", _difference),
    function("dayOfMonth", "timestamp: string", lambda text: parse_datetime(text).day),
    function("dayOfWeek", "timestamp: string", lambda text: parse_datetime(text).isoweekday() % 7),
    function("dayOfYear", "timestamp: string", lambda text: parse_datetime(text).timetuple().tm_yday),
    function(
        "formatDateTime",
        "timestamp: string, format?: string, locale?: string",
        lambda text, format=None, _locale=None: format_datetime(parse_datetime(text), format),
    ),
    function("parseDateTime", "timestamp: string, locale?: string, format?: string", _parse),
    _start("startOfDay", lambda instant: _hour(instant).replace(hour=0)),
    _start("startOfHour", _hour),
    _start("startOfMonth", lambda instant: _hour(instant).replace(day=1, hour=0)),
    function("ticks", "timestamp: string", lambda text: ticks(parse_datetime(text))),
)
