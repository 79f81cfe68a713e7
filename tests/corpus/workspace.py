"""A workspace as the published content expects it: the published tables without rows, and the published parsers saved
as functions under their names."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from tests.corpus.answers import CORPUS
from tests.corpus.saved_parameters import all_parameters, body_of
from vedette.kql.catalog import Column, StoredFunction, Table
from vedette.kql.types import ScalarType, type_named
from vedette.logs.standard_names import with_standard_columns
from vedette.logs.workspace_functions import workspace_functions

ASIM_SCHEMAS = (
    "AlertEvent",
    "AuditEvent",
    "Authentication",
    "DhcpEvent",
    "Dns",
    "FileEvent",
    "NetworkSession",
    "ProcessCreate",
    "ProcessEvent",
    "ProcessTerminate",
    "Process",
    "RegistryEvent",
    "Registry",
    "UserManagement",
    "WebSession",
)


_ALIASES = (
    r"other queries\s*\(e\.g\.\s*(\w+)\s*\|",
    r"(?i)\balias (?:is|must be) set to\W{1,4}(\w+)",
    r"Function Alias, as (\w+)",
)
"""How the texts of parsers say under which name they are to be saved."""


class PublishedWorkspace:
    """The catalog. `relations` are tables that exist in an engine; all others have no rows."""

    def __init__(
        self, relations: Mapping[str, Table] | None = None, saved: Mapping[str, StoredFunction] | None = None
    ) -> None:
        self._relations = relations or {}
        self._saved = saved or {}

    def saving(self, function: StoredFunction) -> "PublishedWorkspace":
        """This workspace with one function more."""
        return PublishedWorkspace(self._relations, {**self._saved, function.name: function})

    def table(self, name: str) -> Table | None:
        return self._relations.get(name) or published_table(name)

    def function(self, name: str) -> StoredFunction | None:
        found = self._saved.get(name) or saved_functions().get(name)
        return found or (None if name in schemas() else workspace_functions().get(name))

    def table_names(self) -> Iterable[str]:
        return schemas()

    def function_names(self) -> Iterable[str]:
        return saved_functions()

    def workspace(self, name: str) -> "PublishedWorkspace":
        return self


@cache
def schemas() -> dict[str, dict[str, str]]:
    """The columns of each published table; entries that are a parser's result written down as a table are left out."""
    text = (CORPUS / "tables" / "table_schemas.json").read_text(encoding="utf-8")
    return {name: columns for name, columns in json.loads(text).items() if name not in saved_functions()}


@cache
def published_table(name: str) -> Table | None:
    """The published table of that name."""
    columns = schemas().get(name)
    if columns is None:
        return None
    typed = {column: type_named(type) or ScalarType.string for column, type in columns.items()}
    return Table(name, tuple(Column(column, type, column) for column, type in with_standard_columns(typed).items()))


@cache
def saved_functions() -> Mapping[str, StoredFunction]:
    """The parsers by their names; of two by one name, the last."""
    functions: dict[str, StoredFunction] = {}
    for parser in _parsers():
        for name in _names(parser):
            functions[name] = StoredFunction(name, _parameters()[parser["query"]], body_of(parser["query"]))
    return functions


def parser_function(query: str) -> StoredFunction:
    """A parser's text as a function, under a name that no other has."""
    return StoredFunction("Measured", _parameters()[query], body_of(query))


@cache
def _parsers() -> list[dict[str, Any]]:
    with (CORPUS / "kql" / "parsers.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def _parameters() -> dict[str, str]:
    queries = [parser["query"] for parser in _parsers()]
    return dict(zip(queries, all_parameters(queries), strict=True))


def _names(parser: Mapping[str, Any]) -> Iterator[str]:
    name = parser["name"]
    if re.fullmatch(r"\w+", name):
        yield name
        yield from built_in_aliases(name)
    for pattern in _ALIASES:
        yield from re.findall(pattern, parser["query"])


def built_in_aliases(name: str) -> Iterator[str]:
    """The name under which Sentinel ships an ASIM parser: `imDns` is `_Im_Dns`, `vimDnsEmpty` `_Im_Dns_Empty`."""
    found = re.fullmatch(rf"(ASim|imv?|vim)({'|'.join(ASIM_SCHEMAS)})(\w*)", name)
    if found is not None:
        prefix = "_ASim" if found[1] == "ASim" else "_Im"
        yield f"{prefix}_{found[2]}" + (f"_{found[3]}" if found[3] else "")
