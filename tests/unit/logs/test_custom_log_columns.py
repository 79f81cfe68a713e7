"""Typing a column at a time gives what typing each row gives, or nothing."""

from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import InvalidInput
from vedette.kql.types import ScalarType
from vedette.logs.custom_log import STANDARD_COLUMNS, VALUE_BYTES, type_rows
from vedette.logs.custom_log_columns import type_columns
from vedette.logs.values import arrow_table

GUID = "74be27de-1e4e-49d9-b579-fe0b331d3642"
TIMES = ("2024-02-29T01:02:03Z", "2024-02-29 01:02:03.123456+05:30", "1999-12-31T23:59:60Z", "2024-02-30T00:00:00Z")
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        (GUID, GUID.upper(), f"{{{GUID}}}", GUID.replace("-", ""), "true", "12", "-1.5e3", "", "é" * 20, "x" * 39)
    ),
    st.sampled_from((*TIMES, "2024-02-29T01:02", "2024-02-29T01:02:03.1234567Z", "0000-01-01T00:00:00Z")),
    st.from_regex(r"\A\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?\Z"),
    st.datetimes().map(lambda instant: f"{instant.isoformat()}Z"),
)
VALUES = (
    st.none() | TEXTS,
    st.none() | st.booleans(),
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.uuids().map(str),
    st.none() | st.datetimes().map(lambda instant: f"{instant.isoformat()}+02:00"),
    st.none()
    | st.lists(st.integers(0, 9), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.booleans(), max_size=1),
)
NAMES = st.sampled_from(
    ("a", "A", "a b", "a_b", "Time", "Computer", "computer", "Severity", "CorrelationId", "Message", "MG", "x" * 90)
)
EXISTING = st.dictionaries(
    st.sampled_from(("a_s", "a_d", "a_b", "a_t", "Time_s", "Severity_d", "Computer", "Message_t")),
    st.sampled_from((ScalarType.string, ScalarType.real)),
)


@st.composite
def alike(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    kinds = [draw(st.sampled_from(VALUES)) for _ in names]
    return [dict(zip(names, map(draw, kinds), strict=True)) for _ in range(draw(st.integers(1, 5)))]


@given(alike(), EXISTING)
def test_a_column_at_a_time_is_a_row_at_a_time(records: list[dict[str, Any]], existing: dict[str, ScalarType]) -> None:
    known = {**STANDARD_COLUMNS, **existing}
    # A column of a suffix always has that suffix's type; others would be tables that the collector cannot make.
    types = {"s": ScalarType.string, "d": ScalarType.real, "b": ScalarType.bool, "t": ScalarType.datetime}
    known = {name: types.get(name.rpartition("_")[2], type) for name, type in known.items()}
    columns = type_columns(records, known)
    if columns is None:
        return
    rows = type_rows(records, known)
    assert columns.columns == rows.columns
    expected = arrow_table(rows.rows, {**known, **rows.columns})
    assert sorted(columns.rows.column_names) == sorted(expected.column_names)
    for name in expected.column_names:
        assert columns.rows.column(name).to_pylist() == expected.column(name).to_pylist(), name


def test_what_a_sender_sends_is_typed_a_column_at_a_time() -> None:
    records = [
        {"Time": f"2024-02-29T01:02:0{row}.5Z", "Host": f"host-{row}", "Port": row, "Ok": True, "Id": GUID, "No": None}
        for row in range(3)
    ]
    typed = type_columns(orjson.loads(orjson.dumps(records)), STANDARD_COLUMNS)
    assert typed is not None
    assert typed.columns == {
        "Time_t": ScalarType.datetime,
        "Host_s": ScalarType.string,
        "Port_d": ScalarType.real,
        "Ok_b": ScalarType.bool,
        "Id_g": ScalarType.string,
    }
    assert typed.rows.schema.field("Time_t").type == pa.timestamp("us")
    assert typed.rows.column("Port_d").to_pylist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    "records",
    [
        [{"a": 1}, {"b": 1}],
        [{"a": 1}, {"a": "x"}],
        [{"a": "2024-02-29T01:02:03Z"}, {"a": "soon, but longer"}],
        [{"a": {"nested": 1}}],
        [{"a b": 1, "a_b": 2}],
        [{"a": "x" * (VALUE_BYTES + 1)}],
        [{"a": None}],
        [{}],
        [1],
        [],
    ],
)
def test_records_that_differ_are_left_to_the_rows(records: list[Any]) -> None:
    assert type_columns(records, STANDARD_COLUMNS) is None


def test_reserved_names_are_refused_here_too() -> None:
    with pytest.raises(InvalidInput, match="reserved"):
        type_columns([{"RawData": "x"}], STANDARD_COLUMNS)
