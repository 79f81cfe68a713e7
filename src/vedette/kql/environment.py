"""What names mean at a point of a query: let variables in their scopes, and the columns of the row."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vedette.kql import plan, syntax
from vedette.kql.catalog import Catalog


@dataclass(frozen=True, slots=True)
class ScalarValue:
    """A let variable that holds a value."""

    expression: plan.Expression


@dataclass(frozen=True, slots=True)
class TableValue:
    """A let variable that holds a table. `id` is the same at each use, so that it can be computed once."""

    id: int
    name: str
    plan: plan.Plan
    is_materialized: bool = False


@dataclass(frozen=True, slots=True)
class LambdaValue:
    """A let variable that holds a function, with the scope it was written in; or a saved function, with the names of
    its workspace. `text` is the text of a body that is not part of the query."""

    name: str
    function: syntax.Lambda
    environment: "Environment"
    text: str | None = None
    catalog: Catalog | None = None
    ignores_timespan: bool = False
    gives_texts: bool = False


@dataclass(frozen=True, slots=True)
class PatternValue:
    """A pattern that was declared, with the scope it was written in."""

    node: syntax.DeclarePattern
    environment: "Environment"


@dataclass(frozen=True, slots=True)
class Graph:
    """`nodes` and `edges` are tables to read several times; the fields are of their plans. `properties` are the columns
    that a query sees, `id` what the nodes were told apart by."""

    nodes: TableValue
    number: plan.Field
    id: plan.Field
    properties: tuple[plan.Field, ...]
    edges: TableValue
    source: plan.Field
    target: plan.Field
    edge_properties: tuple[plan.Field, ...]
    partition: plan.Field | None = None


LetValue = ScalarValue | TableValue | LambdaValue | PatternValue | Graph


@dataclass(frozen=True, slots=True)
class Environment:
    """A scope of let variables inside another. Of what lies outside one with a `restriction` only the names are seen
    that it lets through."""

    values: Mapping[str, LetValue] = field(default_factory=dict[str, LetValue])
    parent: "Environment | None" = None
    restriction: "Restriction | None" = None

    def lookup(self, name: str) -> LetValue | None:
        """What the name was last bound to, or None."""
        scope: Environment | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            if scope.restriction is not None and not fits(name, scope.restriction.values):
                return None
            scope = scope.parent
        return None

    @property
    def is_restricted(self) -> bool:
        """Whether access is restricted in any way."""
        return self.restriction is not None or (self.parent is not None and self.parent.is_restricted)

    def sees_table(self, name: str) -> bool:
        """Whether the workspace's table or function of that name may be read."""
        scope: Environment | None = self
        while scope is not None:
            if scope.restriction is not None and not fits(name, scope.restriction.tables):
                return False
            scope = scope.parent
        return True

    def names(self) -> Iterator[str]:
        """Every visible name."""
        scope: Environment | None = self
        while scope is not None:
            yield from (name for name in scope.values if self.lookup(name) is not None)
            scope = scope.parent

    def bind(self, name: str, value: LetValue) -> "Environment":
        """A scope in which the name means the value."""
        return Environment({name: value}, self)


NOTHING = Environment()
"""The scope outside of all let statements."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """The patterns of `restrict access to`: for let variables, and for the workspace's tables and functions."""

    values: tuple[str, ...]
    tables: tuple[str, ...]


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name fits one of the patterns, in which `*` stands for any text."""
    return any(re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) for pattern in patterns)


@dataclass(slots=True)
class AggregateCollector:
    """The aggregates met while binding one `summarize`, each with the field that will carry it."""

    items: list[tuple[plan.Field, plan.Aggregate]] = field(default_factory=list[tuple[plan.Field, plan.Aggregate]])


@dataclass(slots=True)
class WindowCollector:
    """The window functions' calls met while binding one operator, each with the field that will carry it; they are
    refused where the operator's rows are in no order."""

    is_ordered: bool
    items: list[tuple[plan.Field, plan.WindowCall]] = field(default_factory=list[tuple[plan.Field, plan.WindowCall]])


GRAPH_CALLS = frozenset({"all", "any", "map", "inner_nodes", "node_degree_in", "node_degree_out", "node_id"})
"""Functions that only graphs have."""


class GraphNames(Protocol):
    """What names mean over the elements of a graph's pattern."""

    def member(self, binder: Any, node: syntax.Member) -> plan.Expression | None: ...

    def call(self, binder: Any, node: syntax.Call, scope: "RowScope") -> plan.Expression: ...


@dataclass(frozen=True, slots=True)
class RowScope:
    """Where an expression is read: the row's columns, the let variables, and whether aggregates and window functions
    may stand here."""

    fields: tuple[plan.Field, ...]
    environment: Environment
    aggregates: AggregateCollector | None = None
    windows: WindowCollector | None = None
    graph: GraphNames | None = None
    records: Mapping[str, Mapping[str, plan.Field]] = field(default_factory=dict[str, Mapping[str, plan.Field]])
    """What `name.column` means where a name stands for another row (the steps of `scan`)."""

    def column(self, name: str) -> plan.Field | None:
        """The column of that name, the last one where a name stands twice."""
        for candidate in reversed(self.fields):
            if candidate.name == name:
                return candidate
        return None
