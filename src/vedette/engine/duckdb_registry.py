"""The tables in which a DuckDB file remembers what it holds: KQL names, types, facts and its format."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from vedette.core.errors import Unsupported
from vedette.engine.duckdb_names import quoted
from vedette.kql.catalog import Column, Table
from vedette.kql.types import ScalarType

FORMAT = 1
SCHEMA = "vedette"

_SET_UP = f"""
CREATE SCHEMA {SCHEMA};
CREATE TABLE {SCHEMA}.facts (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE {SCHEMA}.schemas (name VARCHAR PRIMARY KEY, label VARCHAR NOT NULL);
CREATE TABLE {SCHEMA}.columns (
    schema_name VARCHAR, table_name VARCHAR, physical_table VARCHAR,
    position INTEGER, name VARCHAR, physical VARCHAR, type VARCHAR
);
INSERT INTO {SCHEMA}.facts VALUES ('format', '{FORMAT}');
"""
_ADDED = f"CREATE TABLE IF NOT EXISTS {SCHEMA}.requests (key UUID NOT NULL, received TIMESTAMP NOT NULL)"
"""What files of this format may still lack; a release that does not know it leaves it alone."""


def prepare(connection: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    """Create the registry in a new file. Raises Unsupported (LogFormatTooNew) when a newer release wrote it."""
    present = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = ? AND table_name = 'facts'", [SCHEMA]
    ).fetchall()[0][0]
    if not present:
        connection.execute(f"BEGIN;{_SET_UP}{_ADDED};COMMIT;")
        return
    found = int(fact(connection, "format") or FORMAT)
    if found > FORMAT:
        raise Unsupported(
            "LogFormatTooNew",
            f"The log data in '{path}' has format {found}, which a newer release of Vedette wrote; "
            f"this one reads up to format {FORMAT}. Start it with the newer release.",
        )
    connection.execute(_ADDED)


def fact(connection: duckdb.DuckDBPyConnection, key: str) -> str | None:
    """The text stored under a key; None when there is none."""
    found = connection.execute(f"SELECT value FROM {SCHEMA}.facts WHERE key = ?", [key]).fetchall()
    return found[0][0] if found else None


def set_fact(connection: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Store a text under a key."""
    connection.execute(f"INSERT OR REPLACE INTO {SCHEMA}.facts VALUES (?, ?)", [key, value])


def schemas(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The schemas of log tables, each with its label."""
    return dict(connection.execute(f"SELECT name, label FROM {SCHEMA}.schemas ORDER BY name").fetchall())


def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Table]]:
    """The stored log tables of each schema, with their KQL names and types."""
    columns = connection.execute(
        "SELECT schema_name, table_name, physical_table, name, type, physical "
        f"FROM {SCHEMA}.columns ORDER BY schema_name, table_name, position"
    ).fetchall()
    found: dict[tuple[str, str, str], list[Column]] = {}
    for schema, table, physical_table, name, type, physical in columns:
        found.setdefault((schema, table, physical_table), []).append(Column(name, ScalarType(type), physical))
    by_schema: dict[str, list[Table]] = {}
    for (schema, table, physical_table), its_columns in found.items():
        by_schema.setdefault(schema, []).append(Table(table, tuple(its_columns), (schema, physical_table)))
    return by_schema


def add_schema(connection: duckdb.DuckDBPyConnection, name: str, label: str) -> None:
    """Remember a schema of log tables, or its new label."""
    connection.execute(f"INSERT OR REPLACE INTO {SCHEMA}.schemas VALUES (?, ?)", [name, label])


def forget_schema(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Forget a schema that was dropped."""
    connection.execute(f"DELETE FROM {SCHEMA}.schemas WHERE name = ?", [name])


def add_columns(connection: duckdb.DuckDBPyConnection, table: Table, first: int) -> None:
    """Remember the columns of a stored table from position `first` on."""
    assert table.relation is not None
    schema, physical_table = table.relation
    connection.executemany(
        f"INSERT INTO {SCHEMA}.columns VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            [schema, table.name, physical_table, position, column.name, column.physical, column.type.value]
            for position, column in enumerate(table.columns[first:], first)
        ],
    )


def forget_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Forget a table that was dropped."""
    assert table.relation is not None
    connection.execute(
        f"DELETE FROM {SCHEMA}.columns WHERE schema_name = ? AND table_name = ?", [table.relation[0], table.name]
    )


def requests(connection: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """The keys of the remembered requests, oldest first, each with when it was received."""
    found = connection.execute(f"SELECT key::VARCHAR, received FROM {SCHEMA}.requests ORDER BY received").fetchall()
    return {key: received.replace(tzinfo=UTC) for key, received in found}


def remember_requests(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Remember the requests of a relation with `key` as text and `received` in UTC."""
    connection.execute(f"INSERT INTO {SCHEMA}.requests SELECT key::UUID, received FROM {quoted(relation)}")


def forget_requests(connection: duckdb.DuckDBPyConnection, before: datetime) -> None:
    """Forget the requests that were received before an instant in UTC, without its zone."""
    connection.execute(f"DELETE FROM {SCHEMA}.requests WHERE received < ?", [before])
