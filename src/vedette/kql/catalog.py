"""What the binder may know of a workspace: its tables and its saved functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vedette.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its KQL name, its type, and the name that the engine knows it by."""

    name: str
    type: ScalarType
    physical: str


@dataclass(frozen=True, slots=True)
class Period:
    """The rows whose datetime column lies in [start, end); None is no bound."""

    column: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `relation` is its qualified name in the engine, or None while it has no rows and so no storage. Queries
    see only its rows of these `periods`.

    One with `parts` has none of its own: it is those tables of one name together, of each only the rows whose
    _ResourceId is the ARM id `under`, or below it, where there is one.
    """

    name: str
    columns: tuple[Column, ...]
    relation: tuple[str, ...] | None = None
    periods: tuple[Period, ...] = ()
    parts: tuple["Table", ...] = ()
    under: str = ""

    @property
    def is_stored(self) -> bool:
        """Whether it has storage anywhere."""
        return self.relation is not None or any(part.is_stored for part in self.parts)


@dataclass(frozen=True, slots=True)
class StoredFunction:
    """A function saved in the workspace: its parameter list and body as KQL text, without the parentheses. One that
    `ignores_timespan` reads its tables whatever time the request is confined to. One that `takes_columns` may be given
    a column of the table that `invoke` gives it where it wants a text: the column's name. Where the columns that one
    gives depend on the data and it `gives_texts`, those that are not known are strings."""

    name: str
    parameters: str
    body: str
    ignores_timespan: bool = False
    takes_columns: bool = False
    gives_texts: bool = False


class Catalog(Protocol):
    """Names resolve through this, exactly (KQL is case-sensitive)."""

    def table(self, name: str) -> Table | None: ...

    def function(self, name: str) -> StoredFunction | None: ...

    def table_names(self) -> Iterable[str]: ...

    def function_names(self) -> Iterable[str]: ...

    def workspace(self, name: str) -> "Catalog | None":
        """The names of a workspace, this one or another, by its name, GUID or ARM id; None where there is none that the
        caller may read."""
        ...
