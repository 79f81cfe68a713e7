"""Functions on numbers: arithmetic, logarithms, angles, bits."""

from typing import Any

from vedette.kql.functions.conversions import SQL_TYPES
from vedette.kql.functions.entry import Function, SqlCall
from vedette.kql.types import INTEGRAL, ScalarType


def _real(name: str, doc: str, sql: str, examples: list[tuple[str, Any]], naming: str = "{}") -> Function:
    return Function(name, "value: real", "real", doc, sql, examples, naming=naming)


def _round(call: SqlCall) -> str:
    """A number of its own type: what has no digits after the point is only rounded before it."""
    value, type = call.arguments[0], call.types[0]
    if len(call.arguments) == 1:
        return value if type in INTEGRAL else _exactly(f"round({value})", type)
    precision = f"CAST(least(greatest({call.arguments[1]}, -30), 30) AS INTEGER)"
    return _exactly(f"round({value}, {precision})", type)


def _ceiling(call: SqlCall) -> str:
    type = call.types[0]
    return call.arguments[0] if type in INTEGRAL else _exactly(f"ceil({call.arguments[0]})", type)


def _exactly(sql: str, type: ScalarType) -> str:
    return sql if type is ScalarType.real else f"CAST({sql} AS {SQL_TYPES[type]})"


def _arc(function: str) -> str:
    """Outside of -1 to 1 the engine would raise; Kusto gives NaN."""
    return (
        f"CASE WHEN abs({{value}}) <= 1 THEN {function}({{value}}) "
        "WHEN {value} IS NOT NULL THEN CAST('nan' AS DOUBLE) END"
    )


def _extreme(call: SqlCall, function: str) -> str:
    chosen = f"{function}({', '.join(call.arguments)})"
    if call.types[0] is not ScalarType.real:
        return chosen
    unordered = " OR ".join(f"isnan({argument})" for argument in call.arguments)
    return f"CASE WHEN {unordered} THEN CAST('nan' AS DOUBLE) ELSE {chosen} END"


def _max_of(call: SqlCall) -> str:
    return _extreme(call, "greatest")


def _min_of(call: SqlCall) -> str:
    return _extreme(call, "least")


def _bits(name: str, doc: str, sql: str, examples: list[tuple[str, Any]]) -> Function:
    return Function(name, "left: long, right: long", "long", doc, sql, examples, naming="{}")


