"""Graphs while a query is bound: a table of nodes and a table of edges whose ends are numbers of nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment, Graph, TableValue
from vedette.kql.functions.library import aggregate_functions
from vedette.kql.overloads import convert_arguments
from vedette.kql.signatures import choose
from vedette.kql.types import ScalarType


def use(binder: Binder, value: TableValue) -> tuple[plan.Plan, Mapping[int, plan.Field]]:
    """A use of a table, and where each of its columns is there."""
    table = binder.table_of(value)
    return table, dict(zip((each.id for each in value.plan.fields), table.fields, strict=True))


def kept(binder: Binder, name: str, rows: plan.Plan) -> TableValue:
    """Rows that are computed once."""
    return TableValue(binder.new_id(), name, rows, is_materialized=True)


def null(type: ScalarType) -> plan.Constant:
    """What a property is that a node does not have."""
    return plan.Constant("" if type is ScalarType.string else None, type)


def bind_graph(binder: Binder, node: syntax.MakeGraph, rows: plan.Plan, environment: Environment) -> Graph:
    """The graph of `make-graph` (https://learn.microsoft.com/kusto/query/make-graph-operator). Raises KqlError."""
    edges = kept(binder, "edges", rows)
    source, target = _column(binder, node, rows, node.source), _column(binder, node, rows, node.target)
    partition = () if node.partition is None else (_column(binder, node, rows, node.partition),)
    tables: list[tuple[plan.Plan, str]] = [
        (binder.bind_table(binder, table, environment), id_column) for table, id_column in node.nodes
    ]
    if source.type is not target.type:
        binder.fail("SEM0290", "The ids of an edge's source and target are of one type.", node.span)
    making = _Making(binder, node, source.type, partition)
    nodes, id, keys, properties = making.nodes(edges, (source, target), tables)
    number = binder.new_field("number", ScalarType.long)
    numbered = kept(binder, "nodes", plan.Numbered(nodes, number))
    ends, (start, end) = making.edges(edges, (source, target), numbered, (*keys, id), number)
    scope = keys[0] if keys else None
    return Graph(numbered, number, id, properties, kept(binder, "edges", ends), start, end, rows.fields, scope)


def _column(binder: Binder, node: syntax.MakeGraph, rows: plan.Plan, name: str) -> plan.Field:
    for field in rows.fields:
        if field.name == name:
            return field
    binder.fail("SEM0100", f"Failed to resolve column named '{name}'.", node.span)


@dataclass(frozen=True, slots=True)
class _Making:
    binder: Binder
    node: syntax.MakeGraph
    id_type: ScalarType
    partition: tuple[plan.Field, ...]

    def nodes(
        self,
        edges: TableValue,
        ends: Sequence[plan.Field],
        tables: Sequence[tuple[plan.Plan, str]],
    ) -> tuple[plan.Plan, plan.Field, tuple[plan.Field, ...], tuple[plan.Field, ...]]:
        """A row for each node: its id, what partition it is in, its properties."""
        types = self._properties(tables)
        id_names = {name for _, name in tables} | ({self.node.node_id} if self.node.node_id else set[str]())
        branches = [self._branch(table, name, types) for table, name in tables]
        for end in ends:
            rows, own = use(self.binder, edges)
            given = dict.fromkeys(id_names, own[end.id])
            scope = [own[each.id] for each in self.partition]
            given.update(
                {each.name: field for each, field in zip(self.partition, scope, strict=True) if each.name in types}
            )
            branches.append(self._row(rows, own[end.id], scope, given, types))
        fields = branches[0].fields
        shape = tuple(self.binder.new_field(each.name, each.type) for each in fields)
        together = plan.Union(tuple(branches), shape)
        count = 1 + len(self.partition)
        keys = tuple((self.binder.new_field(each.name, each.type), plan.Reference(each)) for each in shape[:count])
        properties = tuple((self.binder.new_field(each.name, each.type), self._any_of(each)) for each in shape[count:])
        grouped = plan.Summarize(together, keys, properties)
        return grouped, keys[0][0], tuple(key for key, _ in keys[1:]), tuple(field for field, _ in properties)

    def _properties(self, tables: Sequence[tuple[plan.Plan, str]]) -> dict[str, ScalarType]:
        types: dict[str, ScalarType] = {}
        for table, name in tables:
            for field in table.fields:
                if types.setdefault(field.name, field.type) is not field.type:
                    self.binder.fail("SEM0291", f"Nodes have '{field.name}' in two types.", self.node.span)
            if types.get(name) is not self.id_type:
                self.binder.fail("SEM0290", f"Nodes have no id '{name}' of type {self.id_type.value}.", self.node.span)
        if self.node.node_id:
            types[self.node.node_id] = self.id_type
        return types

    def _branch(self, table: plan.Plan, id_name: str, types: Mapping[str, ScalarType]) -> plan.Plan:
        by_name = {field.name: field for field in table.fields}
        missing = [each.name for each in self.partition if each.name not in by_name]
        if missing:
            self.binder.fail("SEM0100", f"Failed to resolve column named '{missing[0]}'.", self.node.span)
        return self._row(table, by_name[id_name], [by_name[each.name] for each in self.partition], by_name, types)

    def _row(
        self,
        rows: plan.Plan,
        id: plan.Field,
        partition: Sequence[plan.Field],
        given: Mapping[str, plan.Field],
        types: Mapping[str, ScalarType],
    ) -> plan.Plan:
        new = self.binder.new_field
        items: list[tuple[plan.Field, plan.Expression]] = [(new("", id.type), plan.Reference(id))]
        items += [(new("", each.type), plan.Reference(each)) for each in partition]
        for name, type in types.items():
            value = plan.Reference(given[name]) if name in given else null(type)
            items.append((new(name, type), value))
        return plan.Project(rows, tuple(items))

    def _any_of(self, field: plan.Field) -> plan.AggregateCall:
        """One of a node's values for a property; the empty text is none."""
        reference = plan.Reference(field)
        chosen = choose(aggregate_functions()["max" if field.type is ScalarType.string else "take_any"], (reference,))
        assert chosen is not None
        entry, matched = chosen
        return plan.AggregateCall(entry, convert_arguments(entry, matched, (reference,)), field.type)

    def edges(
        self,
        edges: TableValue,
        ends: Sequence[plan.Field],
        nodes: TableValue,
        keys: Sequence[plan.Field],
        number: plan.Field,
    ) -> tuple[plan.Plan, tuple[plan.Field, plan.Field]]:
        """The edges with the numbers of the nodes at their ends; their own columns keep their fields."""
        table, own = use(self.binder, edges)
        rows: plan.Plan = plan.Project(table, tuple((each, plan.Reference(own[each.id])) for each in edges.plan.fields))
        numbers: list[plan.Field] = []
        for end in ends:
            known, there = use(self.binder, nodes)
            found = self.binder.new_field("", ScalarType.long)
            pairs = tuple(
                (plan.Reference(mine), plan.Reference(there[key.id]))
                for mine, key in zip((*self.partition, end), keys, strict=True)
            )
            fields, sources = (*rows.fields, found), (*rows.fields, there[number.id])
            rows = plan.Join(rows, known, "inner", pairs, fields, sources)
            numbers.append(found)
        return rows, (numbers[0], numbers[1])
