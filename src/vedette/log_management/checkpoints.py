"""Heads of the audit's chain that are noted outside the database, so that an end that was cut off is noticed."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from vedette.core.errors import InvalidInput
from vedette.core.whole_files import write_whole
from vedette.state.audit_chain import NOTHING, Head

CHECKPOINT_FILE: Final = "audit.head"
_log = structlog.get_logger(__name__)


class Checkpoints:
    """The file beside the database that names the last record as of some seconds ago."""

    def __init__(self, path: Path, head: Callable[[], Head]) -> None:
        self._path = path
        self._head = head
        self._noted: Head | None = None

    def note(self) -> None:
        """Note the head, if it is another than before, in the file and in the server's log."""
        head = self._head()
        if head != self._noted and head.sequence:
            write_whole(self._path, str(head).encode())
            _log.info("audit checkpoint", head=str(head))
        self._noted = head


def noted_heads(path: Path) -> list[Head]:
    """What the file says. Raises InvalidInput (InvalidHead)."""
    return [head_of_text(path.read_text(encoding="ascii").strip())] if path.exists() else []


def head_of_text(text: str) -> Head:
    """`NUMBER:SEAL` as it is told. Raises InvalidInput (InvalidHead)."""
    number, _, seal = text.strip().partition(":")
    if not number.isdecimal() or len(seal) != len(NOTHING) or len(number) > 18:
        raise InvalidInput("InvalidHead", f"'{text[:80]}' is no head of an audit: it is NUMBER:SEAL.")
    return Head(int(number), seal.lower())
