"""Sketches of distinct values (hll) and of distributions (tdigest), merged, counted and asked for percentiles."""

from collections.abc import Callable, Sequence
from typing import Any

from vedette.kql.functions.conversions import as_dynamic, as_text
from vedette.kql.functions.entry import AggregateFunction, Function, SqlCall
from vedette.kql.functions.hashing import hash_of
from vedette.kql.types import ScalarType

_HASHED_AS_TEXT = (ScalarType.dynamic, ScalarType.decimal)
_HUNDRED = "range x from 1 to 100 step 1"
_DIGESTS = f"{_HUNDRED} | summarize t = tdigest(x) by x % 3"
_THOUSAND = "range x from 1 to 1000 step 1"
_TIMES = "datatable(t:datetime)[datetime(2020-01-01), datetime(2020-01-02), datetime(2020-01-03)]"
_TO_TEXT = "CAST(CAST({x} AS JSON) AS VARCHAR)"


def _json(text: str) -> str:
    return f"CAST(CAST({text} AS JSON) AS VARIANT)"


def _text(dynamic: str) -> str:
    return _TO_TEXT.replace("{x}", dynamic)


# --- hll -----------------------------------------------------------------------------------------------------------


def _hll(accuracy: int, predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        value, type = call.arguments[0], call.types[0]
        tests = [f"{value} IS NOT NULL"] if predicate is None else [f"{value} IS NOT NULL", call.arguments[predicate]]
        as_hash = hash_of(as_text(call, 0), ScalarType.string) if type in _HASHED_AS_TEXT else hash_of(value, type)
        hashes = f"list(DISTINCT {as_hash}) FILTER (WHERE {' AND '.join(tests)})"
        return _json(f"py_sketches_of_hashes({hashes}, {call.arguments[accuracy]})")

    return template


def _merged(function: str) -> Callable[[SqlCall], str]:
    """The aggregate over a column of sketches."""

    def template(call: SqlCall) -> str:
        return _json(f"{function}(list({_text(call.arguments[0])}))")

    return template


def _joined(function: str) -> Callable[[SqlCall], str]:
    """The scalar function over sketches side by side."""

    def template(call: SqlCall) -> str:
        texts = ", ".join(_text(argument) for argument in call.arguments)
        return _json(f"{function}([{texts}])")

    return template


# --- tdigest -------------------------------------------------------------------------------------------------------

_DIGESTED = ("long", "real", "datetime", "timespan")


def _tdigest(call: SqlCall) -> str:
    value, type = call.arguments[0], call.types[0]
    number = f"kql_datetime_to_long({value})" if type is ScalarType.datetime else value
    weights = f"list({call.arguments[1]})" if len(call.arguments) > 1 else "CAST(NULL AS BIGINT[])"
    function = "py_digests_of_reals" if type is ScalarType.real else "py_digests_of_longs"
    return _json(f"{function}(list({number}), {weights}, '{type.value}')")


def _percentile(call: SqlCall) -> str:
    found = f"py_digests_percentiles({_text(call.arguments[0])}, [{call.arguments[1]}])"
    return f"variant_extract({_json(found)}, 1)"


def _percentiles(call: SqlCall) -> str:
    if call.types[1] is ScalarType.dynamic:
        percents = f"CAST(kql_array({call.arguments[1]}) AS DOUBLE[])"
    else:
        percents = f"CAST([{', '.join(call.arguments[1:])}] AS DOUBLE[])"
    return _json(f"py_digests_percentiles({_text(call.arguments[0])}, {percents})")


def _rank(function: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"{function}({_text(call.arguments[0])}, {_text(as_dynamic(call, 1))})"

    return template


def _digest_entries() -> list[AggregateFunction]:
    examples: dict[str, list[tuple[str, Any]]] = {
        "long": [
            (f"{_HUNDRED} | summarize t = tdigest(x % 3) | project t", [[[[7], [0, 1, 2], [33, 34, 33]]]]),
            ("datatable(x:long)[] | summarize tdigest(x)", [[None]]),
        ],
        "datetime": [
            (
                f"{_TIMES} | summarize d = tdigest(t) | project percentile_tdigest(d, 50, typeof(datetime))",
                [["2020-01-02T00:00:00.0000000Z"]],
            )
        ],
    }
    return [
        AggregateFunction(
            "tdigest",
            f"value: {type}{weight}",
            "dynamic",
            "A digest of the values, each counted once or by its weight, for percentile_tdigest and rank_tdigest.",
            _tdigest,
            "tdigest",
            [] if weight else examples.get(type, []),
        )
        for type in _DIGESTED
        for weight in ("", ", weight: long")
    ]


AGGREGATES: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        "hll",
        "value: any, accuracy: long = 1",
        "dynamic",
        "A sketch of the different values, for dcount_hll; exact up to 1024 of them.",
        _hll(1, None),
        "hll",
        [
            (f"{_HUNDRED} | summarize h = hll(x % 7) | project dcount_hll(h)", [[7]]),
            ("datatable(x:long)[5000] | summarize hll(x)", [[[[1024, 14], ["7755241107725382121"], []]]]),
            ("datatable(x:long)[] | summarize hll(x)", [[None]]),
        ],
    ),
    AggregateFunction(
        "hll_if",
        "value: any, predicate: bool, accuracy: long = 1",
        "dynamic",
        "A sketch of the different values for which the condition is true.",
        _hll(2, 1),
        "hll_if",
        [(f"{_HUNDRED} | summarize h = hll_if(x, x > 90) | project dcount_hll(h)", [[10]])],
    ),
    AggregateFunction(
        "hll_merge",
        "sketch: dynamic",
        "dynamic",
        "One sketch of what several have seen; they must have one accuracy.",
        _merged("py_sketches_merged"),
        "hll_merge",
        [
            (
                f"{_HUNDRED} | summarize h = hll(x % 10) by x % 3 | summarize m = hll_merge(h) | project dcount_hll(m)",
                [[10]],
            )
        ],
    ),
    *_digest_entries(),
    AggregateFunction(
        "tdigest_merge",
        "digest: dynamic",
        "dynamic",
        "One digest of what several have seen; they must be of one type.",
        _merged("py_digests_merged"),
        "merge_tdigests",
        [
            (
                f"{_DIGESTS} | summarize t = tdigest_merge(t) | project rank_tdigest(t, 50)",
                [[50.0]],
            )
        ],
        aliases=("merge_tdigest",),
    ),
)
"""hll, tdigest and what merges them down a column."""

