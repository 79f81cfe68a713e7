"""Percentiles: of values, of values with weights, several at once in an array."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from vedette.kql.functions.conversions import CONVERSIONS, SQL_TYPES
from vedette.kql.functions.entry import NOT_CONSTANT, AggregateFunction, SqlCall
from vedette.kql.types import ScalarType

_VALUES = ("numeric", "datetime", "timespan")
_TEN = "range v from 1 to 10 step 1"
_WEIGHTED = "datatable(w:long, v:long)[8, 10, 6, 20, 3, 30, 1, 40]"
_TIMES = "datatable(w:long, t:datetime)[1, datetime(2020-01-01), 9, datetime(2020-01-02)]"
_NEAREST = "by nearest rank"


def _returned(types: Sequence[ScalarType]) -> ScalarType:
    return {ScalarType.int: ScalarType.long, ScalarType.decimal: ScalarType.real}.get(types[0], types[0])


def _percents(call: SqlCall, first: int) -> list[float]:
    """The percentages: constants one by one, or a constant array."""
    percents: list[float] = []
    for value in call.constants[first:]:
        items: list[Any] = cast(list[Any], value) if isinstance(value, list) else [value]
        percents.extend(float(item) for item in items if isinstance(item, int | float) and item is not NOT_CONSTANT)
    return percents


def _fractions(percents: Sequence[float]) -> str:
    return ", ".join(repr(min(max(percent, 0.0), 100.0) / 100.0) for percent in percents)


def _percentile(call: SqlCall) -> str:
    return _as_returned(f"quantile_disc({call.arguments[0]}, {_fractions(_percents(call, 1))})", call.types)


def _percentile_array(call: SqlCall) -> str:
    return _array(f"quantile_disc({call.arguments[0]}, [{_fractions(_percents(call, 1))}])", call.types[0])


def _weighted(call: SqlCall) -> str:
    return _as_returned(f"{_weighted_values(call)}[1]", call.types)


def _weighted_array(call: SqlCall) -> str:
    return _array(_weighted_values(call), call.types[0])


def _weighted_values(call: SqlCall) -> str:
    """The list of the values at the percentiles. A weight that is not positive leaves its value out."""
    value, weight = call.arguments[0], call.arguments[1]
    percents = ", ".join(repr(percent) for percent in _percents(call, 2))
    gathered = f"list({{'v': {value}, 'w': {weight}}}) FILTER (WHERE {value} IS NOT NULL AND {weight} > 0)"
    places = f"py_percentiles_positions(list_transform(s, lambda item: item.w), CAST([{percents}] AS DOUBLE[]))"
    chosen = f"list_transform({places}, lambda place: s[place].v)"
    return f"list_transform([list_sort({gathered})], lambda s: {chosen})[1]"


def _as_returned(sql: str, types: Sequence[ScalarType]) -> str:
    returned = _returned(types)
    return sql if returned is types[0] else f"CAST({sql} AS {SQL_TYPES[returned]})"


def _array(values: str, type: ScalarType) -> str:
    if type in (ScalarType.int, ScalarType.long, ScalarType.real):
        return f"CAST({values} AS VARIANT)"
    element = (
        "CAST(CAST(item AS DOUBLE) AS VARIANT)"
        if type is ScalarType.decimal
        else CONVERSIONS[(type, ScalarType.dynamic)].replace("{x}", "item")
    )
    return f"CAST(list_transform({values}, lambda item: {element}) AS VARIANT)"


def _entries(
    name: str,
    rest: str,
    doc: str,
    sql: Callable[[SqlCall], str],
    examples: Sequence[tuple[str, Any]],
    *,
    in_array: bool = False,
) -> list[AggregateFunction]:
    returns = "dynamic" if in_array else _returned
    prefix = "percentiles" if in_array else "percentile"
    return [
        AggregateFunction(
            name, f"value: {type}, {rest}", returns, doc, sql, prefix, examples if type == _VALUES[0] else []
        )
        for type in _VALUES
    ]


FUNCTIONS: tuple[AggregateFunction, ...] = (
    *_entries(
        "percentile",
        "percent!: real",
        f"The value below or at which so many per cent of the values lie, {_NEAREST}.",
        _percentile,
        [
            ("datatable(v:long)[1, 2, 3, 4, 5] | summarize p = percentile(v, 50)", [[3]]),
            ("datatable(t:timespan)[1h, 2h, 3h] | summarize percentile(t, 50)", [["02:00:00"]]),
            ("datatable(v:int)[] | summarize percentile(v, 50)", [[None]]),
        ],
    ),
    *_entries(
        "percentiles",
        "percent!: real",
        "The same; with several percentages, by itself in summarize, a column for each.",
        _percentile,
        [(f"{_TEN} | summarize percentiles(v, 5, 50, 99.9)", [[1, 5, 10]])],
    ),
    *_entries(
        "percentiles_array",
        "*percents!: real",
        f"An array of the values below or at which so many per cent of the values lie, {_NEAREST}.",
        _percentile_array,
        [(f"{_TEN} | summarize percentiles_array(v, 5, 50, 95)", [[[1, 5, 10]]])],
        in_array=True,
    ),
    *_entries(
        "percentiles_array",
        "percents!: dynamic",
        "The same with the percentages in an array.",
        _percentile_array,
        [(f"{_TEN} | summarize percentiles_array(v, dynamic([50, 99.9]))", [[[5, 10]]])],
        in_array=True,
    ),
    *_entries(
        "percentilew",
        "weight: long, percent!: real",
        f"The percentile, {_NEAREST}, where each value counts as often as its weight says.",
        _weighted,
        [
            (f"{_WEIGHTED} | summarize percentilew(v, w, 50)", [[20]]),
            (f"{_WEIGHTED} | where v > 40 | summarize percentilew(v, w, 50)", [[None]]),
            (f"{_TIMES} | summarize percentilew(t, w, 11)", [["2020-01-02T00:00:00.0000000Z"]]),
        ],
    ),
    *_entries(
        "percentilesw",
        "weight: long, percent!: real",
        "The same; with several percentages, by itself in summarize, a column for each.",
        _weighted,
        [(f"{_WEIGHTED} | summarize percentilesw(v, w, 50, 75, 99.9)", [[20, 20, 40]])],
    ),
    *_entries(
        "percentilesw_array",
        "weight: long, *percents!: real",
        "An array of percentiles where each value counts as often as its weight says.",
        _weighted_array,
        [(f"{_WEIGHTED} | summarize percentilesw_array(v, w, 50, 75, 99.9)", [[[20, 20, 40]]])],
        in_array=True,
    ),
    *_entries(
        "percentilesw_array",
        "weight: long, percents!: dynamic",
        "The same with the percentages in an array.",
        _weighted_array,
        [(f"{_WEIGHTED} | summarize percentilesw_array(v, w, dynamic([50, 75, 99.9]))", [[[20, 20, 40]]])],
        in_array=True,
    ),
)
"""Percentiles; where several columns are asked for, the compiler makes them of these."""
