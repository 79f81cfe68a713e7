"""Patterns and components of graphs, whose nodes and edges come as rows of one table."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from vedette.engine.python.function import RowsRefused
from vedette.engine.python.graph_matching import Found, Matcher, Network
from vedette.engine.python.graph_shortest import shortest
from vedette.engine.python.table_function import PythonTableFunction, Rows, python_value

MAX_MATCHES = 1_000_000

_GIVEN = 3  # where the given columns begin: after whether it is an edge, and the numbers


def match(rows: Rows, text: str) -> Sequence[Any]:
    """The matches of the program's patterns, numbered, with a column for each of its cells."""
    program: dict[str, Any] = json.loads(text)
    sides = _sides(rows)
    network = _network(rows, sides)
    matcher = Matcher(network, program, {side: _tests(rows, at) for side, at in sides.items()})
    found = list(_limited(shortest(matcher, program) if program["shortest"] else matcher.matches()))
    columns = [_cell(rows, sides, found, *cell) for cell in program["cells"]]
    return [pa.array(range(len(found)), pa.int64()), *columns]


def components(rows: Rows, kind: str) -> Sequence[Any]:
    """Each node's number and its component's, counted from 0 in the order of the nodes."""
    network = _network(rows, _sides(rows))
    count = len(network.numbers)
    ones = [1] * len(network.sources)
    graph = coo_matrix((ones, (network.sources, network.targets)), shape=(count, count))
    _, labels = connected_components(graph, directed=True, connection=kind)
    order: dict[int, int] = {}
    return [network.numbers, [order.setdefault(int(label), len(order)) for label in labels]]


def _sides(rows: Rows) -> dict[str, pa.Array]:
    """The rows of nodes and those of edges."""
    edge = rows.columns[0]
    everything = pa.array(range(rows.count), pa.int64())
    return {"node": everything.filter(pc.call_function("invert", [edge])), "edge": everything.filter(edge)}


def _network(rows: Rows, sides: Mapping[str, pa.Array]) -> Network:
    numbers = rows.columns[1].take(sides["node"]).to_pylist()
    place = {number: position for position, number in enumerate(numbers)}
    ends = [rows.columns[column].take(sides["edge"]).to_pylist() for column in (1, 2)]
    return Network(numbers, *([place[number] for number in column] for column in ends))


def _tests(rows: Rows, at: pa.Array) -> Any:
    """What gives the column of a condition as a list for the nodes or for the edges."""

    def test(column: int) -> list[bool]:
        return rows.columns[_GIVEN + column].take(at).fill_null(False).to_pylist()

    return test


def _limited(found: Iterable[Found]) -> Iterable[Found]:
    for count, each in enumerate(found):
        if count == MAX_MATCHES:
            raise RowsRefused(f"its patterns have more than {MAX_MATCHES} matches. Say more of their nodes and edges.")
        yield each


def _cell(
    rows: Rows,
    sides: Mapping[str, pa.Array],
    found: Sequence[Found],
    kind: str,
    of: str,
    number: int,
    side: str,
    column: int,
) -> Any:
    given = rows.columns[_GIVEN + column].take(sides[side])
    if kind == "value":
        places = [each.nodes[number] if of == "node" else each.paths[number][0] for each in found]
        return given.take(pa.array(places, pa.int64()))
    type = rows.types[_GIVEN + column]
    values = [python_value(value, type) for value in given.to_pylist()]
    lists = [[values[each] for each in (match.paths if side == "edge" else match.inner)[number]] for match in found]
    if kind == "map":
        return [orjson.dumps(each).decode() for each in lists]
    decide = all if kind == "all" else any
    return [decide(value is True for value in each) for each in lists]


TABLE_FUNCTIONS: Mapping[str, PythonTableFunction] = {
    "py_graph_match": PythonTableFunction(match),
    "py_graph_components": PythonTableFunction(components),
}
"""By the names that SQL calls them by."""
