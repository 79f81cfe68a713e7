"""An event of a Windows event log, whichever way it came: the fields of its System element, and its data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

AUDIT_SUCCESS: Final = 0x0020_0000_0000_0000
AUDIT_FAILURE: Final = 0x0010_0000_0000_0000
LEVEL_NAMES: Final = {0: "LogAlways", 1: "Critical", 2: "Error", 3: "Warning", 4: "Information", 5: "Verbose"}

Data = tuple[tuple[str, str], ...]
"""Names and values in order; a value may have no name, and then the name is empty."""


@dataclass(frozen=True, slots=True)
class WindowsEvent:
    """https://learn.microsoft.com/windows/win32/wes/eventschema-systempropertiestype-complextype

    `message` is the rendered text, empty where nobody rendered it. Numbers that were not told are None.
    """

    provider: str
    event_id: int
    channel: str
    computer: str
    time: datetime | None
    data: Data = ()
    message: str = ""
    version: int | None = None
    level: int | None = None
    task: int | None = None
    opcode: int | None = None
    keywords: int | None = None
    record_id: str = ""
    activity_id: str = ""
    process_id: int | None = None
    thread_id: int | None = None
    user_id: str = ""
    user_name: str = ""


def number(text: object) -> int | None:
    """A number as XML and JSON have it: decimal, hexadecimal with 0x, or a JSON number; None for anything else."""
    if isinstance(text, bool) or text is None:
        return None
    if isinstance(text, int):
        return text
    stripped = str(text).strip()
    if not stripped.isascii() or len(stripped) > 24:
        return None
    try:
        return int(stripped, 16) if stripped.lower().startswith("0x") else int(stripped)
    except ValueError:
        return None


def small(value: int | None) -> int | None:
    """The number where a column of type int can hold it."""
    return value if value is not None and -(2**31) <= value < 2**31 else None


def unsigned(value: int | None) -> int | None:
    """Keywords as the 64 bits that they are; JSON senders write them with a sign."""
    return None if value is None else value & 0xFFFF_FFFF_FFFF_FFFF