_SKETCH = "toscalar(datatable(x:long)[1, 2, 2] | summarize hll(x))"
_DIGEST = f"toscalar({_THOUSAND} | summarize tdigest(x))"


def _ranks() -> Sequence[Function]:
    return [
        Function(name, "digest: dynamic, value: any", "real", doc, _rank(function), examples)
        for name, function, doc, examples in (
            (
                "rank_tdigest",
                "py_digests_rank",
                "How many of the digest's values are at most this one.",
                [(f"rank_tdigest({_DIGEST}, 685)", 685.0), ("rank_tdigest(dynamic(5), 685)", None)],
            ),
            (
                "percentrank_tdigest",
                "py_digests_percent_rank",
                "How many per cent of the digest's values are at most this one.",
                [(f"percentrank_tdigest({_DIGEST}, 685)", 68.5)],
            ),
        )
    ]


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "dcount_hll",
        params="sketch: dynamic",
        returns="long",
        doc="How many different values a sketch has seen; null for what is no sketch.",
        sql=lambda call: f"py_sketches_count({_text(call.arguments[0])})",
        examples=[(f"dcount_hll({_SKETCH})", 2), ("dcount_hll(dynamic([1]))", None)],
        naming="dcount_hll_{}",
    ),
    Function(
        "hll_isvalid",
        params="sketch: dynamic",
        returns="bool",
        doc="Whether a value is a sketch of distinct values.",
        sql=lambda call: f"py_sketches_is_valid({_text(call.arguments[0])})",
        examples=[(f"hll_isvalid({_SKETCH})", True), ("hll_isvalid(dynamic(null))", False)],
    ),
    Function(
        "hll_merge",
        params="first: dynamic, second: dynamic, *more: dynamic",
        returns="dynamic",
        doc="One sketch of what several have seen; they must have one accuracy.",
        sql=_joined("py_sketches_merged"),
        examples=[(f"dcount_hll(hll_merge({_SKETCH}, {_SKETCH}))", 2)],
        naming="hll_merged_result",
    ),
    Function(
        "percentile_tdigest",
        params="digest: dynamic, percent: real",
        returns="dynamic",
        doc="A percentile of a digest's values, in the type that a last `typeof(…)` names.",
        sql=_percentile,
        examples=[
            (f"percentile_tdigest({_DIGEST}, 50)", 500),
            (f"percentile_tdigest({_DIGEST}, 100, typeof(long))", 1000),
            ("percentile_tdigest(dynamic(null), 50)", None),
        ],
        naming="percentile_tdigest_{}",
    ),
    *(
        Function(
            "percentiles_array_tdigest",
            params=f"digest: dynamic, {percents}",
            returns="dynamic",
            doc="An array of percentiles of a digest's values.",
            sql=_percentiles,
            examples=examples,
            naming="percentile_tdigest_{}",
        )
        for percents, examples in (
            ("*percents: real", [(f"percentiles_array_tdigest({_DIGEST}, 5, 50.5)", [50, 505])]),
            ("percents: dynamic", [(f"percentiles_array_tdigest({_DIGEST}, dynamic([0, 100]))", [1, 1000])]),
        )
    ),
    *_ranks(),
    Function(
        "tdigest_isvalid",
        params="digest: dynamic",
        returns="bool",
        doc="Whether a value is a digest.",
        sql=lambda call: f"py_digests_is_valid({_text(call.arguments[0])})",
        examples=[(f"tdigest_isvalid({_DIGEST})", True), ("tdigest_isvalid(dynamic([]))", False)],
    ),
    Function(
        "tdigest_merge",
        params="first: dynamic, second: dynamic, *more: dynamic",
        returns="dynamic",
        doc="One digest of what several have seen; they must be of one type.",
        sql=_joined("py_digests_merged"),
        examples=[(f"rank_tdigest(tdigest_merge({_DIGEST}, {_DIGEST}), 10)", 20.0)],
        aliases=("merge_tdigest",),
        naming="tdigests_merge_result",
    ),
)
"""What is asked of sketches."""
