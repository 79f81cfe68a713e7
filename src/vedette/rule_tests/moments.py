"""Times of a test file: instants, or distances from its clock such as `-5m`, `2h ago`, `+1d`, `now`."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of, reckonable

_UNITS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")
_SHORT = re.compile(r"(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+")
_SIGNED = re.compile(r"\s*([-+])\s*(.+)")
_AGO = re.compile(r"\s*(.+?)\s+ago\s*")


def length_of(text: str) -> timedelta:
    """`5m`, `1h30m`, `2d`, `PT5M`. Raises ValueError."""
    told = text.strip()
    if _SHORT.fullmatch(told):
        try:
            return sum((float(number) * _UNITS[unit] for number, unit in _PART.findall(told)), timedelta(0))
        except OverflowError as error:
            raise ValueError(f"'{text}' is too long") from error
    try:
        return parse_duration(told)
    except InvalidInput as error:
        raise ValueError(f"'{text}' is no length of time such as 5m, 1h30m, 2d or PT5M") from error


def distance_of(text: str) -> timedelta | None:
    """How far from the clock a text is, where it says that: `-5m`, `+PT1H`, `2h ago`, `now`; None for another text."""
    if text.strip().lower() == "now":
        return timedelta(0)
    ago, signed = _AGO.fullmatch(text), _SIGNED.fullmatch(text)
    try:
        if ago:
            return -length_of(ago[1])
        if signed:
            return length_of(signed[2]) * (-1 if signed[1] == "-" else 1)
    except ValueError:
        return None
    return None


def moment_of(text: str, clock: datetime) -> datetime:
    """An instant, or a distance from the clock. Raises ValueError."""
    distance = distance_of(text)
    try:
        return reckonable(clock + distance if distance is not None else instant_of(text.strip()))
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"'{text}' is no time such as -5m, 2h ago, +1d, now or 2024-01-31T12:00:00Z, of the years 1601 to 9998"
        ) from error


def told_distance(instant: datetime, clock: datetime) -> str:
    """`-5m`, `+1h30m`: how far an instant is from the clock."""
    seconds = (instant - clock).total_seconds()
    sign, left = ("-" if seconds < 0 else "+"), abs(seconds)
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{int(count)}{unit}")
    if left or not parts:
        parts.append(f"{left:.6f}".rstrip("0").rstrip(".") + "s")
    return sign + "".join(parts)


def as_utc(instant: datetime) -> datetime:
    """The instant in UTC; one without an offset is of UTC already."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
