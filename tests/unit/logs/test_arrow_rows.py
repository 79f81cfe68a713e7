"""Typed rows from elsewhere: what every column type takes, what is refused, and that storage gives it back."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput, NotFound
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.arrow_rows import typed_rows
from vedette.logs.store import LogStore

WORKSPACE = "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11"
NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
INSTANT = datetime(2024, 2, 29, 1, 2, 3, 456789)
GUID = "74be27de-1e4e-49d9-b579-fe0b331d3642"


@pytest.mark.parametrize(
    ("type", "given", "stored"),
    [
        (ScalarType.bool, pa.array([True, None]), [True, None]),
        (ScalarType.int, pa.array([7, None], pa.uint8()), [7, None]),
        (ScalarType.long, pa.array([-7, None], pa.int16()), [-7, None]),
        (ScalarType.real, pa.array([1, None], pa.int64()), [1.0, None]),
        (ScalarType.real, pa.array([0.5, None], pa.float32()), [0.5, None]),
        (ScalarType.decimal, pa.array(["1.25", None]), [Decimal("1.25"), None]),
        (ScalarType.string, pa.array(["a", "a", None]).dictionary_encode(), ["a", "a", None]),
        (ScalarType.string, pa.array(["a", None], pa.large_string()), ["a", None]),
        (ScalarType.datetime, pa.array([INSTANT, None], pa.timestamp("us", "Asia/Tokyo")), [INSTANT, None]),
        (ScalarType.datetime, pa.array([1_000_000_001], pa.timestamp("ns")), [datetime(1970, 1, 1, 0, 0, 1)]),
        (ScalarType.datetime, pa.array([date(2024, 1, 2)]), [datetime(2024, 1, 2)]),
        (ScalarType.timespan, pa.array([15, None], pa.int64()), [15, None]),
        (ScalarType.timespan, pa.array([timedelta(seconds=1), None]), [10_000_000, None]),
        (ScalarType.guid, pa.array([GUID, None]), [GUID, None]),
        (ScalarType.dynamic, pa.array(['{"a":1}', None]), ['{"a":1}', None]),
        (ScalarType.dynamic, pa.array([{"a": [1]}, None]), ['{"a":[1]}', None]),
        (ScalarType.dynamic, pa.array([[1, 2], None]), ["[1,2]", None]),
        (ScalarType.dynamic, pa.array([None, None]), [None, None]),
    ],
)
def test_each_type_takes_what_fits_it(type: ScalarType, given: pa.Array, stored: list[object]) -> None:
    assert typed_rows(pa.table({"x": given}), {"x": type}).column("x").to_pylist() == stored


@pytest.mark.parametrize(
    ("type", "given", "message"),
    [
        (ScalarType.string, pa.array([1]), "Column 'x' does not fit its type string: it holds int64"),
        (ScalarType.int, pa.array([2**31]), "type int"),
        (ScalarType.long, pa.array([1.5]), "it holds double"),
        (ScalarType.bool, pa.array(["true"]), "it holds string"),
        (ScalarType.decimal, pa.array(["much"]), "type decimal"),
        (ScalarType.datetime, pa.array(["2024-01-01"]), "it holds string"),
        (ScalarType.dynamic, pa.array([b"\xff"]), "type dynamic"),
    ],
)
def test_what_does_not_fit_is_refused_by_column(type: ScalarType, given: pa.Array, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        typed_rows(pa.table({"x": given}), {"x": type})


def test_unknown_and_double_columns_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no column 'y'"):
        typed_rows(pa.table({"y": [1]}), {"x": ScalarType.long})
    with pytest.raises(InvalidInput, match="two columns 'x'"):
        typed_rows(pa.table([pa.array([1]), pa.array([2])], names=["x", "x"]), {"x": ScalarType.long})


def test_arrow_rows_are_stored_with_times_and_standard_columns(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    store = LogStore(engine, VirtualClock(NOW), None)
    store.create_workspace(WORKSPACE)
    rows = pa.table({"Computer": ["a", None], "TimeGenerated": pa.array([INSTANT, None], pa.timestamp("us"))})
    store.append_arrow(WORKSPACE, "Heartbeat", rows).result()
    store.append_arrow(WORKSPACE, "Heartbeat", pa.table({"Computer": ["b"], "TenantId": ["forged"]})).result()
    answered = store.query(
        WORKSPACE, "Heartbeat | sort by Computer asc | project Computer, TimeGenerated, TenantId, _IsBillable"
    )
    assert answered.rows() == [
        ["", NOW, WORKSPACE, "False"],
        ["a", INSTANT.replace(tzinfo=UTC), WORKSPACE, "False"],
        ["b", NOW, WORKSPACE, "False"],
    ]
    for table, columns in (("Parquet_CL", {"d": ScalarType.dynamic, "g": ScalarType.guid}), ("Parquet_CL", None)):
        store.append_arrow(WORKSPACE, table, pa.table({"d": ['{"k":1}'], "g": [GUID]}), columns=columns).result()
    assert store.query(WORKSPACE, "Parquet_CL | project d.k, g").rows() == [[1, GUID]] * 2
    with pytest.raises(NotFound):
        store.append_arrow(WORKSPACE, "Absent_CL", pa.table({"d": ["1"]}))
    with pytest.raises(InvalidInput, match="cannot be stored"):
        store.append_arrow(WORKSPACE, "Parquet_CL", pa.table({"d": ["{no json"]})).result()
    store.close()
    engine.close()
