"""Findings that somebody has looked at and means to keep, as comments in the file say.

`// vedette-disable VED604 why`, or with `#` in YAML: on a line of its own it holds for the item that it is in, or for
the whole file above the first one; behind something it holds for its line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from vedette.content.document import Document
from vedette.content.lint.finding import Finding
from vedette.content.lint.rules import rules

_COMMENT = re.compile(r"(?P<before>.*?)(?://|#)\s*vedette-disable\b[ \t]*(?P<rest>[^\n]*)")
_CODES = re.compile(r"\s*VED\d{3}(?:\s*,\s*VED\d{3})*")
_OF_ITSELF = "VED003"


@dataclass(slots=True)
class _Suppression:
    """Holds for the lines from `first` on and before `end`."""

    codes: frozenset[str]
    line: int
    column: int
    first: int
    end: float
    used: set[str] = field(default_factory=set[str])


def suppressed(document: Document, starts: Iterable[int], findings: Iterable[Finding]) -> tuple[list[Finding], int]:
    """The findings that remain, with those about the comments themselves, and how many were suppressed.

    `starts` are the lines where the items of the file begin.
    """
    own: list[Finding] = []
    held = list(_read(document, sorted(set(starts)), own))
    left: list[Finding] = []
    number = 0
    for finding in findings:
        by = [each for each in held if finding.code in each.codes and each.first <= finding.line < each.end]
        for each in by:
            each.used.add(finding.code)
        number += bool(by)
        if not by:
            left.append(finding)
    for each in held:
        for code in sorted(each.codes - each.used):
            own.append(
                Finding(document.path, each.line, each.column, _OF_ITSELF, f"there is no {code} to suppress here")
            )
    return [*left, *own], number


def _read(document: Document, starts: list[int], own: list[Finding]) -> Iterator[_Suppression]:
    if "vedette-disable" not in document.text:
        return
    for number, line in enumerate(document.lines, 1):
        found = _COMMENT.search(line)
        if found is None:
            continue
        column = found.end("before") + 1
        codes = _CODES.match(found["rest"])
        named = frozenset(re.findall(r"VED\d{3}", codes[0])) if codes else frozenset[str]()
        reason = found["rest"][codes.end() :].strip().strip('",') if codes else ""
        unknown = sorted(named - rules().keys())
        if not named or unknown or not reason:
            told = f"there is no rule {unknown[0]}" if unknown else "a rule's id, such as VED604, is missing"
            message = told if unknown or not named else f"say why {', '.join(sorted(named))} is suppressed"
            own.append(Finding(document.path, number, column, _OF_ITSELF, message))
        if named - set(unknown):
            first, end = _scope(number, found["before"], starts, document)
            yield _Suppression(named - set(unknown), number, column, first, end)


def _scope(number: int, before: str, starts: list[int], document: Document) -> tuple[int, float]:
    is_alone = not before.strip() or not document.is_yaml
    if not is_alone:
        return number, number + 1
    index = bisect_right(starts, number)
    if index == 0:  # above the first item
        return 1, float("inf")
    return starts[index - 1], starts[index] if index < len(starts) else float("inf")
