"""Cells, lines and polygons on the sphere: what must hold for any of them, and how Kusto lists and cuts them."""

import json
import math
from itertools import pairwise

import numpy as np
import pyarrow as pa
import s2geometry as s2
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.unit.engine.python.geojson_texts import LATITUDES, LONGITUDES, STARS, box, line, multi_polygon, polygon

from vedette.engine.python import (
    geobuffer,
    geocover,
    geodensify,
    geohash,
    geoline,
    geopolygon,
    geoset,
    geosimplify,
    h3cell,
    s2cell,
    shapes,
)
from vedette.engine.python.listing import as_listed
from vedette.engine.python.sphere import EARTH_RADIUS, vector

_PLACES = st.tuples(LONGITUDES, LATITUDES)


@settings(deadline=None, derandomize=True)
@given(place=_PLACES, level=st.integers(0, 30))
def test_the_s2_cell_of_a_place_is_that_of_s2(place: tuple[float, float], level: int) -> None:
    token = s2.S2CellId(vector(place)).parent(level).ToToken()
    assert s2cell.of_points(pa.array([place[0]]), pa.array([place[1]]), pa.array([level])).to_pylist() == [token]


@settings(deadline=None, derandomize=True)
@given(place=_PLACES, length=st.integers(1, 18))
def test_a_place_is_in_its_geohash(place: tuple[float, float], length: int) -> None:
    [text] = geohash.of_points(pa.array([place[0]]), pa.array([place[1]]), pa.array([length])).to_pylist()
    ring = json.loads(geohash.outline(text) or "")["coordinates"][0]
    assert len(text) == length
    assert ring[0][0] <= place[0] <= ring[2][0]
    assert ring[0][1] <= place[1] <= ring[2][1]


def test_cells_are_listed_as_a_hash_table_has_them() -> None:
    assert as_listed([]) == []
    assert as_listed(["a"]) == ["a"]
    assert sorted(as_listed([str(number) for number in range(1000)]), key=int) == [
        str(number) for number in range(1000)
    ]
    assert len(geohash.neighbors("0") or ()) == 5
    assert len(h3cell.rings("821c07fffffffff", 2) or ()) == 3


@settings(deadline=None, derandomize=True)
@given(ring=STARS, place=_PLACES)
def test_a_polygon_contains_what_s2_says(ring: list[list[float]], place: tuple[float, float]) -> None:
    text = polygon(ring)
    found = shapes.polygon(text)
    assume(found is not None)
    places = [place, *(tuple(corner) for corner in ring), ((ring[0][0] + 180) % 360 - 180, ring[0][1] - 0.01)]
    places = [(east, north) for east, north in places if abs(east) <= 180]
    columns = [pa.array(column) for column in zip(*places, strict=True)]
    answers = geopolygon.contain(*columns, pa.array([text] * len(places))).to_pylist()
    assert answers == [found.Contains(vector(place)) for place in places]


@settings(deadline=None, derandomize=True)
@given(one=STARS, other=STARS)
def test_areas_add_up(one: list[list[float]], other: list[list[float]]) -> None:
    left, right = polygon(one), polygon(other)
    sizes = geopolygon.area(left), geopolygon.area(right)
    assume(None not in sizes)
    both = geopolygon.area(geoset.union_of_polygons(f"[{left},{right}]"))
    shared = json.loads(geoset.of_two_polygons(left, right) or "")
    areas = [part for part in shared.get("geometries", [shared]) if "Polygon" in part["type"]]
    common = sum(geopolygon.area(json.dumps(part)) or 0 for part in areas)
    assert math.isclose(sum(sizes), (both or 0) + common, rel_tol=1e-6)
    assert math.isclose(both or 0, geopolygon.area(multi_polygon([one], [other])) or 0, rel_tol=1e-8)
    assert geoset.two_polygons_meet(left, right) == (common > 0 or shared.get("geometries") != [])


@settings(deadline=None, derandomize=True)
@given(ring=STARS, radius=st.floats(10, 10_000))
def test_a_buffer_holds_the_polygon_and_what_is_near(ring: list[list[float]], radius: float) -> None:
    text = polygon(ring)
    assume(shapes.polygon(text) is not None)
    around = shapes.polygon(geobuffer.around_polygon(text, radius, radius / 100))
    assert around.Contains(shapes.polygon(text))
    far = [around.loop(0).vertex(at) for at in range(around.loop(0).num_vertices())]
    nearest = [shapes.polygon(text).GetDistance(place).radians() * EARTH_RADIUS for place in far]
    assert max(nearest) <= radius * 1.001
    assert min(nearest) >= radius * 0.9


