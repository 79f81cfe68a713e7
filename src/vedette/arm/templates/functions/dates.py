"""Date functions: https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-date"""

import re
from datetime import UTC, datetime, timedelta

from vedette.expressions.date_formats import INVARIANT, format_datetime, parse_datetime
from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import function

_ISO = "yyyy-MM-ddTHH:mm:ssZ"
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z?")
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,7}))?S)?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def formatted(instant: datetime, format: str | None) -> str:
    """The text of an instant, in the invariant culture; without a format that of ISO 8601."""
    return format_datetime(instant, format or _ISO, INVARIANT)


def _instant(text: str) -> datetime:
    match = _BASIC.fullmatch(text.strip())
    try:
        found = datetime(*map(int, match.groups()), tzinfo=UTC) if match else parse_datetime(text)  # type: ignore[arg-type]
    except ValueError as error:
        raise ExpressionError(f"The value '{text[:60]}' is no date and time.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    """A year counts 365 days and a month 30, as .NET's durations have it."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or text.strip().endswith(("P", "T")):
        raise about("dateTimeAdd", f"expects its second parameter to be an ISO 8601 duration, not '{text[:60]}'.")
    sign, years, months, weeks, days, hours, minutes, seconds, fraction = match.groups()
    whole = timedelta(
        days=int(years or 0) * 365 + int(months or 0) * 30 + int(weeks or 0) * 7 + int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=int((fraction or "0")[:6].ljust(6, "0")),
    )
    return -whole if sign else whole


def _date_time_add(base: str, duration: str, format: str | None = None) -> str:
    try:
        return formatted(_instant(base) + _duration(duration), format)
    except OverflowError as error:
        raise about("dateTimeAdd", "gives a date and time that is out of range.") from error


def _from_epoch(seconds: int) -> str:
    try:
        return formatted(_EPOCH + timedelta(seconds=seconds), None)
    except OverflowError as error:
        raise about("dateTimeFromEpoch", "gives a date and time that is out of range.") from error


def _to_epoch(text: str) -> int:
    return (_instant(text) - _EPOCH) // timedelta(seconds=1)


DATES = (
    function("dateTimeAdd", "base: string, duration: string, format?: string", _date_time_add),
    function("dateTimeFromEpoch", "epochTime: integer", _from_epoch),
    function("dateTimeToEpoch", "dateTime: string", _to_epoch),
)
