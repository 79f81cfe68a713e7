"""Functions on series, element by element: arithmetic, comparisons, gaps, filters, and folds to one number.

SQL has no say in them: they are Python over the JSON text of the arrays (`engine/python/series.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any

from vedette.kql.functions.conversions import as_dynamic
from vedette.kql.functions.entry import Function, SqlCall
from vedette.kql.types import ScalarType

Example = tuple[str, Any]


def json_argument(call: SqlCall, position: int) -> str:
    """An argument as JSON text."""
    return f"CAST(CAST({as_dynamic(call, position)} AS JSON) AS VARCHAR)"


def from_json(text: str) -> str:
    """JSON text as a dynamic."""
    return f"CAST(CAST({text} AS JSON) AS VARIANT)"


def over_series(name: str, count: int = 1, *, gives_dynamic: bool = True) -> Callable[[SqlCall], str]:
    """A call of a Python function whose first `count` arguments are series."""

    def template(call: SqlCall) -> str:
        arguments = [json_argument(call, at) if at < count else value for at, value in enumerate(call.arguments)]
        text = f"{name}({', '.join(arguments)})"
        return from_json(text) if gives_dynamic else text

    return template


def _each(name: str, doc: str, examples: Sequence[Example]) -> Function:
    return Function(
        f"series_{name}", "series: dynamic", "dynamic", doc, over_series(f"py_series_{name}"), examples=examples
    )


def _pairs(name: str, doc: str, examples: Sequence[Example]) -> Function:
    return Function(
        f"series_{name}",
        "left: dynamic, right: dynamic",
        "dynamic",
        f"{doc} A number in place of one array goes with each element; where there is no number it is null.",
        over_series(f"py_series_{name}", 2),
        examples=examples,
    )


def _fill_const(call: SqlCall) -> str:
    return from_json(f"py_series_fill_const({json_argument(call, 0)}, {json_argument(call, 1)}, {call.arguments[2]})")


def _transform(name: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        imaginary = json_argument(call, 1) if len(call.arguments) > 1 else "CAST(NULL AS VARCHAR)"
        return from_json(f"py_series_{name}({json_argument(call, 0)}, {imaginary})")

    return template


_COMPLEX = (("real", ScalarType.dynamic), ("imag", ScalarType.dynamic))
_GAPS = "dynamic([null, 1, null, 4, null])"

FUNCTIONS: tuple[Function, ...] = (
    _each("abs", "The absolute value of each element.", [("series_abs(dynamic([-1.5, 2, null]))", [1.5, 2.0, None])]),
    _each("acos", "The angle whose cosine each element is.", [("series_acos(dynamic([1, 2]))", [0.0, "NaN"])]),
    _each("asin", "The angle whose sine each element is.", [("series_asin(dynamic([0]))", [0.0])]),
    _each("atan", "The angle whose tangent each element is.", [("series_atan(dynamic([0, 'x']))", [0.0, None])]),
    _each("ceiling", "Each element, rounded up.", [("series_ceiling(dynamic([-1.5, 1, 2.5]))", [-1.0, 1.0, 3.0])]),
    _each("cos", "The cosine of each element.", [("series_cos(dynamic([0]))", [1.0])]),
    _each("exp", "The exponential of each element.", [("series_exp(dynamic([0]))", [1.0])]),
    _each("floor", "Each element, rounded down.", [("series_floor(dynamic([-1.5, 2.5]))", [-2.0, 2.0])]),
    _each("log", "The natural logarithm of each element.", [("series_log(dynamic([1, 0]))", [0.0, "-inf"])]),
    _each("sign", "-1, 0 or 1 for each element.", [("series_sign(dynamic([-6, 0, 8]))", [-1, 0, 1])]),
    _each("sin", "The sine of each element.", [("series_sin(dynamic([0]))", [0.0])]),
    _each("tan", "The tangent of each element.", [("series_tan(dynamic([0]))", [0.0])]),
    _pairs(
        "add",
        "The sums of the elements in the same place.",
        [("series_add(dynamic([1, 2, 4]), dynamic([4, 2]))", [5, 4, None]), ("series_add(dynamic([1, 2]), 1)", [2, 3])],
    ),
    _pairs(
        "subtract",
        "The differences of the elements in the same place.",
        [("series_subtract(dynamic([1, 2]), dynamic([4, null]))", [-3, None])],
    ),
    _pairs(
        "multiply",
        "The products of the elements in the same place.",
        [("series_multiply(10, dynamic([1, 0.5]))", [10.0, 5.0])],
    ),
    _pairs(
        "divide",
        "The quotients of the elements in the same place.",
        [("series_divide(dynamic([1, 2, 0]), dynamic([4, 0, 0]))", [0.25, "inf", "NaN"])],
    ),
    _pairs(
        "pow",
        "The elements raised to the power of those in the same place.",
        [("series_pow(dynamic([2, 3]), dynamic([3, 2]))", [8.0, 9.0])],
    ),
    _pairs("equals", "Which elements are equal.", [("series_equals(dynamic([1, 2]), dynamic([1, 3]))", [True, False])]),
    _pairs(
        "not_equals",
        "Which elements are not equal.",
        [("series_not_equals(dynamic([1, 2]), dynamic([1, 3]))", [False, True])],
    ),
    _pairs(
        "greater",
        "Which elements are greater than those of the second array.",
        [("series_greater(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", [False, False, True])],
    ),
    _pairs(
        "greater_equals",
        "Which elements are not less than those of the second array.",
        [("series_greater_equals(dynamic([1, 2, 4]), 2)", [False, True, True])],
    ),
    _pairs(
        "less",
        "Which elements are less than those of the second array.",
        [("series_less(dynamic([1, 2]), dynamic([4]))", [True, None])],
    ),
    _pairs(
        "less_equals",
        "Which elements are not greater than those of the second array.",
        [("series_less_equals(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", [True, True, False])],
    ),
    *(
        Function(
            f"series_fill_{direction}",
            "series: dynamic, missing: real = real(null)",
            "dynamic",
            f"Missing elements (null, or equal to `missing`) as the nearest one {where} them.",
            over_series(f"py_series_fill_{direction}"),
            examples=[(f"series_fill_{direction}({_GAPS})", filled)],
            naming="{}",
        )
        for direction, where, filled in (
            ("forward", "before", [None, 1, 1, 4, 4]),
            ("backward", "after", [1, 1, 4, 4, None]),
        )
    ),
    Function(
        "series_fill_const",
        "series: dynamic, value: numeric, missing: real = real(null)",
        "dynamic",
        "A number in place of missing elements (null, or equal to `missing`).",
        _fill_const,
        examples=[
            (f"series_fill_const({_GAPS}, -1)", [-1, 1, -1, 4, -1]),
            ("series_fill_const(dynamic([1, 0]), 0.5, 0)", [1, 0.5]),
        ],
        naming="{}",
    ),
    Function(
        "series_fill_linear",
        "series: dynamic, missing: real = real(null), edges: bool = true, value: real = 0.0",
        "dynamic",
        "Missing elements (null, or equal to `missing`) on the line between their neighbours; at the ends the nearest "
        "one, if `edges`; `value` everywhere where all are missing. Integers stay integers.",
        over_series("py_series_fill_linear"),
        examples=[
            (f"series_fill_linear({_GAPS})", [1, 1, 2, 4, 4]),
            ("series_fill_linear(dynamic([null, 1.0, null, 4]), real(null), false)", [None, 1.0, 2.5, 4.0]),
            ("series_fill_linear(dynamic([null, null]), real(null), true, 3.5)", [3.5, 3.5]),
        ],
        naming="{}",
    ),
    *(
        Function(
            f"series_{name}",
            "series: dynamic",
            "real",
            doc,
            over_series(f"py_series_{name}", gives_dynamic=False),
            examples,
        )
        for name, doc, examples in (
            ("sum", "The sum of the elements; null where one is no number.", [("series_sum(dynamic([1, 2.5]))", 3.5)]),
            ("product", "The product of the elements.", [("series_product(dynamic([1, 2, 3]))", 6.0)]),
            (
                "magnitude",
                "The length of the series as a vector.",
                [("series_magnitude(dynamic([3, 4]))", 5.0), ("series_magnitude(dynamic([3, null]))", None)],
            ),
        )
    ),
    Function(
        "series_dot_product",
        "left: dynamic, right: dynamic",
        "real",
        "The sum of the products of the elements in the same place; null for arrays of different lengths.",
        over_series("py_series_dot_product", 2, gives_dynamic=False),
        examples=[
            ("series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", 12.0),
            ("series_dot_product(dynamic([1]), dynamic([4, 2]))", None),
        ],
    ),
    Function(
        "series_cosine_similarity",
        "left: dynamic, right: dynamic, left_magnitude: real = real(null), right_magnitude: real = real(null)",
        "real",
        "The cosine of the angle between two vectors, whose magnitudes may be given.",
        over_series("py_series_cosine_similarity", 2, gives_dynamic=False),
        examples=[
            ("series_cosine_similarity(dynamic([1, 0]), dynamic([2, 0]))", 1.0),
            ("series_cosine_similarity(dynamic([3, 4]), dynamic([3, 4]), 5, 10)", 0.5),
        ],
    ),
    Function(
        "series_pearson_correlation",
        "left: dynamic, right: dynamic",
        "real",
        "How far two series rise and fall together: 1, or -1 for the opposite.",
        over_series("py_series_pearson_correlation", 2, gives_dynamic=False),
        examples=[("series_pearson_correlation(dynamic([0, 1]), dynamic([3, 1]))", -1.0)],
    ),
    Function(
        "series_fir",
        "series: dynamic, filter: dynamic, normalize: bool = bool(null), center: bool = false",
        "dynamic",
        "The series under a finite impulse response filter; it is normalized unless it has negative coefficients.",
        over_series("py_series_fir", 2),
        examples=[
            ("series_fir(dynamic([0, 0, 2, 2]), dynamic([1, -1]), false)", [0.0, 0.0, 2.0, 0.0]),
            ("series_fir(dynamic([0, 0, 3, 0, 0]), dynamic([1, 1, 1]))", [0.0, 0.0, 1.0, 1.0, 1.0]),
            ("series_fir(dynamic([0, 0, 3, 0, 0]), dynamic([1, 1, 1]), true, true)", [0.0, 1.0, 1.0, 1.0, 0.0]),
        ],
        naming="{}",
    ),
    Function(
        "series_iir",
        "series: dynamic, numerators: dynamic, denominators: dynamic",
        "dynamic",
        "The series under an infinite impulse response filter: `dynamic([1]), dynamic([1, -1])` adds up.",
        over_series("py_series_iir", 3),
        examples=[("series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))", [1.0, 3.0, 6.0])],
        naming="{}",
    ),
    *(
        Function(
            f"series_{name}",
            params,
            "dynamic",
            doc,
            _transform(name),
            examples,
            columns=_COMPLEX,
        )
        for name, doc, params, examples in (
            ("fft", "The fast Fourier transform: real and imaginary parts.", "series: dynamic", ()),
            (
                "fft",
                "The fast Fourier transform of a complex series.",
                "series: dynamic, imaginary: dynamic",
                [("series_fft(dynamic([1, 1]), dynamic([0, 0]))", [2.0, 0.0])],
            ),
            ("ifft", "The inverse of the fast Fourier transform.", "series: dynamic", ()),
            (
                "ifft",
                "The inverse of the fast Fourier transform of a complex series.",
                "series: dynamic, imaginary: dynamic",
                [("series_ifft(dynamic([2, 0]), dynamic([0, 0]))", [1.0, 1.0])],
            ),
        )
    ),
)
"""Series, element by element."""
