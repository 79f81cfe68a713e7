"""What is wrong with a query, where, and what was probably meant."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from vedette.core.errors import InvalidInput

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of character offsets in the query text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is SYN… for syntax, SEM… for meaning, LIM… for limits, WRN… for warnings."""

    code: str
    message: str
    span: Span
    hint: str | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def is_syntax(self) -> bool:
        """Whether the text could not be read, as against read and not understood."""
        return self.code.startswith("SYN")


class Instead(str):
    """A hint that names what to write: `right` where the query says `wrong`."""

    __slots__ = ("right", "wrong")

    def __new__(cls, hint: str, wrong: str, right: str) -> "Instead":
        """`hint` is what people read."""
        made = super().__new__(cls, hint)
        made.wrong, made.right = wrong, right
        return made

    wrong: str
    right: str


class KqlError(InvalidInput):
    """A query that cannot run. Its diagnostics are in text order, the first error first; `function` is the saved
    function that is at fault, where one is."""

    def __init__(self, text: str, diagnostics: Sequence[Diagnostic], function: str | None = None) -> None:
        errors = [finding for finding in diagnostics if finding.severity == "error"]
        first = errors[0]
        super().__init__(first.code, first.message if first.hint is None else f"{first.message} {first.hint}")
        self.text = text
        self.function = function
        self.diagnostics = tuple(diagnostics)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The 1-based line and column of a character offset; an offset past the end is the end."""
    before = text[:offset]
    line_start = before.rfind("\n") + 1
    return before.count("\n") + 1, len(before) - line_start + 1


def render(text: str, diagnostic: Diagnostic) -> str:
    """The finding as a compiler prints it: heading, the source line, carets under the span."""
    line, column = line_and_column(text, diagnostic.span.start)
    source_line = text.split("\n")[line - 1].rstrip("\r")
    width = min(max(diagnostic.span.end - diagnostic.span.start, 1), max(len(source_line) - column + 1, 1))
    margin = "".join("\t" if character == "\t" else " " for character in source_line[: column - 1])
    gutter = " " * len(str(line))
    parts = [
        f"{diagnostic.severity} {diagnostic.code} at {line}:{column}: {diagnostic.message}",
        f"{gutter} |",
        f"{line} | {source_line}",
        f"{gutter} | {margin}{'^' * width}",
    ]
    if diagnostic.hint:
        parts.append(f"{gutter} = {diagnostic.hint}")
    return "\n".join(parts)


def described(text: str, diagnostic: Diagnostic) -> dict[str, Any]:
    """The finding as JSON values for editors and linters: offsets are of characters, line and column count from 1.
    `edit` is the change to the text that mends it, where one name in place of another does."""
    line, column = line_and_column(text, diagnostic.span.start)
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "start": diagnostic.span.start,
        "end": diagnostic.span.end,
        "line": line,
        "column": column,
        "edit": _edit(text, diagnostic),
    }


def _edit(text: str, diagnostic: Diagnostic) -> dict[str, str | int] | None:
    """The wrong name within the finding's span, and what to write there."""
    hint = diagnostic.hint
    if not isinstance(hint, Instead):
        return None
    told = text[diagnostic.span.start : diagnostic.span.end]
    places = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(hint.wrong)}(?!\w)", told)]
    if len(places) != 1:
        return None
    start = diagnostic.span.start + places[0]
    end = start + len(hint.wrong)
    quoted = text[:start].endswith(("'", '"'))
    right = hint.right
    if not quoted and not all(_IDENTIFIER.fullmatch(part) for part in re.split(r"[-.]", right)):
        right = "['" + right.replace("\\", "\\\\").replace("'", "\\'") + "']"
    return {"start": start, "end": end, "text": right}


def suggestion(name: str, candidates: Iterable[str]) -> Instead | None:
    """`Did you mean 'X'?` for the nearest candidate, ignoring case; None when nothing is near."""
    by_folded = {candidate.lower(): candidate for candidate in candidates}
    near = get_close_matches(name.lower(), by_folded, n=1, cutoff=0.7)
    return Instead(f"Did you mean '{by_folded[near[0]]}'?", name, by_folded[near[0]]) if near else None


def suggestion_or_all(name: str, known: Collection[str]) -> str:
    """`Did you mean 'X'?` for the nearest known name; all that there are when nothing is near."""
    return suggestion(name, known) or f"There are {', '.join(known)}."
