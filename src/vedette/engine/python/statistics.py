"""The beta distribution, the error function and Welch's test."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from vedette.engine.python.arrays import arrow_of, nulls_of, numpy_of
from vedette.engine.python.function import PythonFunction

Reals = npt.NDArray[np.float64]


def beta_cdf(x: pa.Array, alpha: pa.Array, beta: pa.Array) -> pa.Array:
    """The chance that a value of the beta distribution is at most `x`; NaN outside [0, 1], and 1 for parameters that
    are not positive, as Kusto answers (https://learn.microsoft.com/kusto/query/beta-cdf-function)."""
    at, a, b = _reals(x), _reals(alpha), _reals(beta)
    inside = (at >= 0) & (at <= 1)
    valid = (a > 0) & (b > 0)
    values = special.betainc(np.where(valid, a, 1.0), np.where(valid, b, 1.0), np.where(inside, at, 0.0))
    return _answer(np.where(inside, np.where(valid, values, 1.0), np.nan), x, alpha, beta)


def beta_inv(probability: pa.Array, alpha: pa.Array, beta: pa.Array) -> pa.Array:
    """The value that `probability` of the distribution lies below; null outside [0, 1], NaN for parameters that are not
    positive (https://learn.microsoft.com/kusto/query/beta-inv-function)."""
    chance, a, b = _reals(probability), _reals(alpha), _reals(beta)
    inside = (chance >= 0) & (chance <= 1)
    valid = (a > 0) & (b > 0)
    values = special.betaincinv(np.where(valid, a, 1.0), np.where(valid, b, 1.0), np.where(inside, chance, 0.0))
    nothing = arrow_of(chance, nulls=~inside | np.isnan(chance))
    return _answer(np.where(valid, values, np.nan), nothing, alpha, beta)


def beta_pdf(x: pa.Array, alpha: pa.Array, beta: pa.Array) -> pa.Array:
    """The density at `x`; NaN outside [0, 1] and for parameters that are not positive
    (https://learn.microsoft.com/kusto/query/beta-pdf-function)."""
    at, a, b = _reals(x), _reals(alpha), _reals(beta)
    valid = (at >= 0) & (at <= 1) & (a > 0) & (b > 0)
    safe_a, safe_b, safe_at = np.where(valid, a, 1.0), np.where(valid, b, 1.0), np.where(valid, at, 0.5)
    logarithm = special.xlogy(safe_a - 1, safe_at) + special.xlog1py(safe_b - 1, -safe_at)
    density = np.exp(logarithm - special.betaln(safe_a, safe_b))
    return _answer(np.where(valid, density, np.nan), x, alpha, beta)


def erf(x: pa.Array) -> pa.Array:
    """The error function."""
    return _answer(special.erf(_reals(x)), x)


def erfc(x: pa.Array) -> pa.Array:
    """One less the error function, exact for large numbers too."""
    return _answer(special.erfc(_reals(x)), x)


def welch_test(
    mean1: pa.Array, variance1: pa.Array, count1: pa.Array, mean2: pa.Array, variance2: pa.Array, count2: pa.Array
) -> pa.Array:
    """The two-sided p-value of Welch's t-test from the means, variances and counts of two samples.

    https://learn.microsoft.com/kusto/query/welch-test-function
    """
    with np.errstate(all="ignore"):
        first, second = _reals(variance1) / _reals(count1), _reals(variance2) / _reals(count2)
        statistic = (_reals(mean1) - _reals(mean2)) / np.sqrt(first + second)
        freedom = (first + second) ** 2 / (first**2 / (_reals(count1) - 1) + second**2 / (_reals(count2) - 1))
        tail = special.betainc(freedom / 2, 0.5, freedom / (freedom + statistic**2))
    return _answer(tail, mean1, variance1, count1, mean2, variance2, count2)


def _reals(numbers: pa.Array) -> Reals:
    return numpy_of(numbers)


def _answer(values: Reals, *arguments: pa.Array) -> pa.Array:
    """The values, null where an argument is."""
    nulls = np.zeros(len(values), dtype=bool)
    for argument in arguments:
        nulls |= nulls_of(argument)
    return arrow_of(values, nulls=nulls)


def _function(call: object, count: int) -> PythonFunction:
    assert callable(call)
    return PythonFunction(call, ("DOUBLE",) * count, "DOUBLE", vectorized=True)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_statistics_beta_cdf": _function(beta_cdf, 3),
    "py_statistics_beta_inv": _function(beta_inv, 3),
    "py_statistics_beta_pdf": _function(beta_pdf, 3),
    "py_statistics_erf": _function(erf, 1),
    "py_statistics_erfc": _function(erfc, 1),
    "py_statistics_welch_test": _function(welch_test, 6),
}
"""By the names that SQL calls them by."""
