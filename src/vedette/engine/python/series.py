"""Series element by element, filled up, filtered and folded to one number."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np
import orjson

from vedette.engine.python.function import PythonFunction
from vedette.engine.python.series_numbers import (
    Bools,
    Numbers,
    Reals,
    array_text,
    complete,
    json_text,
    numbers,
    operand,
    truth_text,
)

Unary = Callable[[Reals], Reals]
Binary = Callable[[Reals, Reals], Any]

# --- element by element --------------------------------------------------------------------------------------------


def each(function: Unary, keeps_whole: bool, series: str | None) -> str | None:
    """A function of one number on every element."""
    given = numbers(series)
    if given is None:
        return None
    with np.errstate(all="ignore"):
        return array_text(function(given.values), given.missing, is_whole=keeps_whole and given.is_whole)


def pairs(function: Binary, keeps_whole: bool, left: str | None, right: str | None) -> str | None:
    """Arithmetic on the elements in the same place; a single number goes with every element, and where one array has
    no number there is null."""
    found = _paired(left, right)
    if found is None:
        return None
    one, other = found
    with np.errstate(all="ignore"):
        result = function(one.values, other.values)
    return array_text(result, one.missing | other.missing, is_whole=keeps_whole and one.is_whole and other.is_whole)


def compared(function: Binary, left: str | None, right: str | None) -> str | None:
    """A comparison of the elements in the same place, as in `pairs`."""
    found = _paired(left, right)
    if found is None:
        return None
    one, other = found
    return truth_text(function(one.values, other.values), one.missing | other.missing)


def _paired(left: str | None, right: str | None) -> tuple[Numbers, Numbers] | None:
    one, other = operand(left), operand(right)
    if one is None or other is None:
        return None
    if not isinstance(one, Numbers):
        return (_repeated(one, len(other.values)), other) if isinstance(other, Numbers) else None
    if not isinstance(other, Numbers):
        return one, _repeated(other, len(one.values))
    length = max(len(one.values), len(other.values))
    return _padded(one, length), _padded(other, length)


def _repeated(value: float, length: int) -> Numbers:
    return Numbers(np.full(length, float(value)), np.zeros(length, np.bool_), isinstance(value, int))


def _padded(series: Numbers, length: int) -> Numbers:
    more = length - len(series.values)
    if not more:
        return series
    values = np.concatenate((series.values, np.full(more, np.nan)))
    return Numbers(values, np.concatenate((series.missing, np.ones(more, np.bool_))), series.is_whole)


# --- gaps ----------------------------------------------------------------------------------------------------------


def filled(backward: bool, series: str | None, placeholder: float | None) -> str | None:
    """Each missing element as the one before it, or after it.

    https://learn.microsoft.com/kusto/query/series-fill-forward-function
    """
    items = _items(series)
    if items is None:
        return None
    last: Any = None
    known = False
    result: list[Any] = []
    for item in reversed(items) if backward else items:
        if not _is_missing(item, placeholder):
            last, known = item, True
        result.append(last if known else item)
    return json_text(result[::-1] if backward else result)


def filled_with(series: str | None, value: str | None, placeholder: float | None) -> str | None:
    """Each missing element as one value, which is JSON text."""
    items = _items(series)
    if items is None or value is None:
        return None
    filler = orjson.loads(value)
    return json_text([filler if _is_missing(item, placeholder) else item for item in items])


def interpolated(
    series: str | None, placeholder: float | None, fills_edges: bool | None, constant: float | None
) -> str | None:
    """Missing elements on the line between their neighbours; integers stay integers.

    https://learn.microsoft.com/kusto/query/series-fill-linear-function
    """
    given = numbers(series)
    if given is None:
        return None
    gaps = given.missing if placeholder is None else given.values == placeholder
    known = np.flatnonzero(~gaps & ~given.missing)
    if not len(known):
        value = 0.0 if constant is None else constant
        return array_text(np.where(gaps, value, given.values), given.missing & ~gaps)
    values = given.values.copy()
    places = np.arange(len(values))
    line = np.interp(places, known, values[known])
    inside = gaps if fills_edges is not False else gaps & (places > known[0]) & (places < known[-1])
    values[inside] = np.trunc(line[inside]) if given.is_whole else line[inside]
    return array_text(values, given.missing & ~inside, is_whole=given.is_whole)


def _items(series: str | None) -> list[Any] | None:
    items = orjson.loads(series) if series is not None else None
    return items if isinstance(items, list) else None


def _is_missing(item: Any, placeholder: float | None) -> bool:
    return item is None if placeholder is None else item == placeholder


# --- one number ----------------------------------------------------------------------------------------------------


def folded(function: Callable[[Reals], Any], series: str | None) -> float | None:
    """A number made of all elements; None where one is missing."""
    values = complete(series)
    return None if values is None else float(function(values))


def dot_product(left: str | None, right: str | None) -> float | None:
    """The sum of the products of the elements in the same place."""
    found = _both(left, right)
    return None if found is None else float(np.dot(*found))


def cosine_similarity(
    left: str | None, right: str | None, left_length: float | None, right_length: float | None
) -> float | None:
    """The cosine of the angle between two vectors, whose lengths may be known.

    https://learn.microsoft.com/kusto/query/series-cosine-similarity-function
    """
    found = _both(left, right)
    if found is None:
        return None
    lengths = [
        np.linalg.norm(values) if known is None else known
        for values, known in zip(found, (left_length, right_length), strict=True)
    ]
    with np.errstate(all="ignore"):
        return float(np.float64(np.dot(*found)) / np.float64(lengths[0] * lengths[1]))


def pearson_correlation(left: str | None, right: str | None) -> float | None:
    """https://learn.microsoft.com/kusto/query/series-pearson-correlation-function"""
    found = _both(left, right)
    if found is None or not len(found[0]):
        return None
    one, other = (values - values.mean() for values in found)
    with np.errstate(all="ignore"):
        return float(np.dot(one, other) / np.sqrt(np.dot(one, one) * np.dot(other, other)))


