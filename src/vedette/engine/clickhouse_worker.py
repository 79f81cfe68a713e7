"""One process of a function that ClickHouse calls: blocks of tab-separated rows in, a value a line out."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

import orjson

from vedette.engine.clickhouse_functions import functions_of
from vedette.engine.python.function import PythonFunction

_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_LETTERS = {b"b": b"\b", b"f": b"\f", b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0"}
_SPECIAL = re.compile(r"[\\\t\n\r\0\b\f]")
_WRITTEN = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"}
_ARROW_TYPES = {"VARCHAR": "string", "BIGINT": "int64", "INTEGER": "int32", "DOUBLE": "float64", "BOOLEAN": "bool"}


def main() -> None:
    """Serve the function that the command line names until there is no more input."""
    name = sys.argv[1]
    serve(functions_of(name.split("_")[1])[name], sys.stdin.buffer, sys.stdout.buffer)


def serve(function: PythonFunction, source: BinaryIO, target: BinaryIO) -> None:
    """Answer blocks: a line with the number of rows, then the rows."""
    while header := source.readline():
        rows = [source.readline() for _ in range(int(header))]
        target.write("".join(f"{written(value)}\n" for value in _values(function, rows)).encode())
        target.flush()


def _values(function: PythonFunction, rows: Sequence[bytes]) -> Sequence[Any]:
    read = [_READERS[type] for type in function.parameters]
    cells = [
        [None if cell == b"\\N" else reader(cell) for reader, cell in zip(read, row[:-1].split(b"\t"), strict=True)]
        for row in rows
    ]
    if not function.vectorized or not rows:
        return [function.call(*row) for row in cells]
    import pyarrow as pa  # noqa: PLC0415 (a process that calls row by row starts sooner without it)

    columns = zip(*cells, strict=True)
    arrays = [
        pa.array(column, getattr(pa, _ARROW_TYPES[type])() if type != "BOOLEAN" else pa.bool_())
        for column, type in zip(columns, function.parameters, strict=True)
    ]
    return function.call(*arrays).to_pylist()


def text_of(cell: bytes) -> str:
    """A text without the escapes."""
    return _ESCAPED.sub(lambda match: _LETTERS.get(match[1], match[1]), cell).decode()


def written(value: Any) -> str:
    """A value as ClickHouse reads it; a list as JSON text."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = orjson.dumps(value).decode()
    return _SPECIAL.sub(lambda match: _WRITTEN[match[0]], value) if isinstance(value, str) else str(value)


def _bool(cell: bytes) -> bool:
    return cell in (b"true", b"1")


_READERS: dict[str, Callable[[bytes], Any]] = {
    "VARCHAR": text_of,
    "BIGINT": int,
    "INTEGER": int,
    "DOUBLE": float,
    "BOOLEAN": _bool,
}
