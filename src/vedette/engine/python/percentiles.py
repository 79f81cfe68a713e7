"""Percentiles of values that count several times each."""

from collections.abc import Mapping

import numpy as np

from vedette.engine.python.function import PythonFunction


def positions(weights: list[int] | None, percents: list[float] | None) -> list[int] | None:
    """Where (from 1) the percentiles lie, by nearest rank, among sorted values of these weights; None of nothing.

    https://learn.microsoft.com/kusto/query/percentilesw-aggregation-function
    """
    if not weights or percents is None:
        return None
    reached = np.cumsum(np.array(weights, dtype=np.float64))
    shares = np.clip(np.array(percents, dtype=np.float64), 0.0, 100.0) / 100.0
    ranks = np.maximum(np.ceil(shares * reached[-1] - 1e-9), 1)
    found = np.searchsorted(reached, ranks, side="left") + 1
    return [int(place) for place in np.minimum(found, len(weights))]


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_percentiles_positions": PythonFunction(positions, ("BIGINT[]", "DOUBLE[]"), "BIGINT[]")
}
"""By the names that SQL calls them by."""
