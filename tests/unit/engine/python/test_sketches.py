"""Sketches of distinct values: exact while they are few, close to the truth when they are many."""

import numpy as np
import pytest

from vedette.engine.python import hashing, sketches


def hashes(count: int, start: int = 0) -> list[int | None]:
    return list(hashing.hashes_of(np.arange(start, start + count, dtype=np.uint64)).view(np.int64).tolist())


@pytest.mark.parametrize("count", [1, 2, 1000, 1024])
def test_few_values_are_counted_exactly(count: int) -> None:
    assert sketches.count(sketches.of_hashes(hashes(count), 1)) == count


@pytest.mark.parametrize("count", [1025, 20_000, 300_000])
@pytest.mark.parametrize(("accuracy", "error"), [(0, 0.05), (1, 0.03), (2, 0.015), (4, 0.01)])
def test_many_values_are_counted_closely(count: int, accuracy: int, error: float) -> None:
    assert sketches.count(sketches.of_hashes(hashes(count), accuracy)) == pytest.approx(count, rel=error)


def test_a_merged_sketch_counts_what_either_has_seen() -> None:
    few, many = sketches.of_hashes(hashes(10), 1), sketches.of_hashes(hashes(5000, 5), 1)
    assert sketches.count(sketches.merged([few, None, few])) == 10
    assert sketches.merged([few, many]) == sketches.of_hashes(hashes(5005), 1)


def test_sketches_of_different_accuracy_are_refused() -> None:
    with pytest.raises(ValueError, match="different accuracy"):
        sketches.merged([sketches.of_hashes([1], 1), sketches.of_hashes([1], 2)])
    with pytest.raises(ValueError, match="0 to 4"):
        sketches.of_hashes([1], 5)


@pytest.mark.parametrize("text", ["null", "5", "[]", "[[1024,14],[],[1]]", '[[1024,14],["x"],[]]', "[[1024,13],[],[]]"])
def test_what_is_no_sketch(text: str) -> None:
    assert not sketches.is_valid(text)
    assert sketches.count(text) is None
