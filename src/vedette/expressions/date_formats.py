"""Instants as .NET's format strings write and read them, in English.

https://learn.microsoft.com/dotnet/standard/base-types/standard-date-and-time-format-strings
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from vedette.expressions.errors import ExpressionError

_ROUND_TRIP = "yyyy-MM-ddTHH:mm:ss.fffffffK"
_STANDARD = {
    "d": "M/d/yyyy",
    "D": "dddd, MMMM d, yyyy",
    "f": "dddd, MMMM d, yyyy h:mm tt",
    "F": "dddd, MMMM d, yyyy h:mm:ss tt",
    "g": "M/d/yyyy h:mm tt",
    "G": "M/d/yyyy h:mm:ss tt",
    "m": "MMMM d",
    "M": "MMMM d",
    "o": _ROUND_TRIP,
    "O": _ROUND_TRIP,
    "r": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "h:mm tt",
    "T": "h:mm:ss tt",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, MMMM d, yyyy h:mm:ss tt",
    "y": "MMMM yyyy",
    "Y": "MMMM yyyy",
}
INVARIANT = _STANDARD | {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}
"""The standard formats of .NET's invariant culture, which belongs to no country."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_PART = re.compile(
    r"(?P<quoted>'[^']*'|\"[^\"]*\")|\\(?P<escaped>.)|%(?P<single>[A-Za-z])"
    r"|(?P<field>d{1,4}|M{1,4}|y{1,5}|H{1,2}|h{1,2}|m{1,2}|s{1,2}|f{1,7}|F{1,7}|t{1,2}|K|z{1,3}|g{1,2})|(?P<other>.)",
    re.DOTALL,
)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d{2}:?\d{2})?"
)
_AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?\s*(AM|PM)?)?\s*(Z)?",
    re.IGNORECASE,
)
_LONGEST = 100


def format_datetime(instant: datetime, format: str | None, standard: Mapping[str, str] = _STANDARD) -> str:
    """The text; without a format that of `o`. Raises ExpressionError for a format that is none."""
    if not format:
        format = "o"
    if len(format) > _LONGEST:
        raise ExpressionError(f"The date format has more than {_LONGEST} characters.")
    if len(format) == 1:
        if format not in standard:
            raise ExpressionError(f"The date format '{format}' is not valid: it is no standard format.")
        format = standard[format]
    return "".join(_written(instant, match) for match in _PART.finditer(format))


def _written(instant: datetime, match: re.Match[str]) -> str:
    if match["quoted"]:
        return match["quoted"][1:-1]
    if match["escaped"]:
        return match["escaped"]
    field = match["single"] or match["field"]
    return _field(instant, field) if field else match["other"]


def _field(instant: datetime, field: str) -> str:
    width = len(field)
    match field[0]:
        case "d" if width > 2:
            name = _DAYS[instant.weekday()]
            return name if width == 4 else name[:3]
        case "M" if width > 2:
            name = _MONTHS[instant.month - 1]
            return name if width == 4 else name[:3]
        case "y":
            return f"{instant.year % 100:0{width}d}" if width < 3 else f"{instant.year:0{width}d}"
        case "h":
            return f"{instant.hour % 12 or 12:0{width}d}"
        case "f":
            return f"{instant.microsecond:06d}0"[:width]
        case "F":
            return f"{instant.microsecond:06d}0"[:width].rstrip("0")
        case "t":
            return ("AM" if instant.hour < 12 else "PM")[:width]
        case "K":
            return "Z" if instant.tzinfo is UTC else _offset(instant, ":")
        case "z":
            return _offset(instant, ":", width) if instant.tzinfo else "+00:00"[: 3 if width < 3 else 6]
        case "g":
            return "A.D."
        case letter:
            number = {"d": instant.day, "M": instant.month, "H": instant.hour, "m": instant.minute}
            return f"{number.get(letter, instant.second):0{width}d}"


def _offset(instant: datetime, mark: str, width: int = 3) -> str:
    offset = instant.utcoffset()
    if offset is None:
        return ""
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    hours = f"{minutes // 60:d}" if width == 1 else f"{minutes // 60:02d}"
    return f"{sign}{hours}" + (f"{mark}{minutes % 60:02d}" if width == 3 else "")


