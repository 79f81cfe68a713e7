"""Distances on the Earth as the spheroid of WGS 84, where a sphere is not exact enough."""

import math
from collections.abc import Mapping

from vedette.engine.python.function import PythonFunction

_EQUATOR = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_POLE = _EQUATOR * (1 - _FLATTENING)
_TURNS = 200
_TRIED = 36


def distance(
    longitude1: float | None, latitude1: float | None, longitude2: float | None, latitude2: float | None
) -> float | None:
    """The shortest way between two places in meters, by Vincenty's formulae, which are exact to a millimeter.

    https://geographiclib.sourceforge.io/geodesic-papers/vincenty75b.pdf
    """
    if longitude1 is None or latitude1 is None or longitude2 is None or latitude2 is None:
        return None
    if not (abs(longitude1) <= 180 and abs(longitude2) <= 180 and abs(latitude1) <= 90 and abs(latitude2) <= 90):
        return None
    start, end = (longitude1, latitude1), (longitude2, latitude2)
    found = _direct(start, end)
    return _by_way_of_another(start, end) if found is None else found


def _direct(start: tuple[float, float], end: tuple[float, float]) -> float | None:
    """None for places that lie nearly opposite, where the formulae find no end."""
    away = math.radians(math.remainder(end[0] - start[0], 360))
    low, high = (math.atan((1 - _FLATTENING) * math.tan(math.radians(place[1]))) for place in (start, end))
    sines, cosines = math.sin(low) * math.sin(high), math.cos(low) * math.cos(high)
    turn = away
    for _ in range(_TURNS):
        across = math.cos(high) * math.sin(turn)
        along = math.cos(low) * math.sin(high) - math.sin(low) * math.cos(high) * math.cos(turn)
        sine, cosine = math.hypot(across, along), sines + cosines * math.cos(turn)
        if sine == 0:
            return 0.0 if cosine > 0 else None
        arc = math.atan2(sine, cosine)
        slant = cosines * math.sin(turn) / sine
        flat = 1 - slant**2
        middle = cosine - 2 * sines / flat if flat > 1e-15 else 0.0
        share = _FLATTENING / 16 * flat * (4 + _FLATTENING * (4 - 3 * flat))
        last, turn = (
            turn,
            away
            + (1 - share)
            * _FLATTENING
            * slant
            * (arc + share * sine * (middle + share * cosine * (2 * middle**2 - 1))),
        )
        if abs(turn) > math.pi:
            return None
        if abs(turn - last) < 1e-13:
            return _length(arc, sine, cosine, flat, middle)
    return None


def _length(arc: float, sine: float, cosine: float, flat: float, middle: float) -> float:
    stretch = flat * (_EQUATOR**2 / _POLE**2 - 1)
    whole = 1 + stretch / 16384 * (4096 + stretch * (stretch * (320 - 175 * stretch) - 768))
    part = stretch / 1024 * (256 + stretch * (stretch * (74 - 47 * stretch) - 128))
    less = (
        part
        * sine
        * (
            middle
            + part / 4 * (cosine * (2 * middle**2 - 1) - part / 6 * middle * (4 * sine**2 - 3) * (4 * middle**2 - 3))
        )
    )
    return _POLE * whole * (arc - less)


def _by_way_of_another(start: tuple[float, float], end: tuple[float, float]) -> float:
    """The least way of those by a place a quarter of the Earth away, in whatever direction it is the shortest."""

    def length(direction: float) -> float:
        stop = _a_quarter_away(start, direction)
        return (_direct(start, stop) or math.inf) + (_direct(stop, end) or math.inf)

    step = 2 * math.pi / _TRIED
    best = min((number * step for number in range(_TRIED)), key=length)
    low, high = best - step, best + step
    while high - low > 1e-9:
        third = (high - low) / 3
        if length(low + third) < length(high - third):
            high -= third
        else:
            low += third
    return length((low + high) / 2)


def _a_quarter_away(start: tuple[float, float], direction: float) -> tuple[float, float]:
    north = math.radians(start[1])
    latitude = math.asin(math.cos(north) * math.cos(direction))
    east = math.atan2(math.sin(direction), -math.sin(north) * math.cos(direction))
    return start[0] + math.degrees(east), math.degrees(latitude)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_spheroid_distance": PythonFunction(distance, ("DOUBLE", "DOUBLE", "DOUBLE", "DOUBLE"), "DOUBLE"),
}
"""By the names that SQL calls them by."""
