"""Changes of tables and of the rows in them, each in its place between the batches that arrive meanwhile."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa

from vedette.core.errors import Conflict
from vedette.engine.engine import LogEngine, Transaction
from vedette.engine.limits import Limits
from vedette.kql.catalog import Table
from vedette.kql.compile import compile_query
from vedette.kql.types import ScalarType
from vedette.logs.catalog import TableRegister, WorkspaceCatalog
from vedette.logs.query import QueryText, Timespan, run_query
from vedette.logs.result import QueryResult
from vedette.logs.standard_names import ITEM_ID, with_standard_columns
from vedette.logs.tables import built_in
from vedette.logs.writer import Batch, Change, LogWriter
from vedette.sql.instants import fill
from vedette.sql.lower import to_sql

_COUNTING = Limits(timeout=timedelta(minutes=10), rows=5_000_000, bytes=1_000_000_000)


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows of a table whose datetime column lies in [start, end), about so many."""

    start: datetime
    end: datetime
    rows: int


class TableChanges:
    """Makes and changes the tables of all workspaces; every method returns when the change is on the disk.

    A batch that arrived before a change lands before it. One that arrived before and comes after lands in what the
    table is then, or, where it holds a column that is gone, is refused with Unavailable: it can be sent again.
    """

    def __init__(
        self, engine: LogEngine, register: TableRegister, writer: LogWriter, schema_of: Callable[[str], str]
    ) -> None:
        self._engine = engine
        self._register = register
        self._writer = writer
        self._schema_of = schema_of

    def stored(self, workspace_id: str, name: str) -> Table | None:
        """The table, if it has storage, with all its columns. Raises NotFound for the workspace."""
        return self._register.stored((self._schema_of(workspace_id), name))

    def stored_names(self, workspace_id: str) -> list[str]:
        """The names of the tables that have storage."""
        return self._register.stored_names(self._schema_of(workspace_id))

    def create(self, workspace_id: str, name: str, columns: Mapping[str, ScalarType]) -> None:
        """Make a table with these columns and the standard ones, or give one that exists those that it lacks.

        Raises Conflict where a column has another type already.
        """
        key = (self._schema_of(workspace_id), name)
        known = built_in(name)
        wanted = with_standard_columns({**(known.columns if known else {}), **columns})
        if not self._register.plan(key, wanted):
            raise Conflict("Conflict", f"A column of the table '{name}' exists with another type.")
        self._writer.submit(Batch({key: pa.table({})})).result()

    def drop_columns(self, workspace_id: str, name: str, columns: Collection[str]) -> None:
        """Take columns with their values from a table; those that it does not have are no matter."""
        key = (self._schema_of(workspace_id), name)

        def apply(transaction: Transaction) -> Table | None:
            table = self._register.stored(key)
            return None if table is None else transaction.drop_columns(table, columns)

        self._writer.submit(Change(apply, lambda table: self._register.shrunk(key, table))).result()

    def drop(self, workspace_id: str, name: str) -> None:
        """Delete a table with its rows; one that does not exist is no matter."""
        key = (self._schema_of(workspace_id), name)

        def apply(transaction: Transaction) -> None:
            table = self._register.stored(key)
            if table is not None:
                transaction.drop_table(table)

        self._writer.submit(Change(apply, lambda _: self._register.shrunk(key, None), makes_room=True)).result()

    def read(
        self,
        workspace_id: str,
        text: str,
        now: datetime,
        *,
        timespan: Timespan | None = None,
        limits: Limits = _COUNTING,
    ) -> QueryResult:
        """What a query over everything that is stored answers, rows included that other queries do not see any more.
        Raises what running a query raises."""
        catalog = self._everything(workspace_id)
        return run_query(self._engine, catalog, QueryText(text, now, timespan), limits)

    def slices(
        self, workspace_id: str, name: str, condition: str, column: str, most: int, now: datetime
    ) -> list[Slice]:
        """The rows of a table that a KQL condition selects, cut by a datetime column into pieces within a day and of
        about `most` rows at most, oldest first."""
        if self.stored(workspace_id, name) is None:
            return []
        text = (
            f"{quoted(name)} | where {condition} | summarize n = count() by h = bin({column}, 1h) "
            "| where isnotnull(h) | order by h asc"
        )
        pieces: list[Slice] = []
        for count, hour in (_counted(row) for row in self.read(workspace_id, text, now).rows()):
            last = pieces[-1] if pieces else None
            if last and last.start.date() == hour.date() and last.rows + count <= most:
                pieces[-1] = Slice(last.start, hour + _HOUR, last.rows + count)
            else:
                pieces.extend(_parts(hour, count, most))
        return pieces

    def delete(
        self, workspace_id: str, name: str, condition: str, now: datetime, piece: Slice | None, column: str
    ) -> int:
        """Delete the rows of a table that a KQL condition selects, of one piece or all; says how many there were.

        Raises KqlError for the condition.
        """
        key = (self._schema_of(workspace_id), name)
        within = "" if piece is None else f" and {column} >= {moment(piece.start)} and {column} < {moment(piece.end)}"
        query = QueryText(f"{quoted(name)} | where ({condition}){within} | project {ITEM_ID}", now)

        def apply(transaction: Transaction) -> int:
            table = self._register.stored(key)
            if table is None:
                return 0
            compiled = compile_query(query.text, self._everything(workspace_id), now=query.now)
            sql = fill(to_sql(compiled, self._engine.dialect), query.instants)
            return transaction.delete_among(table, ITEM_ID, sql)

        return self._writer.submit(Change(apply, makes_room=True)).result()

    def delete_before(self, workspace_id: str, name: str, column: str, instant: datetime) -> int:
        """Delete the rows of a table whose datetime column lies before an instant; says how many there were."""
        key = (self._schema_of(workspace_id), name)

        def apply(transaction: Transaction) -> int:
            table = self._register.stored(key)
            return 0 if table is None else transaction.delete_before(table, column, instant)

        return self._writer.submit(Change(apply, makes_room=True)).result()

    def _everything(self, workspace_id: str) -> WorkspaceCatalog:
        return WorkspaceCatalog(self._schema_of(workspace_id), self._register, {}, lambda _name: None)


def quoted(name: str) -> str:
    """A name as KQL has it, whatever characters it holds."""
    return f"[{text_literal(name)}]"


def text_literal(text: str) -> str:
    """A text as a KQL constant."""
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    return f'"{escaped}"'


def moment(instant: datetime) -> str:
    """An instant as a KQL constant."""
    return f"datetime({instant.isoformat()})"


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HOUR = timedelta(hours=1)


def _counted(row: list[Any]) -> tuple[int, datetime]:
    hour, count = row
    return count, hour


def _parts(hour: datetime, count: int, most: int) -> list[Slice]:
    """An hour in equal parts, so many that each has at most `most` rows if they are spread evenly."""
    number = -(-count // most)
    edges = [hour + _HOUR * part / number for part in range(number)] + [hour + _HOUR]
    return [Slice(start, end, count // number) for start, end in pairwise(edges)]
