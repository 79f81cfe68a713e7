"""ISO 8601 durations, as ARM bodies and the query API's timespan write them."""

import re
from datetime import timedelta

from vedette.core.errors import InvalidInput

_DURATION = re.compile(
    r"P(?!$)(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)


def parse_duration(text: str) -> timedelta:
    """`PT5M`, `P1D`, `P1DT2H`, `PT3600.0S` as a timedelta. Years and months have no fixed length and are refused.

    Raises InvalidInput (code InvalidDuration).
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise InvalidInput("InvalidDuration", f"'{text}' is not an ISO 8601 duration such as PT5M, PT1H or P1D.")
    try:
        return timedelta(**{unit: float(value) for unit, value in match.groupdict().items() if value})
    except OverflowError as error:
        raise InvalidInput("InvalidDuration", f"The duration '{text}' is too long.") from error


def format_duration(duration: timedelta) -> str:
    """A timedelta as the shortest ISO 8601 text: `P1D`, `PT5H`, `P1DT2H3M4.5S`; zero is `PT0S`."""
    hours, rest = divmod(duration.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f"{duration.microseconds:06d}".rstrip("0")
    second_text = f"{seconds}.{fraction}" if fraction else str(seconds)
    time = "".join(
        part
        for part, present in (
            (f"{hours}H", hours),
            (f"{minutes}M", minutes),
            (f"{second_text}S", seconds or fraction),
        )
        if present
    )
    days = f"{duration.days}D" if duration.days else ""
    if not days and not time:
        return "PT0S"
    return f"P{days}{'T' + time if time else ''}"
