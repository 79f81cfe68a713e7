"""The write side of DuckDB: tables, columns and rows in one transaction."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from vedette.engine import duckdb_registry as registry
from vedette.engine.duckdb_names import PHYSICAL_TYPES, free_name, qualified, quoted, stored
from vedette.engine.duckdb_select import only_select
from vedette.kql.catalog import Column, Table
from vedette.kql.types import ScalarType

_INCOMING = "incoming_rows"


class WriteTransaction:
    """What may be written together; made by `DuckDBEngine.write`, which commits it. `deleted` counts deleted rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.deleted = 0
        self._connection = connection

    def create_schema(self, name: str, label: str) -> None:
        """Make a schema for log tables, or give an existing one a new label."""
        self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}")
        registry.add_schema(self._connection, name, label)

    def drop_schema(self, name: str) -> None:
        """Remove a schema whose tables were dropped."""
        self._connection.execute(f"DROP SCHEMA IF EXISTS {quoted(name)}")
        registry.forget_schema(self._connection, name)

    def create_table(self, schema: str, name: str, columns: Mapping[str, ScalarType]) -> Table:
        """Make a table; the answer has the names that the engine knows it and its columns by."""
        taken = self._connection.execute(
            "SELECT lower(table_name) FROM duckdb_tables() WHERE schema_name = ?", [schema]
        ).fetchall()
        physical = free_name(name, {row[0] for row in taken})
        table = Table(name, _with_columns((), columns), (schema, physical))
        definitions = ", ".join(_definition(column) for column in table.columns)
        self._connection.execute(f"CREATE TABLE {_relation(table)} ({definitions})")
        registry.add_columns(self._connection, table, 0)
        return table

    def add_columns(self, table: Table, columns: Mapping[str, ScalarType]) -> Table:
        """The table with more columns; in existing rows they are null, strings are empty."""
        grown = Table(table.name, _with_columns(table.columns, columns), table.relation)
        for column in grown.columns[len(table.columns) :]:
            self._connection.execute(f"ALTER TABLE {_relation(table)} ADD COLUMN {_definition(column)}")
        registry.add_columns(self._connection, grown, len(table.columns))
        return grown

    def drop_columns(self, table: Table, names: Collection[str]) -> Table:
        """The table without these columns and their values."""
        gone = [column for column in table.columns if column.name in names]
        for column in gone:
            self._connection.execute(f"ALTER TABLE {_relation(table)} DROP COLUMN {quoted(column.physical)}")
        kept = tuple(column for column in table.columns if column.name not in names)
        shrunk = Table(table.name, kept, table.relation)
        registry.forget_table(self._connection, table)
        registry.add_columns(self._connection, shrunk, 0)
        return shrunk

    def append(self, table: Table, rows: pa.Table) -> None:
        """Append rows; Arrow columns have KQL names, columns of the table that are absent take their default.

        Values: guid and dynamic as text (JSON for dynamic), datetime as timestamp[us] in UTC, timespan as int64 ticks.
        """
        by_name = {column.name: column for column in table.columns}
        columns = [by_name[name] for name in rows.column_names]
        # DuckDB folds the case of column names, so the view over the Arrow table gets names of its own.
        positions = [f"c{position}" for position in range(len(columns))]
        values = [stored(position, column.type) for position, column in zip(positions, columns, strict=True)]
        self._connection.register(_INCOMING, rows.rename_columns(positions))
        try:
            self._connection.execute(
                f"INSERT INTO {_relation(table)} ({', '.join(quoted(column.physical) for column in columns)}) "
                f"SELECT {', '.join(values)} FROM {_INCOMING}"
            )
        finally:
            self._connection.unregister(_INCOMING)

    def delete_before(self, table: Table, column: str, instant: datetime) -> int:
        """Delete the rows whose datetime column is before `instant`; says how many there were."""
        physical = next(each.physical for each in table.columns if each.name == column)
        return self._delete(f"DELETE FROM {_relation(table)} WHERE {quoted(physical)} < ?", [_utc(instant)])

    def delete_among(self, table: Table, column: str, values: str) -> int:
        """Delete the rows whose column has one of the values that a SELECT gives; says how many there were."""
        physical = next(each.physical for each in table.columns if each.name == column)
        return self._delete(f"DELETE FROM {_relation(table)} WHERE {quoted(physical)} IN ({only_select(values)})", [])

    def drop_table(self, table: Table) -> None:
        """Delete a table with its rows."""
        self._connection.execute(f"DROP TABLE {_relation(table)}")
        registry.forget_table(self._connection, table)

    def set_fact(self, key: str, value: str) -> None:
        """Remember a text under a key, together with the rows of this transaction."""
        registry.set_fact(self._connection, key, value)

    def remember_requests(self, received: Mapping[str, datetime]) -> None:
        """Remember requests by their keys, which are GUIDs, each with when it was received."""
        rows = pa.table(
            {
                "key": pa.array(list(received), pa.string()),
                "received": pa.array([_utc(each) for each in received.values()], pa.timestamp("us")),
            }
        )
        self._connection.register(_INCOMING, rows)
        try:
            registry.remember_requests(self._connection, _INCOMING)
        finally:
            self._connection.unregister(_INCOMING)

    def forget_requests(self, before: datetime) -> None:
        """Forget the requests that were received before an instant."""
        registry.forget_requests(self._connection, _utc(before))

    def _delete(self, sql: str, values: list[Any]) -> int:
        count = self._connection.execute(sql, values).fetchall()[0][0]
        self.deleted += count
        return count


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _relation(table: Table) -> str:
    assert table.relation is not None
    return qualified(table.relation)


def _definition(column: Column) -> str:
    return f"{quoted(column.physical)} {PHYSICAL_TYPES[column.type]}"


def _with_columns(present: tuple[Column, ...], new: Mapping[str, ScalarType]) -> tuple[Column, ...]:
    columns = list(present)
    taken = {column.physical.lower() for column in present}
    for name, type in new.items():
        physical = free_name(name, taken)
        taken.add(physical.lower())
        columns.append(Column(name, type, physical))
    return tuple(columns)
