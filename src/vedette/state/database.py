"""What the store asks of the database under it: SQLite in a file, or PostgreSQL."""

from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from vedette.state.json_values import JsonDialect


class Database(Protocol):
    """One database; its methods may be called from any thread."""

    @property
    def engine(self) -> Engine:
        """Its connections."""
        ...

    @property
    def reading(self) -> Engine:
        """The same ones, for single statements that read."""
        ...

    @property
    def json(self) -> JsonDialect:
        """Its words for JSON."""
        ...

    @property
    def migrations(self) -> tuple[tuple[str, ...], ...]:
        """The statements of each version of the format."""
        ...

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write to it."""
        ...

    @property
    def place(self) -> str:
        """What and where it is, for people; without a password."""
        ...

    def claim(self) -> None:
        """Be the one server that works with this database until it is closed. Raises Conflict (StateInUse)."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...

    def begin(self, connection: Connection) -> None:
        """Begin the one write transaction; every other one waits for its end."""
        ...

    def body_text(self, body: dict[str, Any]) -> str:
        """A body as it is stored."""
        ...

    def body_of(self, text: str) -> dict[str, Any]:
        """The body of `body_text`."""
        ...

    def key_text(self, key: str) -> str:
        """Text to look up by, which may be anything that a caller wrote."""
        ...

    def text_of_key(self, key: str) -> str:
        """The text of `key_text`."""
        ...

    def copy_to(self, connection: Connection, path: Path) -> None:
        """Write everything that a write transaction sees, as it was before its own changes, to a new SQLite file."""
        ...
