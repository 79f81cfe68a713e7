"""How large the tables of a DuckDB file are, from what it keeps about them: nothing is scanned."""

from datetime import UTC, datetime

import duckdb

from vedette.engine.duckdb_names import qualified, quoted
from vedette.engine.engine import TableExtent
from vedette.kql.catalog import Table


def extent(cursor: duckdb.DuckDBPyConnection, table: Table, time_column: str) -> TableExtent:
    """Rows, and the earliest and latest time. DuckDB answers both from the statistics of its row groups, unless rows
    were deleted since the last checkpoint."""
    assert table.relation is not None
    time = quoted(next(column.physical for column in table.columns if column.name == time_column))
    ((rows, oldest, newest),) = cursor.execute(
        f"SELECT count(*), min({time}), max({time}) FROM {qualified(table.relation)}"
    ).fetchall()
    return TableExtent(rows, _aware(oldest), _aware(newest))


def bytes_on_disk(cursor: duckdb.DuckDBPyConnection, table: Table) -> int:
    """The blocks that hold the table's columns. Rows that are still in the write-ahead log have none; a block that two
    small tables share counts for both."""
    assert table.relation is not None
    ((block_size,),) = cursor.execute("SELECT block_size FROM pragma_database_size()").fetchall()
    name = qualified(table.relation).replace("'", "''")
    ((blocks,),) = cursor.execute(
        "SELECT count(DISTINCT block) FROM (SELECT unnest(list_append(additional_block_ids, block_id)) AS block "
        f"FROM pragma_storage_info('{name}') WHERE persistent) WHERE block >= 0"
    ).fetchall()
    return blocks * block_size


def _aware(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.replace(tzinfo=UTC)
