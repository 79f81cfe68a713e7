"""Chains of edges with fewer corners: corners are moved together, and edges that nearly follow another give way to one.

It follows S2's builder for simplified chains of edges, of which S2's Python library has no part.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import s2geometry as s2
from scipy.spatial import KDTree

from vedette.engine.python.geojson import Line
from vedette.engine.python.sphere import Position, vector

Edge = tuple[int, int]
"""From one kept corner to another."""


def simplified(chains: Sequence[Line], tolerance: float) -> list[list[tuple[Position, Position]]]:
    """For each chain the edges that are left of it, in its order. The tolerance is an angle.

    Kept corners are further from each other than the tolerance, and what they stand for is not further from the new
    edges. Where chains share edges they go on sharing them; a chain that ends where it begins is a ring.
    """
    places = sorted({place for chain in chains for place in chain}, key=_along_curve)
    vectors = np.array([s2.S2Point_ToRaw(vector(place)) for place in places])
    kept = _kept(vectors, tolerance)
    routes = Routes(vectors, kept, tolerance)
    numbers = dict(zip(places, range(len(places)), strict=True))
    snapped = [
        [edge for pair in pairwise(chain) for edge in routes.between(numbers[pair[0]], numbers[pair[1]])]
        for chain in chains
    ]
    runs = Runs(vectors[kept], routes.moved(), tolerance).found(snapped)
    corners = [places[number] for number in kept]
    return [[(corners[start], corners[end]) for start, end in _shortened(chain, runs)] for chain in snapped]


def _along_curve(place: Position) -> int:
    return s2.S2CellId(vector(place)).id()


def _kept(vectors: np.ndarray, tolerance: float) -> list[int]:
    """The corners that are kept, taken along S2's curve: each that is not near one that is kept already."""
    chord = 2 * math.sin(min(tolerance, math.pi) / 2)
    near = KDTree(vectors).query_ball_point(vectors, chord) if tolerance > 0 else [[]] * len(vectors)
    kept: dict[int, None] = {}
    for number, others in enumerate(near):
        if not any(other in kept for other in others):
            kept[number] = None
    return list(kept)


def _shortened(chain: Sequence[Edge], runs: Mapping[Edge, Edge]) -> list[Edge]:
    """The edges that stand for those of a chain: one for all of a run, which may begin before the end of a ring."""
    found: list[Edge] = []
    for edge in chain:
        instead = runs.get(edge, edge)
        if not found or found[-1] != instead:
            found.append(instead)
    if len(found) > 1 and found[0] == found[-1]:
        found.pop()
    return [edge for edge in found if edge[0] != edge[1]]


class Routes:
    """By way of which kept corners an edge goes: of all corners near it, those that are nearest to some part of it."""

    def __init__(self, vectors: np.ndarray, kept: Sequence[int], tolerance: float) -> None:
        self._vectors = vectors
        self._sites = vectors[kept]
        self._tolerance = tolerance
        self._tree = KDTree(self._sites)
        self._nearest: list[int] = np.asarray(self._tree.query(vectors)[1]).tolist()
        self._known: dict[tuple[int, int], list[Edge]] = {}

    def moved(self) -> dict[int, list[np.ndarray]]:
        """The corners that each kept corner stands for."""
        found: dict[int, list[np.ndarray]] = {}
        for corner, site in enumerate(self._nearest):
            found.setdefault(site, []).append(self._vectors[corner])
        return found

    def between(self, start: int, end: int) -> list[Edge]:
        """The edges from one corner to another; the same ones, the other way, from the other to the one."""
        if start > end:
            return [(last, first) for first, last in reversed(self.between(end, start))]
        if (start, end) not in self._known:
            stops = self._stops(start, end)
            self._known[start, end] = [edge for edge in pairwise(stops) if edge[0] != edge[1]]
        return self._known[start, end]

    def _stops(self, start: int, end: int) -> list[int]:
        first, last = self._nearest[start], self._nearest[end]
        one, other = self._vectors[start], self._vectors[end]
        length = _angle(one, other)
        if self._tolerance == 0 or length == 0:
            return [first, last]
        onward = (other - one * math.cos(length)) / math.sin(length)
        middle = one * math.cos(length / 2) + onward * math.sin(length / 2)
        reach = 2 * math.sin(min(length / 2 + self._tolerance, math.pi) / 2)
        near = [site for site in self._tree.query_ball_point(middle, reach) if site not in (first, last)]
        waves = {
            site: (float(self._sites[site] @ one), float(self._sites[site] @ onward)) for site in (first, last, *near)
        }
        closest = {site: min(max(math.atan2(wave[1], wave[0]), 0.0), length) for site, wave in waves.items()}
        limit = math.cos(self._tolerance)
        reached = {
            site: wave for site, wave in waves.items() if site in (first, last) or _height(wave, closest[site]) >= limit
        }
        return _highest(reached, first, last, length)


def _height(wave: tuple[float, float], at: float) -> float:
    return wave[0] * math.cos(at) + wave[1] * math.sin(at)


