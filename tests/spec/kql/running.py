"""Runs a query against an engine without a workspace, for specs and examples."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import orjson

from vedette.engine.engine import QueryEngine
from vedette.engine.limits import DEFAULT_LIMITS
from vedette.kql.catalog import StoredFunction, Table
from vedette.kql.compile import compile_query
from vedette.kql.literals import format_datetime
from vedette.kql.types import ScalarType
from vedette.logs.data import QueryData
from vedette.sql.lower import to_sql

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)

ARROW_TYPES = {
    ScalarType.bool: "bool",
    ScalarType.int: "int32",
    ScalarType.long: "int64",
    ScalarType.real: "double",
    ScalarType.decimal: "string",
    ScalarType.string: "string",
    ScalarType.datetime: "timestamp[us]",
    ScalarType.timespan: "int64",
    ScalarType.guid: "string",
    ScalarType.dynamic: "string",
}
"""What leaves the engine for each type."""


class TablesInMemory:
    """A catalog with the tables it is given."""

    def __init__(self, tables: Iterable[Table] = ()) -> None:
        self._tables = {table.name: table for table in tables}

    def table(self, name: str) -> Table | None:
        return self._tables.get(name)

    def function(self, name: str) -> StoredFunction | None:
        return None

    def table_names(self) -> Iterable[str]:
        return self._tables

    def function_names(self) -> Iterable[str]:
        return ()

    def workspace(self, name: str) -> None:
        return None


def run_rows(
    engine: QueryEngine, catalog: TablesInMemory, text: str, now: datetime, *, in_steps: bool = False
) -> tuple[tuple[tuple[str, str], ...], list[list[Any]]]:
    """Columns as (name, type), rows as JSON values: datetimes as ISO text, timespans as Kusto prints them."""
    data = QueryData(engine, {"now": now}, DEFAULT_LIMITS)
    query = compile_query(text, catalog, now=now, data=data)
    sql = to_sql(query, engine.dialect, in_steps=in_steps)
    if in_steps:  # whose comments may hold words that an engine refuses
        sql = "\n".join(line for line in sql.split("\n") if line[:2] != "--")
    result = data.run(query, sql)
    types = [type for _, type in query.columns]
    arrow = [ARROW_TYPES[type] for type in types]
    rows: list[list[Any]] = []
    for batch in result.batches:
        assert [str(field.type) for field in batch.schema] == arrow, f"{batch.schema} for {query.columns}"
        columns = [batch.column(position).to_pylist() for position in range(batch.num_columns)]
        rows.extend(
            [_json(value, type, digit) for value, type, digit in zip(row, types, query.digits, strict=True)]
            for row in zip(*columns, strict=True)
        )
    return tuple((name, type.value) for name, type in query.columns), rows


def _json(value: Any, type: ScalarType, digit: int = 0) -> Any:
    if value is None:
        return None
    match type:
        case ScalarType.dynamic:
            return orjson.loads(value)
        case ScalarType.datetime:
            text = format_datetime(value)
            if digit:
                return f"{text[:26]}{digit}Z"
            return f"{text[:-1].rstrip('0')}Z" if value.microsecond else f"{value.isoformat()}Z"
        case ScalarType.timespan:
            return timespan_text(value)
        case _:
            return value


def timespan_text(ticks: int) -> str:
    """Ticks of 100 ns as `[-][d.]hh:mm:ss[.fffffff]`."""
    sign, ticks = ("-", -ticks) if ticks < 0 else ("", ticks)
    seconds, fraction = divmod(ticks, 10_000_000)
    days, seconds = divmod(seconds, 86_400)
    head = f"{days}." if days else ""
    tail = f".{fraction:07d}" if fraction else ""
    return f"{sign}{head}{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}{tail}"
