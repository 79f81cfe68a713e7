"""The tables and functions that queries of files may use: built-in ones, those of the files, those of a schema file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vedette.content.document import open_document
from vedette.content.item import Item
from vedette.content.kinds import PARSER
from vedette.content.plain_values import mapping_of
from vedette.content.problem import Unreadable
from vedette.core.errors import InvalidInput
from vedette.kql.catalog import Column, StoredFunction, Table
from vedette.kql.types import ScalarType, type_named
from vedette.logs.search_function import function_of
from vedette.logs.standard_names import with_standard_columns
from vedette.logs.tables import built_in, built_in_names
from vedette.logs.workspace_functions import workspace_functions

_NEAR = 0.92
"""A letter that is missing or another one; the parser `GCP_IAM` is no misspelt table `GCPIAM`."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables and functions of a workspace, as a schema file has them."""

    tables: Mapping[str, Mapping[str, ScalarType]] = field(default_factory=dict[str, Mapping[str, ScalarType]])
    functions: Mapping[str, StoredFunction] = field(default_factory=dict[str, StoredFunction])


NO_SCHEMA = Schema()


def read_schema(path: Path) -> Schema:
    """A schema file: `{"tables": {name: {column: type}}, "functions": {name: {"parameters", "query"}}}`.

    A file of tables alone, `{name: {column: type}}`, is read too. Raises InvalidInput (InvalidSchemaFile).
    """
    try:
        told = mapping_of(open_document(path).values[0])
    except Unreadable as error:
        raise InvalidInput("InvalidSchemaFile", str(error.problem)) from error
    tables = mapping_of(told.get("tables")) if "tables" in told or "functions" in told else told
    functions = {
        name: StoredFunction(
            name, str(mapping_of(each).get("parameters") or ""), str(mapping_of(each).get("query") or "")
        )
        for name, each in mapping_of(told.get("functions")).items()
    }
    return Schema({name: _columns(path, name, columns) for name, columns in tables.items()}, functions)


def _columns(path: Path, table: str, columns: Any) -> dict[str, ScalarType]:
    found: dict[str, ScalarType] = {}
    for name, type in mapping_of(columns).items():
        known = ScalarType.string if str(type).lower() == "uri" else type_named(str(type))
        if known is None:
            raise InvalidInput("InvalidSchemaFile", f"{path}: the type '{type}' of {table}.{name} is none of KQL's.")
        found[name] = known
    return found


class FilesCatalog:
    """A catalog for the compiler, of no workspace."""

    def __init__(self, items: Iterable[Item], schema: Schema = NO_SCHEMA) -> None:
        found = [
            function_of(mapping_of(item.body.get("properties"))) for item in items if item.kind.name == PARSER.name
        ]
        self._functions = {**workspace_functions(), **schema.functions, **{each.name: each for each in found if each}}
        self._schema = schema
        self._tables: dict[str, Table | None] = {}

    def table(self, name: str) -> Table | None:
        """The table of exactly this name, which has no rows."""
        if name not in self._tables:
            self._tables[name] = self._table(name)
        return self._tables[name]

    def _table(self, name: str) -> Table | None:
        columns = self._schema.tables.get(name)
        if columns is None:
            known = built_in(name)
            columns = None if known is None else known.columns
        if columns is None:
            return None
        return Table(name, tuple(Column(each, type, each) for each, type in with_standard_columns(columns).items()))

    def function(self, name: str) -> StoredFunction | None:
        """The function of exactly this name."""
        return self._functions.get(name)

    def table_names(self) -> list[str]:
        """All tables, in order."""
        return sorted(built_in_names() | self._schema.tables.keys())

    def function_names(self) -> list[str]:
        """All functions, in order."""
        return sorted(self._functions)

    def has_near(self, name: str) -> bool:
        """Whether a table or function differs from this name in a letter or two, or in letter case alone."""
        known = {each.lower() for each in (*self.table_names(), *self.function_names())}
        return any(
            abs(len(each) - len(name)) <= 1 and each.count("_") == name.count("_")
            for each in get_close_matches(name.lower(), known, n=3, cutoff=_NEAR)
        )

    def workspace(self, name: str) -> "FilesCatalog | None":
        """Another workspace is taken to have what this one has."""
        return self
