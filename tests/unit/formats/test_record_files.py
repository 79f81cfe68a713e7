"""Reading records from files: each format, and each way in which a file can be wrong."""

from pathlib import Path

import pytest

from vedette.core.errors import InvalidInput
from vedette.formats.record_files import CsvTypes, read_records

NO_TYPES = CsvTypes()


def read(path: Path, types: CsvTypes = NO_TYPES) -> list[dict[str, object]]:
    return list(read_records(path, lambda _read: None, types))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        '[{"a": 1}, {"a": 2}]',
        '\n [{"a": 1},\n {"a": 2}]\n',
        '{"a": 1}\n{"a": 2}\n',
        '{"a": 1}\r\n\r\n{"a": 2}',
        b'\xef\xbb\xbf[{"a": 1}, {"a": 2}]',
        b'\xef\xbb\xbf{"a": 1}\n{"a": 2}',
    ],
)
def test_json_arrays_and_json_lines(tmp_path: Path, content: str | bytes) -> None:
    assert read(written(tmp_path, "x.json", content)) == [{"a": 1}, {"a": 2}]


def test_one_object_over_several_lines(tmp_path: Path) -> None:
    assert read(written(tmp_path, "x.json", '{\n  "a": 1\n}\n')) == [{"a": 1}]


def test_empty_files_hold_no_records(tmp_path: Path) -> None:
    assert read(written(tmp_path, "x.json", " \n")) == []
    assert read(written(tmp_path, "x.csv", "")) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.json", '{"a": 1}\n{"a": }', r"x\.json: line 2 is not JSON"),
        ("x.json", "hello", r"x\.json: is not JSON"),
        ("x.json", "[1]", r"x\.json: record 1 is not a JSON object"),
        ("x.json", '{"a": 1}\n7', r"x\.json: line 2 is not a JSON object"),
        ("x.json", "12", r"neither a JSON array of objects nor JSON Lines"),
        ("x.csv", "a,b\n1\n", r"x\.csv: line 2 has 1 cells; the header has 2"),
        ("x.csv", "a,a\n1,2\n", r"has the column 'a' more than once"),
        ("x.csv", 'a\n"x', r"x\.csv: line 2 is not CSV"),
        ("x.csv", b"a\n\xff\n", r"is not UTF-8 text"),
    ],
)
def test_a_wrong_file_is_named_with_the_place(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read(written(tmp_path, name, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"gone\.json: cannot be read: No such file"):
        read(tmp_path / "gone.json")


def test_csv_cells_are_text_unless_told_otherwise(tmp_path: Path) -> None:
    path = written(tmp_path, "x.csv", b'\xef\xbb\xbfid,n,ok,note\n007,1.5,TRUE,"two\nlines"\n8,,no,\n')
    types = CsvTypes(numbers=frozenset({"n"}), bools=frozenset({"ok"}))
    assert read(path, types) == [
        {"id": "007", "n": 1.5, "ok": True, "note": "two\nlines"},
        {"id": "8", "ok": False},
    ]


@pytest.mark.parametrize("cell", ["x", "true", "[1]", "NaN"])
def test_a_cell_that_is_not_the_number_it_should_be(tmp_path: Path, cell: str) -> None:
    with pytest.raises(InvalidInput, match=r"line 2, column 'n': .* is not a number"):
        read(written(tmp_path, "x.csv", f"n\n{cell}\n"), CsvTypes(numbers=frozenset({"n"})))


def test_a_typed_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no column 'bytes'; it has n"):
        read(written(tmp_path, "x.csv", "n\n1\n"), CsvTypes(numbers=frozenset({"bytes"})))


def test_reading_reports_how_far_it_is(tmp_path: Path) -> None:
    for name, content in (("x.json", '[{"a": 1}, {"a": 2}]'), ("y.json", '{"a": 1}\n{"a": 2}'), ("z.csv", "a\n1\n")):
        path = written(tmp_path, name, content)
        reports: list[int] = []
        list(read_records(path, reports.append, NO_TYPES))
        assert reports[-1] == len(content)
        assert reports == sorted(reports)
