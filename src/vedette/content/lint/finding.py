"""What a rule of `vedette lint` found, and where."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from vedette.content.lint.rules import Level, rules


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`line` and `column`, from one, are where it is in the file. `item` is the title of what it is about."""

    path: Path
    line: int
    column: int
    code: str
    message: str
    item: str = ""

    @property
    def level(self) -> Level:
        """How bad it is."""
        return rules()[self.code].level

    @property
    def fingerprint(self) -> str:
        """The same for the same finding wherever in its file it moves to."""
        parts = (self.code, self.path.as_posix(), self.item, self.message)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
