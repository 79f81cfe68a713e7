"""What one query may see: which workspaces' tables its names mean, and what of them its asker may read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vedette.kql.catalog import Column, StoredFunction, Table
from vedette.logs.catalog import WorkspaceCatalog

OtherWorkspace = Callable[[str], str | None]
"""The GUID of the workspace that a name means to `workspace()`; None where there is none that may be read."""

MayReadTable = Callable[[str, str], bool]
"""Whether of the workspace of a GUID the table of a name may be read."""


def no_other(_name: str) -> str | None:
    """No other workspace than the query's own."""
    return None


def every_table(_workspace_id: str, _table: str) -> bool:
    """All tables of a workspace that may be read."""
    return True


@dataclass(frozen=True, slots=True)
class QueryScope:
    """The GUIDs of the workspaces that a query is asked of, the first one's functions foremost; a table is those of its
    name in all of them together. Of a resource's ARM id in `under`, only the rows of it and of what is below it."""

    workspaces: tuple[str, ...]
    under: str = ""
    other: OtherWorkspace = no_other
    may_read_table: MayReadTable = every_table

    @property
    def key(self) -> str:
        """What tells its plans from those of another scope, but for what may be read, which a plan is checked for."""
        return "|".join((*self.workspaces, self.under)).lower()


class ScopedCatalog:
    """The names that a query of a scope can use. `catalog` gives a workspace's own names by its GUID."""

    def __init__(self, scope: QueryScope, catalog: Callable[[str], WorkspaceCatalog]) -> None:
        self._scope = scope
        self._catalog = catalog
        self._members = [(id, catalog(id)) for id in scope.workspaces]

    def table(self, name: str) -> Table | None:
        """The table of exactly this name, as far as it may be read."""
        found = [catalog.table(name) for id, catalog in self._members if self._scope.may_read_table(id, name)]
        parts = tuple(table for table in found if table is not None)
        if not parts or (len(parts) == 1 and not self._scope.under):
            return parts[0] if parts else None
        stored = tuple(part for part in parts if part.relation is not None) or parts[:1]
        return Table(name, _columns_of(stored), parts=stored, under=self._scope.under)

    def function(self, name: str) -> StoredFunction | None:
        """The function of exactly this name in the first workspace that has one."""
        found = (catalog.function(name) for _, catalog in self._members)
        return next((function for function in found if function is not None), None)

    def table_names(self) -> Iterable[str]:
        """The names of all tables that may be read, in order."""
        return sorted(
            {
                name
                for id, catalog in self._members
                for name in catalog.table_names()
                if self._scope.may_read_table(id, name)
            }
        )

    def function_names(self) -> Iterable[str]:
        """The names of all functions, in order."""
        return sorted({name for _, catalog in self._members for name in catalog.function_names()})

    def workspace(self, name: str) -> "ScopedCatalog | None":
        """A workspace by any of its names; None where there is none that may be read. The rows of a resource are
        spread over workspaces already: a query of one names none."""
        if self._scope.under:
            return None
        id = self._scope.other(name)
        if id is None:
            return None
        return ScopedCatalog(
            QueryScope((id,), other=self._scope.other, may_read_table=self._scope.may_read_table), self._catalog
        )


def _columns_of(parts: Sequence[Table]) -> tuple[Column, ...]:
    """The columns of all parts by name, each as the first part with it has it."""
    columns: dict[str, Column] = {}
    for part in parts:
        for column in part.columns:
            columns.setdefault(column.name, column)
    return tuple(columns.values())
