"""Geometries as GeoJSON text: read into positions, and written."""

from collections.abc import Sequence
from typing import Any, TypeVar

import orjson

from vedette.engine.python.sphere import Position

Line = tuple[Position, ...]
Rings = tuple[Line, ...]
"""The shell of a polygon and then its holes; each ends with the position that it begins with."""

T = TypeVar("T")


def lines_in(text: str | None) -> tuple[Line, ...] | None:
    """The lines of a LineString or MultiLineString; None for any other text."""
    match _read(text):
        case {"type": "LineString", "coordinates": [*positions]}:
            return _all([_line(positions)])
        case {"type": "MultiLineString", "coordinates": [_, *_] as lines}:
            return _all([_line(positions) for positions in lines])
        case _:
            return None


def polygons_in(text: str | None) -> tuple[Rings, ...] | None:
    """The polygons of a Polygon or MultiPolygon; None for any other text."""
    match _read(text):
        case {"type": "Polygon", "coordinates": [*rings]}:
            return _all([_rings(rings)])
        case {"type": "MultiPolygon", "coordinates": [_, *_] as polygons}:
            return _all([_rings(rings) for rings in polygons])
        case _:
            return None


def elements_in(text: str | None) -> list[str] | None:
    """The texts of the values of a JSON array; None for what is none."""
    found = _read(text)
    return [orjson.dumps(element).decode() for element in found] if isinstance(found, list) else None


def point_text(position: Position) -> str:
    """A Point."""
    return _written("Point", position)


def geometry_text(
    points: Sequence[Position] = (), lines: Sequence[Sequence[Position]] = (), polygons: Sequence[Rings] = ()
) -> str:
    """One geometry of what there is: alone, as a Multi… of one kind, or a GeometryCollection of several kinds."""
    parts = [
        _written(kind, members[0]) if len(members) == 1 else _written(f"Multi{kind}", members)
        for kind, members in (("Point", points), ("LineString", lines), ("Polygon", polygons))
        if members
    ]
    if len(parts) == 1:
        return parts[0]
    return '{"type":"GeometryCollection","geometries":[' + ",".join(parts) + "]}"


def _written(kind: str, coordinates: Any) -> str:
    return orjson.dumps({"type": kind, "coordinates": coordinates}).decode()


def _read(text: str | None) -> Any:
    if not text:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _all(parts: Sequence[T | None]) -> tuple[T, ...] | None:
    found = tuple(part for part in parts if part is not None)
    return found if len(found) == len(parts) else None


def _line(positions: Any) -> Line | None:
    return _positions(positions, 2)


def _rings(rings: Any) -> Rings | None:
    if not isinstance(rings, list) or not rings:
        return None
    return _all([_ring(ring) for ring in rings])


def _ring(ring: Any) -> Line | None:
    positions = _positions(ring, 4)
    return positions if positions is not None and positions[0] == positions[-1] else None


def _positions(values: Any, least: int) -> Line | None:
    if not isinstance(values, list) or len(values) < least:
        return None
    return _all([_position(value) for value in values])


def _position(value: Any) -> Position | None:
    """A longitude may go round the Earth, as in Kusto; a latitude ends at the poles."""
    match value:
        case [bool(), *_] | [_, bool(), *_]:
            return None
        case [int() | float() as longitude, int() | float() as latitude, *_] if (
            abs(latitude) <= 90 and abs(longitude) <= _FARTHEST
        ):
            return float(longitude), float(latitude)
        case _:
            return None


_FARTHEST = 3600.0
"""Degrees of longitude; whoever goes round the Earth more than ten times means something else."""
