"""Functions on cells that divide the Earth: geohashes, S2 and H3."""

from collections.abc import Sequence
from typing import Any

from vedette.kql.functions.entry import Function

_PLACE = "longitude: real, latitude: real"
_CELL = {"geohash": "geohash", "s2cell": "token", "h3cell": "cell"}
_OF_CELL = {
    "to_central_point": "kql_geo_shape(py_{kind}_center({{{cell}}}))",
    "to_polygon": "kql_geo_shape(py_{kind}_outline({{{cell}}}))",
    "neighbors": "CAST(py_{kind}_neighbors({{{cell}}}) AS VARIANT)",
}


def _of_cell(kind: str, operation: str, doc: str, examples: Sequence[tuple[str, Any]]) -> Function:
    """`geo_<kind>_<operation>`, whose one argument is a cell."""
    cell = _CELL[kind]
    sql = _OF_CELL[operation].format(kind=kind, cell=cell)
    return Function(f"geo_{kind}_{operation}", f"{cell}: string", "dynamic", doc, sql, examples)


_GEOHASH: tuple[Function, ...] = (
    Function(
        "geo_point_to_geohash",
        params=f"{_PLACE}, accuracy: long = 5",
        returns="string",
        doc="The geohash of a place, of 1 to 18 letters and digits; '' where the place or the length is invalid.",
        sql="py_geohash_of_points({longitude}, {latitude}, {accuracy})",
        examples=[
            ("geo_point_to_geohash(-5.6, 42.6)", "ezs42"),
            ("geo_point_to_geohash(10.40744, 57.64911, 11)", "u4pruydqqvj"),
            ("geo_point_to_geohash(200, 1, 8)", ""),
            ("geo_point_to_geohash(1, 1, 19)", ""),
        ],
    ),
    _of_cell(
        "geohash",
        "to_central_point",
        "The middle of a geohash as a Point.",
        [
            ("geo_geohash_to_central_point('s')", {"type": "Point", "coordinates": [22.5, 22.5]}),
            ("geo_geohash_to_central_point('a')", None),
        ],
    ),
    _of_cell(
        "geohash",
        "to_polygon",
        "The area of a geohash as a Polygon.",
        [
            (
                "geo_geohash_to_polygon('s')",
                {
                    "type": "Polygon",
                    "coordinates": [[[0.0, 0.0], [45.0, 0.0], [45.0, 45.0], [0.0, 45.0], [0.0, 0.0]]],
                },
            )
        ],
    ),
    _of_cell(
        "geohash",
        "neighbors",
        "The geohashes around a geohash.",
        [
            ("array_sort_asc(geo_geohash_neighbors('s'))", ["7", "e", "g", "k", "m", "t", "u", "v"]),
            ("geo_geohash_neighbors('')", None),
        ],
    ),
)

_S2: tuple[Function, ...] = (
    Function(
        "geo_point_to_s2cell",
        params=f"{_PLACE}, level: long = 11",
        returns="string",
        doc="The token of the S2 cell of a place at a level of 0 to 30; '' where one of the two is invalid.",
        sql="py_s2cell_of_points({longitude}, {latitude}, {level})",
        examples=[
            ("geo_point_to_s2cell(0, 0, 0)", "1"),
            ("geo_point_to_s2cell(0, 0, 30)", "1000000000000001"),
            ("geo_point_to_s2cell(0, 91)", ""),
            ("geo_point_to_s2cell(0, 0, 31)", ""),
        ],
    ),
    _of_cell(
        "s2cell",
        "to_central_point",
        "The middle of an S2 cell as a Point.",
        [
            ("geo_s2cell_to_central_point('1')", {"type": "Point", "coordinates": [0.0, 0.0]}),
            ("geo_s2cell_to_central_point('a')", None),
        ],
    ),
    _of_cell(
        "s2cell",
        "to_polygon",
        "The area of an S2 cell as a Polygon.",
        [
            ("array_length(geo_s2cell_to_polygon('1').coordinates[0])", 5),
            ("geo_s2cell_to_polygon('zz')", None),
        ],
    ),
    _of_cell(
        "s2cell",
        "neighbors",
        "The tokens of the S2 cells around a cell, of its level.",
        [
            ("array_length(geo_s2cell_neighbors(geo_point_to_s2cell(10, 50)))", 8),
            ("geo_s2cell_neighbors('zz')", None),
        ],
    ),
)

