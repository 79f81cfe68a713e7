"""Files as tables: formats, types, and what cannot be read."""

import gzip
import json
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.core.errors import InvalidInput, NotFound, VedetteError
from vedette.engine.files import load_files

RECORDS = [
    {
        "n": 1,
        "bag": {"x": 1},
        "when": "2024-01-01T10:00:00.5Z",
        "day": "2024-01-01",
        "guid": "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11",
        "list": [1, 2],
        "mixed": 1,
        "clock": "10:00:00",
    },
    {"n": 2, "bag": {"y": "é"}, "list": ["a"], "mixed": "s", "real": 1.5, "nothing": None},
]
JSON_TYPES = {
    "n": "long",
    "bag": "dynamic",
    "when": "datetime",
    "day": "datetime",
    "guid": "string",
    "list": "dynamic",
    "mixed": "dynamic",
    "clock": "string",
    "real": "real",
    "nothing": "dynamic",
}


def types_and_rows(path: Path) -> tuple[str, dict[str, str], list[dict[str, object]]]:
    engine, (table,) = load_files([path])
    types = {column.name: column.type.value for column in table.columns}
    selected = ", ".join(
        f'CAST(CAST("{name}" AS JSON) AS VARCHAR) AS "{name}"' if type == "dynamic" else f'"{name}"'
        for name, type in types.items()
    )
    assert table.relation is not None
    result = engine.run(f'SELECT {selected} FROM "{table.relation[0]}"."{table.relation[1]}"')
    rows = [row for batch in result.batches for row in batch.to_pylist()]
    engine.close()
    return table.name, types, rows


@pytest.mark.parametrize("name", ["Events.json", "Events.jsonl", "Events.ndjson", "Events.json.gz"])
def test_json_in_every_shape(tmp_path: Path, name: str) -> None:
    array = json.dumps(RECORDS)
    text = array if ".json" in name and "jsonl" not in name else "\n".join(json.dumps(record) for record in RECORDS)
    data = text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    table, types, rows = types_and_rows(tmp_path / name)
    assert table == "Events"
    assert types == JSON_TYPES
    assert rows[0] == {
        "n": 1,
        "bag": '{"x":1}',
        "when": datetime(2024, 1, 1, 10, 0, 0, 500000),
        "day": datetime(2024, 1, 1),
        "guid": "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11",
        "list": "[1,2]",
        "mixed": "1",
        "clock": "10:00:00",
        "real": None,
        "nothing": None,
    }
    assert rows[1]["bag"] == '{"y":"é"}'
    assert (rows[1]["guid"], rows[1]["clock"], rows[1]["when"]) == ("", "", None)


def test_csv_with_empty_fields(tmp_path: Path) -> None:
    file = tmp_path / "People.csv"
    file.write_text("name,n,when,clock,ok,ip\nAna,1,2024-01-01T10:00:00+02:00,10:00,true,10.0.0.1\n,,,,,\n")
    _, types, rows = types_and_rows(file)
    assert types == {"name": "string", "n": "long", "when": "datetime", "clock": "string", "ok": "bool", "ip": "string"}
    assert rows == [
        {"name": "Ana", "n": 1, "when": datetime(2024, 1, 1, 8), "clock": "10:00", "ok": True, "ip": "10.0.0.1"},
        {"name": "", "n": None, "when": None, "clock": "", "ok": None, "ip": ""},
    ]


def test_parquet(tmp_path: Path) -> None:
    file = tmp_path / "Data.parquet"
    instant = pa.array([datetime(2024, 1, 1, 12, tzinfo=UTC)], pa.timestamp("us", "Europe/Paris"))
    columns = {
        "i": pa.array([1], pa.int32()),
        "s": pa.array([None], pa.string()),
        "t": instant,
        "st": [{"a": 1}],
        "clock": [time(1, 2)],
        "dec": [Decimal("1.50")],
    }
    pq.write_table(pa.table(columns), file)
    _, types, rows = types_and_rows(file)
    assert list(types.values()) == ["int", "string", "datetime", "dynamic", "timespan", "decimal"]
    assert rows == [
        {
            "i": 1,
            "s": "",
            "t": datetime(2024, 1, 1, 12),
            "st": '{"a":1}',
            "clock": 62 * 60 * 10_000_000,
            "dec": Decimal("1.5"),
        }
    ]


def test_a_folder_gives_a_table_for_each_file_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "A.csv").write_text("x\n1\n")
    (tmp_path / "a.json").write_text('[{"x": "one"}]')
    (tmp_path / "notes.txt").write_text("not a table")
    engine, tables = load_files([tmp_path])
    assert [table.name for table in tables] == ["A", "a"]
    assert len({table.relation for table in tables}) == 2
    with pytest.raises(VedetteError):
        engine.run(f"SELECT * FROM read_csv('{tmp_path / 'A.csv'}')")
    engine.close()


@pytest.mark.parametrize(
    ("name", "text", "error", "message"),
    [
        ("absent.json", None, NotFound, "no file or folder"),
        ("notes.txt", "x", InvalidInput, "in no format"),
        ("bad.json", '{"a":', InvalidInput, "cannot be read: Malformed JSON"),
        ("bad.parquet", "x", InvalidInput, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, text: str | None, error: type[VedetteError], message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(error, match=message):
        load_files([tmp_path / name])


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "A.csv").write_text("x\n1\n")
    (tmp_path / "A.json").write_text("[]")
    with pytest.raises(InvalidInput, match="would both be the table 'A'"):
        load_files([tmp_path])
