"""Patterns in the rows of a table: values of some columns that many rows share, or the rows of one set and not of
another. Rows come with a weight, the last column; what all columns of a pattern but some have is left open."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vedette.engine.python.arrays import nulls_of, numpy_of
from vedette.engine.python.function import RowsRefused
from vedette.engine.python.table_function import PythonTableFunction, Rows

MOST_PATTERNS = 5_000
_MOST_STEPS = 200_000

Codes = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
Pattern = tuple[tuple[int, int], ...]
"""Columns in order, each with the code of its value."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as numbers: `codes[column]` has for each row which of `values[column]` it holds."""

    codes: tuple[Codes, ...]
    values: tuple[tuple[Any, ...], ...]

    def rows_of(self, pattern: Pattern, among: Codes) -> Codes:
        """Which of some rows have the pattern."""
        for column, code in pattern:
            among = among[self.codes[column][among] == code]
        return among


def basket(rows: Rows, threshold: float, most: int, *wildcards: Any) -> Sequence[Any]:
    """Every combination of values that a share of the rows has; of those that the same rows have only the longest.

    https://learn.microsoft.com/kusto/query/basket-plugin
    """
    table, weights = _table(rows)
    total = float(weights.sum())
    found = {
        pattern: count for pattern, count in _frequent(table, weights, max(threshold * total, 1e-12), most) if pattern
    }
    ordered = sorted(found.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    return _shown(rows, table, [pattern for pattern, _ in ordered], [[n for _, n in ordered]], [total], wildcards)


def autocluster(rows: Rows, size_weight: float, seeds: int, *wildcards: Any) -> Sequence[Any]:
    """A few combinations that cover many rows and say much of them: from the commonest rows, what is least common is
    left out as long as that is better (https://learn.microsoft.com/kusto/query/autocluster-plugin)."""
    table, weights = _table(rows)
    total = float(weights.sum())
    if not total:
        return _shown(rows, table, [], [[]], [1.0], wildcards)
    score = _score(table, weights, total, size_weight)
    everything = np.arange(len(weights))
    best: dict[Pattern, float] = {}
    for seed in np.argsort(-weights, kind="stable")[:seeds].tolist():
        pattern = tuple((column, int(codes[seed])) for column, codes in enumerate(table.codes))
        value = score(pattern)
        while len(pattern) > 1:
            shorter = [pattern[:at] + pattern[at + 1 :] for at in range(len(pattern))]
            scores = list(map(score, shorter))
            if max(scores) < value:
                break
            value = max(scores)
            pattern = shorter[scores.index(value)]
        best[pattern] = value
    chosen: list[Pattern] = []
    covered = np.zeros(len(weights), dtype=bool)
    for pattern in sorted(best, key=lambda each: (-best[each], each)):
        own = table.rows_of(pattern, everything)
        if weights[own[~covered[own]]].sum() >= 0.5 * weights[own].sum() and len(own):
            chosen.append(pattern)
            covered[own] = True
    counts = [float(weights[table.rows_of(pattern, everything)].sum()) for pattern in chosen]
    return _shown(rows, table, chosen, [counts], [total], wildcards)


def diffpatterns(rows: Rows, threshold: float, most: int, *wildcards: Any) -> Sequence[Any]:
    """Combinations that the rows of set A have much more often than those of B, or less; the first column says whether
    a row is of A (https://learn.microsoft.com/kusto/query/diffpatterns-plugin)."""
    is_a = numpy_of(rows.columns[0])
    table, weights = _table(Rows(rows.count, rows.types[1:], rows.columns[1:], rows.results))
    sides = [np.where(is_a, weights, 0.0), np.where(is_a, 0.0, weights)]
    totals = [float(side.sum()) for side in sides]
    if not all(totals):
        raise RowsRefused("one of the two sets of diffpatterns has no rows.")
    shares = sides[0] / totals[0] + sides[1] / totals[1]
    everything = np.arange(len(weights))
    differences: list[tuple[float, Pattern, list[float]]] = []
    for pattern, _ in _frequent(table, shares, threshold, most):
        own = table.rows_of(pattern, everything)
        counts = [float(side[own].sum()) for side in sides]
        difference = abs(counts[0] / totals[0] - counts[1] / totals[1])
        if pattern and difference >= threshold:
            differences.append((difference, pattern, counts))
    kept: list[tuple[Pattern, list[float]]] = []
    for _, pattern, counts in sorted(differences, key=lambda each: (-each[0], -len(each[1]), each[1])):
        items = set(pattern)
        if not any(items <= set(other) or items >= set(other) for other, _ in kept):
            kept.append((pattern, counts))
    columns = [[counts[side] for _, counts in kept] for side in (0, 1)]
    return _shown(rows, table, [pattern for pattern, _ in kept], columns, totals, wildcards)


def _table(rows: Rows) -> tuple[Table, Weights]:
    """The rows as codes, and their weights."""
    *attributes, weight = rows.columns
    codes: list[Codes] = []
    values: list[tuple[Any, ...]] = []
    for array in attributes:
        encoded = array.dictionary_encode()
        plain = numpy_of(encoded.indices).astype(np.int64)
        codes.append(np.where(nulls_of(encoded.indices), len(encoded.dictionary), plain))
        values.append((*encoded.dictionary.to_pylist(), None))
    weights = np.where(nulls_of(weight), 0, numpy_of(weight)).astype(np.float64)
    return Table(tuple(codes), tuple(values)), weights


def _frequent(table: Table, weights: Weights, least: float, most: int) -> Iterator[tuple[Pattern, float]]:
    """The patterns whose rows weigh `least`, each as long as its rows allow, found by fixing up to `most` columns."""
    found: set[Pattern] = set()
    pending: list[tuple[int, int, Codes]] = [(0, 0, np.arange(len(weights)))]
    steps = 0
    while pending:
        column, fixed, among = pending.pop()
        pattern = _closed(table, among)
        if pattern not in found:
            found.add(pattern)
            if len(found) > MOST_PATTERNS:
                raise RowsRefused(
                    f"there are more than {MOST_PATTERNS} patterns. Give a higher threshold, or fewer columns."
                )
            yield pattern, float(weights[among].sum())
        if fixed == most:
            continue
        for later in range(column, len(table.codes)):
            codes = table.codes[later][among]
            sums = np.bincount(codes, weights=weights[among], minlength=1)
            for code in np.flatnonzero(sums >= least).tolist():
                own = among[codes == code]
                steps += 1
                if steps > _MOST_STEPS:
                    raise RowsRefused("there are too many patterns. Give a higher threshold, or fewer columns.")
                if len(own) < len(among):
                    pending.append((later + 1, fixed + 1, own))


def _closed(table: Table, among: Codes) -> Pattern:
    """What all of some rows have."""
    if not len(among):
        return ()
    return tuple(
        (column, int(codes[among[0]]))
        for column, codes in enumerate(table.codes)
        if (codes[among] == codes[among[0]]).all()
    )


def _score(table: Table, weights: Weights, total: float, size_weight: float) -> Callable[[Pattern], float]:
    """How good a pattern is: the share of rows and the share of columns, as a weighted geometric mean."""
    everything = np.arange(len(weights))

    def score(pattern: Pattern) -> float:
        size = float(weights[table.rows_of(pattern, everything)].sum()) / total
        return size**size_weight * (len(pattern) / len(table.codes)) ** (1 - size_weight)

    return score


def _shown(
    rows: Rows,
    table: Table,
    patterns: Sequence[Pattern],
    counts: Sequence[Sequence[float]],
    totals: Sequence[float],
    wildcards: Sequence[Any],
) -> Sequence[Any]:
    """The result's columns: number, counts, shares in percent (and their difference), and the values."""
    shares = [
        [100.0 * count / total if total else 0.0 for count in column]
        for column, total in zip(counts, totals, strict=True)
    ]
    numbers = [
        column if rows.results[1 + at].value == "real" else [round(count) for count in column]
        for at, column in enumerate(counts)
    ]
    differences = [[abs(one - other) for one, other in zip(*shares, strict=True)]] if len(shares) == 2 else []
    known = [dict(pattern) for pattern in patterns]
    cells = [
        [values[each[column]] if column in each else wildcard for each in known]
        for column, (values, wildcard) in enumerate(zip(table.values, wildcards, strict=True))
    ]
    return [list(range(len(patterns))), *numbers, *shares, *differences, *cells]


TABLE_FUNCTIONS: Mapping[str, PythonTableFunction] = {
    "py_patterns_autocluster": PythonTableFunction(autocluster),
    "py_patterns_basket": PythonTableFunction(basket),
    "py_patterns_diffpatterns": PythonTableFunction(diffpatterns),
}
"""By the names that SQL calls them by."""
