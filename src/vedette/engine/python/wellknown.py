"""Geometries in the well-known forms: as text (WKT), and as bytes (WKB) in which libraries hand them over."""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.geojson import Line, Rings
from vedette.engine.python.sphere import Position


@dataclass(frozen=True, slots=True)
class Parts:
    """What a geometry consists of."""

    points: list[Position] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    polygons: list[Rings] = field(default_factory=list)


def parts_in(data: bytes) -> Parts:
    """The points, lines and polygons of a geometry as WKB in the machine's order of bytes."""
    parts = Parts()
    _read_part(data, 0, parts)
    return parts


def _read_part(data: bytes, at: int, parts: Parts) -> int:
    order = "<" if data[at] else ">"
    (kind,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 5
    match kind:
        case 1:
            found, at = _read_line(data, at, order, 1)
            parts.points.extend(place for place in found if place == place)
        case 2:
            found, at = _read_counted_line(data, at, order)
            parts.lines.extend([found] if found else [])
        case 3:
            (count,) = struct.unpack_from(f"{order}I", data, at)
            at += 4
            rings: list[Line] = []
            for _ in range(count):
                ring, at = _read_counted_line(data, at, order)
                rings.append(ring)
            parts.polygons.extend([tuple(rings)] if rings else [])
        case _:
            (count,) = struct.unpack_from(f"{order}I", data, at)
            at += 4
            for _ in range(count):
                at = _read_part(data, at, parts)
    return at


def _read_counted_line(data: bytes, at: int, order: str) -> tuple[Line, int]:
    (count,) = struct.unpack_from(f"{order}I", data, at)
    return _read_line(data, at + 4, order, count)


def _read_line(data: bytes, at: int, order: str, count: int) -> tuple[Line, int]:
    numbers = struct.unpack_from(f"{order}{2 * count}d", data, at)
    return tuple(zip(numbers[0::2], numbers[1::2], strict=True)), at + 16 * count


# --- text ---------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*([A-Za-z]+|[(),]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_NESTING = {"POINT": 0, "LINESTRING": 1, "POLYGON": 2, "MULTIPOINT": 1, "MULTILINESTRING": 2, "MULTIPOLYGON": 3}
"""How deep the positions of each geometry stand in lists."""
_NAMES = {
    "POINT": "Point",
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}
_DEEPEST = 32


class _NotWellKnownError(ValueError):
    """The text is no WKT."""


def geojson(text: str | None) -> str | None:
    """A geometry in WKT as GeoJSON; None for what is none.

    https://learn.microsoft.com/kusto/query/geo-from-wkt-function
    """
    try:
        tokens = _tokens(text or "")
        geometry = _geometry(tokens, 0)
        if next(tokens) != "":
            return None
    except _NotWellKnownError:
        return None
    return orjson.dumps(geometry).decode()


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _NotWellKnownError
        yield found[1]
        at = found.end()
    while True:
        yield ""


def _geometry(tokens: Iterator[str], depth: int) -> dict[str, Any]:
    kind = next(tokens).upper()
    _expect(tokens, "(")
    if kind in _NESTING:
        coordinates = _positions(tokens, kind) if _NESTING[kind] < 2 else _lists(tokens, _NESTING[kind])
        return {"type": _NAMES[kind], "coordinates": coordinates}
    if kind != "GEOMETRYCOLLECTION" or depth > _DEEPEST:
        raise _NotWellKnownError
    geometries: list[dict[str, Any]] = []
    while True:
        geometries.append(_geometry(tokens, depth + 1))
        if _ends(tokens):
            return {"type": "GeometryCollection", "geometries": geometries}


def _lists(tokens: Iterator[str], depth: int) -> list[Any]:
    """What stands after an opening parenthesis: lists in parentheses, down to positions."""
    found: list[Any] = []
    while True:
        _expect(tokens, "(")
        found.append(_positions(tokens, "LINESTRING") if depth == 2 else _lists(tokens, depth - 1))
        if _ends(tokens):
            return found


def _positions(tokens: Iterator[str], kind: str) -> list[Any]:
    found: list[list[float]] = []
    while True:
        first = next(tokens)
        in_parentheses = first == "(" and kind == "MULTIPOINT"
        found.append([_number(next(tokens) if in_parentheses else first), _number(next(tokens))])
        if in_parentheses:
            _expect(tokens, ")")
        if _ends(tokens):
            break
    if kind == "POINT" and len(found) != 1:
        raise _NotWellKnownError
    return found[0] if kind == "POINT" else found


def _ends(tokens: Iterator[str]) -> bool:
    """Whether a list ends here; otherwise a comma says that it goes on."""
    found = next(tokens)
    if found not in (")", ","):
        raise _NotWellKnownError
    return found == ")"


def _expect(tokens: Iterator[str], wanted: str) -> None:
    if next(tokens) != wanted:
        raise _NotWellKnownError


def _number(token: str) -> float:
    try:
        return float(token)
    except ValueError:
        raise _NotWellKnownError from None


FUNCTIONS: Mapping[str, PythonFunction] = {"py_wellknown_geojson": PythonFunction(geojson, ("VARCHAR",), "VARCHAR")}
"""By the names that SQL calls them by."""
