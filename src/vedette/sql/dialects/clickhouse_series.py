"""ClickHouse's templates of what `make-series` is made of. Gathered values are an array of the engine's own."""

from collections.abc import Mapping

from vedette.kql.functions.entry import SqlCall, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.dialects.clickhouse_types import CONVERSIONS


def _distance(call: SqlCall, *, before: str = "") -> str:
    """The distance from the second argument to the first, and the step, as whole numbers."""
    value, origin, step = call.arguments
    if call.types[0] is ScalarType.datetime:
        return f"toUnixTimestamp64Micro({value}) - toUnixTimestamp64Micro({origin}){before}, intDiv({step}, 10)"
    return f"{value} - {origin}{before}, {step}"


def _place(call: SqlCall) -> str:
    value, origin, step = call.arguments
    if call.types[0] is ScalarType.real:
        return f"if({step} > 0, kql_real_to_long(floor(({value} - {origin}) / {step})), NULL)"
    return f"kql_steps({_distance(call)})"


def _place_after(call: SqlCall) -> str:
    value, origin, step = call.arguments
    if call.types[0] is ScalarType.real:
        return f"if({step} > 0, kql_real_to_long(ceil(({value} - {origin}) / {step} - 1e-9)), NULL)"
    return f"kql_steps({_distance(call, before=' - 1')}) + 1"


def _gathered(call: SqlCall) -> str:
    """As JSON, but places as numbers."""
    value, place = call.arguments
    if value != place:
        value = f"ifNull({CONVERSIONS.get((call.types[0], ScalarType.dynamic), '{x}').replace('{x}', value)}, 'null')"
    pairs = f"arraySort(placed_value -> placed_value.2, groupArray(({value}, {place})))"
    return f"arrayMap(placed_value -> placed_value.1, {pairs})"


def _laid(call: SqlCall) -> str:
    items, places, first, stop, filler = call.arguments
    written = CONVERSIONS.get((call.types[4], ScalarType.dynamic), "{x}").replace("{x}", filler)
    return f"kql_array_of(kql_series_laid({items}, {places}, {first}, {stop}, ifNull({written}, 'null')))"


def _axis(call: SqlCall) -> str:
    origin, step, first, stop = call.arguments
    type = call.types[0]
    if type is ScalarType.datetime:
        at = f"kql_long_to_datetime(kql_datetime_to_long({origin}) + axis_place * {step})"
    else:
        at = f"{origin} + axis_place * {step}"
    written = CONVERSIONS[(type, ScalarType.dynamic)].replace("{x}", f"({at})")
    return f"kql_array_of(arrayMap(axis_place -> ifNull({written}, 'null'), kql_series_places({first}, {stop})))"


SERIES: Mapping[str, SqlTemplate] = {
    "series_place": _place,
    "series_place_after": _place_after,
    "series_laid": _laid,
    "series_axis": _axis,
}
"""By the entry's name."""

SERIES_AGGREGATES: Mapping[str, SqlTemplate] = {
    "series_gathered": _gathered,
    "series_first": "minOrNull({place})",
    "series_last": "(maxOrNull({place}) + 1)",
}
"""By the entry's name."""
