"""Digests of distributions: exact while the values are few, close when they are many."""

import orjson
import pytest

from vedette.engine.python import digests


def test_few_values_have_exact_percentiles() -> None:
    digest = digests.of_values(list(range(1, 1001)), None, "long")
    assert digests.percentiles(digest, [0, 50, 68.5, 100]) == "[1,500,685,1000]"
    assert digests.rank(digest, "685") == 685.0
    assert digests.percent_rank(digest, "0") == 0.0


def test_many_values_have_close_ones_and_exact_ends() -> None:
    digest = digests.of_values([number * 1.5 for number in range(100_000)], None, "real")
    low, middle, high = orjson.loads(digests.percentiles(digest, [0, 50, 100]) or "")
    assert (low, high) == (0.0, 99_999 * 1.5)
    assert middle == pytest.approx(50_000 * 1.5, rel=0.01)
    assert digests.rank(digest, "75000.0") == pytest.approx(50_000, rel=0.01)
    assert len(orjson.loads(digest or "")[1]) <= 1003


def test_weights_count_and_merge() -> None:
    one = digests.of_values([1.0, 2.0], [1, 2], "real")
    assert digests.percentiles(one, [50]) == "[2.0]"
    assert digests.merged([one, one]) == digests.of_values([1.0, 2.0], [2, 4], "real")


def test_times_are_shown_as_times() -> None:
    digest = digests.of_values([864_000_000_000, 36_000_000_001], None, "timespan")
    assert digests.percentiles(digest, [0, 100]) == '["01:00:00.0000001","1.00:00:00"]'
    assert digests.rank(digest, '"02:00:00"') == 1.0


def test_digests_of_different_types_are_refused() -> None:
    with pytest.raises(ValueError, match="different types"):
        digests.merged([digests.of_values([1], None, "long"), digests.of_values([1], None, "timespan")])


@pytest.mark.parametrize("text", ["null", "5", "[]", "[[7],[],[]]", "[[7],[1],[1,2]]", '[[7,"text"],[1],[1]]'])
def test_what_is_no_digest(text: str) -> None:
    assert not digests.is_valid(text)
    assert digests.percentiles(text, [50.0]) is None
