"""`graph-match` and `graph-shortest-paths`: the pattern as a program that a function in Python runs over the numbers of
nodes and edges; what it needs of their properties is computed before, what combines several of them after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vedette.kql import plan, syntax
from vedette.kql.bind_expressions import bind_predicate
from vedette.kql.binder import Binder
from vedette.kql.column_names import naming, unique_name
from vedette.kql.diagnostics import Span
from vedette.kql.environment import Environment, Graph, RowScope
from vedette.kql.functions.library import aggregate_functions, scalar_functions
from vedette.kql.graph_scope import Element, GraphScope, Side
from vedette.kql.graphs import null, use
from vedette.kql.overloads import apply_entries
from vedette.kql.plan_expressions import operands, rebuilt
from vedette.kql.scan_program import program_text
from vedette.kql.types import ScalarType

_LONGEST = 100
_CYCLES = ("unique_edges", "none", "all")
_OUTPUTS = ("any", "all")

Match = syntax.GraphMatch | syntax.GraphShortestPaths
Given = tuple[Side, plan.Expression]
"""An expression over the properties of each node or of each edge."""


def bind_match(binder: Binder, node: Match, graph: Graph, environment: Environment) -> plan.Plan:
    """The matches of patterns (https://learn.microsoft.com/kusto/query/graph-match-operator), or the shortest ones
    between their ends (https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator). Of a graph with
    partitions the last column is the partition. Raises KqlError."""
    parts = _parts(binder, node, environment)
    degrees = (binder.new_field("", ScalarType.long), binder.new_field("", ScalarType.long))
    names = GraphScope(graph, parts.elements, degrees[0], degrees[1])
    sorted_out = _Conditions(names)
    for conjunct in _conjuncts(node.predicate):
        scope = RowScope((), environment, graph=replace(names, in_where=True, cells=names.cells))
        sorted_out.add(bind_predicate(binder, conjunct, scope))
    items = _items(binder, node.items, RowScope((), environment, graph=names))
    partition = names.partition(binder)
    if partition is not None:
        items = (*items, (binder.new_field("", partition.type), partition))
    if isinstance(node, syntax.GraphShortestPaths) and not sorted_out.rest_is_of(parts.ends):
        binder.fail(
            "SEM0299",
            "In 'graph-shortest-paths', a condition over several parts of a path at once is not supported.",
            node.span,
            "Conditions may combine its two ends, and say of all edges what must hold.",
        )
    needed = {id for value in (*(value for _, value in items), *sorted_out.rest) for id in _fields(value)}
    cells = [cell for cell in names.cells if cell.field.id in needed]
    given: list[Given] = []
    program = {
        **_search(binder, node),
        "patterns": parts.patterns,
        "nodes": [_column(given, "node", sorted_out.at(Element("node", each))) for each in range(parts.nodes)],
        "edges": [_edge_columns(given, sorted_out, each) for each in range(parts.edges)],
        "cells": [
            [each.kind, each.element.kind, each.element.number, each.side, _column(given, each.side, each.expression)]
            for each in cells
        ],
    }
    rows, columns = rows_of_graph(binder, graph, given, names)
    text = plan.Constant(program_text(program), ScalarType.string)
    match = binder.new_field("", ScalarType.long)
    made: plan.Plan = plan.TableFunction(
        rows, "py_graph_match", (text,), columns, (match, *(each.field for each in cells))
    )
    for condition in sorted_out.rest:
        made = plan.Filter(made, condition)
    return plan.Project(made, items)


def _search(binder: Binder, node: Match) -> dict[str, Any]:
    cycles = node.cycles or _CYCLES[0]
    if cycles not in _CYCLES:
        binder.fail("SEM0297", f"Cycles are one of {', '.join(_CYCLES)}; not '{cycles}'.", node.span)
    if isinstance(node, syntax.GraphMatch):
        return {"cycles": cycles, "shortest": None}
    output = node.output or _OUTPUTS[0]
    if output not in _OUTPUTS:
        binder.fail("SEM0297", f"The output is one of {', '.join(_OUTPUTS)}; not '{output}'.", node.span)
    return {"cycles": cycles, "shortest": output}


# --- patterns ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """The elements of the patterns by name, the patterns as the program has them, and the elements at their ends."""

    elements: dict[str, Element]
    patterns: list[list[Any]]
    nodes: int
    edges: int
    ends: frozenset[Element]


def _parts(binder: Binder, node: Match, environment: Environment) -> _Parts:
    elements: dict[str, Element] = {}
    patterns: list[list[Any]] = []
    nodes = edges = 0
    has_path = False
    for pattern in (node.pattern,) if isinstance(node, syntax.GraphShortestPaths) else node.patterns:
        words: list[Any] = []
        for part in pattern:
            if isinstance(part, syntax.GraphNode):
                known = elements.get(part.name) if part.name else None
                element = known or Element("node", nodes)
                nodes += known is None
                words.append(element.number)
            else:
                least, most = (_length(binder, each, environment) for each in (part.least, part.most))
                is_path = part.least is not None
                has_path = has_path or is_path
                element = Element("path" if is_path else "edge", edges)
                words.append([edges, part.direction, least, most])
                edges += 1
            if part.name is None:
                continue
            if elements.setdefault(part.name, element) != element:
                binder.fail("SEM0298", f"The pattern has two parts '{part.name}'.", part.span)
        patterns.append(words)
    if isinstance(node, syntax.GraphShortestPaths) and not has_path:
        binder.fail("SEM0296", "The pattern of 'graph-shortest-paths' has an edge of variable length.", node.span)
    ends = frozenset(Element("node", words[place]) for words in patterns for place in (0, -1))
    return _Parts(elements, patterns, nodes, edges, ends)


def _length(binder: Binder, node: syntax.Expression | None, environment: Environment) -> int:
    if node is None:
        return 1
    value = binder.bind_scalar(binder, node, RowScope((), environment))
    if not isinstance(value, plan.Constant) or not isinstance(value.value, int) or not 0 <= value.value <= _LONGEST:
        binder.fail("SEM0297", f"A path's length is a constant from 0 to {_LONGEST}.", node.span)
    return value.value


# --- conditions ----------------------------------------------------------------------------------------------------


def _conjuncts(node: syntax.Expression | None) -> list[syntax.Expression]:
    if isinstance(node, syntax.Binary) and node.operator == "and":
        return [*_conjuncts(node.left), *_conjuncts(node.right)]
    return [] if node is None else [node]


def _fields(node: plan.Expression) -> set[int]:
    if isinstance(node, plan.Reference):
        return {node.field.id}
    return {id for each in operands(node) for id in _fields(each)}


class _Conditions:
    """Conditions by what they need: one node or edge, all of a path, or (`rest`) several parts of a match."""

    def __init__(self, names: GraphScope) -> None:
        self._names = names
        self._of: dict[tuple[Element, Side], list[plan.Expression]] = {}
        self.rest: list[plan.Expression] = []

    def add(self, condition: plan.Expression) -> None:
        read = _fields(condition)
        cells = [cell for cell in self._names.cells if cell.field.id in read]
        elements = {cell.element for cell in cells}
        if len(cells) == 1 and cells[0].kind == "all" and condition == plan.Reference(cells[0].field):
            self._of.setdefault((cells[0].element, cells[0].side), []).append(cells[0].expression)
        elif len(elements) == 1 and all(cell.kind == "value" for cell in cells):
            values = {cell.field.id: cell.expression for cell in cells}
            self._of.setdefault((cells[0].element, cells[0].side), []).append(_substituted(condition, values))
        else:
            self.rest.append(condition)

    def at(self, element: Element, side: Side = "node") -> plan.Expression | None:
        """What must hold at each node or edge of an element."""
        found = self._of.get((element, side))
        if found is None:
            return None
        return found[0] if len(found) == 1 else plan.Logical("and", tuple(found))

    def rest_is_of(self, elements: frozenset[Element]) -> bool:
        """Whether the conditions over several parts are of these only."""
        read = {id for condition in self.rest for id in _fields(condition)}
        cells = [cell for cell in self._names.cells if cell.field.id in read]
        return all(cell.element in elements and cell.kind == "value" for cell in cells)


def _substituted(node: plan.Expression, values: dict[int, plan.Expression]) -> plan.Expression:
    if isinstance(node, plan.Reference):
        return values.get(node.field.id, node)
    return rebuilt(node, lambda each: _substituted(each, values))


def _column(given: list[Given], side: Side, expression: plan.Expression | None) -> int | None:
    """The number of the column that holds an expression."""
    if expression is None:
        return None
    if (side, expression) not in given:
        given.append((side, expression))
    return given.index((side, expression))


def _edge_columns(given: list[Given], conditions: _Conditions, number: int) -> list[int | None]:
    found: list[int | None] = []
    for side in ("edge", "node"):
        tests = (conditions.at(Element(kind, number), side) for kind in ("edge", "path"))
        found.append(_column(given, side, next((test for test in tests if test is not None), None)))
    return found


def _items(
    binder: Binder, nodes: Sequence[syntax.Expression], scope: RowScope
) -> tuple[tuple[plan.Field, plan.Expression], ...]:
    items: list[tuple[plan.Field, plan.Expression]] = []
    for number, node in enumerate(nodes, start=1):
        names, value_node = naming(node)
        value = binder.bind_scalar(binder, value_node, scope)
        name = unique_name(names[0] if names else f"Column{number}", [field.name for field, _ in items])
        items.append((binder.new_field(name, value.type), value))
    return tuple(items)


# --- the graph as rows ---------------------------------------------------------------------------------------------


def rows_of_graph(
    binder: Binder, graph: Graph, given: Sequence[Given], names: GraphScope | None
) -> tuple[plan.Plan, tuple[plan.Field, ...]]:
    """Nodes and edges as rows of one table: whether it is an edge, the node's number or the numbers of the edge's ends,
    and the given expressions where they are of its side."""
    shape = [binder.new_field("", type) for type in (ScalarType.bool, ScalarType.long, ScalarType.long)]
    shape += [binder.new_field("", value.type) for _, value in given]
    nodes = _own(binder, graph, "node")
    if names is not None:
        nodes = _with_degrees(binder, graph, nodes, given, names)
    number = plan.Reference(graph.number)
    ends = (plan.Reference(graph.source), plan.Reference(graph.target))
    branches: list[plan.Plan] = []
    for side, rows, first, second in (
        ("node", nodes, number, null(ScalarType.long)),
        ("edge", _own(binder, graph, "edge"), *ends),
    ):
        values: list[plan.Expression] = [plan.Constant(side == "edge", ScalarType.bool), first, second]
        values += [value if of == side else null(value.type) for of, value in given]
        fields = [binder.new_field("", each.type) for each in shape]
        branches.append(plan.Project(rows, tuple(zip(fields, values, strict=True))))
    return plan.Union(tuple(branches), tuple(shape)), tuple(shape)


def _own(binder: Binder, graph: Graph, side: Side) -> plan.Plan:
    """The nodes or the edges under their own fields."""
    value = graph.nodes if side == "node" else graph.edges
    table, own = use(binder, value)
    return plan.Project(table, tuple((each, plan.Reference(own[each.id])) for each in value.plan.fields))


def _with_degrees(
    binder: Binder, graph: Graph, nodes: plan.Plan, given: Sequence[Given], names: GraphScope
) -> plan.Plan:
    read = {id for _, value in given for id in _fields(value)}
    count = plan.AggregateCall(aggregate_functions()["count"][0], (), ScalarType.long)
    for degree, end in ((names.in_degree, graph.target), (names.out_degree, graph.source)):
        if degree.id not in read:
            continue
        found, at = binder.new_field("", ScalarType.long), binder.new_field("", ScalarType.long)
        counted = plan.Summarize(_own(binder, graph, "edge"), ((at, plan.Reference(end)),), ((found, count),))
        fields = (*nodes.fields, found)
        pair = (plan.Reference(graph.number), plan.Reference(at))
        joined = plan.Join(nodes, counted, "leftouter", (pair,), fields, fields)
        zero = plan.Constant(0, ScalarType.long)
        value = apply_entries(
            binder, "coalesce()", scalar_functions()["coalesce"], (plan.Reference(found), zero), Span(0, 0)
        )
        nodes = plan.Project(joined, (*binder.keep(nodes.fields), (degree, value)))
    return nodes