def _highest(waves: Mapping[int, tuple[float, float]], first: int, last: int, length: float) -> list[int]:
    """Which waves are above all others, one after the other, from the first on; the last one ends it."""
    stops, at = [first], 0.0
    while stops[-1] != last:
        current = waves[stops[-1]]
        overtaken = [(_crossing(current, wave, at), site) for site, wave in waves.items() if site not in stops]
        next_at, site = min(overtaken)
        if next_at > length:
            break
        stops.append(site)
        at = next_at
    return stops if stops[-1] == last else [*stops, last]


def _crossing(current: tuple[float, float], other: tuple[float, float], after: float) -> float:
    """Where a wave rises above the current one."""
    return after + (math.atan2(current[0] - other[0], other[1] - current[1]) - after) % (2 * math.pi)


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    return math.atan2(float(np.linalg.norm(np.cross(one, other))), float(one @ other))


class Runs:
    """Runs of edges for which one edge can stand: it comes within the tolerance of every corner that they stand for."""

    def __init__(self, sites: np.ndarray, moved: Mapping[int, Sequence[np.ndarray]], tolerance: float) -> None:
        self._sites = sites
        self._moved = moved
        self._tolerance = tolerance

    def found(self, chains: Sequence[Sequence[Edge]]) -> dict[Edge, Edge]:
        """For each edge of a run, in either direction, the edge that stands for it."""
        edges = {edge for chain in chains for edge in chain}
        onward: dict[int, list[int]] = {}
        for start, end in sorted(edges):
            onward.setdefault(start, []).append(end)
        inner = _inner(chains)
        found: dict[Edge, Edge] = {}
        in_order = sorted(edges)
        for edge in (*(edge for edge in in_order if edge[0] not in inner), *in_order):
            if edge not in found:
                for run in self._split(edge, onward, inner):
                    for start, end in pairwise(run):
                        found[start, end], found[end, start] = (run[0], run[-1]), (run[-1], run[0])
        return found

    def _split(self, edge: Edge, onward: Mapping[int, Sequence[int]], inner: set[int]) -> list[list[int]]:
        """What follows an edge, up to a corner that is not inner, as runs that are as long as can be."""
        origin = start = edge[0]
        corner = edge[1]
        runs: list[list[int]] = []
        while True:
            run, window = [start], Window(self._sites[start])
            while True:
                run.append(corner)
                following = [other for other in onward.get(corner, ()) if other != run[-2]]
                if corner not in inner or corner == origin or not following:
                    return [*runs, run]
                narrowed = all(window.narrow(place, self._tolerance) for place in self._moved[corner])
                if not narrowed or not window.holds(self._sites[following[0]]):
                    break
                corner = following[0]
            runs.append(run)
            start, corner = corner, following[0]


def _inner(chains: Sequence[Sequence[Edge]]) -> set[int]:
    """The corners between the same two others in all chains, with as many edges to one as to the other."""
    around: dict[int, set[int]] = {}
    others: set[int] = set()
    for chain in chains:
        edges: dict[int, Counter[int]] = {}
        leaving: Counter[int] = Counter()
        for start, end in chain:
            edges.setdefault(start, Counter())[end] += 1
            edges.setdefault(end, Counter())[start] += 1
            leaving[start] += 1
            leaving[end] -= 1
        for corner, counts in edges.items():
            around.setdefault(corner, set()).update(counts)
            if leaving[corner] or len(counts) != 2 or len(set(counts.values())) != 1:
                others.add(corner)
    return {corner for corner, near in around.items() if len(near) == 2} - others


class Window:
    """The directions from a place in which an edge may leave to come near the places that it passes."""

    def __init__(self, origin: np.ndarray) -> None:
        self._origin = origin
        across = np.cross(origin, np.eye(3)[int(np.argmin(np.abs(origin)))])
        self._axes = across / np.linalg.norm(across), np.cross(origin, across / np.linalg.norm(across))
        self._middle = 0.0
        self._half = math.pi
        self._farthest = 1e-15

    def narrow(self, place: np.ndarray, distance: float) -> bool:
        """Allow only directions that come so near to a place; whether any is left."""
        away = _angle(self._origin, place)
        if away <= distance:
            return True
        self._farthest = max(self._farthest, away)
        half = math.asin(min(1.0, math.sin(distance) / math.sin(away)))
        offset = math.remainder(self._direction(place) - self._middle, 2 * math.pi)
        if self._half >= math.pi:
            self._middle, self._half = self._direction(place), half
            return True
        low, high = max(-self._half, offset - half), min(self._half, offset + half)
        self._middle, self._half = self._middle + (low + high) / 2, (high - low) / 2
        return low <= high

    def holds(self, place: np.ndarray) -> bool:
        """Whether an edge to a place, which must not be nearer than those passed, leaves in an allowed direction."""
        away = _angle(self._origin, place)
        if away < self._farthest or away > math.pi / 2:
            return False
        return abs(math.remainder(self._direction(place) - self._middle, 2 * math.pi)) <= self._half

    def _direction(self, place: np.ndarray) -> float:
        return math.atan2(float(place @ self._axes[1]), float(place @ self._axes[0]))
