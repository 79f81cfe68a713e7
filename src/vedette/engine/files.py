"""JSON, CSV and Parquet files as tables of an in-memory database, for queries without a server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vedette.core.errors import InvalidInput, NotFound
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.duckdb_errors import reason
from vedette.engine.duckdb_names import free_name, qualified, quoted
from vedette.kql.catalog import Column, Table
from vedette.kql.types import ScalarType

_SCHEMA = "files"

# All nested values stay JSON, so that a key which one row lacks does not appear there as a null.
_JSON_VALUES = "read_json({}, maximum_depth=1, sample_size=-1, maximum_object_size=268435456)"
_JSON_TYPES = "read_json({}, maximum_depth=2, sample_size=-1, maximum_object_size=268435456)"
_CSV = (
    "read_csv({}, sample_size=-1, "
    "auto_type_candidates=['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'VARCHAR'])"
)
_PARQUET = "read_parquet({})"

_FORMATS = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}

_TYPES = {
    "BOOLEAN": ScalarType.bool,
    "TINYINT": ScalarType.int,
    "SMALLINT": ScalarType.int,
    "INTEGER": ScalarType.int,
    "UTINYINT": ScalarType.int,
    "USMALLINT": ScalarType.int,
    "UINTEGER": ScalarType.long,
    "BIGINT": ScalarType.long,
    "UBIGINT": ScalarType.decimal,
    "HUGEINT": ScalarType.real,
    "FLOAT": ScalarType.real,
    "DOUBLE": ScalarType.real,
    "DATE": ScalarType.datetime,
    "TIMESTAMP": ScalarType.datetime,
    "TIMESTAMP_S": ScalarType.datetime,
    "TIMESTAMP_MS": ScalarType.datetime,
    "TIMESTAMP_NS": ScalarType.datetime,
    "TIMESTAMP WITH TIME ZONE": ScalarType.datetime,
    "TIME": ScalarType.timespan,
    "INTERVAL": ScalarType.timespan,
    "UUID": ScalarType.guid,
    "VARCHAR": ScalarType.string,
}
_JSON_TEXT_TYPES = frozenset({"VARCHAR", "UUID", "TIME", "BLOB"})

_CASTS = {
    ScalarType.bool: "CAST({} AS BOOLEAN)",
    ScalarType.int: "CAST({} AS INTEGER)",
    ScalarType.long: "CAST({} AS BIGINT)",
    ScalarType.real: "CAST({} AS DOUBLE)",
    ScalarType.decimal: "CAST({} AS DECIMAL(38, 17))",
    ScalarType.string: "coalesce(CAST({} AS VARCHAR), '')",
    ScalarType.datetime: "CAST({} AS TIMESTAMP)",
    ScalarType.timespan: "epoch_us({}) * 10",
    ScalarType.guid: "{}",
    ScalarType.dynamic: "CAST(CAST({} AS JSON) AS VARIANT)",
}


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a file and the SQL that reads it."""

    name: str
    type: ScalarType
    value: str


def load_files(paths: Sequence[Path], ip_database: Path | None = None) -> tuple[DuckDBEngine, list[Table]]:
    """Read files, and every readable file of folders, each into a table named as the file without its suffixes.

    Formats by suffix: .json (an array, one object, or one object a line), .jsonl, .ndjson, .csv, .tsv, .parquet;
    text formats also with .gz. Nested and mixed values become dynamic, text that is a date or time datetime in UTC.
    Raises NotFound for a path that does not exist, InvalidInput for a file that cannot be read and for two files of
    one name. The caller closes the engine.
    """
    files = _named(paths)
    tables: list[Table] = []

    def fill(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE SCHEMA {_SCHEMA}")
        for name, file in files.items():
            tables.append(_load(connection, name, file))

    return DuckDBEngine(None, fill=fill, ip_database=ip_database), tables


def _named(paths: Sequence[Path]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise NotFound("FileNotFound", f"There is no file or folder '{path}'.")
        inside = [file for file in sorted(path.iterdir()) if _format(file)] if path.is_dir() else [path]
        for file in inside:
            name = file.name.partition(".")[0]
            if name in named:
                raise InvalidInput("DuplicateTable", f"'{named[name]}' and '{file}' would both be the table '{name}'.")
            named[name] = file
    if not named:
        raise NotFound("FileNotFound", f"There is no file to read in '{paths[0]}'." if paths else "No file was given.")
    return named


def _format(file: Path) -> str | None:
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return _FORMATS.get(suffixes[-1]) if suffixes else None


def _load(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> Table:
    format = _format(file)
    if format is None:
        known = ", ".join(_FORMATS)
        raise InvalidInput("UnknownFileFormat", f"'{file}' is in no format that is read here: {known}.")
    path = "'" + str(file).replace("'", "''") + "'"
    try:
        source, fields = _json_fields(connection, path) if format == "json" else _fields(connection, format, path)
        return _create(connection, name, source, fields)
    except duckdb.Error as error:
        raise InvalidInput("UnreadableFile", f"'{file}' cannot be read: {reason(error)}") from error


def _create(connection: duckdb.DuckDBPyConnection, name: str, source: str, fields: Sequence[_Field]) -> Table:
    known = connection.execute("SELECT lower(table_name) FROM duckdb_tables() WHERE schema_name = ?", [_SCHEMA])
    relation = (_SCHEMA, free_name(name, {row[0] for row in known.fetchall()}))
    selected = ", ".join(f"{field.value} AS {quoted(field.name)}" for field in fields)
    connection.execute(f"CREATE TABLE {qualified(relation)} AS SELECT {selected} FROM {source}")
    return Table(name, tuple(Column(field.name, field.type, field.name) for field in fields), relation)


def _fields(connection: duckdb.DuckDBPyConnection, format: str, path: str) -> tuple[str, list[_Field]]:
    source = (_CSV if format == "csv" else _PARQUET).format(path)
    fields: list[_Field] = []
    for name, engine_type in _described(connection, source):
        type = _scalar_type(engine_type)
        value = f"to_json({quoted(name)})" if type is ScalarType.dynamic else quoted(name)
        fields.append(_Field(name, type, _CASTS[type].format(value)))
    return source, fields


def _json_fields(connection: duckdb.DuckDBPyConnection, path: str) -> tuple[str, list[_Field]]:
    source = _JSON_VALUES.format(path)
    types = _described(connection, _JSON_TYPES.format(path))
    fields: list[_Field] = []
    for (name, _), (_, engine_type) in zip(_described(connection, source), types, strict=True):
        type = ScalarType.string if engine_type in _JSON_TEXT_TYPES else _scalar_type(engine_type)
        value = quoted(name) if type is ScalarType.dynamic else f"({quoted(name)}->>'$')"
        fields.append(_Field(name, type, _CASTS[type].format(value)))
    return source, fields


def _described(connection: duckdb.DuckDBPyConnection, source: str) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]


def _scalar_type(engine_type: str) -> ScalarType:
    """What a column of the engine's type is in KQL; nested, mixed and unknown ones are dynamic."""
    if engine_type.startswith("DECIMAL") and not engine_type.endswith("]"):
        return ScalarType.decimal
    if engine_type.startswith("ENUM") and not engine_type.endswith("]"):
        return ScalarType.string
    return _TYPES.get(engine_type, ScalarType.dynamic)
