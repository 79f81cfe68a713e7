"""Reducing any texts: every row is in one group, the order of rows means nothing, a pattern fits its texts."""

import random
import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.engine.python import reduction
from vedette.engine.python.function import RowsRefused
from vedette.engine.python.reduction import OTHERS, groups, patterns
from vedette.engine.python.table_function import Rows
from vedette.kql.types import ScalarType

TEXTS = st.lists(st.text("ab1 -.*\né", max_size=12), max_size=30)


def reduced(texts: list[str], threshold: float = 0.1, characters: str = "") -> list[tuple[str, int, str]]:
    counts = {text: texts.count(text) for text in texts}
    columns = (pa.array(list(counts), pa.string()), pa.array(list(counts.values()), pa.int64()))
    given = Rows(len(counts), (ScalarType.string, ScalarType.long), columns, ())
    return list(zip(*groups(given, threshold, characters), strict=True))


def marked(texts: list[str], threshold: float, characters: str) -> list[str]:
    columns = (pa.array(range(len(texts)), pa.int64()), pa.array(texts, pa.string()))
    given = Rows(len(texts), (ScalarType.long, ScalarType.string), columns, ())
    numbers, found = patterns(given, threshold, characters)
    assert numbers.to_pylist() == list(range(len(texts)))
    return found


@settings(deadline=None)
@given(TEXTS, st.floats(0, 1), st.sampled_from(["", "-", ".*", "]^\\"]))
def test_every_row_is_in_one_group_whatever_their_order(texts: list[str], threshold: float, characters: str) -> None:
    found = reduced(texts, threshold, characters)
    assert sum(count for _, count, _ in found) == len(texts)
    assert len({pattern for pattern, _, _ in found}) == len(found)
    shuffled = random.Random(1).sample(texts, len(texts))
    assert reduced(shuffled, threshold, characters) == found
    of_rows = marked(texts, threshold, characters)
    assert {pattern: of_rows.count(pattern) for pattern in of_rows} == {pattern: count for pattern, count, _ in found}


@settings(deadline=None)
@given(st.lists(st.text("ab1 ", max_size=12), max_size=30))
def test_a_pattern_fits_its_example(texts: list[str]) -> None:
    for pattern, _, example in reduced(texts):
        if pattern != OTHERS:
            assert re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), example)


def test_a_larger_threshold_wants_more_in_common() -> None:
    texts = ["get a from x", "get b from x", "put a into x", "put b into x"]
    assert [pattern for pattern, _, _ in reduced(texts, 0.2)] == ["get * from x", "put * into x"]
    assert [pattern for pattern, _, _ in reduced(texts, 0.9)] == [OTHERS]


def test_too_many_texts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduction, "MOST_TEXTS", 2)
    with pytest.raises(RowsRefused, match="3"):
        reduced(["a", "b", "c"])
