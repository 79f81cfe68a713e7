"""A query's answer as JSON or CSV text, and as a file in the format that its name ends in."""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from vedette.cli.answer import Answer
from vedette.cli.cells import as_json, parsed
from vedette.cli.writing import writing
from vedette.core.errors import InvalidInput


def json_text(answer: Answer) -> bytes:
    """A JSON array with an object a row; dynamics are JSON values, all else as the query API writes it."""
    names = [column.name for column in answer.columns]
    types = [column.type for column in answer.columns]
    rows = [dict(zip(names, map(as_json, row, types), strict=True)) for row in answer.rows]
    return orjson.dumps(rows, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def csv_text(answer: Answer) -> bytes:
    """CSV with a header line; a null is an empty cell, a dynamic is its JSON text."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in answer.columns)
    bools = [column.type == "bool" for column in answer.columns]
    for row in answer.rows:
        writer.writerow(
            str(cell).lower() if bool and cell is not None else cell for bool, cell in zip(bools, row, strict=True)
        )
    return text.getvalue().encode()


def save(answer: Answer, path: Path) -> None:
    """Write the answer to `path`, whole or not at all. Raises InvalidInput (UnknownFormat, CannotWrite)."""
    content = format_named(path)(answer)
    with writing(path), _replacing(path) as file:
        file.write(content)


def format_named(path: Path) -> Callable[[Answer], bytes]:
    """What makes the file of that name. Raises InvalidInput for a name that ends in no known format."""
    make = _FORMATS.get(path.suffix.lower())
    if make is None:
        known = ", ".join(_FORMATS)
        raise InvalidInput("UnknownFormat", f"'{path}' does not end in a format that can be written: {known}.")
    return make


def _arrow_file(answer: Answer) -> bytes:
    import pyarrow as pa

    file = BytesIO()
    table = arrow_table(answer)
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def _parquet_file(answer: Answer) -> bytes:
    from pyarrow import parquet

    file = BytesIO()
    parquet.write_table(arrow_table(answer), file, compression="zstd")
    return file.getvalue()


def arrow_table(answer: Answer) -> Any:
    """The answer as an Arrow table: datetimes in UTC and timespans to the microsecond, dynamics and guids as text."""
    import pyarrow as pa

    types: Mapping[str, pa.DataType] = {
        "bool": pa.bool_(),
        "int": pa.int32(),
        "long": pa.int64(),
        "real": pa.float64(),
        "datetime": pa.timestamp("us", tz="UTC"),
        "timespan": pa.duration("us"),
    }
    arrays: list[pa.Array] = []
    for index, column in enumerate(answer.columns):
        cells = [row[index] for row in answer.rows]
        if column.type == "decimal":
            arrays.append(_decimals(cells))
        elif column.type in types:
            arrays.append(pa.array([parsed(cell, column.type) for cell in cells], types[column.type]))
        else:
            arrays.append(pa.array(cells, pa.string()))
    return pa.Table.from_arrays(arrays, names=[column.name for column in answer.columns])


def _decimals(cells: list[Any]) -> Any:
    """Decimals as wide as the values need."""
    import pyarrow as pa

    values: list[Decimal | None] = [parsed(cell, "decimal") for cell in cells]
    return pa.array(values) if any(value is not None for value in values) else pa.array(values, pa.decimal128(38, 18))


_FORMATS: Mapping[str, Callable[[Answer], bytes]] = {
    ".arrow": _arrow_file,
    ".parquet": _parquet_file,
    ".csv": csv_text,
    ".json": json_text,
}


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file beside `path` that takes its place when all is written."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
