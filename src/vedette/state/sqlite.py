"""Documents in one SQLite file: one process, one writer, readers beside it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, create_engine, event

from vedette.state.instants import instant_of_text
from vedette.state.migrations import SQLITE_MIGRATIONS
from vedette.state.sqlite_json import INSTANT_FUNCTION, SqliteJson

_BUSY_MILLISECONDS = 10_000
_READERS = 40


class Sqlite:
    """`Database` of the URL `sqlite:///file`."""

    migrations = SQLITE_MIGRATIONS
    is_shared = False
    place = "SQLite, in the data directory"

    def __init__(self, url: URL) -> None:
        self.json = SqliteJson()
        self.engine = create_engine(url, pool_size=4, max_overflow=_READERS)
        self.reading = self.engine
        event.listen(self.engine, "connect", _prepare)

    def claim(self) -> None:
        """`Database.claim`: whoever holds the data directory has it."""

    def close(self) -> None:
        """`Database.close`."""
        self.engine.dispose()

    def begin(self, connection: Connection) -> None:
        """`Database.begin`."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def body_text(self, body: dict[str, Any]) -> str:
        """`Database.body_text`."""
        return orjson.dumps(body).decode()

    def body_of(self, text: str) -> dict[str, Any]:
        """`Database.body_of`."""
        return orjson.loads(text)

    def key_text(self, key: str) -> str:
        """`Database.key_text`."""
        return key

    def text_of_key(self, key: str) -> str:
        """`Database.text_of_key`."""
        return key

    def copy_to(self, connection: Connection, path: Path) -> None:
        """`Database.copy_to`: over a connection of its own, which sees what is committed."""
        file = connection.engine.url.database
        assert file is not None
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the store says BEGIN IMMEDIATE itself; the driver would say a deferred BEGIN
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.create_function(INSTANT_FUNCTION, 1, instant_of_text, deterministic=True)
