"""kill -9 in the middle of writing, deleting and checkpoints: what was acknowledged is there once, nothing in part.

The same when the power is cut, which also loses whatever was not synced: no answer is given before fsync.
"""

import random
from pathlib import Path

import pytest
from tests.durability.disk import disk
from tests.durability.killing import Acknowledged, check, run_and_kill

ROUNDS = 6
MANY_ROUNDS = 500
CUTS = (2, 7, -23, 40, -41, 90, -151)
CHECKPOINTS = {"CHECKPOINT_BYTES": "300000"}


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(MANY_ROUNDS, marks=pytest.mark.slow)])
def test_kill_in_the_middle_of_writing(tmp_path: Path, rounds: int) -> None:
    chance = random.Random()
    acknowledged = Acknowledged()
    for round in range(rounds):
        acknowledged.read(run_and_kill(tmp_path, round, chance.uniform(0, 0.8), CHECKPOINTS if round % 2 else None))
        if round % 10 == 9 or rounds == ROUNDS:
            check(tmp_path, acknowledged)
    check(tmp_path, acknowledged)
    assert len(acknowledged.batches) > rounds
    assert acknowledged.documents
    assert acknowledged.day >= 0


def cut_power(tmp_path: Path, cuts: list[int]) -> None:
    environment = disk(tmp_path) | CHECKPOINTS
    data = tmp_path / "data"
    data.mkdir()
    acknowledged = Acknowledged()
    for round, cut in enumerate(cuts):
        acknowledged.read(run_and_kill(data, round, None, environment | {"DISK_CUT_AT": str(cut)}))
        check(data, acknowledged)
    assert acknowledged.batches


def test_power_cut_at_a_write_or_a_sync(tmp_path: Path) -> None:
    cut_power(tmp_path, list(CUTS))


@pytest.mark.slow
def test_power_cut_at_every_write_and_sync(tmp_path: Path) -> None:
    cut_power(tmp_path, [sign * call for call in range(1, 150) for sign in (1, -1)])
    for folder in range(20):  # first starts, each on an empty directory
        (tmp_path / str(folder)).mkdir()
        acknowledged = Acknowledged()
        environment = disk(tmp_path / str(folder)) | {"DISK_CUT_AT": str(folder + 1)}
        data = tmp_path / str(folder) / "data"
        data.mkdir()
        acknowledged.read(run_and_kill(data, 0, None, environment))
        check(data, acknowledged)
