"""Directories that releases wrote, kept as `formats/LOG-STATE/*.xz` after the numbers of the two formats, are opened.

`python -m tests.durability.test_formats` makes the one of the present formats; one that is there is never made anew.
"""

import lzma
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.durability import appending

from vedette.engine.duckdb_registry import FORMAT
from vedette.logs.known_requests import RequestId
from vedette.state.migrations import FORMAT_VERSION

FOLDER = Path(__file__).with_name("formats")
PRESENT = FOLDER / f"{FORMAT}-{FORMAT_VERSION}"
FILES = ("logs.duckdb", "state.db")
ROWS = [
    {"batch_s": "kept", "row_d": row, "size_d": 3, "filler_s": "é" * row, "bag": {"batch": "kept", "row": row}}
    for row in range(3)
]
REQUEST = RequestId.of("kept", b"")


def write(data: Path) -> None:
    state, engine, logs = appending.open_stores(data)
    with state.transaction() as transaction:
        transaction.put(id="/kept", type=appending.DOCUMENTS, scope="/", name="kept", body={"a": [1, None]})
        transaction.emit(appending.WORKSPACE, "SecurityAlert", {"AlertName": "kept"})
    logs.append(appending.WORKSPACE, appending.TABLE, ROWS, columns=appending.COLUMNS, request_id=REQUEST).result()
    logs.close()
    engine.close()
    state.close()


def test_the_present_formats_have_a_directory() -> None:
    assert PRESENT.is_dir(), "a format has changed: python -m tests.durability.test_formats"


@pytest.mark.parametrize("folder", sorted(FOLDER.glob("*-*")), ids=lambda folder: folder.name)
def test_a_directory_of_each_format_is_opened(folder: Path, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(lzma.decompress((folder / f"{name}.xz").read_bytes()))
    for _ in range(2):  # the second time it is one of the present formats
        state, engine, logs = appending.open_stores(tmp_path)
        text = f"{appending.TABLE} | sort by row_d asc | project batch_s, row_d, filler_s, bag"
        expected = [["kept", row["row_d"], row["filler_s"], row["bag"]] for row in ROWS]
        assert logs.query(appending.WORKSPACE, text).rows() == expected
        assert logs.query(appending.WORKSPACE, "SecurityAlert | project AlertName").rows() == [["kept"]]
        document = state.get("/kept")
        assert document is not None
        assert document.body == {"a": [1, None]}
        logs.close()
        engine.close()
        state.close()


if __name__ == "__main__":
    if PRESENT.exists():
        sys.exit(f"{PRESENT} is there; it is never made anew")
    PRESENT.mkdir(parents=True)
    with TemporaryDirectory() as made:
        write(Path(made))
        for file in FILES:
            (PRESENT / f"{file}.xz").write_bytes(lzma.compress((Path(made) / file).read_bytes()))
