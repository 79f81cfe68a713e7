"""An answer as JSON, CSV, Arrow and Parquet."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from pyarrow import parquet

from vedette.cli.answer import Answer, Column
from vedette.cli.answer_files import csv_text, json_text, save
from vedette.core.errors import InvalidInput

COLUMNS = (
    Column("b", "bool"),
    Column("n", "long"),
    Column("i", "int"),
    Column("r", "real"),
    Column("d", "decimal"),
    Column("s", "string"),
    Column("t", "datetime"),
    Column("span", "timespan"),
    Column("g", "guid"),
    Column("bag", "dynamic"),
)
FULL = [
    True,
    2**53,
    1,
    "NaN",
    "1.50",
    'a "b", c',
    "2024-01-02T03:04:05.5Z",
    "00:01:00",
    "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11",
    '{"x":[1]}',
]
NULLS = [None, None, None, None, None, "", None, None, None, None]
ANSWER = Answer("PrimaryResult", COLUMNS, [FULL, NULLS], None)


def test_json_has_an_object_a_row_with_dynamics_read() -> None:
    full, nulls = orjson.loads(json_text(ANSWER))
    assert list(full) == [column.name for column in COLUMNS]
    assert full["bag"] == {"x": [1]}
    assert full["span"] == "00:01:00"
    assert nulls["t"] is None
    assert nulls["s"] == ""


def test_csv_quotes_and_leaves_nulls_empty() -> None:
    header, full, nulls = csv_text(ANSWER).decode().splitlines()
    assert header == "b,n,i,r,d,s,t,span,g,bag"
    assert full.startswith('true,9007199254740992,1,NaN,1.50,"a ""b"", c",2024-')
    assert nulls == "," * 9


@pytest.mark.parametrize("suffix", [".arrow", ".parquet"])
def test_columnar_files_have_the_types_of_the_columns(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"answer{suffix}"
    save(ANSWER, path)
    table = parquet.read_table(path) if suffix == ".parquet" else pa.ipc.open_file(path).read_all()
    assert table.schema.field("t").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("i").type == pa.int32()
    full, nulls = table.to_pylist()
    assert full["n"] == 2**53
    assert full["d"] == Decimal("1.50")
    assert full["t"] == datetime(2024, 1, 2, 3, 4, 5, 500000, tzinfo=UTC)
    assert full["span"] == timedelta(minutes=1)
    assert nulls == dict(zip(full, NULLS, strict=True))


def test_no_rows_keep_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "empty.parquet"
    save(Answer("PrimaryResult", COLUMNS, [], None), path)
    assert parquet.read_schema(path).names == [column.name for column in COLUMNS]


def test_an_unknown_suffix_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"answer\.xlsx' does not end in a format.*\.parquet"):
        save(ANSWER, tmp_path / "answer.xlsx")


def test_a_folder_that_is_not_there_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be written: No such file or directory"):
        save(ANSWER, tmp_path / "missing" / "answer.csv")
    assert list(tmp_path.iterdir()) == []
