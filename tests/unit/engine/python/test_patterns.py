"""Patterns: which are found, of what weight, and that there are bounds."""

from typing import Any

import pyarrow as pa
import pytest

from vedette.engine.python.function import RowsRefused
from vedette.engine.python.patterns import autocluster, basket, diffpatterns
from vedette.engine.python.table_function import Rows
from vedette.kql.types import ScalarType

LONG, REAL, STRING = ScalarType.long, ScalarType.real, ScalarType.string


def rows(*columns: list[Any], weights: list[int] | None = None) -> Rows:
    count = len(columns[0])
    arrays = [pa.array(column) for column in columns]
    arrays.append(pa.array(weights or [1] * count, pa.int64()))
    kinds = {pa.string(): STRING, pa.int64(): LONG, pa.bool_(): ScalarType.bool}
    return Rows(count, tuple(kinds[array.type] for array in arrays), tuple(arrays), (LONG, LONG, LONG, REAL, REAL))


def test_a_basket_holds_what_is_frequent_and_nothing_that_a_longer_one_says() -> None:
    _, counts, percents, names, kinds = basket(rows(["a", "a", "b", "c"], ["x", "x", "x", "y"]), 0.5, 5, "", "")
    assert list(zip(names, kinds, counts, strict=True)) == [("", "x", 3), ("a", "x", 2)]
    assert percents == [75.0, 50.0]


def test_null_is_a_value_and_weights_count() -> None:
    _, counts, _, values = basket(rows([7, None, None], weights=[1, 4, 5]), 0.5, 5, -1)
    assert (counts, values) == ([9], [None])


def test_as_many_columns_as_are_allowed_are_fixed() -> None:
    table = rows(["a", "a", "b", "b"], ["x", "y", "x", "y"])
    assert len(basket(table, 0.25, 1, "", "")[0]) == 4
    assert len(basket(table, 0.25, 2, "", "")[0]) == 8


def test_too_many_patterns_are_refused() -> None:
    table = rows(*[[f"{row % (column + 2)}" for row in range(400)] for column in range(12)])
    with pytest.raises(RowsRefused, match="higher threshold"):
        basket(table, 0.002, 12, *[""] * 12)


def test_a_cluster_covers_much_and_says_much() -> None:
    _, counts, _, names, kinds = autocluster(rows(["a", "b", "c", "d"], ["x", "x", "x", "y"]), 0.5, 25, "", "")
    assert (counts[0], names[0], kinds[0]) == (3, "", "x")


def test_differences_between_two_sets() -> None:
    sides = [True, True, True, False, False]
    given = rows(sides, ["r", "r", "w", "w", "w"])
    _, first, second, *_, differences, values = diffpatterns(given, 0.1, 5, "")
    assert sorted(zip(values, first, second, strict=True)) == [("r", 2, 0), ("w", 1, 2)]
    assert differences == [pytest.approx(66.666, abs=0.01)] * 2
    with pytest.raises(RowsRefused, match="no rows"):
        diffpatterns(rows([True], ["r"]), 0.1, 5, "")
