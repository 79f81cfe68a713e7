"""Aggregates that count, add up and compare: count, sum, avg, min, max, dcount and their …if forms."""

from collections.abc import Callable, Sequence
from typing import Any

from vedette.kql.functions.entry import AggregateFunction, SqlCall
from vedette.kql.types import ScalarType

Examples = Sequence[tuple[str, Any]]

_NUMBERS = "datatable(g:string, v:long)['a', 1, 'a', 2, 'b', 5, 'b', long(null)]"
_EMPTY = "datatable(v:long)[]"


def _where(call: SqlCall, position: int | None) -> str:
    return "" if position is None else f" FILTER (WHERE {call.arguments[position]})"


# --- sums and averages ---------------------------------------------------------------------------------------------

# The low 64 bits of a sum, with its sign; in place and with few operators, for binding them is what costs.
_WRAPPED = (
    "CAST(xor(coalesce(sum({v}){w}, 0) & 18446744073709551615, 9223372036854775808) - 9223372036854775808 AS BIGINT)"
)
_SUMS = {
    "long": _WRAPPED,
    "real": "coalesce(sum({v}){w}, 0)",
    "decimal": "CAST(coalesce(sum({v}){w}, 0) AS DECIMAL(38, 17))",
    "timespan": _WRAPPED,
}
_AVERAGES = {
    "long": f"CAST({_WRAPPED} AS DOUBLE) / count({{v}}){{w}}",
    "real": "coalesce(avg({v}){w}, CAST('nan' AS DOUBLE))",
    "decimal": "CAST(avg({v}){w} AS DECIMAL(38, 17))",
    "timespan": "CAST(avg({v}){w} AS BIGINT)",
    "datetime": "make_timestamp(CAST(avg(epoch_us({v})){w} AS BIGINT))",
}


