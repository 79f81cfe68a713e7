"""Functions that describe a series as a whole: statistics, fits, periods, decomposition, outliers.

They are Python over the JSON text of the arrays (`engine/python/fitting.py`, `engine/python/decomposition.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any

from vedette.kql.functions.entry import Function, SqlCall
from vedette.kql.functions.series import from_json, json_argument, over_series
from vedette.kql.types import ScalarType

_REAL, _LONG, _DYNAMIC = ScalarType.real, ScalarType.long, ScalarType.dynamic
_LINE = "dynamic([1, 3, 5, 7])"
_WAVE = "dynamic([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2])"
_SPIKE = "dynamic([1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 30, 2, 1, 2, 3, 2, 1, 2, 3, 2])"

_STATS = (
    ("min", _REAL),
    ("min_idx", _LONG),
    ("max", _REAL),
    ("max_idx", _LONG),
    ("avg", _REAL),
    ("stdev", _REAL),
    ("variance", _REAL),
)
_FIT_LINE = (
    ("rsquare", _REAL),
    ("slope", _REAL),
    ("variance", _REAL),
    ("rvariance", _REAL),
    ("interception", _REAL),
    ("line_fit", _DYNAMIC),
)
_FIT_2LINES = (
    ("rsquare", _REAL),
    ("split_idx", _LONG),
    ("variance", _REAL),
    ("rvariance", _REAL),
    ("line_fit", _DYNAMIC),
    *(
        (f"{side}_{name}", _REAL)
        for side in ("right", "left")
        for name in ("rsquare", "slope", "interception", "variance", "rvariance")
    ),
)
_FIT_POLY = (
    ("rsquare", _REAL),
    ("coefficients", _DYNAMIC),
    ("variance", _REAL),
    ("rvariance", _REAL),
    ("poly_fit", _DYNAMIC),
)
_PERIODS = (("periods", _DYNAMIC), ("scores", _DYNAMIC))
_PARTS = (("baseline", _DYNAMIC), ("seasonal", _DYNAMIC), ("trend", _DYNAMIC), ("residual", _DYNAMIC))
_ANOMALIES = (("ad_flag", _DYNAMIC), ("ad_score", _DYNAMIC), ("baseline", _DYNAMIC))


def _validated(call: SqlCall) -> str:
    periods = ", ".join(call.arguments[1:])
    return from_json(f"py_decomposition_periods_validate({json_argument(call, 0)}, [{periods}])")


def _polynomial(call: SqlCall) -> str:
    series, places = json_argument(call, 0), json_argument(call, 1)
    return from_json(f"py_fitting_polynomial({series}, {places}, {call.arguments[2]})")


def _line_over_numbers(call: SqlCall) -> str:
    return from_json(f"py_fitting_polynomial({json_argument(call, 0)}, CAST(NULL AS VARCHAR), CAST(1 AS BIGINT))")


def _line_over_places(call: SqlCall) -> str:
    return from_json(f"py_fitting_polynomial({json_argument(call, 0)}, {json_argument(call, 1)}, CAST(1 AS BIGINT))")


def _model(
    name: str,
    params: str,
    doc: str,
    sql: Callable[[SqlCall], str],
    columns: tuple[tuple[str, ScalarType], ...] = (),
    examples: Sequence[tuple[str, Any]] = (),
) -> Function:
    return Function(name, params, "dynamic", doc, sql, examples, columns=columns)


def _one_of(position: int, kinds: tuple[str, ...]) -> Callable[[Sequence[Any]], str | None]:
    """Refuses a constant text that is none of these."""

    def refuses(constants: Sequence[Any]) -> str | None:
        given: Any = constants[position] if position < len(constants) else None
        if isinstance(given, str) and given.lower() not in kinds:
            return f"'{given}' is none of {', '.join(repr(kind) for kind in kinds)}"
        return None

    return refuses


FUNCTIONS: tuple[Function, ...] = (
    _model(
        "series_stats",
        "series: dynamic, ignore_nonfinite: bool = false",
        "Extremes and where they are, mean, standard deviation and variance of the elements; null where one is no "
        "finite number, unless these are ignored.",
        over_series("py_fitting_stats"),
        _STATS,
        [("series_stats(dynamic([3, 1, 2]))", 1.0), ("series_stats(dynamic([3, null]), true)", 3.0)],
    ),
    _model(
        "series_stats_dynamic",
        "series: dynamic, ignore_nonfinite: bool = false",
        "What series_stats() gives, and sum and length, in a bag.",
        over_series("py_fitting_stats"),
        examples=[
            (
                "series_stats_dynamic(dynamic([1, 3]))",
                {
                    "min": 1.0,
                    "min_idx": 0,
                    "max": 3.0,
                    "max_idx": 1,
                    "avg": 2.0,
                    "stdev": 1.4142135623730951,
                    "variance": 2.0,
                    "sum": 4.0,
                    "len": 2,
                },
            ),
            ("series_stats_dynamic(dynamic([1, null]))", None),
        ],
    ),
    _model(
        "series_fit_line",
        "series: dynamic",
        "The straight line that fits best: how well, slope, variances, where it begins, and its values.",
        over_series("py_fitting_line"),
        _FIT_LINE,
        [(f"series_fit_line({_LINE})", 1.0)],
    ),
    _model(
        "series_fit_line_dynamic",
        "series: dynamic",
        "What series_fit_line() gives, in a bag.",
        over_series("py_fitting_line"),
        examples=[
            (f"series_fit_line_dynamic({_LINE}).slope", 2.0),
            (f"series_fit_line_dynamic({_LINE}).interception", -1.0),
            ("series_fit_line_dynamic(dynamic([1, null]))", None),
        ],
    ),
    _model(
        "series_fit_2lines",
        "series: dynamic",
        "The two straight lines, one after the other, that fit best: how well, where the second begins, variances, "
        "their values, and the same of each.",
        over_series("py_fitting_two_lines"),
        _FIT_2LINES,
        [("series_fit_2lines(dynamic([1, 2, 3, 3, 2, 1]))", 1.0)],
    ),
    _model(
        "series_fit_2lines_dynamic",
        "series: dynamic",
        "What series_fit_2lines() gives, in a bag.",
        over_series("py_fitting_two_lines"),
        examples=[
            ("series_fit_2lines_dynamic(dynamic([1, 2, 3, 3, 2, 1])).split_idx", 3),
            ("series_fit_2lines_dynamic(dynamic([1, 2, 3, 3, 2, 1])).right_slope", -1.0),
        ],
    ),
    _model(
        "series_fit_poly",
        "y_series: dynamic",
        "The straight line that fits best, as a polynomial.",
        _line_over_numbers,
        _FIT_POLY,
        [(f"series_fit_poly({_LINE})", 1.0)],
    ),
    _model(
        "series_fit_poly",
        "y_series: dynamic, x_series: dynamic",
        "The straight line over these places that fits best.",
        _line_over_places,
        _FIT_POLY,
    ),
    _model(
        "series_fit_poly",
        "y_series: dynamic, x_series: dynamic, degree: long",
        "The polynomial of a degree that fits best: how well, coefficients from the highest power on, variances, and "
        "its values.",
        _polynomial,
        _FIT_POLY,
        [("series_fit_poly(dynamic([1, 4, 9, 16]), dynamic([1, 2, 3, 4]), 2)", 1.0)],
    ),
    Function(
        "series_outliers",
        "series: dynamic, kind: string = 'ctukey', ignored: real = real(null), min_percentile: real = 10.0, "
        "max_percentile: real = 90.0",
        "dynamic",
        "How far each element lies outside of two percentiles (Tukey's test); more than 1.5 is mild, more than 3 far. "
        "With other percentiles than 10 and 90 the scale is that of a normal distribution.",
        over_series("py_decomposition_outliers"),
        examples=[
            ("series_outliers(dynamic([0, 1, 2, 3, 4]), 'tukey')", [-0.5, 0.0, 0.0, 0.0, 0.5]),
            ("series_outliers(dynamic([0, null, 2]), 'tukey')", [-0.5, 0.0, 0.5]),
        ],
        naming="{}",
        refuses=_one_of(1, ("ctukey", "tukey")),
    ),
    _model(
        "series_periods_detect",
        "series: dynamic, min_period: real, max_period: real, num_periods: long",
        "The periods in which a series repeats itself, with their scores from 0 to 1, the highest first.",
        over_series("py_decomposition_periods_detect"),
        _PERIODS,
        [(f"series_periods_detect({_WAVE}, 2, 10, 2)", [4.0, 0.0])],
    ),
    _model(
        "series_periods_validate",
        "series: dynamic, *periods: real",
        "The scores from 0 to 1 of some periods.",
        _validated,
        _PERIODS,
        [(f"series_periods_validate({_WAVE}, 4, 7)", [4.0, 7.0])],
    ),
    Function(
        "series_seasonal",
        "series: dynamic, period: long = -1, test_points: long = 0",
        "dynamic",
        "The median of the elements in the same phase of a period (-1: the one that is found); zeros where there is "
        "none.",
        over_series("py_decomposition_seasonal"),
        examples=[
            ("series_seasonal(dynamic([1, 3, 5, 2, 4, 6]), 3)", [1.5, 3.5, 5.5, 1.5, 3.5, 5.5]),
            ("series_seasonal(dynamic([5, 1, 7]))", [0.0, 0.0, 0.0]),
        ],
    ),
    Function(
        "series_decompose",
        "series: dynamic, period: long = -1, trend: string = 'avg', test_points: long = 0, threshold: real = 0.6",
        "dynamic",
        "A series as the sum of what repeats, a trend ('avg', 'linefit' or 'none') and a residual; the baseline is the "
        "sum of the first two. The last `test_points` are not learnt from.",
        over_series("py_decomposition_parts"),
        [(f"series_decompose({_WAVE})[2]", 3.0)],
        columns=_PARTS,
        refuses=_one_of(2, ("avg", "linefit", "none")),
    ),
    Function(
        "series_decompose_forecast",
        "series: dynamic, points: long, period: long = -1, trend: string = 'linefit', threshold: real = 0.6",
        "dynamic",
        "The baseline of a series, whose last points are not learnt from but forecast.",
        over_series("py_decomposition_forecast"),
        examples=[("series_decompose_forecast(dynamic([1, 2, 3, 0, 0]), 2, 0)", [1.0, 2.0, 3.0, 4.0, 5.0])],
        refuses=_one_of(3, ("avg", "linefit", "none")),
    ),
    Function(
        "series_decompose_anomalies",
        "series: dynamic, threshold: real = 1.5, period: long = -1, trend: string = 'avg', test_points: long = 0, "
        "method: string = 'ctukey', seasonality_threshold: real = 0.6",
        "dynamic",
        "Which elements are anomalies (1 up, -1 down), the scores of series_outliers() for the residual, and the "
        "baseline.",
        over_series("py_decomposition_anomalies"),
        [(f"series_decompose_anomalies({_SPIKE})[10]", 1)],
        columns=_ANOMALIES,
        refuses=_one_of(3, ("avg", "linefit", "none")),
    ),
)
"""Series as a whole."""
