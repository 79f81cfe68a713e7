"""The shortest matches of a pattern between each pair of its ends."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vedette.engine.python.graph_matching import Found, Leg, Matcher

Path = tuple[tuple[int, ...], tuple[int, ...]]
"""Edges, and the nodes from one end to the other."""


def shortest(matcher: Matcher, program: Mapping[str, Any]) -> Iterator[Found]:
    """For each pair of ends its shortest match, or all of that length
    (https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator)."""
    is_all = program["shortest"] == "all"
    (legs,) = matcher.patterns
    if len(legs) == 1 and legs[0].least <= 1:
        yield from _breadth_first(matcher, legs[0], is_all=is_all)
    elif len(legs) == 1:
        yield from _deeper_and_deeper(matcher, legs[0], is_all=is_all)
    else:
        ends = (legs[0].start, legs[-1].end)
        yield from _least(sorted(matcher.matches(), key=_length), ends, is_all=is_all)


def _length(found: Found) -> int:
    return sum(map(len, found.paths))


def _least(found: Sequence[Found], ends: tuple[int, int], *, is_all: bool) -> Iterator[Found]:
    known: dict[tuple[int, int], int] = {}
    for each in found:
        pair = (each.nodes[ends[0]], each.nodes[ends[1]])
        length = known.get(pair)
        if length is None or (is_all and length == _length(each)):
            known[pair] = _length(each)
            yield each


def _deeper_and_deeper(matcher: Matcher, leg: Leg, *, is_all: bool) -> Iterator[Found]:
    """Paths of one length after those of the length before, for a pattern that leaves the shortest ones out."""
    known: set[tuple[int, int]] = set()
    wanted = len(matcher.candidates(leg.start)) * len(matcher.candidates(leg.end))
    for length in range(leg.least, leg.most + 1):
        matcher.patterns = [[replace(leg, least=length, most=length)]]
        new: set[tuple[int, int]] = set()
        for found in matcher.matches():
            pair = (found.nodes[leg.start], found.nodes[leg.end])
            if pair not in known and (is_all or pair not in new):
                new.add(pair)
                yield found
        known |= new
        if len(known) == wanted:
            return


def _breadth_first(matcher: Matcher, leg: Leg, *, is_all: bool) -> Iterator[Found]:
    ends = set(matcher.candidates(leg.end))
    is_circle = leg.start == leg.end
    for start in matcher.candidates(leg.start):
        before, circle = _levels(matcher, leg, start)
        for end in sorted({start} if is_circle else ends):
            if end == start and not leg.least:
                paths: Iterator[Path] = iter([((), (start,))])
            elif end == start:
                paths = iter(()) if matcher.cycles == "none" else _paths(before, start, end, circle)
            else:
                paths = _paths(before, start, end, before.get(end, []))
            for edges, nodes in paths:
                places = [0] * len(matcher.nodes)
                places[leg.start], places[leg.end] = start, end
                yield Found(tuple(places), (edges,), (nodes[1:-1],))
                if not is_all:
                    break


def _levels(matcher: Matcher, leg: Leg, start: int) -> tuple[dict[int, list[tuple[int, int]]], list[tuple[int, int]]]:
    """For each node within reach the steps (from where, by which edge) by which it is reached first, and those by which
    the start is reached again."""
    steps = matcher.network.steps[leg.direction]
    distance = {start: 0}
    before: dict[int, list[tuple[int, int]]] = {}
    circle: list[tuple[int, int]] = []
    circle_length = leg.most
    pending = deque([start])
    while pending:
        at = pending.popleft()
        if distance[at] == leg.most or (at != start and leg.inner is not None and not leg.inner[at]):
            continue
        matcher.spend(len(steps[at]))
        for edge, target in steps[at]:
            if leg.edges is not None and not leg.edges[edge]:
                continue
            length = distance[at] + 1
            if target == start:
                if length <= circle_length and not (leg.direction == "any" and _is_back(before, start, at, edge)):
                    circle, circle_length = [*(circle if length == circle_length else []), (at, edge)], length
            elif target not in distance:
                distance[target] = length
                before[target] = [(at, edge)]
                pending.append(target)
            elif distance[target] == length:
                before[target].append((at, edge))
    return before, circle


def _is_back(before: Mapping[int, list[tuple[int, int]]], start: int, at: int, edge: int) -> bool:
    """Whether an edge without direction was the only way there."""
    return before.get(at) == [(start, edge)]


def _paths(
    before: Mapping[int, list[tuple[int, int]]], start: int, end: int, last: Sequence[tuple[int, int]]
) -> Iterator[Path]:
    for at, edge in last:
        if at == start:
            yield (edge,), (start, end)
            continue
        for edges, nodes in _paths(before, start, at, before[at]):
            yield (*edges, edge), (*nodes, end)
