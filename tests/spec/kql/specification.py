"""Reads spec files: `# title`, the query, `---- result [ordered]` or `---- error CODE at line:column`, and what is
expected."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CASE = re.compile(r"^# (?P<title>.+)$", re.MULTILINE)
_HEAD = re.compile(r"^---- (?P<kind>result|error)(?P<rest>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a query and its rows with types, or its error."""

    title: str
    query: str
    is_error: bool
    is_ordered: bool
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    error: str
    message: str


def cases(path: Path) -> list[Case]:
    """The cases of a file."""
    text = path.read_text(encoding="utf-8")
    starts = list(_CASE.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return [_case(match["title"], text[match.end() : end], path) for match, end in zip(starts, ends, strict=True)]


def _case(title: str, text: str, path: Path) -> Case:
    head = _HEAD.search(text)
    assert head is not None, f"{path.name}: '{title}' has no ---- line"
    query, answer = text[: head.start()].strip(), text[head.end() :].strip()
    if head["kind"] == "error":
        return Case(title, query, True, False, (), (), head["rest"].strip(), answer)
    lines = answer.split("\n")
    columns = tuple(tuple(part.rsplit(":", 1)) for part in re.split(r" {2,}", lines[0]))
    rows = tuple(
        tuple(json.loads(cell) for cell in re.split(r" {2,}", line.strip())) for line in lines[1:] if line.strip()
    )
    return Case(title, query, False, "ordered" in head["rest"], columns, rows, "", "")  # pyright: ignore[reportArgumentType]
