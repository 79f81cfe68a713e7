"""`transformKql`: a statement over the records of a stream, compiled once and run on each batch of them.

https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa

from vedette.engine.engine import QueryEngine
from vedette.engine.limits import Limits
from vedette.engine.running import run_compiled
from vedette.kql.catalog import Catalog, Column, StoredFunction, Table
from vedette.kql.compile import Query, compile_query
from vedette.kql.parser import parse_query
from vedette.kql.types import ScalarType
from vedette.logs.transformation_functions import FUNCTIONS
from vedette.logs.transformation_language import SOURCE, check_language
from vedette.sql.dialects.base import Dialect
from vedette.sql.lower import to_sql

SECONDS: Final = 20
"""How long a transformation may take over one batch; beyond that Azure loses the records, and here they are refused."""

_LIMITS = Limits(timeout=timedelta(seconds=SECONDS), rows=2**31, bytes=2**40)
_RECORDS = "stream_records"
_READERS = {
    ScalarType.dynamic: "parse_json({})",
    ScalarType.guid: "toguid({})",
    ScalarType.decimal: "todecimal({})",
}
"""What storage keeps as text, and how KQL reads it."""


@dataclass(frozen=True, slots=True)
class Transformation:
    """A statement that has been understood: the columns that it reads and those that it gives, in order."""

    reads: Mapping[str, ScalarType]
    gives: Mapping[str, ScalarType]
    query: Query
    _sql: dict[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)

    def sql(self, dialect: Dialect) -> str:
        """The statement in a dialect, lowered once."""
        if dialect.name not in self._sql:
            self._sql[dialect.name] = to_sql(self.query, dialect)
        return self._sql[dialect.name]


@dataclass(frozen=True, slots=True)
class _Stream:
    """The catalog of a transformation: its records, and the functions that only transformations have."""

    columns: Mapping[str, ScalarType]

    def table(self, name: str) -> Table | None:
        if name != _RECORDS and (name != SOURCE or self._is_read()):
            return None
        columns = tuple(
            Column(column, ScalarType.string if type in _READERS else type, f"c{position}")
            for position, (column, type) in enumerate(self.columns.items())
        )
        return Table(name, columns, (_RECORDS,))

    def function(self, name: str) -> StoredFunction | None:
        if name == SOURCE and self._is_read():
            columns = ", ".join(_read_column(column, type) for column, type in self.columns.items())
            return StoredFunction(SOURCE, "", f"{_RECORDS} | project {columns}")
        return FUNCTIONS.get(name)

    def table_names(self) -> Iterable[str]:
        return (SOURCE,)

    def function_names(self) -> Iterable[str]:
        return FUNCTIONS

    def workspace(self, name: str) -> Catalog | None:
        return None

    def _is_read(self) -> bool:
        """Whether a column has to be read from its text."""
        return any(type in _READERS for type in self.columns.values())


def compile_transformation(text: str, columns: Mapping[str, ScalarType], *, now: datetime) -> Transformation | None:
    """The transformation of a stream with these columns; None for one that leaves every record as it is.

    Raises KqlError with positions.
    """
    if text.strip() in ("", SOURCE):
        return None
    check_language(text, parse_query(text))
    query = compile_query(text, _Stream(columns), now=now)
    return Transformation(dict(columns), dict(query.columns), query)


def transform(
    engine: QueryEngine, transformation: Transformation, records: pa.Table, instants: Mapping[str, datetime | None]
) -> pa.Table:
    """What the transformation makes of records.

    `records` has the columns that it reads, as `logs.values` types them (guid, decimal and dynamic as text). The answer
    has the columns that it gives, as the engine answers them. Raises TimedOut, InvalidInput for a value that the
    engine refuses, TooLarge for memory.
    """
    sql = transformation.sql(engine.dialect)
    numbered = records.rename_columns([f"c{position}" for position in range(records.num_columns)])
    result = run_compiled(engine, transformation.query, sql, instants, limits=_LIMITS, tables={_RECORDS: numbered})
    return pa.Table.from_batches(result.batches, result.schema).rename_columns(list(transformation.gives))


def _read_column(name: str, type: ScalarType) -> str:
    quoted = f"[{json.dumps(name, ensure_ascii=False)}]"
    reader = _READERS.get(type)
    return quoted if reader is None else f"{quoted} = {reader.format(quoted)}"
