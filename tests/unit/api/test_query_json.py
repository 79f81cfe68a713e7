"""Every cell type of the query API, at its edges."""

from datetime import UTC, datetime

import orjson
import pyarrow as pa
import pytest

from vedette.api.query_json import column_cells, encode_rows, timespan_text
from vedette.kql.types import ScalarType
from vedette.logs.result import ResultColumn


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2024, 1, 1), "2024-01-01T00:00:00Z"),
        (datetime(2024, 1, 1, 10, 20, 30, 100), "2024-01-01T10:20:30.0001Z"),
        (datetime(2024, 1, 1, 0, 0, 10, 500000), "2024-01-01T00:00:10.5Z"),
        (datetime(2024, 1, 1, 0, 0, 0, 1), "2024-01-01T00:00:00.000001Z"),
        (datetime(1, 1, 1), "0001-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999999), "9999-12-31T23:59:59.9999999Z"),
        (datetime(1969, 12, 31, 23, 59, 59, 999999), "1969-12-31T23:59:59.9999999Z"),
        (None, None),
    ],
)
def test_datetimes_have_only_the_digits_they_need(instant: datetime | None, text: str | None) -> None:
    assert column_cells(pa.array([instant], pa.timestamp("us")), ScalarType.datetime) == [text]


def test_datetimes_with_a_zone_are_written_in_utc() -> None:
    column = pa.array([datetime(2024, 1, 1, 1, 2, 3, tzinfo=UTC)], pa.timestamp("us", tz="UTC"))
    assert column_cells(column, ScalarType.datetime) == ["2024-01-01T01:02:03Z"]


@pytest.mark.parametrize(
    ("ticks", "text"),
    [
        (0, "00:00:00"),
        (600_000_000, "00:01:00"),
        (1, "00:00:00.0000001"),
        (10_000, "00:00:00.0010000"),
        (864_000_000_000, "1.00:00:00"),
        (-864_000_000_000 - 36_610_000_000, "-1.01:01:01"),
        (-5, "-00:00:00.0000005"),
        (2**63 - 1, "10675199.02:48:05.4775807"),
        (-(2**63), "-10675199.02:48:05.4775808"),
    ],
)
def test_timespans(ticks: int, text: str) -> None:
    assert timespan_text(ticks) == text
    assert column_cells(pa.array([ticks, None, ticks], pa.int64()), ScalarType.timespan) == [text, None, text]


def test_reals_that_json_cannot_write_are_strings() -> None:
    column = pa.array([1.0, float("nan"), float("inf"), float("-inf"), None, -0.5], pa.float64())
    assert column_cells(column, ScalarType.real) == [1.0, "NaN", "Infinity", "-Infinity", None, -0.5]


def test_a_row_of_every_type() -> None:
    columns = {
        ScalarType.bool: pa.array([True, None], pa.bool_()),
        ScalarType.int: pa.array([-(2**31), None], pa.int32()),
        ScalarType.long: pa.array([2**63 - 1, None], pa.int64()),
        ScalarType.real: pa.array([0.1, None], pa.float64()),
        ScalarType.decimal: pa.array(["0.10", None], pa.string()),
        ScalarType.string: pa.array(["", 'é"\n\x00'], pa.string()),
        ScalarType.datetime: pa.array([datetime(2024, 1, 1), None], pa.timestamp("us")),
        ScalarType.timespan: pa.array([1, None], pa.int64()),
        ScalarType.guid: pa.array(["8145d822-13a7-44ad-859c-36f31a84f6dd", None], pa.string()),
        ScalarType.dynamic: pa.array(['{"a":[1]}', None], pa.string()),
    }
    batch = pa.record_batch(list(columns.values()), names=[type.value for type in columns])
    rows = orjson.loads(b"[" + encode_rows(batch, [ResultColumn("c", type) for type in columns]) + b"]")
    assert rows == [
        [
            True,
            -(2**31),
            2**63 - 1,
            0.1,
            "0.10",
            "",
            "2024-01-01T00:00:00Z",
            "00:00:00.0000001",
            "8145d822-13a7-44ad-859c-36f31a84f6dd",
            '{"a":[1]}',
        ],
        [None, None, None, None, None, 'é"\n\x00', None, None, None, None],
    ]


def test_no_rows_are_no_text() -> None:
    assert (
        encode_rows(pa.record_batch([pa.array([], pa.int64())], names=["a"]), [ResultColumn("a", ScalarType.long)])
        == b""
    )
