"""What names mean in the `where` and `project` of a pattern: properties of nodes and edges, and functions of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NoReturn

from vedette.kql import plan, syntax
from vedette.kql.bind_expressions import bind_predicate
from vedette.kql.binder import Binder
from vedette.kql.conversion import convert
from vedette.kql.diagnostics import suggestion
from vedette.kql.environment import Graph, RowScope
from vedette.kql.types import ScalarType

Side = Literal["node", "edge"]


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a pattern: a node, an edge, or a `path` of edges; `number` is its place among its like."""

    kind: Literal["node", "edge", "path"]
    number: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the matches. `value`: the expression's value at a node or an edge; of a path, or of the nodes inside
    it (`side` says which), `map`: all values, `all` and `any`: whether they hold."""

    kind: Literal["value", "map", "all", "any"]
    element: Element
    side: Side
    expression: plan.Expression
    field: plan.Field


@dataclass(slots=True)
class GraphScope:
    """The names of one pattern. What is read of its elements is gathered in `cells`. `inside` says that nodes or edges
    are read one by one, within map, all or any."""

    graph: Graph
    elements: Mapping[str, Element]
    in_degree: plan.Field
    out_degree: plan.Field
    cells: list[Cell] = field(default_factory=list[Cell])
    inside: Side | None = None
    in_where: bool = False

    def properties(self, side: Side) -> tuple[plan.Field, ...]:
        """The properties of nodes or edges."""
        return self.graph.properties if side == "node" else self.graph.edge_properties

    def member(self, binder: Binder, node: syntax.Member) -> plan.Expression | None:
        """`element.property`; None where the name before the dot is no element."""
        element = self.elements.get(node.base.name) if isinstance(node.base, syntax.Name) else None
        if element is None or self.inside is not None:
            return None
        side: Side = "node" if element.kind == "node" else "edge"
        known = {each.name: each for each in self.properties(side)}
        found = known.get(node.name)
        if found is None:
            hint = suggestion(node.name, list(known))
            binder.fail("SEM0100", f"Failed to resolve property named '{node.name}'.", node.name_span, hint)
        if element.kind == "path" and self.in_where:
            binder.fail(
                "SEM0299",
                "The property of an edge of variable length has many values.",
                node.span,
                "Use all(edge, condition) or any(edge, condition).",
            )
        return self._cell(binder, "map" if element.kind == "path" else "value", element, side, plan.Reference(found))

    def partition(self, binder: Binder) -> plan.Reference | None:
        """The partition that a match is in, where the graph has partitions."""
        if self.graph.partition is None:
            return None
        return self._cell(binder, "value", Element("node", 0), "node", plan.Reference(self.graph.partition))

    def call(self, binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
        """A function of elements. Raises KqlError."""
        match node.name:
            case "node_degree_in":
                return self._of_node(binder, node, plan.Reference(self.in_degree))
            case "node_degree_out":
                return self._of_node(binder, node, plan.Reference(self.out_degree))
            case "node_id":
                return self._of_node(binder, node, plan.Reference(self.graph.id))
            case "inner_nodes":
                binder.fail("SEM0292", "'inner_nodes()' stands in map(), all() or any() only.", node.span)
            case _:
                return self._over_path(binder, node, scope)

    def _of_node(self, binder: Binder, node: syntax.Call, value: plan.Reference) -> plan.Expression:
        if not node.arguments:
            if self.inside != "node":
                binder.fail("SEM0292", f"'{node.name}()' needs a node.", node.span, "Give it the name of one.")
            return value
        element = self._element(binder, node, node.arguments[0].value)
        if element.kind != "node":
            binder.fail("SEM0292", f"'{node.name}()' takes the name of a node.", node.span)
        return self._cell(binder, "value", element, "node", value)

    def _element(self, binder: Binder, node: syntax.Call, argument: syntax.Expression) -> Element:
        found = self.elements.get(argument.name) if isinstance(argument, syntax.Name) else None
        if found is None:
            self._refuse(binder, node)
        return found

    def _refuse(self, binder: Binder, node: syntax.Call) -> NoReturn:
        binder.fail(
            "SEM0292",
            f"'{node.name}()' takes the name of an edge of variable length, or inner_nodes() of it, and an expression.",
            node.span,
        )

    def _over_path(self, binder: Binder, node: syntax.Call, scope: RowScope) -> plan.Expression:
        if len(node.arguments) != 2 or self.inside is not None:
            self._refuse(binder, node)
        argument, side = node.arguments[0].value, "edge"
        if isinstance(argument, syntax.Call) and argument.name == "inner_nodes" and len(argument.arguments) == 1:
            argument, side = argument.arguments[0].value, "node"
        element = self._element(binder, node, argument)
        if element.kind != "path" and side == "node":
            self._refuse(binder, node)
        inner = replace(scope, fields=self.properties(side), graph=replace(self, inside=side, cells=self.cells))
        value_node = node.arguments[1].value
        if node.name == "map":
            value = convert(binder.bind_scalar(binder, value_node, inner), ScalarType.dynamic)
            return self._cell(binder, "map", element, side, value)
        return self._cell(
            binder, "all" if node.name == "all" else "any", element, side, bind_predicate(binder, value_node, inner)
        )

    def _cell(
        self,
        binder: Binder,
        kind: Literal["value", "map", "all", "any"],
        element: Element,
        side: Side,
        expression: plan.Expression,
    ) -> plan.Reference:
        for cell in self.cells:
            if (cell.kind, cell.element, cell.side, cell.expression) == (kind, element, side, expression):
                return plan.Reference(cell.field)
        type = {"value": expression.type, "map": ScalarType.dynamic}.get(kind, ScalarType.bool)
        found = binder.new_field("", type)
        self.cells.append(Cell(kind, element, side, expression, found))
        return plan.Reference(found)
