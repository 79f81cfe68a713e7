"""Reads the operators on graphs: make-graph, and those that follow it in the same pipe."""

import re

from vedette.kql.cursor import (
    Cursor,
    accept,
    accept_word,
    advance,
    ahead,
    at_word,
    expect,
    expect_closing,
    expected,
    name,
    span_from,
)
from vedette.kql.lexer import Token
from vedette.kql.parse_expressions import expression
from vedette.kql.parse_lists import items
from vedette.kql.parse_operands import operand
from vedette.kql.parse_options import name_value, options
from vedette.kql.syntax import (
    Expression,
    GraphEdge,
    GraphMarkComponents,
    GraphMatch,
    GraphNode,
    GraphShortestPaths,
    GraphToTable,
    MakeGraph,
    Operator,
)

_STEP = re.compile(r"graph-(?:match|shortest-paths|to-table|mark-components)\b")


def make_graph(cursor: Cursor, start: Token) -> MakeGraph:
    """`make-graph source --> target [with_node_id=x | with T on id, …] [partitioned-by c (steps)]` and what follows."""
    source, _ = name(cursor, "the column of the edges' sources")
    for symbol in ("-", "-", ">"):
        expect(cursor, symbol, "as in '-->' between source and target")
    target, _ = name(cursor, "the column of the edges' targets")
    _, given = options(cursor, ("with_node_id",))
    nodes: list[tuple[Expression, str]] = []
    if accept_word(cursor, "with"):
        nodes.append(_nodes(cursor))
        while accept(cursor, ","):
            accept_word(cursor, "with")
            nodes.append(_nodes(cursor))
    partition = None
    steps: list[Operator] = []
    rest: Expression | None = None
    if at_word(cursor, "partitioned") and ahead(cursor).text == "-":
        for word in ("partitioned", "-", "by"):
            expect(cursor, word, "as in 'partitioned-by'")
        partition, _ = name(cursor, "a column's name")
        opening = expect(cursor, "(", "before the steps")
        steps = _steps(cursor, _step(cursor))
        if cursor.token.text == "|":
            advance(cursor)
            rest = cursor.read_steps(cursor)
        expect_closing(cursor, ")", opening)
    elif cursor.token.text == "|" and _STEP.match(cursor.text, ahead(cursor).start):
        advance(cursor)
        steps = _steps(cursor, _step(cursor))
    node_id = name_value(given.get("with_node_id"))
    return MakeGraph(
        span_from(cursor, start.start), source, target, node_id, tuple(nodes), partition, tuple(steps), rest
    )


def _nodes(cursor: Cursor) -> tuple[Expression, str]:
    table = operand(cursor)
    expect(cursor, "on", "before the nodes' id")
    return table, name(cursor, "the column of the nodes' ids")[0]


def _steps(cursor: Cursor, first: Operator) -> list[Operator]:
    found = [first]
    while cursor.token.text == "|" and _STEP.match(cursor.text, ahead(cursor).start):
        advance(cursor)
        found.append(_step(cursor))
    return found


def _step(cursor: Cursor) -> Operator:
    start = cursor.token
    found = _STEP.match(cursor.text, start.start)
    if found is None:
        raise expected(cursor, "graph-match or another step over a graph")
    while cursor.token.start < found.end():
        advance(cursor)
    match found.group():
        case "graph-match":
            return graph_match(cursor, start)
        case "graph-shortest-paths":
            return graph_shortest_paths(cursor, start)
        case "graph-to-table":
            return graph_to_table(cursor, start)
        case _:
            return graph_mark_components(cursor, start)


def graph_match(cursor: Cursor, start: Token) -> GraphMatch:
    """`graph-match [cycles=c] patterns [where predicate] project items`."""
    _, given = options(cursor, ("cycles",))
    patterns = [_pattern(cursor)]
    while accept(cursor, ","):
        patterns.append(_pattern(cursor))
    where, columns = _where_and_project(cursor)
    cycles = name_value(given.get("cycles"))
    return GraphMatch(span_from(cursor, start.start), tuple(patterns), where, columns, cycles)


def graph_shortest_paths(cursor: Cursor, start: Token) -> GraphShortestPaths:
    """`graph-shortest-paths [output=o] [cycles=c] pattern [where predicate] project items`."""
    _, given = options(cursor, ("output", "cycles"))
    pattern = _pattern(cursor)
    where, columns = _where_and_project(cursor)
    output, cycles = name_value(given.get("output")), name_value(given.get("cycles"))
    return GraphShortestPaths(span_from(cursor, start.start), pattern, where, columns, output, cycles)


def _where_and_project(cursor: Cursor) -> tuple[Expression | None, tuple[Expression, ...]]:
    where = expression(cursor) if accept_word(cursor, "where") else None
    expect(cursor, "project", "and the columns wanted")
    return where, items(cursor)


def graph_to_table(cursor: Cursor, start: Token) -> GraphToTable:
    """`graph-to-table nodes|edges [as name] [with_node_id=n] [with_source_id=s] [with_target_id=t]`."""
    kind = cursor.token.text
    if kind not in ("nodes", "edges"):
        raise expected(cursor, "nodes or edges")
    advance(cursor)
    if accept_word(cursor, "as"):
        name(cursor, "a table's name")
    _, given = options(cursor, ("with_node_id", "with_source_id", "with_target_id"))
    is_several = cursor.token.text == ","
    while cursor.token.kind != "end" and cursor.token.text not in ("|", ";", ")", "}"):
        advance(cursor)
    ids = {key: value for key, each in given.items() if (value := name_value(each)) is not None}
    return GraphToTable(span_from(cursor, start.start), kind, ids, is_several)


def graph_mark_components(cursor: Cursor, start: Token) -> GraphMarkComponents:
    """`graph-mark-components [kind=weak|strong] [with_component_id=name]`."""
    _, given = options(cursor, ("kind", "with_component_id"))
    kind = name_value(given.get("kind")) or "weak"
    component = name_value(given.get("with_component_id")) or "ComponentId"
    return GraphMarkComponents(span_from(cursor, start.start), kind, component)


# --- patterns ------------------------------------------------------------------------------------------------------


def _pattern(cursor: Cursor) -> tuple[GraphNode | GraphEdge, ...]:
    """`(a)-[e]->(b)<--(c)`: a node, and edges with a node after each."""
    found: list[GraphNode | GraphEdge] = [_node(cursor)]
    while cursor.token.text in ("-", "<"):
        found.append(_edge(cursor))
        found.append(_node(cursor))
    return tuple(found)


def _node(cursor: Cursor) -> GraphNode:
    opening = expect(cursor, "(", "before a node")
    given = None if cursor.token.text == ")" else name(cursor, "a node's name")[0]
    expect_closing(cursor, ")", opening)
    return GraphNode(span_from(cursor, opening.start), given)


def _edge(cursor: Cursor) -> GraphEdge:
    start = cursor.token
    is_left = accept(cursor, "<")
    expect(cursor, "-", "in an edge")
    given: str | None = None
    least = most = None
    opening = cursor.token
    if accept(cursor, "["):
        if cursor.token.text not in ("*", "]"):
            given, _ = name(cursor, "an edge's name")
        if accept(cursor, "*"):
            least = operand(cursor)
            expect(cursor, "..", "between the least and the greatest length")
            most = operand(cursor)
        expect_closing(cursor, "]", opening)
    expect(cursor, "-", "in an edge")
    is_right = cursor.token.text == ">" and accept(cursor, ">")
    direction = "left" if is_left and not is_right else ("right" if is_right and not is_left else "any")
    return GraphEdge(span_from(cursor, start.start), given, direction, least, most)
