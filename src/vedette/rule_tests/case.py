"""A case: a rule, what happened, and what must come of it, as a test file says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from vedette.kql.catalog import StoredFunction
from vedette.kql.types import ScalarType
from vedette.rule_tests.expectation import Expectation
from vedette.rule_tests.node import Node


@dataclass(frozen=True, slots=True)
class Event:
    """A row of a table: its values as they are told, when it arrives (None: when it happens), and where it stands."""

    table: str
    row: Mapping[str, Any]
    node: Node
    arrives: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventFile:
    """Events in a file of their own: of which format, for which table, and how far their newest is from the clock (None
    leaves their times alone)."""

    table: str
    path: Path
    node: Node
    format: str = "auto"
    newest: timedelta | None = None
    numbers: frozenset[str] = frozenset()
    bools: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A watchlist of the workspace by its alias: its items, and the column that they are found by."""

    alias: str
    key: str
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One test. `clock` is when the rule runs first; it goes on, every queryFrequency, until `until`.

    `change` is laid over the rule's properties. `tables` gives the columns of tables that are not built in. `content`
    are files with functions, besides those that are found by name. `parameters` are those of the matrix that made it.
    `rule_name` says which rule of a file with several.
    """

    name: str
    rule: Path
    node: Node
    clock: datetime
    until: datetime
    events: Sequence[Event | EventFile] = ()
    tables: Mapping[str, Mapping[str, ScalarType]] = field(default_factory=dict[str, Mapping[str, ScalarType]])
    watchlists: Sequence[Watchlist] = ()
    functions: Mapping[str, StoredFunction] = field(default_factory=dict[str, StoredFunction])
    content: Sequence[Path] = ()
    change: Mapping[str, Any] = field(default_factory=dict[str, Any])
    expect: Expectation = field(default_factory=Expectation)
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: Sequence[str] = ()
    skip: str = ""
    xfail: str = ""
    rule_name: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that decide what comes of it, its test file first."""
        events = tuple(each.path for each in self.events if isinstance(each, EventFile))
        return (self.node.path, self.rule, *events, *self.content)
