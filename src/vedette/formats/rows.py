"""What a parser gives: a row, and the built-in table that it belongs to."""

from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
"""Column names to values as `logs.values.arrow_table` takes them; columns that say nothing are left out."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a built-in table."""

    table: str
    row: Row


def text_of(data: bytes) -> str:
    """The text of bytes in UTF-8, without a byte order mark; in Latin-1, which reads any, where they are not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


INT_RANGE = range(-(2**31), 2**31)
LONG_RANGE = range(-(2**63), 2**63)


def whole_number(text: str, allowed: range = INT_RANGE) -> int | None:
    """The decimal number that the text is, if a column of that range can hold it."""
    stripped = text.strip()
    if not 1 <= len(stripped) <= 20 or not stripped.removeprefix("-").isdecimal() or not stripped.isascii():
        return None
    number = int(stripped)
    return number if number in allowed else None
