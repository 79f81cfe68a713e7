"""JSON values in the types of a stream's columns."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType as T
from vedette.logs.stream_records import VALUE_BYTES, stream_table

CONVERSIONS: list[tuple[T, Any, Any]] = [
    (T.string, "text", "text"),
    (T.string, "", ""),
    (T.string, 5, "5"),
    (T.string, 1.5, "1.5"),
    (T.string, True, "true"),
    (T.string, {"a": [1]}, '{"a":[1]}'),
    (T.int, 5, 5),
    (T.int, "7", 7),
    (T.int, 2.0, 2),
    (T.int, 2.5, None),
    (T.int, 2**31, None),
    (T.int, "x", None),
    (T.int, [1], None),
    (T.int, True, 1),
    (T.long, 2**63 - 1, 2**63 - 1),
    (T.long, 2**63, None),
    (T.long, 1e30, None),
    (T.real, "1.5", 1.5),
    (T.real, 3, 3.0),
    (T.real, "no", None),
    (T.bool, True, True),
    (T.bool, "False", False),
    (T.bool, 1, True),
    (T.bool, "yes", None),
    (T.datetime, "2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5)),
    (T.datetime, "2024-01-02T03:04:05.1234567+02:00", datetime(2024, 1, 2, 1, 4, 5, 123456)),
    (T.datetime, "2024-01-02 03:04:05", datetime(2024, 1, 2, 3, 4, 5)),
    (T.datetime, "0001-01-01T00:00:00+14:00", None),
    (T.datetime, "yesterday", None),
    (T.datetime, 5, None),
    (T.decimal, "1.5", "1.50000000000000000"),
    (T.decimal, 1e20, "100000000000000000000.00000000000000000"),
    (T.decimal, 1e21, None),
    (T.decimal, "1e-30", "0.00000000000000000"),
    (T.decimal, "NaN", None),
    (T.timespan, "1.02:03:04", 937_840_000_000),
    (T.timespan, 5, None),
    (T.dynamic, {"a": 1}, '{"a":1}'),
    (T.dynamic, "text", '"text"'),
    (T.dynamic, 5, "5"),
    (T.guid, "{74BE27DE-1E4E-49D9-B579-FE0B331D3642}", "74be27de-1e4e-49d9-b579-fe0b331d3642"),
    (T.guid, "no", None),
]


@pytest.mark.parametrize(("type", "value", "stored"), CONVERSIONS)
def test_values_are_converted_or_null(type: T, value: Any, stored: Any) -> None:
    assert stream_table([{"c": value}, {}, {"c": None}], {"c": type}).to_pydict() == {"c": [stored, None, None]}


def test_only_the_streams_columns_are_taken_and_names_are_exact() -> None:
    table = stream_table([{"a": 1, "A": 2, "b": 3}], {"A": T.long, "c": T.string})
    assert table.to_pydict() == {"A": [2], "c": [None]}


@pytest.mark.parametrize("type", [T.string, T.dynamic])
def test_long_values_are_cut_between_characters(type: T) -> None:
    stored = stream_table([{"c": "é" * VALUE_BYTES}], {"c": type})["c"][0].as_py()
    assert stored.strip('"') == "é" * (VALUE_BYTES // 2)


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = 1
    for _ in range(500):
        value = [value]
    with pytest.raises(InvalidInput) as refused:
        stream_table([{"c": value}], {"c": T.dynamic})
    assert refused.value.code == "InvalidPayload"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), JSON), max_size=3), st.sampled_from(sorted(T, key=str)))
def test_no_json_value_fails(records: list[dict[str, Any]], type: T) -> None:
    assert stream_table(records, {"a": type, "b": T.string}).num_rows == len(records)
