"""Results that are too large for memory come back from the disk as they went there."""

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from vedette.engine import disk_space, spilling
from vedette.engine.limits import Limits
from vedette.engine.result import read_within
from vedette.engine.spilling import Spill

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def batches(count: int, rows: int = 1000) -> list[pa.RecordBatch]:
    return [
        pa.record_batch([pa.array(range(start * rows, (start + 1) * rows)), pa.array(["ü"] * rows)], schema=SCHEMA)
        for start in range(count)
    ]


@pytest.mark.parametrize("held_bytes", [0, 30_000, 1_000_000])
def test_all_batches_in_order_and_more_than_once(tmp_path: Path, held_bytes: int) -> None:
    spill = Spill(SCHEMA, tmp_path, held_bytes)
    for batch in batches(7):
        spill.add(batch)
    kept = spill.finish()
    assert len(kept) == 7
    for _ in range(2):
        assert [batch.column(0)[0].as_py() for batch in kept] == [number * 1000 for number in range(7)]
    assert kept[-1].to_pylist() == kept[6].to_pylist() == batches(7)[6].to_pylist()
    assert [batch.num_rows for batch in kept[2:4]] == [1000, 1000]
    with pytest.raises(IndexError):
        kept[7]
    assert list(tmp_path.iterdir()) == [], "the file has no name that could be left behind"


def test_without_a_directory_everything_is_held() -> None:
    spill = Spill(SCHEMA, None, 0)
    for batch in batches(3):
        spill.add(batch)
    assert sum(batch.num_rows for batch in spill.finish()) == 3000


def test_nothing_is_an_empty_sequence(tmp_path: Path) -> None:
    assert list(Spill(SCHEMA, tmp_path).finish()) == []


def test_a_limit_cuts_what_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "HELD_BYTES", 0)
    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches(5))
    result = read_within(reader, Limits(rows=2500), tmp_path)
    assert result.truncated
    assert [batch.num_rows for batch in result.batches] == [1000, 1000, 500]


def test_a_disk_that_takes_no_more_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    spill = Spill(SCHEMA, tmp_path, 0)
    for batch in batches(3):
        spill.add(batch)
    assert [batch.column(0)[0].as_py() for batch in spill.finish()] == [0, 1000, 2000]


def test_what_was_spilled_is_read_although_the_disk_took_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = os.pwrite
    wrote: list[int] = []

    def filling(file: int, data: memoryview, at: int) -> int:
        if at + len(data) > 20_000:
            written(file, data[: max(0, 20_000 - at)], at)
            raise OSError(errno.ENOSPC, "No space left on device")
        wrote.append(at)
        return written(file, data, at)

    monkeypatch.setattr(os, "pwrite", filling)
    spill = Spill(SCHEMA, tmp_path, 0)
    for batch in batches(40, rows=50):
        spill.add(batch)
    assert 0 < len(wrote) < 40
    assert [batch.column(0)[0].as_py() for batch in spill.finish()] == [number * 50 for number in range(40)]


def test_the_reserve_of_the_disk_is_not_for_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_space, "reserve", lambda _disk: 2**62)
    monkeypatch.setattr(os, "pwrite", lambda *_: pytest.fail("a result was written into the reserve"))
    spill = Spill(SCHEMA, tmp_path, 0)
    for batch in batches(3):
        spill.add(batch)
    assert [batch.column(0)[0].as_py() for batch in spill.finish()] == [0, 1000, 2000]
