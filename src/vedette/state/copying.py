"""The tables of one database as those of another: what a backup of a PostgreSQL state is, and how one is laid down."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, insert, select

from vedette.state.database import Database
from vedette.state.migrations import migrate
from vedette.state.sqlite import Sqlite
from vedette.state.tables import EPOCH, documents, facts, format_version, metadata

_ROWS = 500


def copy_to_sqlite(connection: Connection, database: Database, path: Path) -> None:
    """Write all that a connection sees to a new SQLite file of the newest format."""
    file = Sqlite(URL.create("sqlite", database=str(path)))
    try:
        with file.engine.connect() as target:
            file.begin(target)
            migrate(target, file.migrations)
            copy_tables((connection, database), (target, file))
            target.commit()
            target.exec_driver_sql("PRAGMA journal_mode=DELETE")
    finally:
        file.engine.dispose()


def copy_from_sqlite(path: Path, connection: Connection, database: Database) -> None:
    """Put all that a SQLite file holds into empty tables; a file of an older format is brought to the newest one."""
    file = Sqlite(URL.create("sqlite", database=str(path)))
    try:
        with file.engine.connect() as source:
            file.begin(source)
            migrate(source, file.migrations)
            copy_tables((source, file), (connection, database))
            source.commit()
    finally:
        file.engine.dispose()


def copy_tables(source: tuple[Connection, Database], target: tuple[Connection, Database]) -> None:
    """Put every row of one database into the empty tables of another; both are of the newest format."""
    for table in metadata.sorted_tables:
        if table is format_version:
            continue
        query = select(table)
        if table is facts:
            query = query.where(facts.c.key != EPOCH)
        rows = source[0].execute(query, execution_options={"yield_per": _ROWS}).mappings()
        for some in rows.partitions(_ROWS):
            values = [dict(row) for row in some]
            if table is documents:
                values = [_carried(row, source[1], target[1]) for row in values]
            target[0].execute(insert(table), values)


def _carried(row: dict[str, Any], source: Database, target: Database) -> dict[str, Any]:
    """A document's row with its texts as the other database stores them."""
    keys = {name: target.key_text(source.text_of_key(row[name])) for name in ("key", "id", "scope", "name")}
    return row | keys | {"body": target.body_text(source.body_of(row["body"]))}