def _both(left: str | None, right: str | None) -> tuple[Reals, Reals] | None:
    one, other = complete(left), complete(right)
    return None if one is None or other is None or len(one) != len(other) else (one, other)


# --- filters -------------------------------------------------------------------------------------------------------


def fir(series: str | None, coefficients: str | None, normalize: bool | None, center: bool | None) -> str | None:
    """A finite impulse response filter; without `normalize` it is normalized unless it has negative coefficients.

    https://learn.microsoft.com/kusto/query/series-fir-function
    """
    values, weights = complete(series), _coefficients(coefficients)
    if values is None or weights is None or not len(weights):
        return None
    has_negative = bool((weights < 0).any())
    if normalize and has_negative:
        return None
    if normalize or (normalize is None and not has_negative):
        weights = weights / weights.sum()
    delay = (len(weights) - 1) // 2 if center else 0
    return array_text(np.convolve(values, weights)[delay : delay + len(values)])


def iir(series: str | None, numerators: str | None, denominators: str | None) -> str | None:
    """An infinite impulse response filter: `a0 y[i] = b0 x[i] + b1 x[i-1] + … - a1 y[i-1] - …`.

    https://learn.microsoft.com/kusto/query/series-iir-function
    """
    values, over, under = complete(series), _coefficients(numerators), _coefficients(denominators)
    if values is None or over is None or under is None or not len(over) or not len(under) or not under[0]:
        return None
    driven = np.convolve(values, over / under[0])[: len(values)].tolist()
    feedback = (under[1:] / under[0]).tolist()
    result: list[float] = []
    for place, value in enumerate(driven):
        for back, weight in enumerate(feedback[:place], start=1):
            value -= weight * result[place - back]
        result.append(value)
    return array_text(np.array(result, dtype=np.float64))


@lru_cache(maxsize=64)
def _coefficients(text: str | None) -> Reals | None:
    return complete(text)


