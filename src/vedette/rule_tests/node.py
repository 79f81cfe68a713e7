"""A value of a test file with the place where it stands, so that whatever is wrong with it is told with its line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from vedette.content.boundary import is_within
from vedette.content.problem import Pointer
from vedette.content.yaml_reader import Mark, YamlProblem, read_yaml
from vedette.core.errors import InvalidInput
from vedette.kql.diagnostics import suggestion_or_all

MOST_BYTES = 5_000_000


class WrongTestFile(InvalidInput):
    """A test file says something that cannot be; the message begins with the file and the line."""

    def __init__(self, path: Path, line: int, message: str) -> None:
        super().__init__("InvalidTestFile", f"{path}:{line}: {message}")
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Node:
    """A value, where it stands in its file, and the places of everything in the file."""

    value: Any
    path: Path
    at: Pointer
    marks: Mapping[Pointer, Mark]
    boundary: Path | None = None
    """The folder that files which are named here must lie in; None where they may be anywhere."""

    @property
    def line(self) -> int:
        """The line, from one, of the value or of the nearest thing around it that has one."""
        for length in range(len(self.at), 0, -1):
            mark = self.marks.get(self.at[:length])
            if mark is not None:
                return mark.line
        return 1

    def wrong(self, message: str) -> WrongTestFile:
        """The error that says so of this value."""
        return WrongTestFile(self.path, self.line, message)

    def with_value(self, value: Any) -> "Node":
        """Another value at the same place."""
        return replace(self, value=value)

    def child(self, key: str | int) -> "Node":
        """The value under a key or an index."""
        return replace(self, value=self.value[key], at=(*self.at, key))

    def get(self, key: str) -> "Node | None":
        """The value under a key of a mapping; None where it has none, or nothing there."""
        return self.child(key) if self.mapping().get(key) is not None else None

    def mapping(self, known: Sequence[str] = ()) -> dict[str, Any]:
        """The value, which is a mapping with no keys but those `known`. Raises WrongTestFile."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"{_named(self.at)} must be a mapping, not {_kind(self.value)}.")
        told = cast("dict[str, Any]", self.value)
        for key in told if known else ():
            if key not in known:
                hint = suggestion_or_all(key, known)
                raise self.child(key).wrong(f"there is no '{key}' in {_named(self.at)}. {hint}")
        return told

    def entries(self) -> Iterator[tuple[str, "Node"]]:
        """The keys and values of a mapping. Raises WrongTestFile."""
        for key in self.mapping():
            yield key, self.child(key)

    def items(self) -> list["Node"]:
        """The values of a list; one value that is no list is the only one. Raises WrongTestFile for none."""
        if self.value is None:
            raise self.wrong(f"{_named(self.at)} is empty.")
        if not isinstance(self.value, list):
            return [self]
        return [self.child(number) for number in range(len(cast("list[Any]", self.value)))]

    def text(self) -> str:
        """A text; a number or a truth is the text that it is written as. Raises WrongTestFile."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, bool | int | float):
            return plain_text(self.value)
        raise self.wrong(f"{_named(self.at)} must be a text, not {_kind(self.value)}.")

    def texts(self) -> tuple[str, ...]:
        """One text, or a list of them. Raises WrongTestFile."""
        return tuple(each.text() for each in self.items())

    def texts_under(self, key: str) -> tuple[str, ...]:
        """The texts under a key of a mapping, none where it has none. Raises WrongTestFile."""
        told = self.get(key)
        return () if told is None else told.texts()

    def whole_number(self) -> int:
        """A number from 0 on. Raises WrongTestFile."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            raise self.wrong(f"{_named(self.at)} must be a whole number, not {self.value!r}.")
        return self.value

    def named_path(self, name: str) -> Path:
        """The path of a file or folder that is named here, from the folder of this file. Raises WrongTestFile."""
        path = self.path.parent / name
        if self.boundary is not None and not is_within(path, self.boundary):
            raise self.wrong(f"'{name}' is outside of {self.boundary}; --allow-outside lets tests read such files.")
        return path


def read_node(path: Path, boundary: Path | None = None) -> Node:
    """The value of a YAML file of one document. Raises WrongTestFile; a link out of the boundary is refused too."""
    if boundary is not None and not is_within(path, boundary):
        raise WrongTestFile(path, 1, f"it is a link that leads out of {boundary}.")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WrongTestFile(path, 1, f"it is larger than {MOST_BYTES:,} bytes; put events into files of their own.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongTestFile(path, 1, f"it cannot be read: {error}") from error
    return replace(node_of(text, path), boundary=boundary)


def node_of(text: str, path: Path) -> Node:
    """The value of a YAML text of one document. Raises WrongTestFile."""
    try:
        documents, marks = read_yaml(text)
    except YamlProblem as error:
        raise WrongTestFile(path, error.line, f"it is not YAML that is read here: {error.message}.") from error
    if len(documents) != 1:
        raise WrongTestFile(path, 1, f"it holds {len(documents)} YAML documents; a test file is one.")
    return Node(documents[0], path, (0,), marks)


def plain_text(value: Any) -> str:
    """A value as the text that an alert or a log table has for it."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _named(at: Pointer) -> str:
    told = [f"'{part}'" if isinstance(part, str) else f"item {part + 1}" for part in at[1:]]
    return "the file" if not told else " of ".join(reversed(told[-2:]))


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return {dict: "a mapping", list: "a list", bool: "true or false", int: "a number", float: "a number"}.get(
        type(value), "a text"
    )
