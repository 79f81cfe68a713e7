"""Reads and writes the text of constants: numbers, dates, timespans, guids, quoted text, as Kusto does.

All functions are pure. The `parse_…` functions return None for text that is no such constant, and for `null`.
https://learn.microsoft.com/kusto/query/scalar-data-types/
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND

_LONG_MIN, _LONG_MAX = -(2**63), 2**63 - 1
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1

_UNITS = {
    "d": TICKS_PER_DAY,
    "h": 3_600 * TICKS_PER_SECOND,
    "m": 60 * TICKS_PER_SECOND,
    "s": TICKS_PER_SECOND,
    "ms": 10_000,
    "micro": 10,
    "nano": Decimal("0.01"),
    "tick": 1,
}
_UNIT_NAMES = {
    name: _UNITS[unit]
    for unit, names in {
        "d": "d day days",
        "h": "h hr hrs hour hours",
        "m": "m min minute minutes",
        "s": "s sec second seconds",
        "ms": "ms milli millis millisec millisecond milliseconds",
        "micro": "micro micros microsec microsecond microseconds",
        "nano": "nano nanos nanosec nanosecond nanoseconds",
        "tick": "tick ticks",
    }.items()
    for name in names.split()
}

# --- numbers -------------------------------------------------------------------------------------------------------

_INTEGER = re.compile(r"[+-]?[0-9]+")
_HEX = re.compile(r"([+-]?)0[xX]([0-9a-fA-F]{1,16})")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE = {"nan": "nan", "inf": "inf", "+inf": "inf", "-inf": "-inf"}


def parse_long(text: str) -> int | None:
    """A 64-bit integer; hexadecimal text is unsigned and wraps (`0xFFFFFFFFFFFFFFFF` is -1)."""
    stripped = text.strip()
    if found := _HEX.fullmatch(stripped):
        value = int(found[2], 16)
        wrapped = value - 2**64 if value > _LONG_MAX else value
        return -wrapped if found[1] == "-" and wrapped != _LONG_MIN else wrapped
    if not _INTEGER.fullmatch(stripped) or len(stripped) > 40:
        return None
    value = int(stripped)
    return value if _LONG_MIN <= value <= _LONG_MAX else None


def parse_int(text: str) -> int | None:
    """A 32-bit integer; hexadecimal text wraps at 32 bits."""
    value = parse_long(text)
    if value is None:
        return None
    if "x" in text.lower() and _INT_MAX < value < 2**32:
        return value - 2**32
    return value if _INT_MIN <= value <= _INT_MAX else None


def parse_real(text: str) -> float | None:
    """A double; also `nan`, `+inf`, `-inf` and hexadecimal integers."""
    stripped = text.strip().lower()
    if stripped in _NOT_FINITE:
        return float(_NOT_FINITE[stripped])
    if _REAL.fullmatch(stripped):
        return float(stripped)
    whole = parse_long(stripped)
    return None if whole is None else float(whole)


def parse_decimal(text: str) -> Decimal | None:
    """A decimal number, with an exponent or not."""
    stripped = text.strip()
    if not _REAL.fullmatch(stripped):
        return None
    try:
        return Decimal(stripped)
    except InvalidOperation:
        return None


def parse_bool(text: str) -> bool | None:
    """`true`, `false` in any case, or an integer, which is true unless zero."""
    folded = text.strip().lower()
    if folded in ("true", "false"):
        return folded == "true"
    number = parse_long(folded)
    return None if number is None else number != 0


_GUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?", re.IGNORECASE)


def parse_guid(text: str) -> str | None:
    """A guid as lower-case text with hyphens."""
    found = _GUID.fullmatch(text.strip())
    return "-".join(found.groups()).lower() if found else None


# --- dates ---------------------------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = (
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{1,2})(?::(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?:\s*(?P<half>[AaPp][Mm]))?(?:\s*(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
_YEAR, _MONTH, _DAY = r"(?P<year>[0-9]{4})", r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})"
_WEEKDAY, _MONTH_NAME = r"(?:[A-Za-z]{3,9},?\s+)?", r"(?P<name>[A-Za-z]{3,9})"
_DATE_FORMS = tuple(
    re.compile(form)
    for form in (
        # 2024, 2024-03, 2024-03-01, 2024-03-01T10:00:00Z
        rf"{_YEAR}(?:-{_MONTH}(?:-{_DAY}(?:(?:\s*T|\s+){_CLOCK}|[Zz])?)?)?",
        # 2024/03/01 10:00
        rf"{_YEAR}/{_MONTH}/{_DAY}(?:(?:T|\s+){_CLOCK})?",
        # 2024 - 03 - 01; 2024, 3, 1
        rf"{_YEAR}(?:\s*-\s*{_MONTH}\s*-|\s*,\s*(?P<month2>[0-9]{{1,2}})\s*,)\s*{_DAY}",
        # 03/01/2024 10:00:00 PM
        rf"{_MONTH}[/-]{_DAY}[/-]{_YEAR}(?:\s+{_CLOCK})?",
        # Sat, 8 Nov 2014 15:05:02 GMT; Saturday, 08-Nov-14 15:05:02 UTC
        rf"{_WEEKDAY}{_DAY}[\s-]{_MONTH_NAME}[\s-](?P<year>[0-9]{{4}}|[0-9]{{2}})(?:\s+{_CLOCK})?",
        # Nov 8, 2014 15:05
        rf"{_WEEKDAY}{_MONTH_NAME}\s+{_DAY},?\s+{_YEAR}(?:\s+{_CLOCK})?",
        # Sat Nov  8 15:05:02 2014
        rf"[A-Za-z]{{3}}\s+{_MONTH_NAME}\s+{_DAY}\s+{_CLOCK}\s+{_YEAR}",
    )
)


class Moment(datetime):
    """An instant with a seventh digit of its second, which is not part of its value."""

    tick: int = 0


def parse_datetime(text: str) -> datetime | None:
    """An instant, aware, in UTC, to the microsecond; a Moment where it has a seventh digit.

    Reads ISO 8601 and its parts (`2024`, `2024-03`, `2024-03-01 10:00`), `03/01/2024 10:00:00`, RFC 822 and 850.
    https://learn.microsoft.com/kusto/query/scalar-data-types/datetime
    """
    stripped = text.strip()
    for form in _DATE_FORMS:
        if found := form.fullmatch(stripped):
            return _instant(found.groupdict())
    return None


def _instant(parts: dict[str, str | None]) -> datetime | None:
    month = _month(parts)
    hour = _hour(parts)
    if month is None or hour is None:
        return None
    microsecond = int(((parts.get("fraction") or "") + "000000")[:6])
    try:
        local = datetime(
            _full_year(parts["year"] or ""),
            month,
            int(parts.get("day") or 1),
            hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            microsecond,
            _zone(parts.get("zone")),
        )
        instant = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    tick = (parts.get("fraction") or "")[6:7]
    return _moment(instant, int(tick)) if tick not in ("", "0") else instant


def _moment(instant: datetime, tick: int) -> Moment:
    moment = Moment.fromtimestamp(0, UTC) + (instant - datetime.fromtimestamp(0, UTC))
    moment.tick = tick
    return moment


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 50 else 1900)


def _month(parts: dict[str, str | None]) -> int | None:
    name = parts.get("name")
    if name is None:
        return int(parts.get("month") or parts.get("month2") or 1)
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else None


def _hour(parts: dict[str, str | None]) -> int | None:
    hour = int(parts.get("hour") or 0)
    half = parts.get("half")
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half.lower() == "pm" else 0)


def _zone(text: str | None) -> timezone:
    if text is None or text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-offset if text[0] == "-" else offset)


def format_datetime(value: datetime) -> str:
    """The text Kusto prints: `2024-03-01T10:00:00.0000000Z`. The value is in UTC.

    The seventh digit, which the engine does not keep, is 9 in the last microsecond of a second: that stands for the
    last instant of a day, month or year.
    """
    seventh = value.tick if isinstance(value, Moment) else 9 if value.microsecond == 999_999 else 0
    return f"{value.year:04}-{value.month:02}-{value.day:02}T{value:%H:%M:%S}.{value.microsecond:06}{seventh}Z"


# --- timespans -----------------------------------------------------------------------------------------------------

_WITH_UNIT = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")
_CLOCK_SPAN = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<days>[0-9]+)[.:](?=[0-9]+:[0-9]+:))?(?P<hours>[0-9]+):(?P<minutes>[0-9]+)"
    r"(?::(?P<seconds>[0-9]+)(?:\.(?P<fraction>[0-9]{1,7}))?)?"
)
_DAYS_AND_HOURS = re.compile(r"(?P<sign>[+-]?)(?P<days>[0-9]+)\.(?P<hours>[0-9]{1,2}):(?P<minutes>[0-9]{1,2})")
_DAYS = re.compile(r"[+-]?[0-9]{1,9}")


def parse_timespan(text: str) -> int | None:
    """A duration in ticks of 100 ns: `1.5h`, `2 seconds`, `d.hh:mm:ss.fffffff` and its parts, or whole days.

    https://learn.microsoft.com/kusto/query/scalar-data-types/timespan
    """
    stripped = text.strip()
    if found := _WITH_UNIT.fullmatch(stripped):
        unit = _UNIT_NAMES.get(found[3])
        return None if unit is None else _within_range(int(Decimal(found[2]) * unit), found[1])
    if _DAYS.fullmatch(stripped):
        return _within_range(int(stripped) * TICKS_PER_DAY, "")
    found = _DAYS_AND_HOURS.fullmatch(stripped) or _CLOCK_SPAN.fullmatch(stripped)
    if found is None:
        return None
    parts = found.groupdict()
    if any(len(part or "") > 12 for part in parts.values()):
        return None
    hours, minutes, seconds = int(parts["hours"]), int(parts["minutes"]), int(parts.get("seconds") or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    whole = (int(parts["days"] or 0) * 24 + hours) * 3600 + minutes * 60 + seconds
    fraction = int(((parts.get("fraction") or "") + "0000000")[:7])
    return _within_range(whole * TICKS_PER_SECOND + fraction, parts["sign"] or "")


def _within_range(ticks: int, sign: str) -> int | None:
    signed = -ticks if sign == "-" else ticks
    return signed if _LONG_MIN <= signed <= _LONG_MAX else None


def format_timespan(ticks: int) -> str:
    """The text Kusto prints: `[-][d.]hh:mm:ss[.fffffff]`."""
    days, rest = divmod(abs(ticks), TICKS_PER_DAY)
    seconds, fraction = divmod(rest, TICKS_PER_SECOND)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if days:
        text = f"{days}.{text}"
    if fraction:
        text = f"{text}.{fraction:07}"
    return f"-{text}" if ticks < 0 else text


# --- quoted text ---------------------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-7]{1,3})|(?s:(.)))")
_SIMPLE_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    '"': '"',
    "'": "'",
    "/": "/",
}


class BadEscape(ValueError):
    """A backslash followed by something that is no escape; `offset` counts from the start of the quoted text."""

    def __init__(self, escape: str, offset: int) -> None:
        super().__init__(escape)
        self.escape = escape
        self.offset = offset


def unquote(quoted: str) -> str:
    """The value of a text constant as it stands in a query, prefix (`h`, `@`) and quotes included.

    Raises BadEscape. https://learn.microsoft.com/kusto/query/scalar-data-types/string
    """
    opening = 1 if quoted[0] in "hH" else 0
    if quoted[opening] == "@":
        quote = quoted[opening + 1]
        return quoted[opening + 2 : -1].replace(quote * 2, quote)
    if quoted[opening : opening + 3] in ("```", "~~~"):
        return quoted[opening + 3 : -3]
    inner = quoted[opening + 1 : -1]
    if "\\" not in inner:
        return inner
    return _paired(_ESCAPE.sub(lambda found: _unescaped(found, opening + 1), inner))


def _paired(text: str) -> str:
    """The text with each pair of surrogates as the character that it writes; one alone becomes U+FFFD."""
    if not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(found: re.Match[str], opening: int) -> str:
    four, eight, two, octal, single = found.groups()
    if single is not None:
        if single in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[single]
        raise BadEscape(found[0], found.start() + opening)
    code = int(octal, 8) if octal else int(four or eight or two, 16)
    if code > 0x10FFFF:
        raise BadEscape(found[0], found.start() + opening)
    return chr(code)
