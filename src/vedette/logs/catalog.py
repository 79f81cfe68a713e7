"""Which tables a workspace has: those that are stored, those that waiting batches will make, and the built-in ones."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from vedette.core.errors import NotFound
from vedette.kql.catalog import Column, Period, StoredFunction, Table
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import RECEIVED, STANDARD_COLUMNS, TIME_GENERATED, with_standard_columns
from vedette.logs.table_settings import ANALYTICS, Restored, WorkspaceSettings
from vedette.logs.tables import built_in, built_in_names
from vedette.logs.values import check_name
from vedette.logs.workspace_functions import workspace_functions

TableKey = tuple[str, str]
"""A schema and the KQL name of a table in it."""


class TableRegister:
    """The tables of all workspaces.

    `stored` is what queries see; `planned` also has the columns of batches that are accepted and not yet committed,
    so that two batches never disagree about a column's type.
    """

    def __init__(self, tables: Mapping[str, Iterable[Table]]) -> None:
        self._lock = threading.Lock()
        self._stored = {(schema, table.name): table for schema, its_tables in tables.items() for table in its_tables}
        self._planned = {key: _types(table) for key, table in self._stored.items()}

    def stored(self, key: TableKey) -> Table | None:
        """The table as it is in storage; None while it has none."""
        return self._stored.get(key)

    def stored_names(self, schema: str) -> list[str]:
        """The names of the tables that a schema stores."""
        return [table for in_schema, table in list(self._stored) if in_schema == schema]

    def planned(self, key: TableKey) -> Mapping[str, ScalarType] | None:
        """The table's columns with those of waiting batches; None when it is neither stored nor waiting."""
        return self._planned.get(key)

    def plan(self, key: TableKey, columns: Mapping[str, ScalarType]) -> bool:
        """Promise that the table will have these columns; False when another batch gave one of them another type."""
        with self._lock:
            planned = self._planned.get(key, {})
            if any(planned.get(name, type) is not type for name, type in columns.items()):
                return False
            if columns.keys() - planned.keys():
                self._planned[key] = {**planned, **columns}
            return True

    def stored_tables(self, schema: str) -> list[Table]:
        """The tables that a schema stores."""
        return [table for (within, _), table in list(self._stored.items()) if within == schema]

    def forget(self, schema: str) -> None:
        """Show queries no table of a schema any more."""
        with self._lock:
            self._stored = {key: table for key, table in self._stored.items() if key[0] != schema}
            self._planned = {key: columns for key, columns in self._planned.items() if key[0] != schema}

    def committed(self, tables: Mapping[TableKey, Table]) -> None:
        """Show queries what has become durable."""
        with self._lock:
            self._stored = {**self._stored, **tables}

    def shrunk(self, key: TableKey, table: Table | None) -> None:
        """Show queries a table that has lost columns, or that there is none any more; waiting batches that hold the
        lost columns are refused by the writer."""
        with self._lock:
            stored = dict(self._stored)
            before = stored.pop(key, None)
            planned = self._planned.pop(key, {})
            if table is not None:
                stored[key] = table
                lost = _types(before).keys() - _types(table).keys() if before else set[str]()
                self._planned[key] = {name: type for name, type in planned.items() if name not in lost}
            self._stored = stored


class WorkspaceCatalog:
    """The names that a query over one workspace can use: `saved` are the functions that people saved there, `others`
    gives a workspace by any of its names, where the query may read it, `settings` what is set about its tables: by them
    and `now`, rows that only search jobs find are hidden."""

    def __init__(
        self,
        schema: str,
        register: TableRegister,
        saved: Mapping[str, StoredFunction],
        others: "Callable[[str], WorkspaceCatalog | None]",
        settings: WorkspaceSettings | None = None,
        now: datetime | None = None,
    ) -> None:
        self._schema = schema
        self._register = register
        self._saved = saved
        self._others = others
        self._settings = settings
        self._now = now

    def table(self, name: str) -> Table | None:
        """The table of exactly this name; a built-in one without rows has no relation."""
        settings = self._settings.of(name) if self._settings else None
        if settings is not None and settings.restored is not None:
            return self._again(name, settings.restored)
        stored = self._register.stored((self._schema, name))
        if stored is not None:
            return self._visible(stored)
        known = built_in(name)
        if known is None:
            return None
        columns = with_standard_columns(known.columns)
        return Table(name, tuple(Column(column, type, column) for column, type in columns.items()))

    def plan(self, name: str) -> str:
        """The plan of a table: Analytics, Basic or Auxiliary."""
        return self._settings.of(name).plan if self._settings else ANALYTICS

    def _visible(self, table: Table) -> Table:
        """The table without the rows that are kept longer than queries may see them."""
        if self._settings is None or self._now is None:
            return table
        retention = self._settings.of(table.name).retention(table.name, self._settings.days)
        kept = self._settings.of(table.name).kept_days(table.name, self._settings.days, self._now)
        if kept <= retention.days:
            return table
        return replace(table, periods=(Period(RECEIVED, start_of_day(self._now) - timedelta(days=retention.days)),))

    def _again(self, name: str, restored: Restored) -> Table | None:
        source = self.table(restored.source)
        if source is None:
            return None
        period = Period(TIME_GENERATED, restored.start, restored.end)
        return replace(source, name=name, periods=(period,))

    def function(self, name: str) -> StoredFunction | None:
        """The saved function, or the one that every workspace has unless a stored table has that name."""
        saved = self._saved.get(name)
        if saved is not None or self._register.stored((self._schema, name)) is not None:
            return saved
        return workspace_functions().get(name)

    def table_names(self) -> list[str]:
        """Stored, restored and built-in tables, in order."""
        restored = {name for name, each in self._settings.tables.items() if each.restored} if self._settings else set()
        return sorted(built_in_names().union(self._register.stored_names(self._schema), restored))

    def function_names(self) -> list[str]:
        """Saved functions and those of every workspace, in order."""
        return sorted({*self._saved, *workspace_functions()})

    def workspace(self, name: str) -> "WorkspaceCatalog | None":
        """This workspace or another by its name, GUID or ARM id; None where there is none that may be read."""
        return self._others(name)


def start_of_day(instant: datetime) -> datetime:
    """Midnight in UTC before an instant."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def columns_for(
    register: TableRegister, key: TableKey, declared: Mapping[str, ScalarType] | None
) -> dict[str, ScalarType]:
    """The columns that a batch may use: those of the table, of its built-in definition, and those it declares.

    A column that exists keeps its type, whatever is declared. Raises NotFound (TableNotFound) for a table that does
    not exist when nothing is declared, InvalidInput for an impossible column name.
    """
    name = key[1]
    known = built_in(name)
    planned = register.planned(key)
    if known is None and planned is None and declared is None:
        raise NotFound("TableNotFound", f"There is no table '{name}' in the workspace.")
    check_name(name)
    columns = dict(planned or {})
    wanted = with_standard_columns({**(known.columns if known else {}), **(declared or {})})
    for column, type in wanted.items():
        if column not in columns:
            if column not in STANDARD_COLUMNS:
                check_name(column)
            columns[column] = type
    return columns


def _types(table: Table) -> dict[str, ScalarType]:
    return {column.name: column.type for column in table.columns}
