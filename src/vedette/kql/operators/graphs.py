"""Operators on graphs: make-graph with the steps that follow it, which give a table in the end."""

from dataclasses import replace

from vedette.kql import plan, syntax
from vedette.kql.binder import Binder
from vedette.kql.environment import Environment, Graph, TableValue
from vedette.kql.functions.library import scalar_functions
from vedette.kql.graph_matches import bind_match, rows_of_graph
from vedette.kql.graphs import bind_graph, kept, use
from vedette.kql.operators.input import required
from vedette.kql.overloads import apply_entries
from vedette.kql.partitioned import Partition, partitioned
from vedette.kql.types import ScalarType

_STEPS = (syntax.GraphMarkComponents, syntax.GraphMatch, syntax.GraphShortestPaths, syntax.GraphToTable)


def bind_make_graph(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """`make-graph … | graph-match …` (https://learn.microsoft.com/kusto/query/graph-operators)."""
    assert isinstance(node, syntax.MakeGraph)
    graph = bind_graph(binder, node, required(binder, node, source), environment)
    return _after_steps(binder, node, graph, environment)


def graph_of(binder: Binder, node: syntax.Expression, environment: Environment) -> Graph | None:
    """The graph that an expression gives, for a let statement to name; None where it gives a table."""
    if not isinstance(node, syntax.Pipe) or not node.operators:
        return None
    *before, last = node.operators
    if not isinstance(last, syntax.MakeGraph) or last.partition is not None:
        return None
    marks = [step for step in last.steps if isinstance(step, syntax.GraphMarkComponents)]
    if len(marks) < len(last.steps):
        return None
    rows = binder.bind_table(binder, replace(node, operators=tuple(before)), environment)
    graph = bind_graph(binder, last, rows, environment)
    for step in marks:
        graph = _with_components(binder, step, graph)
    return graph


def over_graph(
    binder: Binder, graph: Graph, node: syntax.Pipe, environment: Environment
) -> tuple[plan.Plan, tuple[syntax.Operator, ...]]:
    """What the first steps of a pipe make of a graph that a let statement named, and the operators after them."""
    count = next((n for n, each in enumerate(node.operators) if not isinstance(each, _STEPS)), len(node.operators))
    made = syntax.MakeGraph(node.span, "", "", None, (), None, node.operators[:count])
    return _after_steps(binder, made, graph, environment), node.operators[count:]


def _after_steps(binder: Binder, node: syntax.MakeGraph, graph: Graph, environment: Environment) -> plan.Plan:
    for number, step in enumerate(node.steps, start=1):
        match step:
            case syntax.GraphMarkComponents():
                graph = _with_components(binder, step, graph)
                continue
            case syntax.GraphToTable():
                made = _to_table(binder, step, graph)
            case syntax.GraphMatch() | syntax.GraphShortestPaths():
                made = bind_match(binder, step, graph, environment)
            case _:
                binder.fail("SEM0299", "This step over a graph is not supported yet.", step.span)
        if number < len(node.steps):
            binder.fail("SEM0293", "This step needs a graph, and the one before it gives a table.", step.span)
        if isinstance(step, syntax.GraphToTable) and node.rest is not None:
            binder.fail("SEM0299", "Steps after 'graph-to-table' for each partition are not supported.", step.span)
        is_partitioned = graph.partition is not None and not isinstance(step, syntax.GraphToTable)
        return _for_each_partition(binder, node, made, environment) if is_partitioned else made
    binder.fail(
        "SEM0293",
        "A graph is no table.",
        node.span,
        "Add '| graph-match …' or '| graph-to-table nodes' right after it.",
    )


def _for_each_partition(binder: Binder, node: syntax.MakeGraph, made: plan.Plan, environment: Environment) -> plan.Plan:
    """The matches without their last column, the partition, after the steps for each partition."""
    *shown, key = made.fields
    if not isinstance(node.rest, syntax.Pipe):
        return plan.Project(made, binder.keep(shown))
    seen = TableValue(binder.new_id(), "$matches", plan.Project(made, binder.keep(shown)))
    pipe = replace(node.rest, source=syntax.Name(node.rest.span, "$matches"))
    bound = binder.bind_table(binder, pipe, environment.bind("$matches", seen))
    result, _ = partitioned(binder, bound, seen.id, made, Partition(key, None, ()), node.rest.span)
    return plan.Project(result, binder.keep(bound.fields))


def bind_graph_step(
    binder: Binder, node: syntax.Operator, source: plan.Plan | None, environment: Environment
) -> plan.Plan:
    """A step over a graph, where none is."""
    binder.fail("SEM0293", "This step needs a graph.", node.span, "Write '| make-graph …' right before it.")


# --- to tables -----------------------------------------------------------------------------------------------------


def _to_table(binder: Binder, node: syntax.GraphToTable, graph: Graph) -> plan.Plan:
    """`graph-to-table` (https://learn.microsoft.com/kusto/query/graph-to-table-operator)."""
    if node.is_several:
        binder.fail(
            "SEM0299", "'graph-to-table' gives nodes or edges; both are two tables, and a query gives one.", node.span
        )
    if node.kind == "nodes":
        table, own = use(binder, graph.nodes)
        ids = [("with_node_id", own[graph.id.id])]
        properties = [(each, own[each.id]) for each in graph.properties]
    else:
        table, own = use(binder, graph.edges)
        ids = list[tuple[str, plan.Field]]()
        for name, end in (("with_source_id", graph.source), ("with_target_id", graph.target)):
            if name in node.ids:
                known, there = use(binder, graph.nodes)
                id = binder.new_field("", graph.id.type)
                pair = (plan.Reference(own[end.id]), plan.Reference(there[graph.number.id]))
                fields, sources = (*table.fields, id), (*table.fields, there[graph.id.id])
                table = plan.Join(table, known, "inner", (pair,), fields, sources)
                ids.append((name, id))
        properties = [(each, own[each.id]) for each in graph.edge_properties]
    items: list[tuple[plan.Field, plan.Expression]] = []
    for name, id in ids:
        if name in node.ids:
            value = apply_entries(binder, "hash()", scalar_functions()["hash"], (plan.Reference(id),), node.span)
            items.append((binder.new_field(node.ids[name], value.type), value))
    items += [(binder.new_field(each.name, each.type), plan.Reference(field)) for each, field in properties]
    if not items:
        binder.fail("SEM0294", "These nodes have no properties.", node.span, "Write 'with_node_id=Name'.")
    return plan.Project(table, tuple(items))


def _with_components(binder: Binder, node: syntax.GraphMarkComponents, graph: Graph) -> Graph:
    """`graph-mark-components` (https://learn.microsoft.com/kusto/query/graph-mark-components-operator)."""
    if node.kind not in ("weak", "strong"):
        binder.fail("SEM0295", f"Components are weak or strong, not '{node.kind}'.", node.span)
    rows, columns = rows_of_graph(binder, graph, (), None)
    number, component = (binder.new_field("", ScalarType.long) for _ in range(2))
    marked = plan.TableFunction(
        rows, "py_graph_components", (plan.Constant(node.kind, ScalarType.string),), columns, (number, component)
    )
    table, own = use(binder, graph.nodes)
    mine = [each for each in graph.nodes.plan.fields if each.name != node.component or each not in graph.properties]
    property = binder.new_field(node.component, ScalarType.long)
    fields = (*mine, property)
    sources = (*(own[each.id] for each in mine), component)
    pair = (plan.Reference(own[graph.number.id]), plan.Reference(number))
    joined = plan.Join(table, marked, "inner", (pair,), fields, sources)
    properties = (*(each for each in graph.properties if each in mine), property)
    return replace(graph, nodes=kept(binder, "nodes", joined), properties=properties)
