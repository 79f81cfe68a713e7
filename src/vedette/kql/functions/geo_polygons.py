"""Functions on areas of the Earth, given as a Polygon or MultiPolygon in GeoJSON; null for what is no such polygon."""

from vedette.kql.functions.entry import Function
from vedette.kql.functions.geo_shapes import NOTHING, of_shape, shape_text

_SQUARE = 'dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})'
_BESIDE = 'dynamic({"type":"Polygon","coordinates":[[[2,0],[4,0],[4,2],[2,2],[2,0]]]})'
_APART = 'dynamic({"type":"Polygon","coordinates":[[[10,10],[12,10],[12,12],[10,10]]]})'
_WITH_HOLE = (
    'dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]],[[0.5,0.5],[0.5,1],[1,1],[0.5,0.5]]]})'
)
_CROSSED = 'dynamic({"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]})'
_NOTCHED = 'dynamic({"type":"Polygon","coordinates":[[[0,0],[1,0.001],[2,0],[2,2],[0,2],[0,0]]]})'


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "geo_polygon_area",
        params="polygon: dynamic",
        returns="real",
        doc="The area in square meters; what several polygons share counts once.",
        sql=f"py_geopolygon_area({shape_text('polygon')})",
        examples=[
            (f"round(geo_polygon_area({_SQUARE}) / 1000000, 3)", 49452.374),
            (f"round(geo_polygon_area({_WITH_HOLE}) / 1000000, 3)", 47907.046),
            (f"geo_polygon_area({_CROSSED})", None),
        ],
    ),
    Function(
        "geo_polygon_perimeter",
        params="polygon: dynamic",
        returns="real",
        doc="The length of the border in meters, holes included.",
        sql=f"py_geopolygon_perimeter({shape_text('polygon')})",
        examples=[
            (f"round(geo_polygon_perimeter({_SQUARE}) / 1000, 3)", 889.425),
            ("geo_polygon_perimeter(dynamic(null))", None),
        ],
    ),
    of_shape(
        "polygon",
        "centroid",
        "The middle of the area as a Point.",
        [
            (f"geo_polygon_centroid({_SQUARE}).type", "Point"),
            (f"round(todouble(geo_polygon_centroid({_SQUARE}).coordinates[1]), 3)", 1.0),
            (f"geo_polygon_centroid({_CROSSED})", None),
        ],
    ),
    of_shape(
        "polygon",
        "buffer",
        "A polygon with all within a radius of it; radius and tolerance are in meters.",
        [
            (f"geo_point_in_polygon(-0.08, 1, geo_polygon_buffer({_SQUARE}, 10000))", True),
            (f"geo_point_in_polygon(-0.1, 1, geo_polygon_buffer({_SQUARE}, 10000))", False),
            (f"isnull(geo_polygon_buffer({_SQUARE}, 0))", True),
        ],
    ),
    of_shape(
        "polygon",
        "densify",
        "A polygon that has straight edges on a flat map as one on the sphere, missing it by no more than the "
        "tolerance (meters, 0.1 to 10,000); cut at the antimeridian unless told.",
        [
            (f"array_length(geo_polygon_densify({_SQUARE}).coordinates[0])", 6),
            (f"isnull(geo_polygon_densify({_SQUARE}, 0))", True),
        ],
    ),
    of_shape(
        "polygon",
        "simplify",
        "A polygon with fewer corners, no two closer than the tolerance in meters; null if nothing is left.",
        [
            (f"array_length(geo_polygon_simplify({_SQUARE}).coordinates[0])", 5),
            (f"array_length(geo_polygon_simplify({_NOTCHED}, 10000).coordinates[0])", 5),
            (f"isnull(geo_polygon_simplify({_SQUARE}, 1000000))", True),
        ],
    ),
    Function(
        "geo_simplify_polygons_array",
        params="polygons: dynamic, tolerance: real = 10.0",
        returns="dynamic",
        doc="The polygons of an array simplified together, so that those side by side stay so; null if one is invalid.",
        sql=f"kql_geo_shape(py_geosimplify_polygons({shape_text('polygons')}, {{tolerance}}))",
        examples=[
            (f"array_length(geo_simplify_polygons_array(pack_array({_SQUARE}, {_BESIDE})).coordinates)", 2),
            (f"isnull(geo_simplify_polygons_array(pack_array({_SQUARE}, {_CROSSED})))", True),
        ],
    ),
    of_shape(
        "polygon",
        "to_s2cells",
        "The tokens of the S2 cells of a level that cover a polygon and all within a radius of it; null for more "
        "than 65,536.",
        [
            (f"geo_polygon_to_s2cells({_SQUARE}, 5)", ["0554", "0ffc", "1004", "1aac"]),
            (f"array_length(geo_polygon_to_s2cells({_SQUARE}, 7, 50000))", 25),
            (f"geo_polygon_to_s2cells({_SQUARE}, 30)", None),
        ],
    ),
    Function(
        "geo_polygon_to_h3cells",
        params="polygon: dynamic, resolution: long = 6, radius: real = 0.0",
        returns="dynamic",
        doc="The H3 cells whose middle is in a polygon, or within a radius of it; null for more than 61,680.",
        sql=f"CAST(py_geocover_polygon_in_h3({shape_text('polygon')}, {{resolution}}, {{radius}}) AS VARIANT)",
        examples=[
            (f"array_length(geo_polygon_to_h3cells({_SQUARE}, 3))", 4),
            (f"geo_polygon_to_h3cells({_SQUARE}, 16)", None),
        ],
    ),
    Function(
        "geo_intersects_2polygons",
        params="polygon1: dynamic, polygon2: dynamic",
        returns="bool",
        doc="Whether two polygons have a point in common.",
        sql=f"py_geoset_two_polygons_meet({shape_text('polygon1')}, {shape_text('polygon2')})",
        examples=[
            (f"geo_intersects_2polygons({_SQUARE}, {_BESIDE})", True),
            (f"geo_intersects_2polygons({_SQUARE}, {_APART})", False),
            (f"geo_intersects_2polygons({_SQUARE}, {_CROSSED})", None),
        ],
    ),
    Function(
        "geo_intersection_2polygons",
        params="polygon1: dynamic, polygon2: dynamic",
        returns="dynamic",
        doc="The area that two polygons share, and the lines and points where they only touch.",
        sql=f"kql_geo_shape(py_geoset_two_polygons({shape_text('polygon1')}, {shape_text('polygon2')}))",
        examples=[
            (f"geo_intersection_2polygons({_SQUARE}, {_SQUARE}).type", "Polygon"),
            (f"geo_intersection_2polygons({_SQUARE}, {_BESIDE}).type", "LineString"),
            (f"geo_intersection_2polygons({_SQUARE}, {_APART})", NOTHING),
        ],
    ),
    Function(
        "geo_union_polygons_array",
        params="polygons: dynamic",
        returns="dynamic",
        doc="The polygons of an array put together; null where one is invalid.",
        sql=f"kql_geo_shape(py_geoset_union_of_polygons({shape_text('polygons')}))",
        examples=[
            (f"geo_union_polygons_array(pack_array({_SQUARE}, {_BESIDE})).type", "Polygon"),
            (f"geo_union_polygons_array(pack_array({_SQUARE}, {_APART})).type", "MultiPolygon"),
            (f"geo_union_polygons_array(pack_array({_SQUARE}, {_CROSSED}))", None),
        ],
    ),
)
"""Polygons."""
