"""Python functions in DuckDB: defined when the first query needs them."""

import re
from importlib import import_module, resources

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from vedette.engine.python.function import PythonFunction

_CALL = re.compile(r"\b(py_([a-z0-9]+)_\w+)\(")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_TOPICS = frozenset(
    entry.name.removesuffix(".py")
    for entry in resources.files("vedette.engine.python").iterdir()
    if entry.name.endswith(".py")
)


def needed_by(sql: str) -> frozenset[str]:
    """The functions that a query calls."""
    if "py_" not in sql:
        return frozenset()
    calls = _CALL.finditer(_QUOTED.sub("''", sql))
    return frozenset(call[1] for call in calls if call[2] in _TOPICS and call[1] in functions_of(call[2]))


def functions_of(topic: str) -> dict[str, PythonFunction]:
    """The functions of one topic: `py_xml_to_json` is in `engine/python/xml.py`. Imported here and not at the start,
    because what they build on takes more memory and time to load than a server that never needs them may use."""
    return dict(import_module(f"vedette.engine.python.{topic}").FUNCTIONS)


def define(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Bring one function into the database."""
    function = functions_of(name.split("_")[1])[name]
    connection.create_function(
        name,
        function.call,
        [duckdb.sqltype(parameter) for parameter in function.parameters],
        duckdb.sqltype(function.result),
        type=PythonUDFType.ARROW if function.vectorized else PythonUDFType.NATIVE,
        null_handling=FunctionNullHandling.SPECIAL,
    )
