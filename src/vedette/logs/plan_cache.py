"""Queries that are asked again, at any instant: the same text over the same tables is compiled once."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vedette.core.metrics import Metrics
from vedette.kql.catalog import Catalog, StoredFunction, Table
from vedette.kql.compile import Query

CAPACITY = 512

Key = tuple[str, str, bool, bool, bool]
"""Workspace, text, whether the timespan has a start, whether it has an end, whether it is of the time of arrival."""


@dataclass(slots=True)
class RecordingCatalog:
    """A catalog that remembers what was asked of it."""

    catalog: Catalog
    tables: dict[str, Table | None] = field(default_factory=dict[str, Table | None])
    functions: dict[str, StoredFunction | None] = field(default_factory=dict[str, StoredFunction | None])
    workspaces: "dict[str, RecordingCatalog | None]" = field(default_factory=dict[str, "RecordingCatalog | None"])
    listed: bool = False

    def table(self, name: str) -> Table | None:
        """The table, remembered."""
        self.tables[name] = self.catalog.table(name)
        return self.tables[name]

    def function(self, name: str) -> StoredFunction | None:
        """The saved function, remembered."""
        self.functions[name] = self.catalog.function(name)
        return self.functions[name]

    def workspace(self, name: str) -> "RecordingCatalog | None":
        """The workspace, remembered with what is asked of it."""
        if name not in self.workspaces:
            found = self.catalog.workspace(name)
            self.workspaces[name] = None if found is None else RecordingCatalog(found)
        return self.workspaces[name]

    def table_names(self) -> Iterable[str]:
        """All names; a plan made from a list of names is not kept."""
        self.listed = True
        return self.catalog.table_names()

    def function_names(self) -> Iterable[str]:
        """All names; a plan made from a list of names is not kept."""
        self.listed = True
        return self.catalog.function_names()

    @property
    def was_listed(self) -> bool:
        """Whether a list of names was asked for, here or of another workspace."""
        return self.listed or any(other is not None and other.was_listed for other in self.workspaces.values())

    @property
    def answers(self) -> "_Answers":
        """What was asked and answered, without the catalog, which may be large."""
        others = {name: None if other is None else other.answers for name, other in self.workspaces.items()}
        return _Answers(self.tables, self.functions, others)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a plan rests on: the answers of a catalog."""

    tables: Mapping[str, Table | None]
    functions: Mapping[str, StoredFunction | None]
    workspaces: "Mapping[str, _Answers | None]"

    def are_those_of(self, catalog: Catalog) -> bool:
        """Whether `catalog` would answer the same."""
        return (
            all(catalog.table(name) == table for name, table in self.tables.items())
            and all(catalog.function(name) == function for name, function in self.functions.items())
            and all(_are_those_of(catalog.workspace(name), other) for name, other in self.workspaces.items())
        )


def _are_those_of(catalog: Catalog | None, answers: _Answers | None) -> bool:
    if catalog is None or answers is None:
        return catalog is None and answers is None
    return answers.are_those_of(catalog)


@dataclass(frozen=True, slots=True)
class _Kept:
    query: Query
    sql: str
    answers: _Answers


class PlanCache:
    """The plans used last. A plan is given out only while every table and function it rests on is the same."""

    def __init__(self, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()

    def find(self, key: Key, catalog: Catalog) -> tuple[Query, str] | None:
        """The query and its SQL, or None where it has to be compiled."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        found = kept if kept is not None and kept.answers.are_those_of(catalog) else None
        self._metrics.plan_lookups.add(1, "false" if found is None else "true")
        return None if found is None else (found.query, found.sql)

    def keep(self, key: Key, query: Query, sql: str, catalog: RecordingCatalog) -> None:
        """Remember a plan, unless the very instant, data or a list of names went into it."""
        if query.reads_clock or query.reads_data or catalog.was_listed:
            return
        with self._lock:
            self._kept[key] = _Kept(query, sql, catalog.answers)
            self._kept.move_to_end(key)
            if len(self._kept) > CAPACITY:
                self._kept.popitem(last=False)
