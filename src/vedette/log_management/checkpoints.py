"""Heads of the audit's chain that are noted outside the database, so that an end that was cut off is noticed."""

from pathlib import Path
from typing import Final

import structlog

from vedette.core.errors import InvalidInput
from vedette.core.whole_files import write_whole
from vedette.state.audit_chain import NOTHING, AuditChain, Head
from vedette.state.store import StateStore

CHECKPOINT_FILE: Final = "audit.head"
_log = structlog.get_logger(__name__)


class Checkpoints:
    """The file beside the database that names the last record as of some seconds ago."""

    def __init__(self, path: Path, state: StateStore, chain: AuditChain) -> None:
        self._path = path
        self._state = state
        self._chain = chain
        self._noted = Head()
        self._is_alarmed = False

    def note(self) -> None:
        """Note the head, if it is another than before, in the file and in the server's log.

        The file stays as it is when what it names is not in the chain any more: it is the proof of that.
        """
        head = self._state.audit_head()
        if head == self._noted and self._path.exists():
            return
        problem = self._problem()
        if problem:
            if not self._is_alarmed:
                _log.error("the audit is not what it was", problem=problem, file=str(self._path))
            self._is_alarmed = True
        elif head.sequence:
            write_whole(self._path, str(head).encode())
            _log.info("audit checkpoint", head=str(head))
            self._noted = head

    def _problem(self) -> str:
        """What is wrong with what was noted before: empty when the chain goes on from there."""
        try:
            noted = [head for head in (self._noted, *noted_heads(self._path)) if head.sequence]
        except (InvalidInput, UnicodeDecodeError) as error:
            return str(error)
        if all(self._is_in_place(head) for head in noted):
            return ""
        return self._chain.verify(self._state.all_audit_records(), noted).problem  # they may have been pruned

    def _is_in_place(self, head: Head) -> bool:
        found = self._state.audit_records(after=head.sequence - 1, oldest_first=True, limit=1)
        return bool(found) and (found[0].sequence, found[0].seal) == (head.sequence, head.seal)


def noted_heads(path: Path) -> list[Head]:
    """What the file says. Raises InvalidInput (InvalidHead)."""
    return [head_of_text(path.read_text(encoding="ascii").strip())] if path.exists() else []


def head_of_text(text: str) -> Head:
    """`NUMBER:SEAL` as it is told. Raises InvalidInput (InvalidHead)."""
    number, _, seal = text.strip().partition(":")
    if not number.isdecimal() or len(seal) != len(NOTHING) or len(number) > 18:
        raise InvalidInput("InvalidHead", f"'{text[:80]}' is no head of an audit: it is NUMBER:SEAL.")
    return Head(int(number), seal.lower())