def parse_datetime(text: str) -> datetime:
    """The instant that a text says: aware in UTC where it names a zone, else naive. Raises ExpressionError."""
    text = text[:_LONGEST].strip()
    try:
        return _iso(text) or _american(text) or _mail(text)
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        raise ExpressionError(
            f"The datetime string must match ISO 8601 format. The provided value '{text[:60]}' does not."
        ) from error


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    parsed = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), _microseconds(fraction)
    )
    if zone is None:
        return parsed
    if zone in "Zz":
        return parsed.replace(tzinfo=UTC)
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
    return parsed.replace(tzinfo=timezone(offset)).astimezone(UTC)


def _american(text: str) -> datetime | None:
    match = _AMERICAN.fullmatch(text)
    if match is None:
        return None
    month, day, year, hour, minute, second, fraction, half, zone = match.groups()
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.upper() == "PM" else 0)
    parsed = datetime(
        int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), _microseconds(fraction)
    )
    return parsed.replace(tzinfo=UTC) if zone else parsed


def _microseconds(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0


def _mail(text: str) -> datetime:
    """Such as `Tue, 15 Mar 2018 13:00:00 GMT`."""
    parsed = parsedate_to_datetime(text)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed


_READ = {
    "yyyy": r"(?P<Y>\d{4})", "yy": r"(?P<y>\d{2})", "MMMM": r"(?P<B>[A-Za-z]+)", "MMM": r"(?P<b>[A-Za-z]{3})",
    "MM": r"(?P<M>\d{2})", "M": r"(?P<M>\d{1,2})", "dddd": r"[A-Za-z]+", "ddd": r"[A-Za-z]{3}",
    "dd": r"(?P<d>\d{2})", "d": r"(?P<d>\d{1,2})", "HH": r"(?P<H>\d{2})", "H": r"(?P<H>\d{1,2})",
    "hh": r"(?P<H>\d{2})", "h": r"(?P<H>\d{1,2})", "mm": r"(?P<m>\d{2})", "m": r"(?P<m>\d{1,2})",
    "ss": r"(?P<s>\d{2})", "s": r"(?P<s>\d{1,2})", "tt": r"(?P<t>AM|PM|am|pm)", "K": r"(?P<z>Z|[+-]\d{2}:\d{2}|)",
    "zzz": r"(?P<z>[+-]\d{2}:\d{2})",
}  # fmt: skip


def parse_with(text: str, format: str) -> datetime:
    """The instant of a text in a custom format. Raises ExpressionError."""
    if len(text) > _LONGEST:
        raise ExpressionError(f"A date has at most {_LONGEST} characters.")
    pattern = "".join(map(_reading, _PART.finditer(_STANDARD.get(format, format)[:_LONGEST])))
    try:
        match = re.fullmatch(pattern, text.strip())
    except re.error as error:
        raise ExpressionError(f"The date format '{format[:40]}' names a part twice.") from error
    if match is None:
        raise ExpressionError(f"The value '{text[:60]}' does not match the date format '{format[:40]}'.")
    found = {name: value for name, value in match.groupdict().items() if value}
    return _assembled(found, text)


def _reading(match: re.Match[str]) -> str:
    if match["quoted"]:
        return re.escape(match["quoted"][1:-1])
    field = match["single"] or match["field"]
    if field is None:
        return re.escape(match["escaped"] or match["other"])
    if field[0] in "fF":
        return rf"(?P<f>\d{{{len(field) if field[0] == 'f' else '0,' + str(len(field))}}})"
    return _READ.get(field, re.escape(field))


def _assembled(found: dict[str, str], text: str) -> datetime:
    month = int(found.get("M", 1))
    named = found.get("B") or found.get("b")
    if named:
        month = 1 + [name[: len(named)].lower() for name in _MONTHS].index(named.lower())
    hour = int(found.get("H", 0))
    if "t" in found:
        hour = hour % 12 + (12 if found["t"].upper() == "PM" else 0)
    year = int(found["Y"]) if "Y" in found else 2000 + int(found.get("y", 1))
    try:
        parsed = datetime(
            year, month, int(found.get("d", 1)), hour, int(found.get("m", 0)), int(found.get("s", 0)),
            _microseconds(found.get("f")),
        )  # fmt: skip
    except ValueError as error:
        raise ExpressionError(f"The value '{text[:60]}' is no date and time: {error}.") from error
    zone = found.get("z")
    if not zone:
        return parsed
    iso = _iso(f"{parsed.isoformat()}{zone}")
    assert iso is not None
    return iso
