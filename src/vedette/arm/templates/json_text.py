"""JSON as templates are written: with comments, strings over several lines, single quotes and trailing commas.

https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax#comments-and-metadata
"""

import re
from collections.abc import Mapping
from typing import Any

import orjson

MOST_CHARACTERS = 4 * 1024 * 1024
"""https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits"""
_DEEPEST = 200
_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,30})(\.\d+)?([eE][+-]?\d{1,4})?")
_BARE = re.compile(r"[A-Za-z_$][\w$]*")
_PLAIN = {'"': re.compile(r'[^"\\]*'), "'": re.compile(r"[^'\\]*")}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "/": "/", "\\": "\\", '"': '"', "'": "'", "0": "\0"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}

Path = tuple[str | int, ...]
Places = Mapping[Path, tuple[int, int]]
"""Line and column, from 1, of what is at a path."""


class JsonTextError(ValueError):
    """A text that is no JSON; `line` and `column` count from 1."""

    def __init__(self, what: str, path: Path, line: int, column: int) -> None:
        super().__init__(f"{what} Path '{shown_path(path)}', line {line}, position {column}.")
        self.line, self.column, self.path = line, column, shown_path(path)


def shown_path(path: Path) -> str:
    """The path as messages have it, such as `resources[0].name`."""
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


def read_json(text: str) -> Any:
    """The value of a text. Raises JsonTextError."""
    try:
        return orjson.loads(text)
    except ValueError:
        return _Reader(text, None).whole()


def read_with_places(text: str) -> tuple[Any, dict[Path, tuple[int, int]]]:
    """The value, and for the path of each object and property in it the line and column where it begins, from 1.

    Raises JsonTextError.
    """
    places: dict[Path, int] = {}
    value = _Reader(text, places).whole()
    lines = [match.end() for match in re.finditer(r"\n", text)]
    return value, {path: _line_and_column(lines, at) for path, at in places.items()}


def _line_and_column(lines: list[int], at: int) -> tuple[int, int]:
    low, high = 0, len(lines)
    while low < high:
        middle = (low + high) // 2
        if lines[middle] <= at:
            low = middle + 1
        else:
            high = middle
    return low + 1, at - (lines[low - 1] if low else 0) + 1


class _Reader:
    def __init__(self, text: str, places: dict[Path, int] | None) -> None:
        self.text, self.places, self.at = text, places, 0
        self.path: list[str | int] = []

    def whole(self) -> Any:
        if len(self.text) > MOST_CHARACTERS * 2:
            raise self.wrong("The text is too long.")
        value = self.value()
        self.space()
        if self.at < len(self.text):
            raise self.wrong(f"Additional text encountered after finished reading JSON content: {self.text[self.at]}.")
        return value

    def value(self) -> Any:
        self.space()
        if len(self.path) > _DEEPEST:
            raise self.wrong(f"The value is nested deeper than {_DEEPEST} levels.")
        if self.places is not None:
            self.places.setdefault(tuple(self.path), self.at)
        character = self.text[self.at : self.at + 1]
        match character:
            case "{":
                return self.object()
            case "[":
                return self.array()
            case '"' | "'":
                return self.string()
            case "":
                raise self.wrong("Unexpected end when reading JSON.")
            case _:
                return self.word()

    def object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.at += 1
        while True:
            self.space()
            if self.taken("}"):
                return found
            began = self.at
            name = self.name()
            self.path.append(name)
            if self.places is not None:
                self.places[tuple(self.path)] = began
            self.space()
            if not self.taken(":"):
                raise self.wrong(
                    f"Invalid character after parsing property name. Expected ':' but got: {self.shown()}."
                )
            found[name] = self.value()
            self.space()
            if not self.taken(",") and not self.text.startswith("}", self.at):
                raise self.wrong(f"After parsing a value an unexpected character was encountered: {self.shown()}.")
            self.path.pop()

    def array(self) -> list[Any]:
        found: list[Any] = []
        self.at += 1
        while True:
            self.space()
            if self.taken("]"):
                return found
            self.path.append(len(found))
            found.append(self.value())
            self.space()
            if not self.taken(",") and not self.text.startswith("]", self.at):
                raise self.wrong(f"After parsing a value an unexpected character was encountered: {self.shown()}.")
            self.path.pop()

    def name(self) -> str:
        if self.text.startswith(('"', "'"), self.at):
            return self.string()
        match = _BARE.match(self.text, self.at)
        if match is None:
            if self.at >= len(self.text):
                raise self.wrong("Unexpected end when reading JSON.")
            raise self.wrong(f"Invalid property identifier character: {self.shown()}.")
        self.at = match.end()
        return match[0]

    def string(self) -> str:
        quote = self.text[self.at]
        self.at += 1
        pieces: list[str] = []
        while True:
            match = _PLAIN[quote].match(self.text, self.at)
            assert match is not None
            pieces.append(match[0])
            self.at = match.end()
            if self.at >= len(self.text):
                raise self.wrong(f"Unterminated string. Expected delimiter: {quote}.")
            if self.taken(quote):
                return _paired("".join(pieces))
            pieces.append(self.escape())

    def escape(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter == "u":
            match = _HEX.match(self.text, self.at + 2)
            if match is None:
                raise self.wrong("Unexpected end while parsing Unicode escape sequence.")
            self.at = match.end()
            return chr(int(match[0], 16))
        if letter not in _ESCAPES:
            raise self.wrong(f"Bad JSON escape sequence: \\{letter}.")
        self.at += 2
        return _ESCAPES[letter]

    def word(self) -> Any:
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            return int(number[0]) if number[1] is None and number[2] is None else float(number[0])
        match = _BARE.match(self.text, self.at)
        if match is None or match[0] not in _WORDS:
            raise self.wrong(f"Unexpected character encountered while parsing value: {self.shown()}.")
        self.at = match.end()
        return _WORDS[match[0]]

    def taken(self, character: str) -> bool:
        there = self.text.startswith(character, self.at)
        self.at += there
        return there

    def space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def shown(self) -> str:
        return self.text[self.at : self.at + 1] or "the end"

    def wrong(self, what: str) -> JsonTextError:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        return JsonTextError(what, tuple(self.path), line, column)


def _paired(text: str) -> str:
    """Halves of characters that escapes wrote one by one, put together."""
    if not any("\ud800" <= each <= "\udfff" for each in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