def _sum(type: str, predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return _SUMS[type].replace("{v}", call.arguments[0]).replace("{w}", _where(call, predicate))

    return template


def _average(type: str, predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return _AVERAGES[type].replace("{v}", call.arguments[0]).replace("{w}", _where(call, predicate))

    return template


def _sums() -> list[AggregateFunction]:
    entries: list[AggregateFunction] = []
    for type in _SUMS:
        entries.append(
            AggregateFunction(
                "sum",
                f"value: {type}",
                type,
                "The sum; of nothing it is 0, and a sum of longs wraps around.",
                _sum(type, None),
                "sum",
                [(f"{_NUMBERS} | summarize sum(v)", [[8]]), (f"{_EMPTY} | summarize sum(v)", [[0]])]
                if type == "long"
                else [],
            )
        )
        entries.append(
            AggregateFunction(
                "sumif",
                f"value: {type}, predicate: bool",
                type,
                "The sum of the values for which the condition is true.",
                _sum(type, 1),
                "sumif",
                [(f"{_NUMBERS} | summarize sumif(v, v > 1)", [[7]])] if type == "long" else [],
            )
        )
    return entries


def _averages() -> list[AggregateFunction]:
    entries: list[AggregateFunction] = []
    for type in _AVERAGES:
        entries.append(
            AggregateFunction(
                "avg",
                f"value: {type}",
                "real" if type == "long" else type,
                "The arithmetic mean; of no numbers it is NaN.",
                _average(type, None),
                "avg",
                [
                    (f"{_NUMBERS} | where g == 'a' | summarize avg(v)", [[1.5]]),
                    (f"{_EMPTY} | summarize isnan(avg(v))", [[True]]),
                ]
                if type == "long"
                else [],
            )
        )
        entries.append(
            AggregateFunction(
                "avgif",
                f"value: {type}, predicate: bool",
                "real" if type == "long" else type,
                "The arithmetic mean of the values for which the condition is true.",
                _average(type, 1),
                "avgif",
                [(f"{_NUMBERS} | summarize avgif(v, v > 1)", [[3.5]])] if type == "long" else [],
            )
        )
    return entries


# --- extremes ------------------------------------------------------------------------------------------------------


def _extreme(function: str, predicate: int | None) -> Callable[[SqlCall], str]:
    """Strings are never null; dynamics compare as numbers, then as texts."""

    def template(call: SqlCall) -> str:
        value, type = call.arguments[0], call.types[0]
        where = _where(call, predicate)
        if type is ScalarType.dynamic:
            key = f"{{'number': kql_dynamic_to_real({value}), 'text': kql_dynamic_to_string({value})}}"
            return f"arg_{function}({value}, {key}){where}"
        sql = f"{function}({value}){where}"
        return f"coalesce({sql}, '')" if type is ScalarType.string else sql

    return template


def _any(predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        sql = f"any_value({call.arguments[0]}){_where(call, predicate)}"
        return f"coalesce({sql}, '')" if call.types[0] is ScalarType.string else sql

    return template


def _chosen(
    name: str, prefix: str, doc: str, template: Callable[[SqlCall], str], examples: Examples, *, conditional: bool
) -> AggregateFunction:
    params = "value: any, predicate: bool" if conditional else "value: any"
    return AggregateFunction(name, params, "<value>", doc, template, prefix, examples)


# --- counting ------------------------------------------------------------------------------------------------------


def _distinct_count(predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        value = call.arguments[0]
        if call.types[0] is ScalarType.dynamic:
            value = f"CASE WHEN {value} IS NOT NULL THEN kql_key({value}) END"
        return f"count(DISTINCT {value}){_where(call, predicate)}"

    return template


# --- spread --------------------------------------------------------------------------------------------------------

_SPREADS = (
    ("stdev", "stddev_samp", "The sample standard deviation; of fewer than two values it is 0."),
    ("stdevp", "stddev_pop", "The population standard deviation."),
    ("variance", "var_samp", "The sample variance to ten digits after the point; of fewer than two values it is 0."),
    ("variancep", "var_pop", "The population variance to ten digits after the point."),
)
_SPREAD_EXAMPLES = {
    "stdev": [("datatable(x:real)[1.5, 2.5, 3.5] | summarize stdev(x)", [[1.0]])],
    "stdevp": [("datatable(x:real)[1.0, 3.0] | summarize stdevp(x)", [[1.0]])],
    "variance": [
        ("datatable(x:long)[1, 2, 3, 4, 5, 6, 7, 8, 9, 10] | summarize variance(x)", [[9.1666666667]]),
        ("datatable(x:long)[1] | summarize variance(x)", [[0.0]]),
    ],
    "variancep": [("datatable(x:long)[1, 2, 3, 4, 5] | summarize variancep(x)", [[2.0]])],
}


def _spread(function: str, predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        sql = f"{function}({call.arguments[0]}){_where(call, predicate)}"
        return f"coalesce(round({sql}, 10), 0)" if function.startswith("var") else f"coalesce({sql}, 0)"

    return template


def _spreads() -> list[AggregateFunction]:
    entries: list[AggregateFunction] = []
    for name, function, doc in _SPREADS:
        entries.append(
            AggregateFunction(name, "value: real", "real", doc, _spread(function, None), name, _SPREAD_EXAMPLES[name])
        )
        entries.append(
            AggregateFunction(
                f"{name}if",
                "value: real, predicate: bool",
                "real",
                f"{doc.split(';')[0].rstrip('.')}, of the values for which the condition is true.",
                _spread(function, 1),
                f"{name}if",
                [],
            )
        )
    return entries


def _covariances() -> list[AggregateFunction]:
    return [
        AggregateFunction(
            f"{name}{suffix}",
            f"x: real, y: real{', predicate: bool' if suffix else ''}",
            "real",
            f"The {kind} covariance of two values" + (" where a condition is true." if suffix else "."),
            f"{function}({{x}}, {{y}})" + (" FILTER (WHERE {predicate})" if suffix else ""),
            f"{name}{suffix}",
            [("datatable(x:real, y:real)[1.0, 1.0, 3.0, 3.0] | summarize covariancep(x, y)", [[1.0]])]
            if name == "covariancep" and not suffix
            else [],
            named_arguments=2,
        )
        for name, function, kind in (
            ("covariance", "covar_samp", "sample"),
            ("covariancep", "covar_pop", "population"),
        )
        for suffix in ("", "if")
    ]


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        "count",
        "*value: any",
        "long",
        "The number of rows, nulls included even where a column is named.",
        "count(*)",
        "count",
        [(f"{_NUMBERS} | summarize count(), c = count(v)", [[4, 4]])],
    ),
    AggregateFunction(
        "cnt",
        "",
        "long",
        "The older name of count.",
        "count(*)",
        "cnt",
        [(f"{_NUMBERS} | summarize cnt()", [[4]])],
    ),
    AggregateFunction(
        "countif",
        "predicate: bool",
        "long",
        "The number of rows for which the condition is true.",
        "count(*) FILTER (WHERE {predicate})",
        "countif",
        [(f"{_NUMBERS} | summarize countif(v > 1)", [[2]])],
    ),
    *_sums(),
    *_averages(),
    _chosen(
        "min", "min", "The least value; nulls do not count.", _extreme("min", None),
        [(f"{_NUMBERS} | summarize min(v), min(g)", [[1, "a"]]), (f"{_EMPTY} | summarize min(v)", [[None]])],
        conditional=False,
    ),
    _chosen(
        "max", "max", "The greatest value; nulls do not count.", _extreme("max", None),
        [(f"{_NUMBERS} | summarize max(v) by g", [["a", 2], ["b", 5]])],
        conditional=False,
    ),
    _chosen(
        "minif", "minif", "The least of the values for which the condition is true.", _extreme("min", 1),
        [(f"{_NUMBERS} | summarize minif(v, v > 1)", [[2]])],
        conditional=True,
    ),
    _chosen(
        "maxif", "maxif", "The greatest of the values for which the condition is true.", _extreme("max", 1),
        [(f"{_NUMBERS} | summarize maxif(v, v < 5)", [[2]])],
        conditional=True,
    ),
    _chosen(
        "take_any", "", "Some value, one that is not null if there is any.", _any(None),
        [("datatable(v:long)[long(null), 7] | summarize take_any(v)", [[7]])],
        conditional=False,
    ),
    _chosen("any", "any", "The older name of take_any.", _any(None), [], conditional=False),
    _chosen(
        "take_anyif", "", "Some value for which the condition is true.", _any(1),
        [(f"{_NUMBERS} | summarize take_anyif(v, v > 2)", [[5]])],
        conditional=True,
    ),
    _chosen("anyif", "anyif", "The older name of take_anyif.", _any(1), [], conditional=True),
    AggregateFunction(
        "dcount",
        "value: any, accuracy: long = 1",
        "long",
        "The number of different values that are not null; exact whatever the accuracy asked for.",
        _distinct_count(None),
        "dcount",
        [(f"{_NUMBERS} | summarize dcount(g), dcount(v)", [[2, 3]])],
    ),
    AggregateFunction(
        "dcountif",
        "value: any, predicate: bool, accuracy: long = 1",
        "long",
        "The number of different values for which the condition is true.",
        _distinct_count(1),
        "dcountif",
        [(f"{_NUMBERS} | summarize dcountif(g, v > 2)", [[1]])],
    ),
    AggregateFunction(
        "count_distinct",
        "value: any",
        "long",
        "The number of different values that are not null.",
        _distinct_count(None),
        "count_distinct",
        [(f"{_NUMBERS} | summarize count_distinct(g)", [[2]])],
    ),
    AggregateFunction(
        "count_distinctif",
        "value: any, predicate: bool",
        "long",
        "The number of different values for which the condition is true.",
        _distinct_count(1),
        "count_distinctif",
        [(f"{_NUMBERS} | summarize count_distinctif(g, v > 2)", [[1]])],
    ),
    *_spreads(),
    *_covariances(),
    *(
        AggregateFunction(
            f"binary_all_{name}",
            "value: integral",
            "<value>",
            f"The bits of all values joined by {name}.",
            f"bit_{name}({{value}})",
            "",
            [(f"datatable(v:long)[6, 3] | summarize binary_all_{name}(v)", [[expected]])],
        )
        for name, expected in (("and", 2), ("or", 7), ("xor", 5))
    ),
)  # fmt: skip
"""Counting, adding, comparing, and measures of spread."""
