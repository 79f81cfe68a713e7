"""A file of content: its text, the values in it, and where each of them stands."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from vedette.arm.json_reader import LARGEST, read_json
from vedette.content.boundary import leads_out
from vedette.content.problem import Pointer, Problem, Unreadable
from vedette.content.yaml_reader import Mark, YamlProblem, read_yaml
from vedette.core.errors import InvalidInput, TooLarge

_PLACE = re.compile(r"at line (\d+), column (\d+), (.*)", re.DOTALL)


@dataclass(frozen=True)
class Document:
    """`values` are the documents of a YAML file, or the one value of a JSON file.

    What is `is_file` was read from its path, so that there may be files beside it.
    """

    path: Path
    text: str
    values: tuple[Any, ...]
    is_yaml: bool
    is_file: bool = False

    @cached_property
    def marks(self) -> Mapping[Pointer, Mark]:
        """Where values are. JSON is read a second time as the YAML that it nearly is, and only when somebody asks."""
        try:
            return read_yaml(self.text)[1]
        except YamlProblem:  # comments and other liberties of JSON's readers: the file is all that can be said
            return {}

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without what ends them."""
        return self.text.splitlines()

    def place(self, at: Pointer) -> tuple[int, int]:
        """Line and column, from one, of a value, or of the nearest around it that is known."""
        for length in range(len(at), 0, -1):
            mark = self.marks.get(at[:length])
            if mark is not None:
                return mark.line, mark.column
        return 1, 1

    def raw(self, at: Pointer) -> str | None:
        """A scalar of YAML as it is written, without quotes."""
        mark = self.marks.get(at) if self.is_yaml else None
        return mark.raw if mark is not None else None

    def problem(self, at: Pointer, message: str, *, is_warning: bool = False) -> Problem:
        """What is wrong with the value at a place."""
        return Problem(self.path, *self.place(at), message, is_warning)


def open_document(path: Path) -> Document:
    """The file, read. Raises Unreadable, also for a link that leads out of the repository."""
    if leads_out(path):
        message = "this is a link that leads out of the repository, which is not followed; put the file itself here"
        raise Unreadable(Problem(path, 1, 1, message))
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unreadable(Problem(path, 1, 1, f"the file cannot be read: {error.strerror or error}")) from error
    return document_of(path, data, is_file=True)


def document_of(path: Path, data: bytes, *, is_file: bool = False) -> Document:
    """The content of the file of this path. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(Problem(path, 1, 1, f"the file is larger than {LARGEST:,} bytes"))
    text = _decoded(path, data)
    match path.suffix.lower():
        case ".yaml" | ".yml":
            return _yaml(path, text, is_file)
        case ".csv" | ".kql" | ".txt":
            return Document(path, text, (), is_yaml=False, is_file=is_file)
        case _:
            return Document(path, text, (_json(path, text),), is_yaml=False, is_file=is_file)


def _yaml(path: Path, text: str, is_file: bool) -> Document:
    try:
        values, marks = read_yaml(text)
    except YamlProblem as error:
        raise Unreadable(Problem(path, error.line, error.column, f"this is not YAML: {error.message}")) from error
    document = Document(path, text, values, is_yaml=True, is_file=is_file)
    document.__dict__["marks"] = marks
    return document


def _json(path: Path, text: str) -> Any:
    try:
        return read_json(text.encode())
    except (InvalidInput, TooLarge) as error:
        found = _PLACE.search(error.message)
        line, column, told = (int(found[1]), int(found[2]), found[3]) if found else (1, 1, error.message)
        raise Unreadable(Problem(path, line, column, f"this is not JSON: {told}")) from error


def _decoded(path: Path, data: bytes) -> str:
    encoding = "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[1:2] == b"\0":
        encoding = "utf-16-le"
    elif data[:1] == b"\0":
        encoding = "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"the file is not {error.encoding} text: byte {error.start} is wrong; save it as UTF-8"
        raise Unreadable(Problem(path, line, column, message)) from error
