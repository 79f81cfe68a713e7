"""What came of looking at content: the findings, and how many were left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from vedette.content.document import Document
from vedette.content.lint.finding import Finding
from vedette.content.lint.rules import Level


@dataclass(frozen=True, slots=True)
class Linted:
    """`findings` are in the order of files and lines. `items` of `documents` were looked at; `suppressed` were left out
    for comments, `known` for the baseline."""

    findings: tuple[Finding, ...]
    documents: Mapping[Path, Document]
    items: int
    suppressed: int = 0
    known: int = 0

    def count(self, level: Level) -> int:
        """How many findings there are of a level."""
        return sum(each.level is level for each in self.findings)

    def chosen(self, only: tuple[str, ...] | None, ignored: tuple[str, ...]) -> "Linted":
        """The findings of some rules, which are named by their ids or the beginnings of these."""
        left = [
            each
            for each in self.findings
            if (only is None or each.code.startswith(only)) and not (ignored and each.code.startswith(ignored))
        ]
        return replace(self, findings=tuple(left))
