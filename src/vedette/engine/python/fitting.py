"""Lines and curves through series, and what their values are like."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.series_numbers import Reals, complete, json_text, numbers


def stats(series: str | None, ignores_gaps: bool | None) -> str | None:
    """Extremes and where they are, mean, deviation and variance (of a sample), sum and length, as a bag.

    https://learn.microsoft.com/kusto/query/series-stats-function
    """
    given = numbers(series)
    if given is None:
        return None
    places = np.flatnonzero(np.isfinite(given.values))
    if not len(places) or (len(places) < len(given.values) and not ignores_gaps):
        return None
    values = given.values[places]
    variance = float(values.var(ddof=1)) if len(values) > 1 else 0.0
    return json_text(
        {
            "min": values.min(),
            "min_idx": places[values.argmin()],
            "max": values.max(),
            "max_idx": places[values.argmax()],
            "avg": values.mean(),
            "stdev": variance**0.5,
            "variance": variance,
            "sum": values.sum(),
            "len": len(values),
        }
    )


def line(series: str | None) -> str | None:
    """The straight line with the least squares, as a bag.

    https://learn.microsoft.com/kusto/query/series-fit-line-function
    """
    values = complete(series)
    return None if values is None or len(values) < 2 else json_text(fitted_line(values))


def fitted_line(values: Reals) -> dict[str, Any]:
    """What there is to know of the line through the values at 1, 2, 3 …"""
    slope, interception = line_through(values)
    fit = interception + slope * np.arange(1.0, len(values) + 1)
    variance, residual, square = _quality(values, fit)
    return {
        "rsquare": square,
        "slope": slope,
        "variance": variance,
        "rvariance": residual,
        "interception": interception,
        "line_fit": fit,
    }


def line_through(values: Reals) -> tuple[float, float]:
    """Slope and interception of the line through the values at 1, 2, 3 …"""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    squares = float(np.dot(places, places))
    slope = float(np.dot(places, values)) / squares if squares else 0.0
    return slope, float(values.mean()) - slope * (len(values) + 1) / 2


def _quality(values: Reals, fit: Reals) -> tuple[float, float, float]:
    """Variance and residual variance of a sample, and how much of the one the fit explains."""
    rest = values - fit
    variance, residual = float(values.var(ddof=1)), float(np.dot(rest, rest)) / (len(values) - 1)
    return variance, residual, 1 - residual / variance if variance else float("nan")


def two_lines(series: str | None) -> str | None:
    """Two straight lines, split where they fit best, as a bag.

    https://learn.microsoft.com/kusto/query/series-fit-2lines-function
    """
    values = complete(series)
    if values is None or len(values) < 4:
        return None
    splits = np.arange(2, len(values) - 1)
    split = int(splits[np.argmin(_errors(values)[splits] + _errors(values[::-1])[len(values) - splits])])
    left, right = fitted_line(values[:split]), fitted_line(values[split:])
    fit = np.concatenate((left["line_fit"], right["line_fit"]))
    variance, residual, square = _quality(values, fit)
    result: dict[str, Any] = {
        "rsquare": square,
        "split_idx": split,
        "variance": variance,
        "rvariance": residual,
        "line_fit": fit,
    }
    for side, part in (("right", right), ("left", left)):
        for name in ("rsquare", "slope", "interception", "variance", "rvariance"):
            result[f"{side}_{name}"] = part[name]
    return json_text(result)


def _errors(values: Reals) -> Reals:
    """The squared error of the line through the first n values, for each n."""
    count = np.arange(1, len(values) + 1, dtype=np.float64)
    places = np.arange(len(values), dtype=np.float64)
    centred = values - values.mean()
    total, squares, product = (np.cumsum(part) for part in (centred, centred**2, centred * places))
    mean_place = (count - 1) / 2
    spread = count * (count**2 - 1) / 12
    together = product - mean_place * total
    with np.errstate(all="ignore"):
        explained = np.where(spread > 0, together**2 / spread, 0.0)
    return np.concatenate(([0.0], np.maximum(squares - total**2 / count - explained, 0.0)))


def polynomial(series: str | None, places: str | None, degree: int | None) -> str | None:
    """The polynomial of a degree with the least squares, over 1, 2, 3 … unless places are given, as a bag.

    https://learn.microsoft.com/kusto/query/series-fit-poly-function
    """
    values = complete(series)
    at = np.arange(1.0, len(values) + 1) if places is None and values is not None else complete(places)
    if values is None or at is None or len(at) != len(values) or degree is None or not 0 < degree < len(values):
        return None
    found = np.polynomial.Polynomial.fit(at, values, degree).convert().coef[::-1]
    coefficients = np.zeros(degree + 1)
    coefficients[degree + 1 - len(found) :] = found
    fit = np.asarray(np.polyval(coefficients, at), dtype=np.float64)
    variance, residual, square = _quality(values, fit)
    return json_text(
        {
            "rsquare": square,
            "coefficients": coefficients,
            "variance": variance,
            "rvariance": residual,
            "poly_fit": fit,
        }
    )


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_fitting_stats": PythonFunction(stats, ("VARCHAR", "BOOLEAN"), "VARCHAR"),
    "py_fitting_line": PythonFunction(line, ("VARCHAR",), "VARCHAR"),
    "py_fitting_two_lines": PythonFunction(two_lines, ("VARCHAR",), "VARCHAR"),
    "py_fitting_polynomial": PythonFunction(polynomial, ("VARCHAR", "VARCHAR", "BIGINT"), "VARCHAR"),
}
"""By the names that SQL calls them by. Series are JSON text."""
