"""Schemas as Kusto's tools read them: as JSON, as `name:type` lists, as a script.

https://learn.microsoft.com/kusto/management/show-schema-database
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vedette.kql import syntax
from vedette.kql.catalog import Catalog, Column, StoredFunction, Table
from vedette.kql.diagnostics import KqlError
from vedette.kql.functions.entry import quote
from vedette.kql.parser import parse_function
from vedette.kql.types import ScalarType
from vedette.logs.tables import built_in

SYSTEM_TYPES: Final[Mapping[ScalarType, str]] = {
    ScalarType.bool: "System.SByte",
    ScalarType.datetime: "System.DateTime",
    ScalarType.decimal: "System.Data.SqlTypes.SqlDecimal",
    ScalarType.dynamic: "System.Object",
    ScalarType.guid: "System.Guid",
    ScalarType.int: "System.Int32",
    ScalarType.long: "System.Int64",
    ScalarType.real: "System.Double",
    ScalarType.string: "System.String",
    ScalarType.timespan: "System.TimeSpan",
}


def tables_of(catalog: Catalog) -> list[Table]:
    """The tables that may be read, in order."""
    found = (catalog.table(name) for name in catalog.table_names())
    return [table for table in found if table is not None]


def functions_of(catalog: Catalog) -> list[StoredFunction]:
    """The functions, in order."""
    found = (catalog.function(name) for name in catalog.function_names())
    return [function for function in found if function is not None]


def note_of(table: Table) -> str:
    """What is in a table, where that is known."""
    known = built_in(table.name)
    return known.note if known is not None else ""


def table_schema(table: Table) -> dict[str, Any]:
    """A table's schema as JSON."""
    return {"Name": table.name, "OrderedColumns": [_column(column.name, column.type) for column in table.columns]}


def column_list(columns: Sequence[Column]) -> str:
    """Columns as `name:type, …`, names in brackets where they have to be."""
    return ", ".join(f"{_bracketed(column.name)}:{column.type.value}" for column in columns)


def database_schema(name: str, catalog: Catalog) -> dict[str, Any]:
    """A database's schema as JSON."""
    tables = {
        table.name: {**table_schema(table), "Folder": "", "DocString": note_of(table)} for table in tables_of(catalog)
    }
    return {
        "Name": name,
        "Tables": tables,
        "ExternalTables": {},
        "MaterializedViews": {},
        "EntityGroups": {},
        "MajorVersion": 1,
        "MinorVersion": 0,
        "Functions": {function.name: function_schema(function) for function in functions_of(catalog)},
        "DatabaseAccessMode": "ReadOnly",
    }


def function_schema(function: StoredFunction) -> dict[str, Any]:
    """A function's schema as JSON; of one that cannot be read, its parameters are not known."""
    try:
        parameters = parse_function(function.parameters, function.body).parameters
    except KqlError:
        parameters = ()
    return {
        "Name": function.name,
        "InputParameters": [_parameter(parameter) for parameter in parameters],
        "Body": f"{{{function.body}\n}}",
        "Folder": "",
        "DocString": "",
        "FunctionKind": "Unknown",
        "OutputColumns": [],
    }


def script_of(catalog: Catalog) -> list[str]:
    """The commands that would make a database like this one."""
    tables = [
        f".create-merge table {_bracketed(table.name)} ({column_list(table.columns)})" for table in tables_of(catalog)
    ]
    functions = [
        f".create-or-alter function {_bracketed(function.name)} ({function.parameters}) {{{function.body}\n}}"
        for function in functions_of(catalog)
    ]
    return [*tables, *functions]


def _parameter(parameter: syntax.Parameter) -> dict[str, Any]:
    if parameter.is_tabular:
        columns = parameter.columns or ()
        return {"Name": parameter.name, "Columns": [_column(column.name, column.type) for column in columns]}
    told = _column(parameter.name, parameter.type or ScalarType.dynamic)
    if isinstance(parameter.default, syntax.Literal):
        told["CslDefaultValue"] = _default(parameter.default)
    return told


def _default(literal: syntax.Literal) -> str:
    match literal.value:
        case None:
            return f"{literal.type.value}(null)"
        case bool():
            return str(literal.value).lower()
        case str():
            return quote(literal.value)
        case value:
            return (
                str(value) if literal.type in (ScalarType.long, ScalarType.real) else f"{literal.type.value}({value})"
            )


def _column(name: str, type: ScalarType) -> dict[str, str]:
    return {"Name": name, "Type": SYSTEM_TYPES[type], "CslType": type.value}


def _bracketed(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else f"['{name}']"
