"""Queries that are asked again, at any instant: the same text over the same tables is compiled once."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from vedette.kql.catalog import Catalog, StoredFunction, Table
from vedette.kql.compile import Query

CAPACITY = 512

Key = tuple[str, str, bool, bool]
"""Workspace, text, whether the timespan has a start, whether it has an end."""


@dataclass(slots=True)
class RecordingCatalog:
    """A catalog that remembers what was asked of it, and so what a plan rests on."""

    catalog: Catalog
    tables: dict[str, Table | None] = field(default_factory=dict[str, Table | None])
    functions: dict[str, StoredFunction | None] = field(default_factory=dict[str, StoredFunction | None])
    listed: bool = False

    def table(self, name: str) -> Table | None:
        """The table, remembered."""
        self.tables[name] = self.catalog.table(name)
        return self.tables[name]

    def function(self, name: str) -> StoredFunction | None:
        """The saved function, remembered."""
        self.functions[name] = self.catalog.function(name)
        return self.functions[name]

    def table_names(self) -> Iterable[str]:
        """All names; a plan made from a list of names is not kept."""
        self.listed = True
        return self.catalog.table_names()

    def function_names(self) -> Iterable[str]:
        """All names; a plan made from a list of names is not kept."""
        self.listed = True
        return self.catalog.function_names()


@dataclass(frozen=True, slots=True)
class _Kept:
    query: Query
    sql: str
    tables: dict[str, Table | None]
    functions: dict[str, StoredFunction | None]


class PlanCache:
    """The plans used last. A plan is given out only while every table and function it rests on is the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    def find(self, key: Key, catalog: Catalog) -> tuple[Query, str] | None:
        """The query and its SQL, or None where it has to be compiled."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
        same_tables = all(catalog.table(name) == table for name, table in kept.tables.items())
        same_functions = all(catalog.function(name) == function for name, function in kept.functions.items())
        return (kept.query, kept.sql) if same_tables and same_functions else None

    def keep(self, key: Key, query: Query, sql: str, catalog: RecordingCatalog) -> None:
        """Remember a plan, unless the very instant, data or a list of names went into it."""
        if query.reads_clock or query.reads_data or catalog.listed:
            return
        with self._lock:
            self._kept[key] = _Kept(query, sql, catalog.tables, catalog.functions)
            self._kept.move_to_end(key)
            if len(self._kept) > CAPACITY:
                self._kept.popitem(last=False)
