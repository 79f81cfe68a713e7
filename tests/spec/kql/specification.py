"""Reads spec files: `# title`, the query, `---- result [ordered]` or `---- error CODE at line:column`, and what is
expected."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.spec.kql.running import NOW, TablesInMemory, run_rows
from vedette.engine.engine import QueryEngine
from vedette.kql.diagnostics import KqlError, line_and_column

FOLDER = Path(__file__).parent

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

    @property
    def subject(self) -> str:
        """What the case is about: the name that its title begins with."""
        return self.title.partition(":")[0]


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


def all_cases() -> Iterator[tuple[str, Case]]:
    """Every case under an id made of its file and its title."""
    for path in sorted(FOLDER.rglob("*.kqlt")):
        for case in cases(path):
            yield f"{path.stem}: {case.title}", case


def check(case: Case, engine: QueryEngine) -> None:
    """Run a case and compare."""
    if case.is_error:
        with pytest.raises(KqlError) as caught:
            run_rows(engine, TablesInMemory(), case.query, NOW)
        first = next(finding for finding in caught.value.diagnostics if finding.severity == "error")
        line, column = line_and_column(case.query, first.span.start)
        assert f"{first.code} at {line}:{column}" == case.error
        assert caught.value.message == case.message
        return
    columns, rows = run_rows(engine, TablesInMemory(), case.query, NOW)
    assert columns == case.columns
    expected = [list(row) for row in case.rows]
    assert sorted_unless(case.is_ordered, rows) == sorted_unless(case.is_ordered, expected)


def sorted_unless(is_ordered: bool, rows: list[list[Any]]) -> list[list[Any]]:
    """The rows in an order that only their values decide, unless their own counts."""
    return rows if is_ordered else sorted(rows, key=repr)
