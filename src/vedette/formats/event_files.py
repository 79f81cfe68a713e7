"""Reads events from files: which format a file has, and its records, each with the table it is for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from vedette.core.errors import InvalidInput
from vedette.formats.record_files import CsvTypes, Report, read_records
from vedette.formats.rows import TableRow

AUTO: Final = "auto"
FORMATS: Final = (AUTO, "json", "csv", "parquet", "syslog", "cef", "windows", "evtx")
"""`cef` and `syslog` are read alike, for either holds the other."""

_BY_SUFFIX = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".cef": "cef",
    ".leef": "cef",
    ".log": "syslog",
    ".syslog": "syslog",
    ".evtx": "evtx",
    ".xml": "windows",
}
_TABLES = {
    "syslog": ("Syslog", "CommonSecurityLog"),
    "cef": ("Syslog", "CommonSecurityLog"),
    "windows": ("SecurityEvent", "Event"),
    "evtx": ("SecurityEvent", "Event"),
}
_ROWS_AT_ONCE = 1_000  # of a Parquet file


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read: the format, AUTO for each file's own; the types of CSV columns; the table that is meant."""

    table: str
    is_built_in: bool
    format: str = AUTO
    csv_types: CsvTypes = field(default_factory=CsvTypes)


def read_table_rows(path: Path, reading: Reading, report: Report) -> Iterator[TableRow]:
    """The file's records in order, with the table each is for: the one that is meant, or, where the format has tables
    of its own and one of them is meant, that one.

    What a record does not say is not made up, so that reading a file again gives the same. Raises InvalidInput.
    """
    format = format_of(path, reading)
    tables = _TABLES.get(format)
    if tables and reading.is_built_in and reading.table not in tables:
        raise InvalidInput(
            "WrongTable", f"{path}: {format} goes into {' and '.join(tables)}, or a custom table, not {reading.table}."
        )
    for typed in _READERS[format](path, reading, report):
        yield typed if tables and reading.is_built_in else TableRow(reading.table, typed.row)


def format_of(path: Path, reading: Reading) -> str:
    """The format that is asked for, else the one that the file's name says, else that of the table, else JSON."""
    if reading.format != AUTO:
        return reading.format
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix == ".txt" and reading.is_built_in and reading.table in _TABLES["syslog"]:
        return "syslog"
    return "json"


def _plain(path: Path, reading: Reading, report: Report) -> Iterator[TableRow]:
    for record in read_records(path, report, reading.csv_types, is_csv=format_of(path, reading) == "csv"):
        yield TableRow(reading.table, record)


def _parquet(path: Path, reading: Reading, report: Report) -> Iterator[TableRow]:
    """A row group at a time, so that a large file takes little memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            size, rows, read = path.stat().st_size, file.metadata.num_rows, 0
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(_ROWS_AT_ONCE, row_groups=[group]):
                    for record in batch.to_pylist():
                        yield TableRow(
                            reading.table, {name: value for name, value in record.items() if value is not None}
                        )
                    read += batch.num_rows
                    report(size * read // max(rows, 1))
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput("CannotRead", f"{path}: cannot be read as Parquet: {error}.") from error


def _lines(path: Path, _reading: Reading, report: Report) -> Iterator[TableRow]:
    from vedette.formats.syslog_rows import syslog_row

    read = 0
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)  # a time without a year is of the file's year
        with path.open("rb") as file:
            for line in file:
                read += len(line)
                report(read)
                if line.strip():
                    yield _with_time(syslog_row(line, written))
    except OSError as error:
        raise InvalidInput("CannotRead", f"{path}: cannot be read: {error.strerror}.") from error


def _with_time(typed: TableRow) -> TableRow:
    """The row with the time that the event has, for it was not received just now."""
    time = next((typed.row[name] for name in ("EventTime", "EndTime", "StartTime") if name in typed.row), None)
    return typed if time is None else TableRow(typed.table, {"TimeGenerated": time} | typed.row)


def _evtx(path: Path, _reading: Reading, report: Report) -> Iterator[TableRow]:
    import evtx

    from vedette.formats.windows_rows import windows_row
    from vedette.formats.windows_xml import parse_windows_xml

    try:
        size = path.stat().st_size
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for record in evtx.PyEvtxParser(str(path)).records():
            if record is not None:
                yield from map(windows_row, parse_windows_xml(record["data"].encode(), written))
        report(size)
    except (OSError, RuntimeError) as error:
        raise InvalidInput("CannotRead", f"{path}: cannot be read as EVTX: {error}.") from error


def _windows(path: Path, _reading: Reading, report: Report) -> Iterator[TableRow]:
    from vedette.formats.windows_json import parse_windows_json
    from vedette.formats.windows_rows import windows_row
    from vedette.formats.windows_xml import parse_windows_xml

    try:
        data = path.read_bytes()
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise InvalidInput("CannotRead", f"{path}: cannot be read: {error.strerror}.") from error
    if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        yield from map(windows_row, parse_windows_xml(data, written))
        report(len(data))
        return
    for record in read_records(path, report, CsvTypes(), is_csv=False):
        yield windows_row(parse_windows_json(record, written))


_READERS: dict[str, Callable[[Path, Reading, Report], Iterator[TableRow]]] = {
    "json": _plain,
    "csv": _plain,
    "parquet": _parquet,
    "syslog": _lines,
    "cef": _lines,
    "windows": _windows,
    "evtx": _evtx,
}


def json_value(value: Any) -> Any:
    """What orjson has no JSON for, as text that the server reads: decimals, bytes, timespans of Parquet."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)
