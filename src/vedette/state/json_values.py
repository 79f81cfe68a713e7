"""What a condition asks of a database about JSON: the vocabulary that each database has words of its own for."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement

from vedette.state.conditions import Path


class JsonValues(Protocol):
    """The values at paths below a start, which is the top of a body or an element of an array in it.

    What is of another kind than the one asked for is SQL's null.
    """

    def is_null(self, path: Path) -> ColumnElement[bool]:
        """Whether the value is null or absent; never SQL's null."""
        ...

    def text(self, path: Path) -> ColumnElement[Any]:
        """A string, in the order of its code points."""
        ...

    def number(self, path: Path) -> ColumnElement[Any]:
        """A number."""
        ...

    def truth(self, path: Path) -> ColumnElement[Any]:
        """1 for true, 0 for false."""
        ...

    def instant(self, path: Path) -> ColumnElement[Any]:
        """Microseconds since 1970, of a string that `instants.instant_of_text` reads."""
        ...

    def has_element(
        self, path: Path, name: str, where: "Callable[[JsonValues], ColumnElement[bool]] | None"
    ) -> ColumnElement[bool]:
        """Whether an element of the array satisfies `where`; `name` is one that the statement has not used."""
        ...


class JsonDialect(Protocol):
    """How a database reaches into the documents' bodies."""

    @property
    def top(self) -> JsonValues:
        """The values of a body."""
        ...

    def number_bound(self, value: float) -> Any:
        """A number to compare numbers with."""
        ...

    def text_bound(self, value: str) -> str:
        """A string as the database holds it."""
        ...

    def contains(self, value: ColumnElement[Any], text: str) -> ColumnElement[bool]:
        """Whether a string has another in it."""
        ...

    def sort_keys(self, path: Path) -> Sequence[ColumnElement[Any]]:
        """The keys that sort values at a path: nothing, then numbers and instants, then strings and the rest."""
        ...
