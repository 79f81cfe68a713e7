"""Documents in a PostgreSQL database: one writer at a time among all processes, readers beside it."""

from pathlib import Path
from typing import Any, Final

import orjson
import psycopg  # noqa: F401  (says at once where it is not installed)
from sqlalchemy import URL, Connection, create_engine

from vedette.state.claim import WAIT_FOR_WRITERS, Claim
from vedette.state.copying import copy_to_sqlite
from vedette.state.migrations import POSTGRESQL_MIGRATIONS
from vedette.state.postgresql_json import PostgresqlJson, in_strings, with_nul, without_nul

_WAIT_MILLISECONDS: Final = 10_000
_CONNECT_SECONDS: Final = 10
_READERS: Final = 12
_ESCAPES: Final = ("\\u0000", "\\u0001")


class Postgresql:
    """`Database` of a URL `postgresql://…`.

    Nobody waits longer than 10 seconds for the writer before it; a commit returns when it is on the server's disk.
    """

    migrations = POSTGRESQL_MIGRATIONS
    is_shared = True

    def __init__(self, url: URL) -> None:
        self.json = PostgresqlJson()
        self._claim: Claim | None = None
        where = f"{url.host or 'a local socket'}{f':{url.port}' if url.port else ''}"
        self.place = f"PostgreSQL, database '{url.database or url.username or ''}' on {where}"
        given = " ".join(_texts(url.query.get("options", "")))
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
            pool_size=4,
            max_overflow=_READERS,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "vedette",
                "keepalives_idle": 30,
                "options": f"{given} -c lock_timeout={_WAIT_MILLISECONDS} -c synchronous_commit=on",
            },
        )
        self.reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def claim(self) -> None:
        """`Database.claim`, by a lock that the server's own connection holds."""
        self._claim = Claim(self.engine)

    def close(self) -> None:
        """`Database.close`."""
        if self._claim is not None:
            self._claim.release()
        self.engine.dispose()

    def begin(self, connection: Connection) -> None:
        """`Database.begin`: what is read after the lock is held is what the writer before has committed.

        Raises Unavailable (StateInUse) when the claim was lost, with its connection, to another server.
        """
        if self._claim is not None:
            self._claim.check()
        connection.execute(WAIT_FOR_WRITERS)
        if self._claim is not None:
            self._claim.fence(connection)

    def body_text(self, body: dict[str, Any]) -> str:
        """`Database.body_text`."""
        stored = orjson.dumps(body).decode()
        if not any(escape in stored for escape in _ESCAPES):
            return stored
        return orjson.dumps(in_strings(body, without_nul)).decode()

    def body_of(self, text: str) -> dict[str, Any]:
        """`Database.body_of`."""
        body = orjson.loads(text)
        return in_strings(body, with_nul) if _ESCAPES[1] in text else body

    def key_text(self, key: str) -> str:
        """`Database.key_text`."""
        return without_nul(key)

    def text_of_key(self, key: str) -> str:
        """`Database.text_of_key`."""
        return with_nul(key) if "\x01" in key else key

    def copy_to(self, connection: Connection, path: Path) -> None:
        """`Database.copy_to`."""
        copy_to_sqlite(connection, self, path)


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
