"""How names and types of log tables are written in DuckDB."""

from collections.abc import Collection, Sequence

from vedette.kql.types import ScalarType

PHYSICAL_TYPES = {
    ScalarType.bool: "BOOLEAN",
    ScalarType.int: "INTEGER",
    ScalarType.long: "BIGINT",
    ScalarType.real: "DOUBLE",
    ScalarType.decimal: "DECIMAL(38,17)",
    ScalarType.string: "VARCHAR DEFAULT ''",
    ScalarType.datetime: "TIMESTAMP",
    ScalarType.timespan: "BIGINT",
    ScalarType.guid: "UUID",
    ScalarType.dynamic: "VARIANT",
}

_STORED_FROM_ARROW = {
    ScalarType.string: "coalesce({}, '')",
    ScalarType.guid: "{}::UUID",
    ScalarType.dynamic: "{}::JSON::VARIANT",
}


def quoted(name: str) -> str:
    """A name as a DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def qualified(parts: Sequence[str]) -> str:
    """A path of names, such as a schema and a table, as a DuckDB identifier."""
    return ".".join(quoted(part) for part in parts)


def stored(expression: str, type: ScalarType) -> str:
    """The SQL that turns an Arrow value of the writer into what a column of this type holds."""
    return _STORED_FROM_ARROW.get(type, "{}").format(expression)


def free_name(name: str, taken: Collection[str]) -> str:
    """`name`, or `name~2`, `name~3` …: DuckDB folds case, KQL does not. `taken` holds lower-cased names."""
    candidate = name
    number = 2
    while candidate.lower() in taken:
        candidate = f"{name}~{number}"
        number += 1
    return candidate
