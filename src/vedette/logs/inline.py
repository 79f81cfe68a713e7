"""A table that one query brings with it, beside those that are stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from vedette.engine.arrow_types import ARROW_TYPES
from vedette.kql.catalog import Catalog, Column, StoredFunction, Table
from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class InlineTable:
    """Rows under a name of their own, which no stored table may have. Columns are of type bool, int, long, real and
    string; a string that is absent is empty."""

    name: str
    columns: tuple[tuple[str, ScalarType], ...]
    rows: Sequence[Sequence[Any]]

    @property
    def relation(self) -> str:
        """The name that the engine knows it by."""
        return "inline_rows"

    def table(self) -> Table:
        """The table as a query sees it."""
        columns = tuple(Column(name, type, f"c{position}") for position, (name, type) in enumerate(self.columns))
        return Table(self.name, columns, (self.relation,))

    def arrow(self) -> pa.Table:
        """Its rows as the engine reads them."""
        arrays = [
            pa.array(
                ["" if type is ScalarType.string and row[position] is None else row[position] for row in self.rows],
                ARROW_TYPES[type],
            )
            for position, (_, type) in enumerate(self.columns)
        ]
        return pa.table(arrays, names=[f"c{position}" for position in range(len(self.columns))])


class CatalogWithInline:
    """A catalog with one table more."""

    def __init__(self, catalog: Catalog, inline: InlineTable) -> None:
        self._catalog = catalog
        self._name = inline.name
        self._table = inline.table()

    def table(self, name: str) -> Table | None:
        """The inline table, or a stored one."""
        return self._table if name == self._name else self._catalog.table(name)

    def function(self, name: str) -> StoredFunction | None:
        """The function."""
        return self._catalog.function(name)

    def table_names(self) -> Iterable[str]:
        """The names of stored tables: wildcards do not mean the inline one."""
        return self._catalog.table_names()

    def function_names(self) -> Iterable[str]:
        """The names of functions."""
        return self._catalog.function_names()

    def workspace(self, name: str) -> Catalog | None:
        """A workspace by its name."""
        return self._catalog.workspace(name)