_H3: tuple[Function, ...] = (
    Function(
        "geo_point_to_h3cell",
        params=f"{_PLACE}, resolution: long = 6",
        returns="string",
        doc="The H3 cell of a place in a resolution of 0 to 15; '' where one of the two is invalid.",
        sql="py_h3cell_of_points({longitude}, {latitude}, {resolution})",
        examples=[
            ("geo_point_to_h3cell(0, 0, 0)", "8075fffffffffff"),
            ("geo_point_to_h3cell(0, 0)", "86754e64fffffff"),
            ("geo_point_to_h3cell(0, 0, 16)", ""),
        ],
    ),
    Function(
        "geo_h3cell_level",
        params="cell: string",
        returns="int",
        doc="The resolution of an H3 cell.",
        sql="py_h3cell_level({cell})",
        examples=[("geo_h3cell_level('8075fffffffffff')", 0), ("geo_h3cell_level('abc')", None)],
    ),
    *(
        Function(
            "geo_h3cell_parent",
            params=f"cell: string{parameter}",
            returns="string",
            doc="The H3 cell around a cell in a coarser resolution, by default the next one; '' where there is none.",
            sql=f"py_h3cell_parent({{cell}}, {resolution})",
            examples=examples,
        )
        for parameter, resolution, examples in (
            ("", "NULL", [("geo_h3cell_parent('86754e64fffffff')", "85754e67fffffff"), ("geo_h3cell_parent('1')", "")]),
            (
                ", resolution: long",
                "{resolution}",
                [
                    ("geo_h3cell_parent('86754e64fffffff', 0)", "8075fffffffffff"),
                    ("geo_h3cell_parent('86754e64fffffff', 7)", ""),
                ],
            ),
        )
    ),
    *(
        Function(
            "geo_h3cell_children",
            params=f"cell: string{parameter}",
            returns="dynamic",
            doc="The H3 cells inside a cell in a finer resolution, by default the next one and at most five further.",
            sql=f"CAST(py_h3cell_children({{cell}}, {resolution}) AS VARIANT)",
            examples=examples,
        )
        for parameter, resolution, examples in (
            ("", "NULL", [("array_length(geo_h3cell_children('86754e64fffffff'))", 7)]),
            (
                ", resolution: long",
                "{resolution}",
                [
                    ("array_length(geo_h3cell_children('86754e64fffffff', 8))", 49),
                    ("geo_h3cell_children('86754e64fffffff', 12)", None),
                ],
            ),
        )
    ),
    _of_cell(
        "h3cell",
        "neighbors",
        "The H3 cells around a cell.",
        [("array_length(geo_h3cell_neighbors('86754e64fffffff'))", 6), ("geo_h3cell_neighbors('x')", None)],
    ),
    Function(
        "geo_h3cell_rings",
        params="cell: string, distance: long",
        returns="dynamic",
        doc="The H3 cells at each distance, of up to 142 cells, from a cell: itself, those around it, and so on.",
        sql="CAST(py_h3cell_rings({cell}, {distance}) AS VARIANT)",
        examples=[
            ("geo_h3cell_rings('86754e64fffffff', 0)", [["86754e64fffffff"]]),
            ("array_length(geo_h3cell_rings('86754e64fffffff', 3)[3])", 18),
            ("geo_h3cell_rings('86754e64fffffff', 143)", None),
        ],
    ),
    _of_cell(
        "h3cell",
        "to_central_point",
        "The middle of an H3 cell as a Point.",
        [
            ("round(todouble(geo_h3cell_to_central_point('86754e64fffffff').coordinates[0]), 1)", 0.0),
            ("geo_h3cell_to_central_point('1')", None),
        ],
    ),
    _of_cell(
        "h3cell",
        "to_polygon",
        "The area of an H3 cell as a Polygon.",
        [("array_length(geo_h3cell_to_polygon('86754e64fffffff').coordinates[0])", 7)],
    ),
)

FUNCTIONS: tuple[Function, ...] = (*_GEOHASH, *_S2, *_H3)
"""Geohashes, S2 and H3."""
