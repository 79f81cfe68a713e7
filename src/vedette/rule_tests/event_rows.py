"""The events of a case as rows of tables, each with when it arrives: what a test file says, made to fit the columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson

from vedette.core.errors import InvalidInput
from vedette.formats.event_files import Reading, json_value, read_table_rows
from vedette.formats.record_files import CsvTypes
from vedette.formats.retiming import moved, newest
from vedette.formats.rows import TableRow
from vedette.kql.diagnostics import suggestion
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import STANDARD_COLUMNS
from vedette.logs.tables import built_in_names
from vedette.rule_tests.case import Case, Event, EventFile
from vedette.rule_tests.custom_tables import shown_columns
from vedette.rule_tests.events import DEFAULT_DISTANCE
from vedette.rule_tests.moments import as_utc, moment_of
from vedette.rule_tests.node import Node, plain_text
from vedette.rule_tests.stage import columns_of


@dataclass(frozen=True, slots=True)
class Arriving:
    """A row that arrives at an instant, and what of the test file brings it."""

    row: Mapping[str, Any]
    at: datetime
    node: Node


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of a table, in the order of the test file, and the columns that it has."""

    table: str
    columns: Mapping[str, ScalarType]
    rows: Sequence[Arriving]


def table_rows(case: Case) -> list[TableRows]:
    """All that happens in a case, table by table. Raises WrongTestFile."""
    by_table: dict[str, list[Event]] = {}
    for each in case.events:
        for event in _of_file(each, case) if isinstance(each, EventFile) else (each,):
            by_table.setdefault(_table(event, case), []).append(event)
    return [_typed(table, events, case) for table, events in by_table.items()]


def _table(event: Event, case: Case) -> str:
    """The table's name as it is spelled."""
    name = event.table
    if columns_of(name) is not None or name in case.tables or name.endswith("_CL"):
        return name
    known = {*built_in_names(), *case.tables}
    hint = suggestion(name, known) or "Give its columns with 'tables'."
    raise event.node.wrong(f"there is no built-in table '{name}'. {hint}")


def _of_file(file: EventFile, case: Case) -> Iterable[Event]:
    is_built_in = columns_of(file.table) is not None
    reading = Reading(file.table, is_built_in, file.format, CsvTypes(file.numbers, file.bools))
    try:
        rows: list[TableRow] = list(read_table_rows(file.path, reading, lambda _: None))
        rows = _retimed(rows, None if file.newest is None else case.clock + file.newest)
    except InvalidInput as error:
        raise file.node.wrong(error.message) from error
    happened = case.clock + (DEFAULT_DISTANCE if file.newest is None else file.newest)
    for each in rows:
        yield Event(each.table, {"TimeGenerated": happened, **each.row}, file.node)


def _retimed(rows: list[TableRow], last: datetime | None) -> list[TableRow]:
    """The rows with their times moved, so that the newest is the `last`; those of a file without times as they are."""
    if last is None:
        return rows
    try:
        step = last - newest(rows, None)
    except InvalidInput:
        return rows
    return list(moved(rows, step))


def _typed(table: str, events: Sequence[Event], case: Case) -> TableRows:
    built_in = columns_of(table)
    declared = case.tables.get(table)
    if built_in is not None:
        columns = {**built_in, **(declared or {})}
    else:
        own = shown_columns(each.row for each in events) if declared is None else declared
        columns = {**own, **STANDARD_COLUMNS}
    rows = [_arriving(table, event, columns, case) for event in events]
    return TableRows(table, columns, rows)


def _arriving(table: str, event: Event, columns: Mapping[str, ScalarType], case: Case) -> Arriving:
    row: dict[str, Any] = {}
    for name, value in event.row.items():
        type = columns.get(name)
        if type is None:
            raise event.node.wrong(f"the table {table} has no column '{name}'. {_hint(name, columns)}".rstrip())
        if value is not None:
            row[name] = _fitting(name, type, value, event.node, case.clock)
    happened = row.get("TimeGenerated")
    if not isinstance(happened, datetime):
        happened = case.clock
    return Arriving(row, event.arrives or happened, event.node)


def _hint(name: str, columns: Mapping[str, ScalarType]) -> str:
    return suggestion(name, columns) or ""


def _fitting(name: str, type: ScalarType, value: Any, node: Node, clock: datetime) -> Any:
    """A value as its column takes it: a distance from the clock as an instant, a number as text where text is asked."""
    if type is ScalarType.datetime:
        if isinstance(value, datetime):
            return as_utc(value)
        if not isinstance(value, str):
            raise node.wrong(f"'{name}' is a time, not {value!r}.")
        try:
            return moment_of(value, clock)
        except ValueError as error:
            raise node.wrong(f"'{name}': {error}.") from error
    if type is ScalarType.string and not isinstance(value, str):
        if isinstance(value, dict | list):
            return orjson.dumps(cast("Any", value), default=json_value).decode()
        return plain_text(value) if isinstance(value, bool | int | float) else str(value)
    return value
