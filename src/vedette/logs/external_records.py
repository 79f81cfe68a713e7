"""Files as tables of text: packed or not, delimited, JSON, or lines."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import orjson
import pyarrow as pa

from vedette.core.errors import InvalidInput
from vedette.kql.external import DELIMITERS, FORMATS, JSON_FORMATS, External

_PACKED = frozenset({".gz", ".gzip", ".zip"})
_STEP = re.compile(r"""\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]""")
_MOST_CELL = 1 << 27


class TooMuch(Exception):
    """A file unpacks to more than there may be."""


def table_of(external: External, files: Sequence[tuple[str, bytes]]) -> pa.Table:
    """The records of files, given with their addresses, as text columns. Raises InvalidInput for what does not have the
    format."""
    columns: list[list[str]] = [[] for _ in external.columns]
    for uri, content in files:
        text = content.decode("utf-8-sig", errors="replace")
        for record in _chosen(_records(text, _format(external, uri), external, uri), external):
            for column, cell in zip(columns, record, strict=True):
                column.append(cell)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=list(external.columns))


def response_table(external: External, headers: dict[str, str], content: bytes) -> pa.Table:
    """An answer's headers and content as the columns of one row."""
    cells = (orjson.dumps(headers).decode(), content.decode("utf-8-sig", errors="replace"))
    return pa.table([pa.array([cell], pa.string()) for cell in cells], names=list(external.columns))


def unpacked(external: External, content: bytes, limit: int) -> Iterator[bytes]:
    """What a file holds: itself, or what is packed in it. Raises TooMuch beyond `limit` bytes, InvalidInput for what is
    damaged."""
    try:
        if content.startswith(b"\x1f\x8b"):
            yield _gunzipped(content, limit)
        elif content.startswith(b"PK\x03\x04"):
            yield from _unzipped(content, external.zip_pattern, limit)
        else:
            yield content
    except (zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InvalidInput("InvalidQueryValue", "externaldata: a packed file is damaged.") from error


def _gunzipped(content: bytes, limit: int) -> bytes:
    whole = bytearray()
    while content:
        reader = zlib.decompressobj(wbits=31)
        whole += reader.decompress(content, limit + 1 - len(whole))
        if len(whole) > limit:
            raise TooMuch
        if not reader.eof:
            raise zlib.error("the end is missing")
        content = reader.unused_data
    return bytes(whole)


def _unzipped(content: bytes, pattern: str | None, limit: int) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if member.is_dir() or (pattern is not None and not fnmatch(member.filename, pattern)):
                continue
            with archive.open(member) as opened:
                piece = opened.read(limit + 1)
            if len(piece) > limit:
                raise TooMuch
            limit -= len(piece)
            yield piece


def _format(external: External, uri: str) -> str:
    """The format that the query says, or the ending of the address, or csv."""
    if external.format is not None:
        return external.format
    endings = [ending for ending in PurePosixPath(urlsplit(uri).path).suffixes if ending.lower() not in _PACKED]
    ending = endings[-1].lower().removeprefix(".") if endings else ""
    return ending if ending in FORMATS else "csv"


def _chosen(records: Iterable[list[str]], external: External) -> Iterator[list[str]]:
    """Without the first and the last record where the query says so."""
    waiting: list[str] | None = None
    for number, record in enumerate(records):
        if number == 0 and external.skips_first:
            continue
        if waiting is not None:
            yield waiting
        waiting = record
    if waiting is not None and not external.skips_last:
        yield waiting


def _records(text: str, format: str, external: External, uri: str) -> Iterator[list[str]]:
    if format in JSON_FORMATS:
        return (_cells(record, external) for record in _json_records(text, format))
    width = len(external.columns)
    if format == "raw":
        return iter([[text, *[""] * (width - 1)]])
    if format == "txt":
        return ([line, *[""] * (width - 1)] for line in text.splitlines())
    return (_fields(row, external) for row in _delimited(text, DELIMITERS[format], uri))


def _delimited(text: str, delimiter: str, uri: str) -> Iterator[list[str]]:
    csv.field_size_limit(_MOST_CELL)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if row:
                yield row
    except csv.Error as error:
        raise InvalidInput("InvalidQueryValue", f"externaldata: a record cannot be read: {error}.") from error


def _fields(row: Sequence[str], external: External) -> list[str]:
    places = [path if isinstance(path, int) else number for number, path in enumerate(external.paths)]
    return [row[place] if place < len(row) else "" for place in places]


# --- JSON ----------------------------------------------------------------------------------------------------------


def _json_records(text: str, format: str) -> Iterator[Any]:
    """A record a line; or, as multijson, arrays and values one after the other, over several lines."""
    if format == "json":
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            yield from [orjson.loads(line) for line in lines]
        except orjson.JSONDecodeError:
            yield from _json_values(text)
        return
    yield from _json_values(text)


def _json_values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    at = _after_space(text, 0)
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise InvalidInput("InvalidQueryValue", f"externaldata: this is not JSON: {error}.") from error
        if isinstance(value, list):
            yield from value  # pyright: ignore[reportUnknownVariableType]
        else:
            yield value
        at = _after_space(text, at)


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _cells(record: Any, external: External) -> list[str]:
    return [
        "" if path is None else _cell(_found(record, _steps(str(path))), is_dynamic)
        for path, is_dynamic in zip(external.paths, external.is_dynamic, strict=True)
    ]


def _cell(value: Any, is_dynamic: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and not is_dynamic:
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _found(record: Any, steps: tuple[str | int, ...]) -> Any:
    for step in steps:
        if isinstance(record, dict) and isinstance(step, str):
            record = record.get(step)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        elif isinstance(record, list) and isinstance(step, int) and step < len(record):  # pyright: ignore[reportUnknownArgumentType]
            record = record[step]  # pyright: ignore[reportUnknownVariableType]
        else:
            return None
    return record  # pyright: ignore[reportUnknownVariableType]


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str | int, ...]:
    """The keys and positions of a JSON path such as `$.a['b c'][0]`."""
    steps: list[str | int] = []
    for plain, quoted, double, position in _STEP.findall(path):
        if position:
            steps.append(int(position))
        else:
            steps.append(plain or (json.loads(f'"{double}"') if double else quoted.replace("\\'", "'")))
    return tuple(steps)
