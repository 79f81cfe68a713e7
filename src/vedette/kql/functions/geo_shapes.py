"""What lines and polygons on Earth have in common: the same operations on either, given as GeoJSON."""

from collections.abc import Sequence
from typing import Any

from vedette.kql.functions.entry import Function

NOTHING: dict[str, Any] = {"type": "GeometryCollection", "geometries": []}
"""What two shapes share that do not meet."""

_PARAMETERS = {
    "buffer": "radius: real, tolerance: real = 10.0",
    "densify": "tolerance: real = 10.0, preserve_crossing: bool = false",
    "simplify": "tolerance: real = 10.0",
    "to_s2cells": "level: long = 11, radius: real = 0.0",
}
_SQL = {
    "centroid": "kql_geo_shape(py_geo{kind}_centroid({shape}))",
    "buffer": "kql_geo_shape(py_geobuffer_{kind}({shape}, {{radius}}, {{tolerance}}))",
    "densify": "kql_geo_shape(py_geodensify_{kind}({shape}, {{tolerance}}, {{preserve_crossing}}))",
    "simplify": "kql_geo_shape(py_geosimplify_{kind}({shape}, {{tolerance}}))",
    "to_s2cells": "CAST(py_geocover_{kind}_in_s2({shape}, {{level}}, {{radius}}) AS VARIANT)",
}


def shape_text(name: str) -> str:
    """The hole of an argument that is a shape, as the text that the functions in Python read."""
    return f"kql_dynamic_to_string({{{name}}})"


def of_shape(kind: str, operation: str, doc: str, examples: Sequence[tuple[str, Any]]) -> Function:
    """`geo_<kind>_<operation>`, for a `line` or a `polygon`."""
    more = _PARAMETERS.get(operation)
    return Function(
        f"geo_{kind}_{operation}",
        params=f"{kind}: dynamic, {more}" if more else f"{kind}: dynamic",
        returns="dynamic",
        doc=doc,
        sql=_SQL[operation].format(kind=kind, shape=shape_text(kind)),
        examples=examples,
    )
