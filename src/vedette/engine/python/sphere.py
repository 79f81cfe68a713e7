"""Points on the Earth as a sphere: between longitude and latitude in degrees and the unit vectors of S2."""

from typing import Any, TypeGuard

import s2geometry as s2

EARTH_RADIUS = 6_371_010.0
"""In meters."""

Position = tuple[float, float]
"""Longitude and latitude in degrees."""


def place(longitude: float | None, latitude: float | None) -> Any:
    """S2's point of a longitude and a latitude; None where they are no place on Earth."""
    if longitude is None or latitude is None or not (abs(longitude) <= 180 and abs(latitude) <= 90):
        return None
    return vector((longitude, latitude))


def vector(position: Position) -> Any:
    """A position as S2's point."""
    return s2.S2LatLng.FromDegrees(position[1], position[0]).ToPoint()


def position(vector: Any) -> Position:
    """The longitude and latitude of S2's point."""
    found = s2.S2LatLng(vector)
    return found.lng().degrees(), found.lat().degrees()


def meters(angle: Any) -> float:
    """The length on Earth of S2's angle."""
    return angle.radians() * EARTH_RADIUS


def angle(meters: float) -> Any:
    """S2's angle of a length on Earth."""
    return s2.S1Angle.Radians(meters / EARTH_RADIUS)


def is_length(meters: float | None) -> TypeGuard[float]:
    """Whether a length is finite and above zero."""
    return meters is not None and 0 < meters < float("inf")
