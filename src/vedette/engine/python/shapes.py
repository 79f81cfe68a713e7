"""Lines and polygons as S2 knows them: built from GeoJSON text where that is valid, and taken apart again."""

from bisect import insort
from collections.abc import Sequence
from functools import lru_cache, reduce
from operator import itemgetter
from typing import Any

import s2geometry as s2
import spherely

from vedette.engine.python.geojson import Line, Rings, geometry_text, lines_in, polygons_in
from vedette.engine.python.sphere import Position, position, vector

KEPT = 64
"""Shapes that are kept: a query often asks about one shape for every row."""


@lru_cache(maxsize=KEPT)
def polylines(text: str | None) -> tuple[Any, ...] | None:
    """The lines of a LineString or MultiLineString; None where one is invalid."""
    lines = lines_in(text)
    if lines is None:
        return None
    found = tuple(polyline(line) for line in lines)
    return found if all(line.IsValid() for line in found) else None


@lru_cache(maxsize=KEPT)
def polygon(text: str | None) -> Any:
    """A Polygon or MultiPolygon, which is the union of its polygons; None where rings of one polygon cross, share edges
    or have fewer than three corners.

    Of the two areas that a ring divides the sphere into, the smaller one is meant.
    """
    polygons = polygons_in(text)
    if polygons is None:
        return None
    found = [polygon_of(rings) for rings in polygons]
    return None if any(each is None for each in found) else union(found)


@lru_cache(maxsize=KEPT)
def line_geography(text: str) -> Any:
    """The valid lines of a text as spherely knows them."""
    return spherely.create_multilinestring([list(line) for line in lines_in(text) or ()])


@lru_cache(maxsize=KEPT)
def polygon_geography(text: str) -> Any:
    """The valid polygons of a text as spherely knows them, prepared for many questions."""
    polygons = [
        spherely.create_polygon(list(shell), [list(hole) for hole in holes] or None)
        for shell, *holes in polygons_in(text) or ()
    ]
    geography = reduce(spherely.union, polygons)
    spherely.prepare(geography)
    return geography


def polygon_of(rings: Rings) -> Any:
    """One polygon of a shell and holes, or None."""
    loops = [_loop(ring) for ring in rings]
    if not all(loop.IsValid() for loop in loops):
        return None
    for loop in loops:
        loop.Normalize()
    found = s2.S2Polygon()
    found.InitNested(loops)
    return found if found.IsValid() else None


def union(polygons: Sequence[Any]) -> Any:
    """The union of S2's polygons, the two with the fewest corners first: the order decides where rings begin."""
    waiting = sorted(((polygon.num_vertices(), polygon) for polygon in polygons), key=itemgetter(0))
    while len(waiting) > 1:
        (corners, one), (more_corners, other) = waiting[:2]
        both = s2.S2Polygon()
        both.InitToUnion(one, other)
        waiting[:2] = []
        insort(waiting, (corners + more_corners, both), key=itemgetter(0))
    return waiting[0][1]


def polyline(line: Line) -> Any:
    """A line, valid or not."""
    found = s2.S2Polyline()
    found.InitFromS2Points([vector(place) for place in line])
    return found


def positions_of(polyline: Any) -> list[Position]:
    """The corners of a polyline."""
    return [position(polyline.vertex(at)) for at in range(polyline.num_vertices())]


def rings_of(polygon: Any) -> list[Rings]:
    """The polygons of S2's polygon, shells counterclockwise and holes clockwise."""
    found: list[list[Line]] = []
    for loop in (polygon.loop(at) for at in range(polygon.num_loops())):
        corners = [position(loop.vertex(at)) for at in range(loop.num_vertices())]
        if loop.is_hole():
            found[-1].append((*reversed(corners), corners[-1]))
        else:
            found.append([(*corners, corners[0])])
    return [tuple(rings) for rings in found]


def polygon_text(polygon: Any) -> str | None:
    """The GeoJSON of S2's polygon; None for the empty one and for the whole sphere, which GeoJSON cannot say."""
    polygons = rings_of(polygon)
    if not polygons or any(len(ring) < 4 for rings in polygons for ring in rings):
        return None
    return geometry_text(polygons=polygons)


def _loop(ring: Line) -> Any:
    loop = s2.S2Loop()
    loop.Init([vector(place) for place in ring[:-1]])
    return loop
