"""The store's format, step by step: each migration brings a database from the version before to its own."""

from sqlalchemy import Connection, insert, inspect, select, text, update

from vedette.core.errors import Unsupported
from vedette.state.tables import format_version

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE documents (
            key TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, type_key TEXT NOT NULL, type TEXT NOT NULL,
            scope TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL,
            created BIGINT NOT NULL, modified BIGINT NOT NULL)""",
        "CREATE INDEX documents_by_type ON documents (type_key, scope, created, key)",
        "CREATE INDEX documents_by_scope ON documents (scope)",
        """CREATE TABLE outbox (
            sequence BIGINT NOT NULL PRIMARY KEY, workspace_id TEXT NOT NULL, table_name TEXT NOT NULL,
            "row" TEXT NOT NULL)""",
        """CREATE TABLE counters (
            scope TEXT NOT NULL, name TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (scope, name))""",
        "CREATE TABLE facts (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    ),
)
"""Statements of version 1, version 2 and so on; a released one is never edited."""

FORMAT_VERSION = len(MIGRATIONS)


def migrate(connection: Connection) -> None:
    """Bring the database to `FORMAT_VERSION`, inside the caller's transaction.

    Raises Unsupported (StateFormatTooNew) when a newer release wrote it; nothing is changed then.
    """
    version = _version(connection)
    if version > FORMAT_VERSION:
        raise Unsupported(
            "StateFormatTooNew",
            f"The state was written in format {version}; this release reads formats up to {FORMAT_VERSION}. "
            "Run the release that wrote it, or a newer one.",
        )
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(text(statement))
    connection.execute(update(format_version).values(version=FORMAT_VERSION))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(format_version.name):
        format_version.create(connection)
        connection.execute(insert(format_version).values(version=0))
    return connection.execute(select(format_version.c.version)).scalar_one()
