"""`5h` and `PT5H`: durations as files have them and as the management API has them."""

import re

from vedette.core.durations import format_duration, parse_duration

_SHORT = re.compile(r"(\d{1,9})\s*([smhd])", re.IGNORECASE)
_ISO = re.compile(r"P(?:(\d+)D|T(\d+)([HMS]))")


def iso_duration(text: str) -> str:
    """`1h`, `14d`, `30M` as ISO 8601; another text as it is, for the server to judge."""
    found = _SHORT.fullmatch(text.strip())
    if found is None:
        return text
    number, unit = found[1], found[2].upper()
    return format_duration(parse_duration(f"P{number}D" if unit == "D" else f"PT{number}{unit}"))


def short_duration(text: str) -> str:
    """The short form where it is read as the same text again, else the text as it is."""
    found = _ISO.fullmatch(text)
    if found is None:
        return text
    short = f"{found[1]}d" if found[1] else f"{found[2]}{found[3].lower()}"
    return short if iso_duration(short) == text else text
