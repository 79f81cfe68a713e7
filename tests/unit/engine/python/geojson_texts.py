"""GeoJSON texts for tests: what anybody could send, and shapes that are valid."""

import json
import math
from typing import Any

from hypothesis import strategies as st

LONGITUDES = st.floats(-180, 180)
LATITUDES = st.floats(-90, 90)


def line(*positions: Any) -> str:
    return json.dumps({"type": "LineString", "coordinates": positions})


def polygon(*rings: Any) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def multi_polygon(*polygons: Any) -> str:
    return json.dumps({"type": "MultiPolygon", "coordinates": polygons})


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def star(longitude: float, latitude: float, radii: list[float]) -> list[list[float]]:
    """A ring around a place; its corners are at these distances in degrees."""
    corners = [
        [
            longitude + radius * math.cos(2 * math.pi * at / len(radii)) / math.cos(math.radians(latitude)),
            latitude + radius * math.sin(2 * math.pi * at / len(radii)),
        ]
        for at, radius in enumerate(radii)
    ]
    return [*corners, corners[0]]


STARS = st.builds(star, st.floats(-180, 180), st.floats(-60, 60), st.lists(st.floats(0.01, 5), min_size=3, max_size=12))
"""Rings that are valid but for a rare one whose corners lie on one great circle."""

_NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 90, -90, 180, -180, 360, 540, 1e308, -1e308, 1e-320, 0.1]),
    st.floats(-200, 200),
    st.integers(-(10**20), 10**20),
    st.none(),
    st.booleans(),
    st.text(max_size=3),
)
_POSITIONS = st.one_of(
    st.tuples(LONGITUDES, LATITUDES).map(list),
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(list),
    st.lists(_NUMBERS, max_size=4),
)
_RINGS = st.one_of(
    st.lists(_POSITIONS, max_size=6),
    st.lists(_POSITIONS, min_size=1, max_size=6).map(lambda ring: [*ring, ring[0]]),
    STARS,
)
_COORDINATES = st.one_of(
    _POSITIONS, _RINGS, st.lists(_RINGS, max_size=3), st.lists(st.lists(_RINGS, max_size=3), max_size=3), _NUMBERS
)
_KINDS = st.sampled_from(
    [
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
        "x",
        1,
        None,
    ]
)
ANYTHING = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.builds(lambda kind, coordinates: json.dumps({"type": kind, "coordinates": coordinates}), _KINDS, _COORDINATES),
    st.builds(lambda kind: json.dumps({"type": kind}), _KINDS),
    st.builds(json.dumps, _COORDINATES),
)
"""Texts of which most are no geometry."""
