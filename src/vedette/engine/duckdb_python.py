"""Functions of queries that SQL cannot say: written in Python, brought into DuckDB when the first query needs one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import duckdb
import orjson
import xmltodict
from duckdb.func import FunctionNullHandling, PythonUDFType
from duckdb.sqltypes import BIGINT, VARCHAR, DuckDBPyType

from vedette.engine import ipv6


def xml_to_json(text: str | None) -> str | None:
    """An XML document as JSON text: attributes under `@name`, text beside them under `#text`; None for what is no XML.

    Entities beyond the five of XML itself are refused, so that a small document cannot unfold into a large one.
    """
    if not text:
        return None
    try:
        return orjson.dumps(xmltodict.parse(text, disable_entities=True)).decode()
    except (ExpatError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class PythonFunction:
    """A function that takes and gives null as None."""

    call: Callable[..., Any]
    parameters: tuple[DuckDBPyType, ...]
    result: DuckDBPyType


FUNCTIONS: Mapping[str, PythonFunction] = {
    "kql_xml_to_json": PythonFunction(xml_to_json, (VARCHAR,), VARCHAR),
    "kql_ipv6_compare": PythonFunction(ipv6.compare, (VARCHAR, VARCHAR, BIGINT), BIGINT),
    "kql_ipv6_text": PythonFunction(ipv6.text, (VARCHAR, BIGINT), VARCHAR),
}
"""By the names that templates call them by."""


def needed_by(sql: str) -> frozenset[str]:
    """The functions that a query calls."""
    return frozenset(name for name in FUNCTIONS if f"{name}(" in sql)


def define(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Bring one function into the database."""
    function = FUNCTIONS[name]
    connection.create_function(
        name,
        function.call,
        list(function.parameters),
        function.result,
        type=PythonUDFType.NATIVE,
        null_handling=FunctionNullHandling.SPECIAL,
    )
