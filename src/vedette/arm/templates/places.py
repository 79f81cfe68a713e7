"""Where in its text each part of a template stands, for messages that tell lines and columns."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from vedette.arm.json_reader import JsonReader, decoded

_LONGEST = 1024 * 1024
Path = tuple[str | int, ...]
Places = Mapping[Path, tuple[int, int]]
"""Line and column, from 1, of what is at a path."""


def shown_path(path: Path) -> str:
    """The path as messages have it, such as `resources[0].name`."""
    text = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    return text.removeprefix(".")


def read_with_places(text: str) -> tuple[Any, dict[Path, tuple[int, int]]]:
    """The value of a JSON text, and where each value in it begins. Raises InvalidInput (InvalidRequestContent)."""
    reader = _Placing(text)
    value = reader.document()
    ends = [at for at, character in enumerate(text) if character == "\n"]
    return value, {path: _line_and_column(ends, at) for path, at in reader.places.items()}


def places_within(body: bytes, *names: str) -> Places:
    """Where the parts of a value stand in a body that has it by these names, by their paths within that value.

    Nothing is said of a body that is too long to be read a second time. Raises as `read_with_places`.
    """
    if len(body) > _LONGEST:
        return {}
    depth, wanted = len(names), [name.lower() for name in names]
    return {
        path[depth:]: place
        for path, place in read_with_places(decoded(body))[1].items()
        if [str(each).lower() for each in path[:depth]] == wanted
    }


def _line_and_column(ends: list[int], at: int) -> tuple[int, int]:
    before = bisect_right(ends, at)
    return before + 1, at - (ends[before - 1] + 1 if before else 0) + 1


class _Placing(JsonReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.path: list[str | int] = []
        self.places: dict[Path, int] = {}

    def value(self) -> Any:
        self.skip()
        self.places[tuple(self.path)] = self.at
        return super().value()

    def inside(self, key: str | int) -> Any:
        self.path.append(key)
        value = self.value()
        self.path.pop()
        return value