FUNCTIONS: tuple[Function, ...] = (
    *(
        Function("abs", f"value: {type}", type, "The value without its sign.", "abs({value})", examples, naming="{}")
        for type, examples in (
            ("long", [("abs(-5)", 5)]),
            ("real", [("abs(-5.5)", 5.5)]),
            ("decimal", []),
            ("timespan", [("abs(-1h)", "01:00:00")]),
        )
    ),
    Function(
        "round",
        params="value: numeric",
        returns="<value>",
        doc="The nearest whole number; halves go away from zero.",
        sql=_round,
        examples=[("round(2.5)", 3.0), ("round(-2.5)", -3.0), ("round(7)", 7), ("round(real(null))", None)],
        naming="{}",
    ),
    Function(
        "round",
        params="value: numeric, precision: long",
        returns="<value>",
        doc="The nearest number with so many digits after the point; negative precision rounds before it.",
        sql=_round,
        examples=[("round(3.25, 1)", 3.3), ("round(1234.5, -2)", 1200.0), ("round(1250, -2)", 1300)],
        naming="{}",
    ),
    Function(
        "ceiling",
        params="value: numeric",
        returns="<value>",
        doc="The least whole number that is not less.",
        sql=_ceiling,
        examples=[("ceiling(3.25)", 4.0), ("ceiling(-3.25)", -3.0), ("ceiling(3)", 3)],
        naming="{}",
    ),
    _real("sqrt", "The square root; NaN of a negative number.", "sqrt({value})", [("sqrt(256)", 16.0)]),
    _real("exp", "e to that power.", "exp({value})", [("exp(0)", 1.0)]),
    _real("exp2", "2 to that power.", "pow(2, {value})", [("exp2(3)", 8.0)]),
    _real("exp10", "10 to that power.", "pow(10, {value})", [("exp10(2)", 100.0)]),
    _real(
        "log",
        "The natural logarithm; null of a negative number.",
        "CASE WHEN {value} >= 0 THEN ln({value}) END",
        [("log(1)", 0.0), ("log(-1)", None)],
    ),
    _real(
        "log2",
        "The logarithm to base 2; null of a negative number.",
        "CASE WHEN {value} >= 0 THEN log2({value}) END",
        [("log2(8)", 3.0)],
    ),
    _real(
        "log10",
        "The logarithm to base 10; null of a negative number.",
        "CASE WHEN {value} >= 0 THEN log10({value}) END",
        [("log10(1000)", 3.0)],
    ),
    Function(
        "pow",
        params="base: real, exponent: real",
        returns="real",
        doc="The base to the power of the exponent; NaN where there is no real result.",
        sql="pow({base}, {exponent})",
        examples=[("pow(2, 10)", 1024.0), ("pow(2, -1)", 0.5)],
        naming="{}",
    ),
    Function(
        "sign",
        params="value: real",
        returns="real",
        doc="-1, 0 or 1 as the number is negative, zero (or NaN) or positive.",
        sql="CAST(CASE WHEN {value} < 0 THEN -1 WHEN {value} > 0 AND NOT isnan({value}) THEN 1 "
        "WHEN {value} IS NOT NULL THEN 0 END AS DOUBLE)",
        examples=[("sign(-1.5)", -1.0), ("sign(0)", 0.0)],
    ),
    *(
        _real(name, doc, sql, [(f"{name}(0)", expected)], "" if name in ("degrees", "radians") else "{}")
        for name, doc, sql, expected in (
            ("sin", "The sine of an angle in radians.", "sin({value})", 0.0),
            ("cos", "The cosine of an angle in radians.", "cos({value})", 1.0),
            ("tan", "The tangent of an angle in radians.", "tan({value})", 0.0),
            (
                "asin",
                "The angle in radians that has this sine.",
                _arc("asin"),
                0.0,
            ),
            ("atan", "The angle in radians that has this tangent.", "atan({value})", 0.0),
            ("degrees", "Radians in degrees.", "degrees({value})", 0.0),
            ("radians", "Degrees in radians.", "radians({value})", 0.0),
        )
    ),
    _real(
        "acos",
        "The angle in radians that has this cosine.",
        _arc("acos"),
        [("acos(1)", 0.0)],
    ),
    _real("cot", "The cotangent of an angle in radians.", "cot({value})", [("cot(1)", 0.6420926159343306)], naming=""),
    _real("gamma", "The gamma function.", "gamma({value})", [("gamma(5)", 24.0)]),
    _real("loggamma", "The logarithm of the gamma function.", "lgamma({value})", [("loggamma(5)", 3.1780538303479458)]),
    Function(
        "atan2",
        params="y: real, x: real",
        returns="real",
        doc="The angle in radians between the x axis and the point.",
        sql="atan2({y}, {x})",
        examples=[("atan2(0, -1)", 3.141592653589793)],
        naming="{}",
    ),
    Function("pi", "", "real", "The circle's number.", "pi()", [("pi()", 3.141592653589793)]),
    Function("rand", "", "real", "A random number from 0 to 1, another for each row.", "random()", []),
    Function(
        "rand",
        params="count: long",
        returns="real",
        doc="A random whole number from 0 to below the count, another for each row.",
        sql="floor(random() * {count})",
        examples=[("rand(1)", 0.0)],
        naming="{}",
    ),
    Function(
        "isnan",
        params="value: real",
        returns="bool",
        doc="Whether the value is no number.",
        sql="coalesce(isnan({value}), FALSE)",
        examples=[("isnan(0.0 / 0.0)", True), ("isnan(todouble('x'))", False)],
    ),
    Function(
        "isinf",
        params="value: real",
        returns="bool",
        doc="Whether the value is infinite.",
        sql="coalesce(isinf({value}), FALSE)",
        examples=[("isinf(-1.0 / 0.0)", True), ("isinf(1)", False)],
    ),
    Function(
        "isfinite",
        params="value: real",
        returns="bool",
        doc="Whether the value is a number and not infinite.",
        sql="coalesce(isfinite({value}), FALSE)",
        examples=[("isfinite(1.0 / 0.0)", False), ("isfinite(0.0)", True)],
    ),
    Function(
        "max_of",
        params="first: T, second: T, *others: T",
        returns="T",
        doc="The greatest of the values; nulls do not count, NaN prevails.",
        sql=_max_of,
        examples=[("max_of(10, 1, -3, 17)", 17), ("max_of(1, long(null), 3)", 3), ("max_of(1, 2.5)", 2.5)],
    ),
    Function(
        "min_of",
        params="first: T, second: T, *others: T",
        returns="T",
        doc="The least of the values; nulls do not count, NaN prevails.",
        sql=_min_of,
        examples=[("min_of(int(null), 5)", 5), ("min_of(1h, 30m)", "00:30:00")],
    ),
    _bits("binary_and", "The bits that are set in both.", "{left} & {right}", [("binary_and(5, 3)", 1)]),
    _bits("binary_or", "The bits that are set in either.", "{left} | {right}", [("binary_or(5, 3)", 7)]),
    _bits("binary_xor", "The bits that are set in one only.", "xor({left}, {right})", [("binary_xor(5, 3)", 6)]),
    _bits(
        "binary_shift_left",
        "The bits moved left; what leaves the 64 is lost, and the count is taken modulo 64.",
        "kql_wrap_long(CAST({left} AS HUGEINT) * (CAST(1 AS HUGEINT) << CAST({right} & 63 AS INTEGER)))",
        [("binary_shift_left(1, 2)", 4), ("binary_shift_left(1, 63)", -9223372036854775808)],
    ),
    _bits(
        "binary_shift_right",
        "The bits moved right, keeping the sign; the count is taken modulo 64.",
        "{left} >> CAST({right} & 63 AS BIGINT)",
        [("binary_shift_right(-8, 1)", -4)],
    ),
    Function(
        "binary_not",
        params="value: long",
        returns="long",
        doc="All bits turned round.",
        sql="~{value}",
        examples=[("binary_not(100)", -101)],
        naming="{}",
    ),
    Function(
        "bitset_count_ones",
        params="value: long",
        returns="long",
        doc="How many bits are set.",
        sql="CAST(bit_count({value}) AS BIGINT)",
        examples=[("bitset_count_ones(42)", 3)],
        naming="{}",
    ),
)
"""Arithmetic, logarithms, angles, bits."""
