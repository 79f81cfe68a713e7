"""What is wrong with a file of content: where, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path

Pointer = tuple[str | int, ...]
"""The way to a value of a file: the number of the YAML document, then keys and indexes."""

UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Problem:
    """`line` and `column` count from one. A problem that `is_warning` leaves the item that it is about usable. `topic`
    is what it is about: a form that is not kept, unless it says `name` or `title`, which another item has too, or
    UNREAD of what is in no form that is known."""

    path: Path
    line: int
    column: int
    message: str
    is_warning: bool = False
    topic: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {'warning: ' if self.is_warning else ''}{self.message}"


class WrongContent(Exception):
    """A value of a file is not what it should be. `at` leads from the value being read to the wrong one."""

    def __init__(self, message: str, *at: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.at: Pointer = at


class Unreadable(Exception):
    """A file as a whole cannot be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
