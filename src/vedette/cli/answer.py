"""A query's answer as the wire has it, and a query's error shown in the text that the user typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vedette.kql.diagnostics import Diagnostic, Span, render


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and its KQL type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A result. Cells are as the query API writes them; `partial` says what is missing, if anything is."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Any]]
    partial: str | None


def read_answers(body: Mapping[str, Any]) -> list[Answer]:
    """The results in a query API answer, one at least; what is missing is said of each, for it does not say of which.

    https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format
    """
    partial = _innermost(body["error"])["message"] if "error" in body else None
    return [
        Answer(
            name=table["name"],
            columns=tuple(Column(column["name"], column["type"]) for column in table["columns"]),
            rows=table["rows"],
            partial=partial,
        )
        for table in body["tables"]
    ]


def shown_error(text: str, body: Mapping[str, Any]) -> str | None:
    """The query API's errors, each with the line it is in and a caret; None when the first names no place in the text.
    Those after the first are in the `details`."""
    error: Mapping[str, Any] = body.get("error", {})
    findings = [_innermost(error)]
    if "innererror" in error:
        findings += [_innermost(each) for each in error.get("details") or ()]
    shown = [_shown(text, finding) for finding in findings]
    return None if shown[0] is None else "\n".join(each for each in shown if each is not None)


def _shown(text: str, finding: Mapping[str, Any]) -> str | None:
    match finding:
        case {"code": str(code), "message": str(message), "line": int(line), "pos": int(position)}:
            start = _offset(text, line, position)
            span = Span(start, start + len(str(finding.get("token", ""))))
            return render(text, Diagnostic(code, message, span))
        case _:
            return None


def _innermost(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an error nests: its `innererror`, else the first of its `details`, and so on down."""
    details = error.get("details")
    inner = error.get("innererror") or (details[0] if details else None)
    return error if inner is None else _innermost(inner)


def _offset(text: str, line: int, position: int) -> int:
    """The offset of a 1-based line and a 0-based position in it."""
    before = text.split("\n")[: line - 1]
    return sum(len(each) + 1 for each in before) + position
