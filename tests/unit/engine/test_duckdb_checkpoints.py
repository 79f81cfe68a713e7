"""Checkpoints leave small groups of rows, which are merged when it is calm."""

import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from vedette.engine import disk_space, duckdb_checkpoints
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType

ROWS = 2_000
CHECKPOINTS = 12


def _groups(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        ((count,),) = connection.execute(
            "SELECT count(DISTINCT row_group_id) FROM pragma_storage_info('workspace_1.Events')"
        ).fetchall()
        return count


def _write(engine: DuckDBEngine) -> None:
    with engine.write() as transaction:
        transaction.create_schema("workspace_1", "one")
        table = transaction.create_table("workspace_1", "Events", {"Text": ScalarType.string})
    for number in range(CHECKPOINTS):
        texts = [f"{number}-{index}" for index in range(ROWS)]
        with engine.write() as transaction:
            transaction.append(table, pa.table({"Text": texts}))
        _until(lambda: engine.waiting_bytes() < duckdb_checkpoints.THRESHOLD)


def _until(holds: object) -> None:
    deadline = time.monotonic() + 20
    assert callable(holds)
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


@pytest.mark.parametrize(("calm", "fewest", "most"), [(1000.0, CHECKPOINTS - 1, CHECKPOINTS + 1), (0.2, 1, 3)])
def test_small_groups_of_rows_are_merged_when_it_is_calm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: float, fewest: int, most: int
) -> None:
    monkeypatch.setattr(duckdb_checkpoints, "THRESHOLD", 10_000)
    monkeypatch.setattr(duckdb_checkpoints, "CALM", calm)
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    try:
        _write(engine)
        if calm < 1:
            time.sleep(3)  # a few calm times
        counted = engine.run("SELECT count(*) AS n FROM workspace_1.Events")
        assert counted.batches[0].column(0).to_pylist() == [ROWS * CHECKPOINTS]
    finally:
        engine.close()
    assert fewest <= _groups(tmp_path / "logs.duckdb") <= most


@pytest.mark.parametrize("reason", ["failure", "full disk"])
def test_nothing_is_merged_after_a_failure_nor_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(duckdb_checkpoints, "THRESHOLD", 10_000)
    monkeypatch.setattr(duckdb_checkpoints, "CALM", 1.0)
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    try:
        _write(engine)
        if reason == "failure":
            engine._checkpoint_failed(duckdb.IOException("the disk is gone"))  # pyright: ignore[reportPrivateUsage]
        else:
            monkeypatch.setattr(disk_space, "reserve", lambda _disk: 2**62)
        before = (tmp_path / "logs.duckdb").stat().st_mtime_ns
        time.sleep(2.5)  # calm times
        assert (tmp_path / "logs.duckdb").stat().st_mtime_ns == before
        assert engine.waiting_bytes() == 0
    finally:
        engine.close()


def test_no_query_changes_the_setting_that_merging_needs() -> None:
    engine = DuckDBEngine(None)
    try:
        with pytest.raises(ValueError, match="one SELECT"):
            engine.run("SET GLOBAL max_vacuum_tasks = 3")
    finally:
        engine.close()


def test_a_checkpoint_waits_for_a_transaction_of_another_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    other = engine._connection.cursor()  # pyright: ignore[reportPrivateUsage]
    try:
        with engine.write() as transaction:
            transaction.create_schema("workspace_1", "one")
            table = transaction.create_table("workspace_1", "Events", {"Text": ScalarType.string})
        other.execute("BEGIN")
        other.execute("CREATE TABLE workspace_1.Other (n INTEGER)")
        monkeypatch.setattr(duckdb_checkpoints, "THRESHOLD", 1)
        for _ in range(3):
            with engine.write() as transaction:
                transaction.append(table, pa.table({"Text": ["one more"]}))
            time.sleep(0.3)
        assert engine.waiting_bytes() > 0
        other.execute("ROLLBACK")
        with engine.write() as transaction:
            transaction.append(table, pa.table({"Text": ["the last"]}))
        _until(lambda: engine.waiting_bytes() == 0)
    finally:
        other.close()
        engine.close()


@pytest.mark.parametrize(("share", "fewest", "most"), [(1.0, 1, CHECKPOINTS / 2), (1e-6, CHECKPOINTS - 3, CHECKPOINTS)])
def test_groups_are_merged_without_calm_in_a_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float, fewest: int, most: int
) -> None:
    monkeypatch.setattr(duckdb_checkpoints, "THRESHOLD", 10_000)
    monkeypatch.setattr(duckdb_checkpoints, "CALM", 1000.0)
    monkeypatch.setattr(duckdb_checkpoints, "FEW_UNMERGED", 2)
    monkeypatch.setattr(duckdb_checkpoints, "SHARE", share)
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    try:
        _write(engine)
    finally:
        engine.close()
    assert fewest <= _groups(tmp_path / "logs.duckdb") <= most
