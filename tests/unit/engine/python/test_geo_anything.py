"""The functions on places and shapes, given anything: null or a valid answer, and never an error."""

import json
import math
from importlib import import_module
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.engine.python.geojson_texts import ANYTHING, box, polygon

from vedette.engine.python.function import PythonFunction

_TOPICS = (
    *("geohash", "s2cell", "h3cell", "geoline", "geopolygon", "geoset", "geobuffer", "geodensify", "geosimplify"),
    *("geocover", "wellknown", "spheroid"),
)
_FUNCTIONS = {
    name: function
    for topic in _TOPICS
    for name, function in import_module(f"vedette.engine.python.{topic}").FUNCTIONS.items()
}
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "VARCHAR": st.one_of(
        ANYTHING,
        st.lists(ANYTHING, max_size=3).map(lambda texts: "[" + ",".join(text or "null" for text in texts) + "]"),
        st.sampled_from(
            ["8075fffffffffff", "862a1072fffffff", "89c259", "1", "sunny", "z" * 18, "z" * 19, "0x1", "-1"]
        ),
        st.sampled_from(["POINT (1 2)", "POINT (1 2", "LINESTRING (1 2)", "POLYGON ((", "GEOMETRYCOLLECTION (" * 40]),
    ),
    "DOUBLE": st.one_of(st.none(), st.floats(), st.floats(-200, 200), st.sampled_from([10.0, 1000.0, 1e6])),
    "BIGINT": st.one_of(st.none(), st.integers(-2, 12), st.integers(-(2**63), 2**63 - 1)),
    "BOOLEAN": st.one_of(st.none(), st.booleans()),
}
_ARROW = {"VARCHAR": pa.string(), "DOUBLE": pa.float64(), "BIGINT": pa.int64(), "BOOLEAN": pa.bool_()}


@pytest.mark.parametrize("name", _FUNCTIONS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_anything_has_an_answer(name: str, data: st.DataObject) -> None:
    function = _FUNCTIONS[name]
    arguments = [data.draw(_VALUES[type]) for type in function.parameters]
    answer = call(function, arguments)
    assert answer is None or is_valid(answer), f"{answer!r} of {arguments!r}"


def call(function: PythonFunction, arguments: list[Any]) -> Any:
    if not function.vectorized:
        return function.call(*arguments)
    columns = [
        pa.array([value, value], _ARROW[type]) for value, type in zip(arguments, function.parameters, strict=True)
    ]
    one, other = function.call(*columns).to_pylist()
    assert one == other
    return one


def is_valid(answer: Any) -> bool:
    """A number that is one, a list of texts, a plain text, or GeoJSON whose positions are on Earth."""
    if isinstance(answer, float):
        return math.isfinite(answer)
    if isinstance(answer, str) and answer.startswith("{"):
        return all(abs(number) <= 360 or not math.isnan(number) for number in numbers(json.loads(answer)))
    return isinstance(answer, bool | int | str | list)


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for each in value.values() for number in numbers(each)]
    if isinstance(value, list):
        return [number for each in value for number in numbers(each)]
    return [value] if isinstance(value, int | float) else []


@pytest.mark.parametrize("topic", _TOPICS)
def test_null_is_null(topic: str) -> None:
    for function in import_module(f"vedette.engine.python.{topic}").FUNCTIONS.values():
        assert call(function, [None] * len(function.parameters)) in (None, "")


def test_many_cells_are_refused_and_not_counted() -> None:
    world = polygon(box(-89, -60, 89, 60))
    for name in ("py_geocover_polygon_in_s2", "py_geocover_polygon_in_h3"):
        assert _FUNCTIONS[name].call(world, 15, 0.0) is None
