"""YAML text → plain values, each with its place; no tags, no endless aliases, nothing that a file could do harm with.

Scalars are those of YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), so `yes`, `on` and dates are
texts, except that a number with leading zeros is a text too: it would not come back as it was.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from vedette.content.problem import Pointer

DEEPEST = 100
"""Mappings and lists inside one another."""

MOST_VALUES = 500_000
"""Of a file, where each use of an alias counts as all that it stands for."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,19})")
_REAL = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a value begins, both from one; how a scalar is written (`|`, `>`, a quote or nothing), and its text."""

    line: int
    column: int
    style: str = ""
    raw: str = ""


class YamlProblem(Exception):
    """The text is not YAML, or not of the kind that is read."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    value: Any
    at: Pointer
    anchor: str | None
    mark: Mark
    first: int
    key: str | None = None
    deepest: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    size: int
    depth: int


@dataclass(slots=True)
class _Reading:
    documents: list[Any] = field(default_factory=list[Any])
    marks: dict[Pointer, Mark] = field(default_factory=dict[Pointer, Mark])
    open: list[_Open] = field(default_factory=list[_Open])
    anchors: dict[str, _Anchored] = field(default_factory=dict[str, _Anchored])
    count: int = 0

    def handle(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.anchors = {}
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.end()
            case yaml.ScalarEvent():
                self.scalar(event)
            case yaml.AliasEvent():
                self.alias(event)
            case _:
                pass

    def begin(self, event: Any) -> None:
        mark = _mark(event)
        self.refuse_tag(event, mark)
        is_map = isinstance(event, yaml.MappingStartEvent)
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            raise YamlProblem("a key must be a text, not a mapping or a list", mark.line, mark.column)
        self.counted(1, mark)
        if len(self.open) >= DEEPEST:
            raise YamlProblem(f"mappings and lists are nested deeper than {DEEPEST}", mark.line, mark.column)
        at = self.next_at()
        self.marks[at] = mark
        value: Any = {} if is_map else []
        self.open.append(_Open(value, at, event.anchor, mark, self.count))

    def end(self) -> None:
        done = self.open.pop()
        if done.anchor:
            self.anchors[done.anchor] = _Anchored(done.value, self.count - done.first + 1, done.deepest)
        if self.open:
            self.open[-1].deepest = max(self.open[-1].deepest, done.deepest + 1)
        self.place(done.value)

    def scalar(self, event: Any) -> None:
        style = event.style or ""
        mark = _mark(event, style, event.value)
        self.refuse_tag(event, mark)
        self.counted(1, mark)
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            self.begin_entry(event.value, mark)
            return
        value = event.value if style or event.tag else resolved(event.value)
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            message = f"the number {value} is beyond what 64 bits hold; write it in quotes, as a text"
            raise YamlProblem(message, mark.line, mark.column)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, 1, 0)
        self.marks[self.next_at()] = mark
        self.place(value)

    def begin_entry(self, key: str, mark: Mark) -> None:
        mapping = self.open[-1]
        if key in mapping.value:
            raise YamlProblem(f"the key '{key}' stands here a second time", mark.line, mark.column)
        if key == "<<":
            raise YamlProblem("merge keys ('<<') are not read; write the values out", mark.line, mark.column)
        mapping.key = key

    def alias(self, event: Any) -> None:
        mark = _mark(event)
        found = self.anchors.get(event.anchor)
        if found is None:
            raise YamlProblem(f"the alias '*{event.anchor}' names nothing that ends before it", mark.line, mark.column)
        if self.open and isinstance(self.open[-1].value, dict) and self.open[-1].key is None:
            raise YamlProblem("a key must be a text, not an alias", mark.line, mark.column)
        self.counted(found.size, mark)
        if len(self.open) + found.depth > DEEPEST:
            raise YamlProblem(f"mappings and lists are nested deeper than {DEEPEST}", mark.line, mark.column)
        if self.open:
            self.open[-1].deepest = max(self.open[-1].deepest, found.depth + 1)
        self.marks[self.next_at()] = mark
        self.place(copy.deepcopy(found.value))

    def next_at(self) -> Pointer:
        if not self.open:
            return (len(self.documents),)
        parent = self.open[-1]
        return (*parent.at, parent.key if parent.key is not None else len(parent.value))

    def place(self, value: Any) -> None:
        if not self.open:
            self.documents.append(value)
            return
        parent = self.open[-1]
        if parent.key is None:
            parent.value.append(value)
        else:
            parent.value[parent.key] = value
            parent.key = None

    def counted(self, more: int, mark: Mark) -> None:
        self.count += more
        if self.count > MOST_VALUES:
            raise YamlProblem(f"aliases make more than {MOST_VALUES:,} values", mark.line, mark.column)

    def refuse_tag(self, event: Any, mark: Mark) -> None:
        if event.tag not in _PLAIN_TAGS:
            raise YamlProblem(f"the tag '{event.tag}' is not read; write a plain value", mark.line, mark.column)


def read_yaml(text: str) -> tuple[tuple[Any, ...], dict[Pointer, Mark]]:
    """The documents of a text, and where each of their values is, the number of the document first.

    Raises YamlProblem.
    """
    reading = _Reading()
    for event in _events(text):
        reading.handle(event)
    return tuple(reading.documents), reading.marks


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise YamlProblem(f"{error.reason}", line, column) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        told = " ".join(part for part in (error.problem, error.context) if part)
        if error.context_mark and error.context_mark.line + 1 != line:
            told += f" that begins at line {error.context_mark.line + 1}"
        raise YamlProblem(told or "this is not YAML", line, column) from error
    except yaml.YAMLError as error:
        raise YamlProblem(" ".join(str(error).split()), 1, 1) from error


def resolved(text: str) -> Any:
    """What a plain scalar stands for."""
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text):
        number = float(text)
        return number if abs(number) != float("inf") else text
    return text


def _mark(event: Any, style: str = "", raw: str = "") -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1, style, raw)