@settings(deadline=None, derandomize=True)
@given(ring=STARS, level=st.integers(3, 12), radius=st.sampled_from([0.0, 1000.0]))
def test_cells_cover_a_polygon(ring: list[list[float]], level: int, radius: float) -> None:
    text = polygon(ring)
    assume(shapes.polygon(text) is not None)
    tokens = geocover.polygon_in_s2(text, level, radius)
    assume(tokens is not None)
    for corner in ring:
        assert s2.S2CellId(vector((corner[0], corner[1]))).parent(level).ToToken() in (tokens or ())


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    corners=st.lists(st.tuples(st.floats(-30, 30), st.floats(-60, 60)), min_size=2, max_size=8, unique=True),
    tolerance=st.floats(10, 10_000),
)
def test_a_densified_line_keeps_near_the_flat_one(corners: list[tuple[float, float]], tolerance: float) -> None:
    text = line(*corners)
    assume(shapes.polylines(text) is not None)
    dense = geodensify.line(text, tolerance, False)
    for (west, south), (east, north) in pairwise(corners):
        middle = pa.array([(west + east) / 2]), pa.array([(south + north) / 2])
        [distance] = geoline.distances(*middle, pa.array([dense])).to_pylist()
        assert distance <= tolerance


@settings(deadline=None, derandomize=True, max_examples=50)
@given(
    steps=st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), min_size=2, max_size=40),
    tolerance=st.floats(1, 1000),
)
def test_a_simplified_line_keeps_near_the_given_one(steps: list[tuple[float, float]], tolerance: float) -> None:
    corners = np.cumsum(np.array([(10.0, 50.0), *steps]), axis=0).tolist()
    text = line(*corners)
    assume(shapes.polylines(text) is not None)
    simple = geosimplify.line(text, tolerance)
    assume(simple is not None)
    columns = pa.array([corner[0] for corner in corners]), pa.array([corner[1] for corner in corners])
    distances = geoline.distances(*columns, pa.array([simple] * len(corners))).to_pylist()
    assert max(distances) <= tolerance * 1.1
    written = json.loads(simple or "")["coordinates"]
    assert len(written) <= len(corners)


def test_a_line_across_the_antimeridian_is_cut_unless_told() -> None:
    text = line([170, 10], [190, 10])
    parts = json.loads(geodensify.line(text, 10_000.0, False) or "")
    assert parts["type"] == "MultiLineString"
    assert [part[-1][0] for part in parts["coordinates"]] == [179.999999999999, -170.0]
    assert json.loads(geodensify.line(text, 10_000.0, True) or "")["type"] == "LineString"
    area = json.loads(geodensify.area(polygon(box(170, 10, 190, 20)), 10_000.0, False) or "")
    assert area["type"] == "MultiPolygon"


def test_what_several_lines_share_counts_once() -> None:
    lines = [[[0, 0], [0, 1], [0, 2]], [[0, 2], [0, 1], [0, 3]][:2], [[0, 2], [0, 3]]]
    text = json.dumps({"type": "MultiLineString", "coordinates": lines})
    assert math.isclose(geoline.length(text) or 0, geoline.length(line([0, 0], [0, 3])) or 1, rel_tol=1e-12)
    assert json.loads(geoset.union_of_lines(f"[{text}]") or "")["type"] == "LineString"


def test_crossing_lines_are_cut_where_they_meet() -> None:
    crossed = geoset.union_of_lines(f"[{line([0, 0], [2, 2])},{line([0, 2], [2, 0])}]")
    assert len(json.loads(crossed or "")["coordinates"]) == 4


def test_a_polygon_that_touches_another_shares_what_it_touches() -> None:
    square = polygon(box(0, 0, 2, 2))
    corner = json.loads(geoset.of_two_polygons(square, polygon(box(2, 2, 4, 4))) or "")
    side = json.loads(geoset.of_two_polygons(square, polygon(box(2, 0, 4, 2))) or "")
    assert (corner["type"], side["type"]) == ("Point", "LineString")
    along = json.loads(geoset.of_line_and_polygon(line([2, 2], [0, 2], [-2, 2]), square) or "")
    assert along["type"] == "LineString"
    assert len(along["coordinates"]) == 2


def test_polygons_side_by_side_stay_so_when_simplified() -> None:
    border = [[1, latitude / 100] for latitude in range(101)]
    wavy = [[east + 0.0001 * (at % 2), north] for at, (east, north) in enumerate(border)]
    west = polygon([[0, 0], *wavy, [0, 1], [0, 0]])
    east = polygon([[2, 1], *reversed(wavy), [2, 0], [2, 1]])
    left, right = json.loads(geosimplify.areas(f"[{west},{east}]", 100.0) or "")["coordinates"]
    shared = {tuple(corner) for corner in left[0]} & {tuple(corner) for corner in right[0]}
    assert (len(left[0]), len(right[0]), len(shared)) == (5, 5, 2)
