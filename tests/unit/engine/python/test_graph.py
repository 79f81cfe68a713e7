"""Patterns over graphs: cycles, directions, shortest paths, and a search that would not end."""

import pytest

from vedette.engine.python import graph_matching
from vedette.engine.python.function import RowsRefused
from vedette.engine.python.graph_matching import Found, Matcher, Network
from vedette.engine.python.graph_shortest import shortest


def matcher(edges: list[tuple[int, int]], *words: object, cycles: str = "unique_edges") -> Matcher:
    nodes = 1 + max(node for edge in edges for node in edge)
    network = Network(range(nodes), [source for source, _ in edges], [target for _, target in edges])
    program = {"cycles": cycles, "nodes": [None, None], "edges": [[None, None]], "patterns": [list(words)]}
    return Matcher(network, program, {})


def paths(found: list[Found]) -> list[tuple[int, ...]]:
    return sorted(each.paths[0] for each in found)


CIRCLE = [(0, 1), (1, 2), (2, 0)]


def test_an_edge_is_used_once_unless_all_cycles_are_wanted() -> None:
    edge = [0, "right", 1, 4]
    assert max(map(len, paths(list(matcher(CIRCLE, 0, edge, 1).matches())))) == 3
    assert max(map(len, paths(list(matcher(CIRCLE, 0, edge, 1, cycles="all").matches())))) == 4
    assert max(map(len, paths(list(matcher(CIRCLE, 0, edge, 1, cycles="none").matches())))) == 2


def test_a_node_that_stands_twice_closes_a_circle() -> None:
    assert paths(list(matcher(CIRCLE, 0, [0, "right", 1, 5], 0).matches())) == [(0, 1, 2), (1, 2, 0), (2, 0, 1)]


def test_edges_of_any_direction() -> None:
    assert paths(list(matcher([(0, 1), (2, 1)], 0, [0, "any", 2, 2], 1).matches())) == [(0, 1), (1, 0)]


def test_the_shortest_way_round() -> None:
    edges = [(0, 1), (1, 3), (0, 2), (2, 3), (3, 0)]
    found = list(shortest(matcher(edges, 0, [0, "right", 1, 5], 1), {"shortest": "all"}))
    assert paths([each for each in found if each.nodes == (0, 3)]) == [(0, 1), (2, 3)]
    assert paths([each for each in found if each.nodes == (0, 0)]) == [(0, 1, 4), (2, 3, 4)]
    one = list(shortest(matcher(edges, 0, [0, "right", 1, 5], 1), {"shortest": "any"}))
    assert len([each for each in one if each.nodes == (0, 3)]) == 1


def test_a_search_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_matching, "MAX_STEPS", 1000)
    everything = [(one, other) for one in range(10) for other in range(10)]
    with pytest.raises(RowsRefused, match="1000 edges"):
        list(matcher(everything, 0, [0, "right", 1, 9], 1).matches())
