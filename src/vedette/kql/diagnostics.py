"""What is wrong with a query, where, and what was probably meant."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from vedette.core.errors import InvalidInput


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


def described(text: str, diagnostic: Diagnostic) -> dict[str, str | int | None]:
    """The finding as JSON values for editors and linters: offsets are of characters, line and column count from 1."""
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
    }


def suggestion(name: str, candidates: Iterable[str]) -> str | None:
    """`Did you mean 'X'?` for the nearest candidate, ignoring case; None when nothing is near."""
    by_folded = {candidate.lower(): candidate for candidate in candidates}
    near = get_close_matches(name.lower(), by_folded, n=1, cutoff=0.7)
    return f"Did you mean '{by_folded[near[0]]}'?" if near else None


def suggestion_or_all(name: str, known: Collection[str]) -> str:
    """`Did you mean 'X'?` for the nearest known name; all that there are when nothing is near."""
    return suggestion(name, known) or f"There are {', '.join(known)}."
