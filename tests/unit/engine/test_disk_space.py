"""Writing stops while there is room left, and goes on when there is more again."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from vedette.core.errors import StorageFull
from vedette.engine.disk_space import check_room, reserve
from vedette.engine.duckdb import DuckDBEngine


def test_the_reserve_is_a_share_of_the_disk_within_bounds() -> None:
    assert [reserve(size) for size in (10**9, 10**10, 10**12)] == [100_000_000, 200_000_000, 256_000_000]


def test_a_full_disk_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DuckDBEngine(tmp_path / "logs.duckdb")
    free = 0
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=4096, f_blocks=10**6))
    with pytest.raises(StorageFull, match=r"The disk is full: 0 MB are free, and 100 MB are kept"), engine.write():
        pass
    assert engine.fact("format") == "1"
    free = 10**6
    with engine.write() as transaction:
        transaction.set_fact("room", "enough")
    assert engine.fact("room") == "enough"
    with pytest.raises(StorageFull):
        check_room(tmp_path, 10**10)
    engine.close()


def test_a_deletion_may_use_the_reserve_and_not_the_last_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    free = 50_000_000
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=1, f_blocks=10**9))
    with pytest.raises(StorageFull):
        check_room(tmp_path, 0)
    check_room(tmp_path, 0, makes_room=True)
    free = 10_000_000
    with pytest.raises(StorageFull):
        check_room(tmp_path, 0, makes_room=True)
