"""Reads records from JSON, JSON Lines and CSV files, one at a time, with the place each stands at."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from vedette.core.errors import InvalidInput

_SNIFFED = 4096  # bytes of the beginning, which tell JSON Lines from an array

Report = Callable[[int], None]
"""Told the number of bytes of the file that have been read so far."""


@dataclass(frozen=True, slots=True)
class CsvTypes:
    """The CSV columns whose cells are not text."""

    numbers: frozenset[str] = frozenset()
    bools: frozenset[str] = frozenset()


def read_records(
    path: Path, report: Report, csv_types: CsvTypes, *, is_csv: bool | None = None
) -> Iterator[dict[str, Any]]:
    """The file's records in order: a JSON array, JSON Lines, one JSON object, or CSV (by its name unless told).

    Raises InvalidInput naming the line, or the record, that cannot be read.
    """
    try:
        if path.suffix.lower() == ".csv" if is_csv is None else is_csv:
            yield from _read_csv(path, report, csv_types)
        else:
            yield from _read_json(path, report)
    except OSError as error:
        raise InvalidInput("CannotRead", f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput("CannotRead", f"{path}: is not UTF-8 text: {error.reason} at byte {error.start}.") from error


def _read_json(path: Path, report: Report) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        first = file.read(_SNIFFED).removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith(b"{"):
        yield from _read_lines(path, report)
    else:
        yield from _read_array(path, report)


def _read_array(path: Path, report: Report) -> Iterator[dict[str, Any]]:
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        return
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("NotJson", f"{path}: is not JSON: {error}.") from error
    records = [told] if isinstance(told, dict) else told
    if not isinstance(records, list):
        raise InvalidInput("NotRecords", f"{path}: holds neither a JSON array of objects nor JSON Lines.")
    for number, record in enumerate(records, 1):
        report(len(content) * number // len(records))
        yield _object(record, f"{path}: record {number}")


def _read_lines(path: Path, report: Report) -> Iterator[dict[str, Any]]:
    """JSON Lines; a first line that is not JSON by itself means that the file is one object over several lines."""
    read = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            read += len(line)
            report(read)
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not text.strip():
                continue
            try:
                record = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                if number == 1:
                    yield from _read_array(path, report)
                    return
                raise InvalidInput("NotJson", f"{path}: line {number} is not JSON: {error}.") from error
            yield _object(record, f"{path}: line {number}")


def _object(record: Any, place: str) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise InvalidInput("NotRecords", f"{place} is not a JSON object.")
    return record


def _read_csv(path: Path, report: Report, types: CsvTypes) -> Iterator[dict[str, Any]]:
    """CSV with a header line; empty cells are left out, the rest are text but for the columns of `types`."""
    with path.open("rb") as file:
        rows = csv.reader(_decoded(file, report), strict=True)
        try:
            names = next(rows, None)
            if names is None:
                return
            _check_names(path, names, types)
            for cells in rows:
                if cells:
                    yield _csv_record(names, cells, types, f"{path}: line {rows.line_num}")
        except csv.Error as error:
            raise InvalidInput("NotCsv", f"{path}: line {rows.line_num} is not CSV: {error}.") from error


def _decoded(lines: Iterable[bytes], report: Report) -> Iterator[str]:
    read = 0
    for number, line in enumerate(lines):
        read += len(line)
        report(read)
        yield line.decode("utf-8-sig" if number == 0 else "utf-8")


def _check_names(path: Path, names: list[str], types: CsvTypes) -> None:
    unknown = sorted((types.numbers | types.bools) - set(names))
    if unknown:
        raise InvalidInput("UnknownColumn", f"{path}: has no column '{unknown[0]}'; it has {', '.join(names)}.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput("NotCsv", f"{path}: has the column '{twice[0]}' more than once.")


def _csv_record(names: list[str], cells: list[str], types: CsvTypes, place: str) -> dict[str, Any]:
    if len(cells) != len(names):
        raise InvalidInput("NotCsv", f"{place} has {len(cells)} cells; the header has {len(names)}.")
    return {name: _typed(name, cell, types, place) for name, cell in zip(names, cells, strict=True) if cell != ""}


def _typed(name: str, cell: str, types: CsvTypes, place: str) -> Any:
    if name in types.numbers:
        return _number(cell, f"{place}, column '{name}'")
    if name in types.bools:
        return _bool(cell, f"{place}, column '{name}'")
    return cell


def _number(cell: str, place: str) -> Any:
    try:
        value = orjson.loads(cell.strip().lstrip("+"))
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidInput("NotANumber", f"{place}: '{cell}' is not a number.")
    return value


_BOOLS: Mapping[str, bool] = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _bool(cell: str, place: str) -> bool:
    value = _BOOLS.get(cell.strip().lower())
    if value is None:
        raise InvalidInput("NotABool", f"{place}: '{cell}' is not true or false.")
    return value
