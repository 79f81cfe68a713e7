"""Series taken apart into what repeats, what grows and what is left, and the outliers among that."""

import math
from collections.abc import Mapping
from statistics import NormalDist

import numpy as np

from vedette.engine.python.fitting import line_through
from vedette.engine.python.function import PythonFunction
from vedette.engine.python.series_numbers import Reals, array_text, complete, json_text, numbers

AUTODETECT = -1
_SIGNIFICANCE = 0.01
"""How likely noise alone may have so strong a frequency."""
_LEAST_PERIOD = 4
_SEASONAL_SCORE = 0.7
_SCALE_OF_DECILES = 2.772605605507916
"""What makes a distance from the 10th or 90th percentile comparable to one from the quartiles, as Kusto has it."""

# --- periods -------------------------------------------------------------------------------------------------------


def found_periods(values: Reals) -> list[tuple[int, float]]:
    """Periods with their scores, the highest first: strong frequencies of the spectrum say where to look, and the
    period is where the series is most like itself moved by that much."""
    count = len(values)
    if count < 2 * _LEAST_PERIOD:
        return []
    spectrum = np.abs(np.fft.fft(values - values.mean())) ** 2
    likeness = _likeness(spectrum)
    if likeness is None:
        return []
    half = count // 2
    powers = spectrum[1 : half + 1]
    threshold = powers.sum() * (1 - (_SIGNIFICANCE / half) ** (1 / max(half - 1, 1)))
    found: dict[int, float] = {}
    for frequency in np.flatnonzero(powers >= threshold) + 1:
        period = _peak(likeness, int(frequency), count)
        if period is not None:
            found[period] = float(likeness[period])
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def _likeness(spectrum: Reals) -> Reals | None:
    """Autocorrelation around the circle, from 0 where it is least to 1 where the series is itself."""
    correlation = np.fft.ifft(spectrum).real
    least, most = float(correlation.min()), float(correlation[0])
    if not most > least or most <= 0 or (most - least) < 1e-12 * abs(most):
        return None
    return (correlation - least) / (most - least)