def transformed(inverse: bool, series: str | None, imaginary: str | None) -> str | None:
    """The fast Fourier transform, or its inverse, as a bag of `real` and `imag`.

    https://learn.microsoft.com/kusto/query/series-fft-function
    """
    values = complete(series)
    if values is None or not len(values):
        return None
    signal: Any = values
    if imaginary is not None:
        other = complete(imaginary)
        if other is None or len(other) != len(values):
            return None
        signal = values + 1j * other
    result = np.fft.ifft(signal) if inverse else np.fft.fft(signal)
    return json_text({"real": np.ascontiguousarray(result.real), "imag": np.ascontiguousarray(result.imag)})


_EACH: Mapping[str, tuple[Unary, bool]] = {
    "abs": (np.abs, True),
    "acos": (np.arccos, False),
    "asin": (np.arcsin, False),
    "atan": (np.arctan, False),
    "ceiling": (np.ceil, True),
    "cos": (np.cos, False),
    "exp": (np.exp, False),
    "floor": (np.floor, True),
    "log": (np.log, False),
    "sign": (np.sign, True),
    "sin": (np.sin, False),
    "tan": (np.tan, False),
}
_PAIRS: Mapping[str, tuple[Binary, bool]] = {
    "add": (np.add, True),
    "subtract": (np.subtract, True),
    "multiply": (np.multiply, True),
    "divide": (np.divide, False),
    "pow": (np.power, False),
}
_COMPARED: Mapping[str, Callable[[Reals, Reals], Bools]] = {
    "equals": np.equal,
    "not_equals": np.not_equal,
    "greater": np.greater,
    "greater_equals": np.greater_equal,
    "less": np.less,
    "less_equals": np.less_equal,
}
_FOLDED: Mapping[str, Callable[[Reals], Any]] = {"sum": np.sum, "product": np.prod, "magnitude": np.linalg.norm}
_TWO = ("VARCHAR", "VARCHAR")

FUNCTIONS: Mapping[str, PythonFunction] = {
    **{
        f"py_series_{name}": PythonFunction(partial(each, *how), ("VARCHAR",), "VARCHAR") for name, how in _EACH.items()
    },
    **{f"py_series_{name}": PythonFunction(partial(pairs, *how), _TWO, "VARCHAR") for name, how in _PAIRS.items()},
    **{f"py_series_{name}": PythonFunction(partial(compared, how), _TWO, "VARCHAR") for name, how in _COMPARED.items()},
    **{
        f"py_series_{name}": PythonFunction(partial(folded, how), ("VARCHAR",), "DOUBLE")
        for name, how in _FOLDED.items()
    },
    "py_series_fill_forward": PythonFunction(partial(filled, False), ("VARCHAR", "DOUBLE"), "VARCHAR"),
    "py_series_fill_backward": PythonFunction(partial(filled, True), ("VARCHAR", "DOUBLE"), "VARCHAR"),
    "py_series_fill_const": PythonFunction(filled_with, ("VARCHAR", "VARCHAR", "DOUBLE"), "VARCHAR"),
    "py_series_fill_linear": PythonFunction(interpolated, ("VARCHAR", "DOUBLE", "BOOLEAN", "DOUBLE"), "VARCHAR"),
    "py_series_dot_product": PythonFunction(dot_product, _TWO, "DOUBLE"),
    "py_series_cosine_similarity": PythonFunction(cosine_similarity, (*_TWO, "DOUBLE", "DOUBLE"), "DOUBLE"),
    "py_series_pearson_correlation": PythonFunction(pearson_correlation, _TWO, "DOUBLE"),
    "py_series_fir": PythonFunction(fir, (*_TWO, "BOOLEAN", "BOOLEAN"), "VARCHAR"),
    "py_series_iir": PythonFunction(iir, (*_TWO, "VARCHAR"), "VARCHAR"),
    "py_series_fft": PythonFunction(partial(transformed, False), _TWO, "VARCHAR"),
    "py_series_ifft": PythonFunction(partial(transformed, True), _TWO, "VARCHAR"),
}
"""By the names that SQL calls them by. Series are JSON text."""
