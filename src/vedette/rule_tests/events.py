"""Reads what happens in a case: rows by table, and files with more of them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

from vedette.formats.event_files import FORMATS
from vedette.kql.diagnostics import suggestion_or_all
from vedette.rule_tests.case import Event, EventFile
from vedette.rule_tests.moments import distance_of, length_of, moment_of
from vedette.rule_tests.node import Node

DEFAULT_DISTANCE: Final = timedelta(seconds=-30)
"""When a row happened that does not say it."""

MOST_ROWS: Final = 100_000
FILE_EVENT_KEYS: Final = ("file", "format", "newest", "numbers", "bools")
SPECIAL: Final = ("$times", "$every", "$arrives")
_TABLE = re.compile(r"[A-Za-z_]\w*")


def read_events(node: Node, clock: datetime, defaults: Mapping[str, Mapping[str, Any]]) -> Iterator[Event | EventFile]:
    """The rows and files of each table. `defaults` are values of rows, by table. Raises WrongTestFile."""
    for table, each in node.entries():
        if not _TABLE.fullmatch(table):
            raise each.wrong(f"'{table}' is no name of a table.")
        if isinstance(each.value, str | dict):
            yield _event_file(table, each)
            continue
        for row in each.items() if each.value else ():
            if isinstance(row.value, str) or (
                isinstance(row.value, dict) and set(row.mapping()) <= set(FILE_EVENT_KEYS)
            ):
                yield _event_file(table, row)
            else:
                yield from _rows(table, row, clock, defaults.get(table, {}))


def _event_file(table: str, node: Node) -> EventFile:
    if isinstance(node.value, str):
        name, told = node, _FileOptions()
    else:
        node.mapping(FILE_EVENT_KEYS)
        file = node.get("file")
        if file is None:
            raise node.wrong("events in a file need its name, 'file'.")
        name, told = file, _file_options(node)
    path = name.named_path(name.text())
    if not path.is_file():
        raise name.wrong(f"there is no file '{name.text()}'.")
    return EventFile(table, path, node, told.format, told.newest, told.numbers, told.bools)


@dataclass(frozen=True, slots=True)
class _FileOptions:
    format: str = "auto"
    newest: timedelta | None = None
    numbers: frozenset[str] = field(default_factory=frozenset[str])
    bools: frozenset[str] = field(default_factory=frozenset[str])


def _file_options(node: Node) -> _FileOptions:
    format, newest = node.get("format"), node.get("newest")
    if format is not None and format.text() not in FORMATS:
        raise format.wrong(f"there is no format '{format.text()}'; there are {', '.join(FORMATS)}.")
    distance = None if newest is None else distance_of(newest.text())
    if newest is not None and distance is None:
        raise newest.wrong(f"'{newest.text()}' is no distance from the clock such as -5m or now.")
    return _FileOptions(
        format.text() if format else "auto",
        distance,
        frozenset(node.texts_under("numbers")),
        frozenset(node.texts_under("bools")),
    )


def _rows(table: str, node: Node, clock: datetime, defaults: Mapping[str, Any]) -> Iterator[Event]:
    told = node.mapping()
    for key in told:
        if key.startswith("$") and key not in SPECIAL:
            raise node.child(key).wrong(f"there is no '{key}'. {suggestion_or_all(key, SPECIAL)}")
    row = {**defaults, **{key: value for key, value in told.items() if key not in SPECIAL}}
    times, every, arrives = node.get("$times"), node.get("$every"), node.get("$arrives")
    count = 1 if times is None else times.whole_number()
    if count > MOST_ROWS:
        raise node.wrong(f"there are more than {MOST_ROWS:,} rows.")
    step = timedelta(0)
    if every is not None:
        try:
            step = length_of(every.text())
        except ValueError as error:
            raise every.wrong(f"{error}.") from error
    first = _moment(node, row.get("TimeGenerated"), clock)
    arrival = None if arrives is None else _moment(arrives, arrives.value, clock)
    for number in range(count):
        values = row if times is None else {key: _numbered(value, number + 1) for key, value in row.items()}
        yield Event(table, {**values, "TimeGenerated": first + number * step}, node, arrival)


def _moment(node: Node, told: Any, clock: datetime) -> datetime:
    if told is None:
        return clock + DEFAULT_DISTANCE
    try:
        return moment_of(str(told), clock)
    except ValueError as error:
        raise node.wrong(f"{error}.") from error


def _numbered(value: Any, number: int) -> Any:
    """A value with the row's number, from one, in the place of `{n}`."""
    if isinstance(value, str):
        return number if value == "{n}" else value.replace("{n}", str(number))
    if isinstance(value, dict):
        return {key: _numbered(each, number) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_numbered(each, number) for each in cast("list[Any]", value)]
    return value