def _peak(likeness: Reals, frequency: int, count: int) -> int | None:
    """The highest peak of the likeness between the periods of the neighbouring frequencies."""
    low = max(math.floor(count / (frequency + 1)), _LEAST_PERIOD)
    high = min(math.ceil(count / (frequency - 1)) if frequency > 1 else count, count // 2)
    if low > high:
        return None
    period = low + int(np.argmax(likeness[low : high + 1]))
    neighbours = likeness[period - 1], likeness[(period + 1) % count]
    return period if likeness[period] >= max(neighbours) and likeness[period] > min(neighbours) else None


def periods_detect(series: str | None, least: float | None, most: float | None, wanted: int | None) -> str | None:
    """The periods between two bounds, as many as are wanted, filled up with 0; a bag of `periods` and `scores`.

    https://learn.microsoft.com/kusto/query/series-periods-detect-function
    """
    values = complete(series)
    if values is None or least is None or most is None or wanted is None or wanted < 1:
        return None
    found = [item for item in found_periods(values) if least <= item[0] <= most][:wanted]
    periods, scores = np.zeros(wanted), np.zeros(wanted)
    for place, (period, score) in enumerate(found):
        periods[place], scores[place] = period, score
    return json_text({"periods": periods, "scores": scores})


def periods_validate(series: str | None, periods: list[float | None] | None) -> str | None:
    """The scores of some periods, 0 for what is none; a bag of `periods` and `scores`.

    https://learn.microsoft.com/kusto/query/series-periods-validate-function
    """
    values = complete(series)
    if values is None or periods is None:
        return None
    scores = dict(found_periods(values))
    asked = [0.0 if period is None else period for period in periods]
    given = [scores.get(round(period), 0.0) for period in asked]
    return json_text({"periods": np.array(asked), "scores": np.array(given)})


# --- components ----------------------------------------------------------------------------------------------------


def seasonal_component(values: Reals, period: int, learnt: int, threshold: float) -> Reals:
    """The median of the values in the same phase, of the first `learnt` ones; zeros without a period."""
    if period == AUTODETECT:
        found = found_periods(values[:learnt])
        period = found[0][0] if found and found[0][1] >= threshold else 0
    if not 0 < period <= learnt:
        return np.zeros(len(values))
    whole = math.ceil(learnt / period) * period
    padded = np.full(whole, np.nan)
    padded[:learnt] = values[:learnt]
    season = np.nanmedian(padded.reshape(-1, period), axis=0)
    return np.resize(season, len(values))


def trend_component(values: Reals, trend: str, learnt: int) -> Reals | None:
    """The mean of the first `learnt` values, the line through them, or nothing; None for an unknown kind."""
    match trend:
        case "avg":
            return np.full(len(values), values[:learnt].mean() if learnt else 0.0)
        case "linefit":
            slope, interception = line_through(values[:learnt]) if learnt else (0.0, 0.0)
            return interception + slope * np.arange(1.0, len(values) + 1)
        case "none":
            return np.zeros(len(values))
        case _:
            return None


def seasonal(series: str | None, period: int | None, held_back: int | None) -> str | None:
    """https://learn.microsoft.com/kusto/query/series-seasonal-function"""
    values = complete(series)
    if values is None or period is None:
        return None
    return array_text(seasonal_component(values, period, _learnt(values, held_back), _SEASONAL_SCORE))


def _learnt(values: Reals, held_back: int | None) -> int:
    return max(len(values) - max(held_back or 0, 0), 0)


def _parts(
    series: str | None, period: int | None, trend: str | None, held_back: int | None, threshold: float | None
) -> tuple[Reals, Reals, Reals] | None:
    """The values, and their seasonal and trend components."""
    values = complete(series)
    if values is None or not len(values) or period is None or trend is None or threshold is None:
        return None
    learnt = _learnt(values, held_back)
    season = seasonal_component(values, period, learnt, threshold)
    course = trend_component(values - season, trend.lower(), learnt)
    return None if course is None else (values, season, course)


def decompose(
    series: str | None, period: int | None, trend: str | None, held_back: int | None, threshold: float | None
) -> str | None:
    """A bag of `baseline`, `seasonal`, `trend` and `residual`.

    https://learn.microsoft.com/kusto/query/series-decompose-function
    """
    parts = _parts(series, period, trend, held_back, threshold)
    if parts is None:
        return None
    values, season, course = parts
    baseline = season + course
    return json_text({"baseline": baseline, "seasonal": season, "trend": course, "residual": values - baseline})


def forecast(
    series: str | None, points: int | None, period: int | None, trend: str | None, threshold: float | None
) -> str | None:
    """The baseline, with the last points not learnt from.

    https://learn.microsoft.com/kusto/query/series-decompose-forecast-function
    """
    parts = _parts(series, period, trend, points, threshold)
    return None if parts is None else array_text(parts[1] + parts[2])


# --- outliers ------------------------------------------------------------------------------------------------------


def scored(values: Reals, least: float, most: float, learnt: Reals) -> Reals:
    """How far values lie outside of two percentiles of the learnt ones, in ranges between these; within them 0."""
    low, high = np.percentile(learnt, [least, most])
    distance = np.where(values > high, values - high, np.where(values < low, values - low, 0.0))
    scale = _scale(least, most)
    with np.errstate(all="ignore"):
        return np.where(distance == 0, 0.0, distance / (high - low) * scale)


def _scale(least: float, most: float) -> float:
    """So that 1.5 is as far out as it is with the quartiles of a normal distribution."""
    if (least, most) == (25.0, 75.0):
        return 1.0
    if (least, most) == (10.0, 90.0):
        return _SCALE_OF_DECILES
    normal = NormalDist()
    low, high = normal.inv_cdf(least / 100), normal.inv_cdf(most / 100)
    fence = 4 * normal.inv_cdf(0.75)
    return 1.5 * (high - low) / (fence - high)


def _percentiles(method: str, least: float, most: float) -> tuple[float, float] | None:
    match method.lower():
        case "tukey":
            return 25.0, 75.0
        case "ctukey":
            return (least, most) if 2 <= least < most <= 98 else None
        case _:
            return None


def outliers(
    series: str | None, method: str | None, ignored: float | None, least: float | None, most: float | None
) -> str | None:
    """The scores of Tukey's test; missing and ignored values have 0.

    https://learn.microsoft.com/kusto/query/series-outliers-function
    """
    given = numbers(series)
    if given is None or method is None or least is None or most is None:
        return None
    between = _percentiles(method, least, most)
    if between is None:
        return None
    counted = np.isfinite(given.values) & (given.values != ignored if ignored is not None else True)
    scores = np.zeros(len(given.values))
    if counted.any():
        values = given.values[counted]
        scores[counted] = scored(values, *between, values)
    return array_text(scores)


def anomalies(
    series: str | None,
    threshold: float | None,
    period: int | None,
    trend: str | None,
    held_back: int | None,
    method: str | None,
    seasonality: float | None,
) -> str | None:
    """The outliers of the residual: a bag of `ad_flag` (1, -1, 0), `ad_score` and `baseline`.

    https://learn.microsoft.com/kusto/query/series-decompose-anomalies-function
    """
    parts = _parts(series, period, trend, held_back, seasonality)
    if parts is None or threshold is None or method is None:
        return None
    between = _percentiles(method, 10.0, 90.0)
    if between is None:
        return None
    values, season, course = parts
    baseline = season + course
    residual = values - baseline
    learnt = residual[: _learnt(values, held_back)]
    scores = scored(residual, *between, learnt) if len(learnt) else np.zeros(len(values))
    flags = np.where(scores > threshold, 1, np.where(scores < -threshold, -1, 0))
    return json_text({"ad_flag": flags, "ad_score": scores, "baseline": baseline})


_COMPONENTS = ("VARCHAR", "BIGINT", "VARCHAR", "BIGINT", "DOUBLE")

FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_decomposition_periods_detect": PythonFunction(
        periods_detect, ("VARCHAR", "DOUBLE", "DOUBLE", "BIGINT"), "VARCHAR"
    ),
    "py_decomposition_periods_validate": PythonFunction(periods_validate, ("VARCHAR", "DOUBLE[]"), "VARCHAR"),
    "py_decomposition_seasonal": PythonFunction(seasonal, ("VARCHAR", "BIGINT", "BIGINT"), "VARCHAR"),
    "py_decomposition_parts": PythonFunction(decompose, _COMPONENTS, "VARCHAR"),
    "py_decomposition_forecast": PythonFunction(
        forecast, ("VARCHAR", "BIGINT", "BIGINT", "VARCHAR", "DOUBLE"), "VARCHAR"
    ),
    "py_decomposition_outliers": PythonFunction(
        outliers, ("VARCHAR", "VARCHAR", "DOUBLE", "DOUBLE", "DOUBLE"), "VARCHAR"
    ),
    "py_decomposition_anomalies": PythonFunction(
        anomalies, ("VARCHAR", "DOUBLE", "BIGINT", "VARCHAR", "BIGINT", "VARCHAR", "DOUBLE"), "VARCHAR"
    ),
}
"""By the names that SQL calls them by. Series are JSON text."""
