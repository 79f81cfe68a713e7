"""The matches of patterns in a graph: nodes and edges are told by their places."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vedette.engine.python.function import RowsRefused

Step = tuple[int, int]
"""An edge and the node that it leads to."""


MAX_STEPS = 20_000_000
"""How many steps from node to node a search may take: about twenty seconds, in which nothing can end it."""


@dataclass(slots=True)
class Network:
    """A graph: the numbers of its nodes, and the places of the nodes at each edge's ends."""

    numbers: Sequence[int]
    sources: Sequence[int]
    targets: Sequence[int]
    steps: dict[str, list[list[Step]]] = field(init=False)
    """By direction, the steps from each node."""

    def __post_init__(self) -> None:
        self.steps = {direction: [[] for _ in self.numbers] for direction in ("right", "left", "any")}
        for edge, (source, target) in enumerate(zip(self.sources, self.targets, strict=True)):
            self.steps["right"][source].append((edge, target))
            self.steps["left"][target].append((edge, source))
            self.steps["any"][source].append((edge, target))
            if source != target:
                self.steps["any"][target].append((edge, source))


@dataclass(frozen=True, slots=True)
class Found:
    """A match: a node for each of the pattern's, and for each of its edges the edges and the nodes inside the path."""

    nodes: tuple[int, ...]
    paths: tuple[tuple[int, ...], ...]
    inner: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Leg:
    """An edge of a pattern from one of its nodes to the next, with what must hold of edges and of nodes inside."""

    start: int
    number: int
    direction: str
    least: int
    most: int
    end: int
    edges: Sequence[bool] | None
    inner: Sequence[bool] | None
    is_turned: bool = False


_TURNED = {"right": "left", "left": "right", "any": "any"}


def _legs(words: Sequence[Any], edges: Sequence[tuple[Sequence[bool] | None, Sequence[bool] | None]]) -> list[Leg]:
    """The legs of a pattern, written node, edge, node, edge, node …"""
    legs: list[Leg] = []
    for position in range(1, len(words), 2):
        number, direction, least, most = words[position]
        legs.append(Leg(words[position - 1], number, direction, least, most, words[position + 1], *edges[number]))
    return legs


def _turned(leg: Leg) -> Leg:
    return replace(leg, start=leg.end, end=leg.start, direction=_TURNED[leg.direction], is_turned=not leg.is_turned)


class Matcher:
    """The search for the matches of a program."""

    def __init__(
        self, network: Network, program: Mapping[str, Any], tests: Mapping[str, Callable[[int], list[bool]]]
    ) -> None:
        self.network = network
        self.cycles: str = program["cycles"]
        self.nodes = [None if column is None else tests["node"](column) for column in program["nodes"]]
        edges = [
            (None if one is None else tests["edge"](one), None if other is None else tests["node"](other))
            for one, other in program["edges"]
        ]
        self.patterns = [_legs(words, edges) for words in program["patterns"]]
        self.starts = [words[0] for words in program["patterns"]]
        self._bound: list[int | None] = [None] * len(self.nodes)
        self._paths: list[tuple[int, ...]] = [()] * len(edges)
        self._inner: list[tuple[int, ...]] = [()] * len(edges)
        self._steps_left = MAX_STEPS
        self._used: set[int] = set()
        self._passed: list[tuple[int, ...]] = []

    def spend(self, steps: int) -> None:
        """Count steps. Raises RowsRefused beyond MAX_STEPS."""
        self._steps_left -= steps
        if self._steps_left < 0:
            raise RowsRefused(
                f"its patterns lead over more than {MAX_STEPS} edges. Say more of nodes, or ask for shorter paths."
            )

    def candidates(self, node: int) -> list[int]:
        """The nodes that a node of the pattern may be."""
        test = self.nodes[node]
        return [place for place in range(len(self.network.numbers)) if test is None or test[place]]

    def matches(self) -> Iterator[Found]:
        """All matches of all patterns together."""
        yield from self._pattern(0)

    def _pattern(self, number: int) -> Iterator[Found]:
        if number == len(self.patterns):
            yield self.found()
            return
        legs, start = self.patterns[number], self.starts[number]
        if legs and self._is_better_turned(legs, start):
            legs = [_turned(leg) for leg in reversed(legs)]
            start = legs[0].start
        for _ in self._at(start, self.candidates(start) if self._bound[start] is None else [self._bound[start]]):
            yield from self._leg(legs, 0, number)

    def _is_better_turned(self, legs: Sequence[Leg], start: int) -> bool:
        end = legs[-1].end
        if self._bound[start] is not None or self._bound[end] is not None:
            return self._bound[start] is None
        return len(self.candidates(end)) < len(self.candidates(start))

    def _at(self, node: int, places: Sequence[int | None]) -> Iterator[None]:
        """Let a node of the pattern be each of these in turn."""
        before = self._bound[node]
        for place in places:
            self._bound[node] = place
            yield
        self._bound[node] = before

    def _leg(self, legs: Sequence[Leg], position: int, pattern: int) -> Iterator[Found]:
        if position == len(legs):
            yield from self._pattern(pattern + 1)
            return
        leg = legs[position]
        start = self._bound[leg.start]
        assert start is not None
        for edges, nodes in self.paths(leg, start):
            inside = nodes[1:-1]
            self._paths[leg.number] = edges[::-1] if leg.is_turned else edges
            self._inner[leg.number] = inside[::-1] if leg.is_turned else inside
            end = nodes[-1]
            bound = self._bound[leg.end]
            test = self.nodes[leg.end]
            if (bound is not None and bound != end) or (test is not None and not test[end]):
                continue
            if self.cycles == "none" and bound is not None and edges:
                continue
            new = set(edges) if self.cycles == "unique_edges" else set[int]()
            self._used |= new
            self._passed.append(inside)
            for _ in self._at(leg.end, [end]):
                yield from self._leg(legs, position + 1, pattern)
            self._passed.pop()
            self._used -= new

    def found(self) -> Found:
        """The match that stands now."""
        return Found(tuple(each for each in self._bound if each is not None), tuple(self._paths), tuple(self._inner))

    def paths(self, leg: Leg, start: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The edges and the nodes of each path that a leg may take from a node."""
        steps = self.network.steps[leg.direction]
        edges: list[int] = []
        nodes: list[int] = [start]
        taken: set[int] = set()
        if self.cycles == "none":
            taken = {place for place in self._bound if place is not None}
            taken.update(place for inside in self._passed for place in inside)

        def walk(at: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
            if len(edges) >= leg.least:
                yield tuple(edges), tuple(nodes)
            if len(edges) == leg.most or (len(edges) and leg.inner is not None and not leg.inner[at]):
                return
            self.spend(len(steps[at]))
            for edge, target in steps[at]:
                if leg.edges is not None and not leg.edges[edge]:
                    continue
                if self.cycles == "unique_edges" and (edge in self._used or edge in edges):
                    continue
                if self.cycles == "none" and (target in nodes or target in taken):
                    continue
                edges.append(edge)
                nodes.append(target)
                yield from walk(target)
                edges.pop()
                nodes.pop()

        yield from walk(start)
