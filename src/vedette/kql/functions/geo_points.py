"""Functions on places on Earth: distances, directions, and whether a place is in an area."""

from vedette.kql.functions.entry import Function

_ONE = "longitude: real, latitude: real"
_TWO = "longitude1: real, latitude1: real, longitude2: real, latitude2: real"
_SQUARE = 'dynamic({"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]})'
_LINE = 'dynamic({"type":"LineString","coordinates":[[0,0],[0,2]]})'

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "geo_distance_2points",
        params=_TWO,
        returns="real",
        doc="The shortest distance between two places in meters, on a sphere.",
        sql="kql_geo_distance({longitude1}, {latitude1}, {longitude2}, {latitude2})",
        examples=[
            ("round(geo_distance_2points(0, 0, 0, 1), 3)", 111195.101),
            ("round(geo_distance_2points(-180, 0, 180, 0), 3)", 0.0),
            ("geo_distance_2points(0, 0, 181, 0)", None),
        ],
    ),
    Function(
        "geo_distance_2points",
        params=f"{_TWO}, use_spheroid: bool",
        returns="real",
        doc="The shortest distance between two places in meters, on the spheroid of WGS 84 if asked for.",
        sql="CASE WHEN {use_spheroid} THEN py_spheroid_distance({longitude1}, {latitude1}, {longitude2}, {latitude2}) "
        "ELSE kql_geo_distance({longitude1}, {latitude1}, {longitude2}, {latitude2}) END",
        examples=[
            ("round(geo_distance_2points(0, 0, 0, 90, true), 3)", 10001965.729),
            ("round(geo_distance_2points(0, 0, 179.5, 0.5, true), 3)", 19936288.579),
            ("round(geo_distance_2points(0, 0, 180, 0, true), 3)", 20003931.459),
            ("round(geo_distance_2points(0, 0, 0, 1, false), 3)", 111195.101),
            ("geo_distance_2points(0, 0, 0, 91, true)", None),
        ],
    ),
    Function(
        "geo_azimuth",
        params=_TWO,
        returns="real",
        doc="The direction from one place to another, clockwise from the north in radians; null if they are the same.",
        sql="kql_geo_azimuth({longitude1}, {latitude1}, {longitude2}, {latitude2})",
        examples=[
            ("round(degrees(geo_azimuth(0, 0, 1, 0)), 9)", 90.0),
            ("round(degrees(geo_azimuth(0, 0, -1, 0)), 9)", 270.0),
            ("geo_azimuth(5, 5, 5, 5)", None),
            ("geo_azimuth(5, 5, -175, -5)", None),
        ],
    ),
    Function(
        "geo_angle",
        params=f"{_TWO}, longitude3: real, latitude3: real",
        returns="real",
        doc="The angle at the second place between the lines to the first and to the third, clockwise in radians.",
        sql="kql_geo_angle({longitude1}, {latitude1}, {longitude2}, {latitude2}, {longitude3}, {latitude3})",
        examples=[
            ("round(degrees(geo_angle(0, 1, 0, 0, 1, 0)), 9)", 90.0),
            ("round(degrees(geo_angle(1, 0, 0, 0, 0, 1)), 9)", 270.0),
            ("geo_angle(0, 0, 0, 0, 1, 1)", None),
        ],
    ),
    Function(
        "geo_point_in_circle",
        params=f"{_ONE}, center_longitude: real, center_latitude: real, radius: real",
        returns="bool",
        doc="Whether a place is in a circle on the sphere; the radius is in meters.",
        sql="kql_geo_in_circle({longitude}, {latitude}, {center_longitude}, {center_latitude}, {radius})",
        examples=[
            ("geo_point_in_circle(0, 1, 0, 0, 120000)", True),
            ("geo_point_in_circle(0, 1, 0, 0, 100000)", False),
            ("geo_point_in_circle(0, 1, 0, 0, -1)", None),
            ("geo_point_in_circle(0, 91, 0, 0, 1)", None),
        ],
    ),
    Function(
        "geo_point_in_polygon",
        params=f"{_ONE}, polygon: dynamic",
        returns="bool",
        doc="Whether a place is in a Polygon or MultiPolygon in GeoJSON; null where one of the two is invalid.",
        sql="py_geopolygon_contain({longitude}, {latitude}, kql_dynamic_to_string({polygon}))",
        examples=[
            (f"geo_point_in_polygon(1, 1, {_SQUARE})", True),
            (f"geo_point_in_polygon(1, 3, {_SQUARE})", False),
            (f"geo_point_in_polygon(1, 100, {_SQUARE})", None),
            ('geo_point_in_polygon(1, 1, dynamic({"type":"Polygon"}))', None),
        ],
    ),
    Function(
        "geo_distance_point_to_line",
        params=f"{_ONE}, line: dynamic",
        returns="real",
        doc="How far a place is from a LineString or MultiLineString in GeoJSON, in meters.",
        sql="py_geoline_distances({longitude}, {latitude}, kql_dynamic_to_string({line}))",
        examples=[
            (f"round(geo_distance_point_to_line(1, 0, {_LINE}), 3)", 111195.101),
            (f"geo_distance_point_to_line(300, 0, {_LINE})", None),
        ],
    ),
    Function(
        "geo_distance_point_to_polygon",
        params=f"{_ONE}, polygon: dynamic",
        returns="real",
        doc="How far a place is from a Polygon or MultiPolygon in GeoJSON, in meters; 0 inside.",
        sql="py_geopolygon_distances({longitude}, {latitude}, kql_dynamic_to_string({polygon}))",
        examples=[
            (f"geo_distance_point_to_polygon(1, 1, {_SQUARE})", 0.0),
            (f"round(geo_distance_point_to_polygon(3, 0, {_SQUARE}), 3)", 111195.101),
            ("geo_distance_point_to_polygon(1, 1, dynamic(null))", None),
        ],
    ),
    Function(
        "geo_closest_point_on_line",
        params=f"{_ONE}, line: dynamic",
        returns="dynamic",
        doc="The Point on a line that is closest to a place.",
        sql="kql_geo_shape(py_geoline_closest({longitude}, {latitude}, kql_dynamic_to_string({line})))",
        examples=[
            (f"geo_closest_point_on_line(0, 3, {_LINE})", {"type": "Point", "coordinates": [0.0, 2.0]}),
            (f"geo_closest_point_on_line(0, 100, {_LINE})", None),
        ],
    ),
    Function(
        "geo_closest_point_on_polygon",
        params=f"{_ONE}, polygon: dynamic",
        returns="dynamic",
        doc="The Point of a polygon that is closest to a place: the place itself where it is inside.",
        sql="kql_geo_shape(py_geopolygon_closest({longitude}, {latitude}, kql_dynamic_to_string({polygon})))",
        examples=[
            (f"round(todouble(geo_closest_point_on_polygon(1, 1, {_SQUARE}).coordinates[0]), 9)", 1.0),
            (f"geo_closest_point_on_polygon(-1, -1, {_SQUARE})", {"type": "Point", "coordinates": [0.0, 0.0]}),
        ],
    ),
    Function(
        "geo_point_buffer",
        params=f"{_ONE}, radius: real, tolerance: real = 10.0",
        returns="dynamic",
        doc="A Polygon around the places within a radius, which may miss the circle by the tolerance; in meters.",
        sql="kql_geo_shape(py_geobuffer_point({longitude}, {latitude}, {radius}, {tolerance}))",
        examples=[
            ("round(geo_polygon_area(geo_point_buffer(0, 0, 1000, 0.001)) / 1000000, 3)", 3.142),
            ("isnull(geo_point_buffer(0, 0, 0))", True),
        ],
    ),
    Function(
        "geo_from_wkt",
        params="text: string",
        returns="dynamic",
        doc="A geometry in well-known text (WKT) as GeoJSON; null for what is none.",
        sql="kql_geo_shape(py_wellknown_geojson({text}))",
        examples=[
            ("geo_from_wkt('POINT (1 2)')", {"type": "Point", "coordinates": [1.0, 2.0]}),
            (
                "geo_from_wkt('multipoint ((1 2), (3 4))')",
                {"type": "MultiPoint", "coordinates": [[1.0, 2.0], [3.0, 4.0]]},
            ),
            ("geo_from_wkt('LINESTRING')", None),
        ],
    ),
)
"""Places, and GeoJSON from text."""
