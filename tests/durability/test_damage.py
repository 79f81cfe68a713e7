"""Log files that were torn or have rotted: a torn end is forgotten, damage is said, and nothing wrong is answered."""

import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vedette.core.clock import VirtualClock
from vedette.core.errors import Unavailable
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.types import ScalarType
from vedette.logs.known_requests import RequestId
from vedette.logs.store import LogStore

WORKSPACE = "6a3f2a52-6a1e-4a63-9a3b-9e0c4b8f7d11"
NOW = datetime(2024, 3, 10, 6, 30, tzinfo=UTC)
COLUMNS = {"batch": ScalarType.long, "row": ScalarType.long, "text": ScalarType.string}
BATCHES = 6
ROWS = 20
FLIPS = 60
CUTS = 40


def append(store: LogStore, batch: int) -> None:
    rows = [{"batch": batch, "row": row, "text": f"{batch}-{row}"} for row in range(ROWS)]
    store.append(WORKSPACE, "Torn_CL", rows, columns=COLUMNS, request_id=RequestId.of(str(batch), b"")).result()


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, int]:
    """A directory as kill -9 leaves it, its batches in the write-ahead log, and where the last two begin in it."""
    live = tmp_path / "live"
    live.mkdir()
    engine = DuckDBEngine(live / "logs.duckdb")
    store = LogStore(engine, VirtualClock(NOW), None)
    store.create_workspace(WORKSPACE)
    for batch in range(BATCHES):
        if batch == BATCHES - 2:
            last_two = engine.waiting_bytes()
        append(store, batch)
    shutil.copytree(live, tmp_path / "killed")
    store.close()
    engine.close()
    return tmp_path / "killed", last_two


def found(data: Path) -> dict[int, list[str]]:
    """The texts of each batch. Raises Unavailable when the files cannot be opened or read."""
    engine = DuckDBEngine(data / "logs.duckdb")
    try:
        store = LogStore(engine, VirtualClock(NOW), None)
        try:
            store.create_workspace(WORKSPACE)
            if store.catalog(WORKSPACE).table("Torn_CL") is None:
                return {}
            texts: dict[int, list[str]] = {}
            for batch, text in store.query(WORKSPACE, "Torn_CL | project batch, text").rows():
                texts.setdefault(batch, []).append(text)
            return texts
        finally:
            store.close()
    finally:
        engine.close()


def check(texts: dict[int, list[str]], at_least: int) -> None:
    assert sorted(texts) == list(range(len(texts))), "a batch is missing before one that is there"
    assert len(texts) >= at_least
    for batch, its_texts in texts.items():
        assert sorted(its_texts) == sorted(f"{batch}-{row}" for row in range(ROWS))


def cut_at(written: tuple[Path, int], tmp_path: Path, lengths: Callable[[int, int], list[int]]) -> None:
    killed, last_two = written
    size = (killed / "logs.duckdb.wal").stat().st_size
    for length in lengths(last_two, size):
        cut = tmp_path / "cut"
        shutil.copytree(killed, cut)
        with (cut / "logs.duckdb.wal").open("r+b") as log:
            log.truncate(length)
        check(found(cut), BATCHES if length == size else BATCHES - 2)
        shutil.rmtree(cut)


def test_a_torn_end_of_the_log_is_forgotten(written: tuple[Path, int], tmp_path: Path) -> None:
    chance = random.Random(4)
    cut_at(written, tmp_path, lambda start, end: [start, end, *chance.sample(range(start, end), CUTS)])


@pytest.mark.slow
def test_a_log_that_is_torn_at_every_byte_of_its_last_two_batches(written: tuple[Path, int], tmp_path: Path) -> None:
    cut_at(written, tmp_path, lambda start, end: list(range(start, end + 1)))


@pytest.mark.parametrize("name", ["logs.duckdb.wal", "logs.duckdb"])
def test_a_flipped_bit_is_said_or_means_nothing(written: tuple[Path, int], tmp_path: Path, name: str) -> None:
    killed, _ = written
    if name == "logs.duckdb":
        found(killed)  # which moves the log into the file
    chance = random.Random(name)
    content = (killed / name).read_bytes()
    said = 0
    for _ in range(FLIPS):
        flipped = tmp_path / "flipped"
        shutil.copytree(killed, flipped)
        changed = bytearray(content)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        (flipped / name).write_bytes(changed)
        try:
            check(found(flipped), 0)
        except Unavailable:
            said += 1
        shutil.rmtree(flipped)
    assert said or name == "logs.duckdb.wal"


class JumpingClock:
    """A clock that is set back and forth by days."""

    def __init__(self) -> None:
        self.now_is = NOW

    def now(self) -> datetime:
        return self.now_is


def test_a_clock_that_jumps_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Including the hour that daylight saving repeats, which means nothing to a clock in UTC."""
    clock = JumpingClock()
    jumps = [timedelta(0), timedelta(days=1), -timedelta(days=2), timedelta(hours=25), -timedelta(hours=1)]
    for step, jump in enumerate(jumps):
        clock.now_is += jump
        engine = DuckDBEngine(tmp_path / "logs.duckdb")
        store = LogStore(engine, clock, None)
        store.create_workspace(WORKSPACE)
        append(store, step)
        append(store, step)
        received = store.query(WORKSPACE, f"Torn_CL | where batch == {step} | summarize by _TimeReceived").rows()
        assert received == [[clock.now_is]]
        store.close()
        engine.close()
    check(found(tmp_path), len(jumps))
