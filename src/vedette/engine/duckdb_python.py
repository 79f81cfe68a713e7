"""Python functions in DuckDB: defined when the first query needs them."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, resources
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from vedette.engine.python.function import PythonFunction

CAPACITY = 500
"""How many functions stay defined: those over tables are defined anew for each combination of types."""

_CALL = re.compile(r"\b(py_([a-z0-9]+)_\w+)\(")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_TOPICS = frozenset(
    entry.name.removesuffix(".py")
    for entry in resources.files("vedette.engine.python").iterdir()
    if entry.name.endswith(".py")
)


class DefinedFunctions:
    """The Python functions of one database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._uses: OrderedDict[str, int] = OrderedDict()

    @contextmanager
    def for_query(self, sql: str) -> Iterator[None]:
        """Keep those that a query calls defined while it runs; the first takes a quarter of a second."""
        names = needed_by(sql)
        with self._lock:
            for name in names - self._uses.keys():
                _define(self._connection, name)
                self._uses[name] = 0
            for name in names:
                self._uses[name] += 1
                self._uses.move_to_end(name)
        try:
            yield
        finally:
            with self._lock:
                for name in names:
                    self._uses[name] -= 1
                self._forget_oldest()

    def _forget_oldest(self) -> None:
        surplus = len(self._uses) - CAPACITY
        for name in [name for name, uses in self._uses.items() if not uses][: max(surplus, 0)]:
            self._connection.remove_function(name)
            del self._uses[name]


def needed_by(sql: str) -> frozenset[str]:
    """The functions that a query calls."""
    if "py_" not in sql:
        return frozenset()
    calls = _CALL.finditer(_QUOTED.sub("''", sql))
    return frozenset(call[1] for call in calls if call[2] in _TOPICS and _found(call[1]) is not None)


def _found(name: str) -> Any:
    """The function (or table function, or None) of that name in SQL: `py_xml_to_json` is in `engine/python/xml.py`.
    Imported here and not at the start, because what they build on takes more memory and time to load than a server
    that never needs them may use."""
    topic = import_module(f"vedette.engine.python.{name.split('_')[1]}")
    own, _, types = name.partition("__")
    return getattr(topic, "TABLE_FUNCTIONS" if types else "FUNCTIONS", {}).get(own)


def _define(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    function = _found(name)
    if isinstance(function, PythonFunction):
        connection.create_function(
            name,
            function.call,
            [duckdb.sqltype(parameter) for parameter in function.parameters],
            duckdb.sqltype(function.result),
            type=PythonUDFType.ARROW if function.vectorized else PythonUDFType.NATIVE,
            null_handling=FunctionNullHandling.SPECIAL,
        )
    else:
        import_module("vedette.engine.duckdb_table_functions").define(connection, name, function)
