"""Which database a URL names."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from vedette.core.errors import InvalidInput, Unsupported
from vedette.state.database import Database
from vedette.state.sqlite import Sqlite

_POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})


def database_of(url: str) -> Database:
    """The database of `sqlite:///file` or `postgresql://user@host/database`.

    Raises InvalidInput (InvalidState), which does not repeat the URL, for it may hold a password; Unsupported
    (PostgresqlNotInstalled).
    """
    try:
        named = make_url(url)
    except (ArgumentError, ValueError):
        raise InvalidInput("InvalidState", f"The state's URL is not one. {_HOW}") from None
    if named.drivername == "sqlite":
        return Sqlite(named)
    if named.drivername not in _POSTGRESQL:
        raise InvalidInput("InvalidState", f"The state cannot be kept in '{named.drivername}'. {_HOW}")
    try:
        from vedette.state.postgresql import Postgresql  # noqa: PLC0415  # an extra, and not needed for SQLite
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise Unsupported(
            "PostgresqlNotInstalled",
            "State in PostgreSQL needs the extra 'postgresql': pip install 'vedette[postgresql]'",
        ) from error
    except ImportError as error:  # psycopg is there, and finds no libpq
        raise Unsupported("PostgresqlNotInstalled", f"PostgreSQL's client library cannot be loaded: {error}") from error
    return Postgresql(named)


_HOW = "It is postgresql://USER@HOST:PORT/DATABASE, or left out for SQLite in the data directory."
