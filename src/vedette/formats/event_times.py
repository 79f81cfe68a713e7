"""Reads the times that syslog, CEF and LEEF carry, in every form that they have."""

import re
from datetime import UTC, datetime, timedelta, timezone

_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1,
    "UTC": 0, "GMT": 0, "UT": 0, "Z": 0, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours east of Greenwich. IST and the like mean several zones and are not read."""

_OFFSET = r"[+-](?:0\d|1[0-4]):?[0-5]\d"
_ZONE = rf"(?:{'|'.join(_ZONES)})(?:{_OFFSET})?|{_OFFSET}"
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_MONTH_TIME = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2})(?: (?P<year>\d{4}))? "
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
    rf"(?: (?P<later>(?:19|20)\d\d)(?![\w.]))?(?: (?P<zone>{_ZONE})(?![\w.-]))?",
    re.ASCII,
)
_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<time>\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,12}))?"
    rf"(?: ?(?P<zone>z|{_ZONE}))?(?![\w.-])",
    re.ASCII,
)
_EPOCH = re.compile(r"(?P<whole>\d{9,10})(?:\.(?P<fraction>\d{1,9}))?(?![\w.:-])", re.ASCII)
_MILLISECONDS = re.compile(r"\d{12,13}", re.ASCII)

_GREENWICH = timedelta(0)
_AHEAD = timedelta(days=2)  # a time without a year that is further ahead than this is of last year


def find_time(text: str, at: int, received: datetime) -> tuple[datetime | None, int]:
    """The time that stands at a place of the text, and where what follows it begins; (None, at) where there is none.

    Read are `Mmm dd hh:mm:ss`, with or without fraction, year and zone; ISO 8601; seconds since 1970. Without a zone it
    is UTC, and without a year the one that brings it closest to `received`. A time that does not exist is None and its
    end.
    """
    if match := _MONTH_TIME.match(text, at):
        return _month_time(match, received), match.end()
    if match := _ISO.match(text, at):
        return _iso_time(match), match.end()
    if match := _EPOCH.match(text, at):
        return _since_1970(int(match["whole"]), match["fraction"]), match.end()
    return None, at


def read_time(text: str, received: datetime) -> datetime | None:
    """The time that the whole text is, in the forms of `find_time` or milliseconds since 1970; None if it is none."""
    stripped = text.strip()
    if _MILLISECONDS.fullmatch(stripped):
        return _since_1970(int(stripped[:-3]), stripped[-3:])
    time, end = find_time(stripped, 0, received)
    return time if end == len(stripped) else None


def _month_time(match: re.Match[str], received: datetime) -> datetime | None:
    month = _MONTHS.get(match["month"])
    if month is None:
        return None
    year = match["year"] or match["later"]
    if year:
        years: tuple[int, ...] = (int(year),)
    elif month == 1 and received.month == 12:
        years = (received.year + 1, received.year)
    else:
        years = (received.year, received.year - 1)
    day, hour, minute, second = int(match["day"]), int(match["hour"]), int(match["minute"]), int(match["second"])
    for each in years:
        time = _made(each, month, day, hour, minute, second, match["fraction"], _zone(match["zone"]))
        if time is not None and (year or time <= received + _AHEAD):
            return time
    return None


def _iso_time(match: re.Match[str]) -> datetime | None:
    year, month, day = (int(part) for part in match["date"].split("-"))
    hour, minute, second = (int(part) for part in match["time"].split(":"))
    return _made(year, month, day, hour, minute, second, match["fraction"], _zone(match["zone"]))


def _made(
    year: int, month: int, day: int, hour: int, minute: int, second: int, fraction: str | None, zone: timedelta
) -> datetime | None:
    try:
        if second < 60 and not zone:
            return datetime(year, month, day, hour, minute, second, _micro(fraction), UTC)
        leap = second == 60
        local = datetime(year, month, day, hour, minute, 59 if leap else second, _micro(fraction), timezone(zone))
        return (local + timedelta(seconds=leap)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _micro(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0


def _zone(text: str | None) -> timedelta:
    """How far east of Greenwich; zero for no text."""
    if not text:
        return _GREENWICH
    name = text.rstrip("0123456789:+-")
    offset = text[len(name) :]
    if not offset:
        return timedelta(hours=_ZONES[name.upper()])
    digits = offset[1:].replace(":", "")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -east if offset.startswith("-") else east


def _since_1970(seconds: int, fraction: str | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=_micro(fraction))
