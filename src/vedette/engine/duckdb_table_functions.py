"""Python functions over whole tables in DuckDB: a list of structs in, a list of structs out, of types that the name in
SQL tells (`py_<topic>_<name>__<arguments>__<columns>__<results>`, a letter each)."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from vedette.engine.arrow_types import ARROW_TYPES
from vedette.engine.python.arrays import numpy_of
from vedette.engine.python.function import RowsRefused
from vedette.engine.python.table_function import (
    PythonTableFunction,
    Rows,
    arrow_column,
    python_value,
)
from vedette.kql.types import ScalarType
from vedette.sql.dialects.base import TABLE_FUNCTION_ROWS
from vedette.sql.dialects.duckdb import TYPE_LETTERS

MAX_BYTES = 1 << 29
"""The size in memory of the rows that a function is given at most."""

_TYPES = {letter: type for type, letter in TYPE_LETTERS.items()}
_SQL_TYPES = {
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.timestamp("us"): "TIMESTAMP",
}

Types = tuple[ScalarType, ...]


def define(connection: duckdb.DuckDBPyConnection, name: str, function: PythonTableFunction) -> None:
    """Bring a function for these types into the database."""
    arguments, columns, results = (tuple(_TYPES[letter] for letter in part) for part in name.split("__")[1:])
    taken = ", ".join(["n BIGINT", *(f"i{position} {_sql_type(type)}" for position, type in enumerate(columns))])
    given = ", ".join(f"o{position} {_sql_type(type)}" for position, type in enumerate(results))
    connection.create_function(
        name,
        _over_lists(function.call, arguments, columns, results),
        [duckdb.sqltype(f"STRUCT({taken})[]"), *(duckdb.sqltype(_sql_type(type)) for type in arguments)],
        duckdb.sqltype(f"STRUCT({given})[]"),
        type=PythonUDFType.ARROW,
        null_handling=FunctionNullHandling.SPECIAL,
    )


def _sql_type(type: ScalarType) -> str:
    return _SQL_TYPES[ARROW_TYPES[type]]


def _over_lists(call: Callable[..., Any], arguments: Types, columns: Types, results: Types) -> Callable[..., pa.Array]:
    """The function as the engine calls it: with an array that holds lists of rows, one list for each call."""

    def called(lists: pa.ChunkedArray, *given: pa.ChunkedArray) -> pa.Array:
        names = [f"o{position}" for position in range(len(results))]
        made: list[pa.Array] = []
        ends = [0]
        for position, rows in enumerate(lists):
            values = [
                python_value(argument[position].as_py(), type) for argument, type in zip(given, arguments, strict=True)
            ]
            answer = call(_rows(rows.values, columns, results), *values)
            arrays = [arrow_column(column, type) for column, type in zip(answer, results, strict=True)]
            made.append(pa.StructArray.from_arrays(arrays, names))
            ends.append(ends[-1] + len(made[-1]))
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.concat_arrays(made))

    # The engine counts the parameters of what it is given.
    names = ["lists", *(f"a{position}" for position in range(len(arguments)))]
    called.__signature__ = Signature([Parameter(name, Parameter.POSITIONAL_ONLY) for name in names])  # pyright: ignore[reportFunctionMemberAccess]
    return called


def _rows(structs: pa.StructArray | None, columns: Types, results: Types) -> Rows:
    """The rows of one list in the order of their positions."""
    if structs is None:
        return Rows(0, columns, tuple(pa.array([], ARROW_TYPES[type]) for type in columns), results)
    if len(structs) > TABLE_FUNCTION_ROWS:
        raise RowsRefused(f"this step takes at most {TABLE_FUNCTION_ROWS} rows at once. Filter or summarize before it.")
    if structs.nbytes > MAX_BYTES:
        raise RowsRefused(f"this step takes at most {MAX_BYTES >> 20} MB at once. Filter or project before it.")
    positions, *arrays = structs.flatten()
    numbers = numpy_of(positions)
    if not (numbers[1:] > numbers[:-1]).all():
        order = pa.array(numbers.argsort())
        arrays = [array.take(order) for array in arrays]
    return Rows(len(structs), columns, tuple(arrays), results)
