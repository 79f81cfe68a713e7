"""Functions on lines on Earth, given as a LineString or MultiLineString in GeoJSON; null for what is no such line."""

from collections.abc import Sequence
from typing import Any

from vedette.kql.functions.entry import Function
from vedette.kql.functions.geo_shapes import NOTHING, of_shape, shape_text

_LINE = 'dynamic({"type":"LineString","coordinates":[[0,0],[0,2]]})'
_ACROSS = 'dynamic({"type":"LineString","coordinates":[[-1,0],[1,0]]})'
_APART = 'dynamic({"type":"LineString","coordinates":[[5,5],[6,6]]})'
_BENT = 'dynamic({"type":"LineString","coordinates":[[0,0],[0.00001,1],[0,2]]})'
_SQUARE = 'dynamic({"type":"Polygon","coordinates":[[[-1,-1],[1,-1],[1,1],[-1,1],[-1,-1]]]})'
_BROKEN = 'dynamic({"type":"LineString","coordinates":[[0,0]]})'


def _is_on_a_spheroid(constants: Sequence[Any]) -> str | None:
    return None if constants[3] is False else "lines are measured on a sphere here; use_spheroid must be false."


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "geo_line_length",
        params="line: dynamic",
        returns="real",
        doc="The length of a line in meters; what several lines share counts once.",
        sql=f"py_geoline_length({shape_text('line')})",
        examples=[
            (f"round(geo_line_length({_LINE}), 3)", 222390.202),
            (f"geo_line_length({_BROKEN})", None),
        ],
    ),
    of_shape(
        "line",
        "centroid",
        "The middle of all that a line covers, as a Point.",
        [(f"round(todouble(geo_line_centroid({_LINE}).coordinates[1]), 9)", 1.0)],
    ),
    Function(
        "geo_line_interpolate_point",
        params="line: dynamic, fraction: real",
        returns="dynamic",
        doc="The Point at a fraction (0 to 1) of the length of a single line.",
        sql=f"kql_geo_shape(py_geoline_interpolate({shape_text('line')}, {{fraction}}))",
        examples=[
            (f"geo_line_interpolate_point({_LINE}, 0.5)", {"type": "Point", "coordinates": [0.0, 1.0]}),
            (f"geo_line_interpolate_point({_LINE}, 1.5)", None),
        ],
    ),
    Function(
        "geo_line_locate_point",
        params="line: dynamic, longitude: real, latitude: real, use_spheroid: bool = false",
        returns="real",
        doc="The fraction of the length of a single line at which it comes closest to a place, on a sphere.",
        sql=f"py_geoline_locate({shape_text('line')}, {{longitude}}, {{latitude}})",
        examples=[
            (f"round(geo_line_locate_point({_LINE}, 0.1, 1), 3)", 0.5),
            (f"geo_line_locate_point({_LINE}, 0, 5)", 1.0),
            (f"geo_line_locate_point({_LINE}, 0, 100)", None),
        ],
        refuses=_is_on_a_spheroid,
    ),
    of_shape(
        "line",
        "buffer",
        "A Polygon around both sides of a line and its rounded ends; radius and tolerance are in meters.",
        [
            (f"geo_point_in_polygon(0.08, 1, geo_line_buffer({_BENT}, 10000))", True),
            (f"geo_point_in_polygon(0.1, 1, geo_line_buffer({_BENT}, 10000))", False),
            (f"isnull(geo_line_buffer({_LINE}, 0))", True),
        ],
    ),
    of_shape(
        "line",
        "densify",
        "A line that is straight on a flat map as one on the sphere, missing it by no more than the tolerance "
        "(meters, 0.1 to 10,000); cut at the antimeridian unless told.",
        [
            (
                'array_length(geo_line_densify(dynamic({"type":"LineString","coordinates":[[0,50],[2,50]]})).coordinates)',
                9,
            ),
            (f"array_length(geo_line_densify({_LINE}).coordinates)", 2),
            (f"isnull(geo_line_densify({_LINE}, 0))", True),
        ],
    ),
    of_shape(
        "line",
        "simplify",
        "A line with fewer corners, none closer to another than the tolerance in meters; null if nothing is left.",
        [
            (f"array_length(geo_line_simplify({_BENT}).coordinates)", 2),
            (f"array_length(geo_line_simplify({_BENT}, 0.1).coordinates)", 3),
            (f"isnull(geo_line_simplify({_LINE}, 1000000))", True),
        ],
    ),
    of_shape(
        "line",
        "to_s2cells",
        "The tokens of the S2 cells of a level that cover a line and all within a radius of it; null for more "
        "than 65,536.",
        [
            (f"geo_line_to_s2cells({_APART}, 5)", ["1014", "103c", "1044"]),
            (f"geo_line_to_s2cells({_LINE}, 31)", None),
        ],
    ),
    Function(
        "geo_intersects_2lines",
        params="line1: dynamic, line2: dynamic",
        returns="bool",
        doc="Whether two lines have a point in common.",
        sql=f"py_geoset_two_lines_meet({shape_text('line1')}, {shape_text('line2')})",
        examples=[
            (f"geo_intersects_2lines({_LINE}, {_ACROSS})", True),
            (f"geo_intersects_2lines({_LINE}, {_APART})", False),
            (f"geo_intersects_2lines({_LINE}, {_BROKEN})", None),
        ],
    ),
    Function(
        "geo_intersects_line_with_polygon",
        params="line: dynamic, polygon: dynamic",
        returns="bool",
        doc="Whether a line and a polygon have a point in common.",
        sql=f"py_geoset_line_and_polygon_meet({shape_text('line')}, {shape_text('polygon')})",
        examples=[
            (f"geo_intersects_line_with_polygon({_LINE}, {_SQUARE})", True),
            (f"geo_intersects_line_with_polygon({_APART}, {_SQUARE})", False),
        ],
    ),
    Function(
        "geo_intersection_2lines",
        params="line1: dynamic, line2: dynamic",
        returns="dynamic",
        doc="What two lines share: points, lines or both; an empty GeometryCollection where they do not meet.",
        sql=f"kql_geo_shape(py_geoset_two_lines({shape_text('line1')}, {shape_text('line2')}))",
        examples=[
            (
                f"geo_intersection_2lines({_LINE}, {_LINE})",
                {"type": "LineString", "coordinates": [[0.0, 0.0], [0.0, 2.0]]},
            ),
            (f"geo_intersection_2lines({_LINE}, {_ACROSS}).type", "Point"),
            (f"geo_intersection_2lines({_LINE}, {_APART})", NOTHING),
        ],
    ),
    Function(
        "geo_intersection_line_with_polygon",
        params="line: dynamic, polygon: dynamic",
        returns="dynamic",
        doc="The part of a line that is in a polygon; an empty GeometryCollection where none is.",
        sql=f"kql_geo_shape(py_geoset_line_and_polygon({shape_text('line')}, {shape_text('polygon')}))",
        examples=[
            (f"geo_intersection_line_with_polygon({_ACROSS}, {_SQUARE}).type", "LineString"),
            (f"geo_intersection_line_with_polygon({_APART}, {_SQUARE})", NOTHING),
        ],
    ),
    Function(
        "geo_union_lines_array",
        params="lines: dynamic",
        returns="dynamic",
        doc="The lines of an array put together, what several share once; null where one is invalid.",
        sql=f"kql_geo_shape(py_geoset_union_of_lines({shape_text('lines')}))",
        examples=[
            (
                f"geo_union_lines_array(pack_array({_LINE}, {_LINE}))",
                {"type": "LineString", "coordinates": [[0.0, 0.0], [0.0, 2.0]]},
            ),
            (f"geo_union_lines_array(pack_array({_LINE}, {_BROKEN}))", None),
        ],
    ),
)
"""Lines."""
