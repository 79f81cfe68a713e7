"""What `make-series` is made of: the place of a value on the axis, arrays laid out by place, the axis itself.

They are no functions of the language: the operator puts them into the plan. What `series_gathered` gives is a list of
the engine's own that only `series_laid` reads.
"""

from vedette.kql.functions.conversions import CONVERSIONS
from vedette.kql.functions.entry import AggregateFunction, Function, SqlCall
from vedette.kql.types import INTEGRAL, ScalarType

_PLAIN = frozenset({ScalarType.bool, ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.string})


def _distance(call: SqlCall, *, before: str = "") -> str:
    """The distance from the second argument to the first, and the step, as whole numbers."""
    value, origin, step = call.arguments
    if call.types[0] is ScalarType.datetime:
        return f"epoch_us({value}) - epoch_us({origin}){before}, {step} // 10"
    return f"CAST({value} AS BIGINT) - {origin}{before}, {step}"


def _place(call: SqlCall) -> str:
    if call.types[0] is ScalarType.real:
        value, origin, step = call.arguments
        return f"CASE WHEN {step} > 0 THEN TRY_CAST(floor(({value} - {origin}) / {step}) AS BIGINT) END"
    return f"kql_steps({_distance(call)})"


def _place_after(call: SqlCall) -> str:
    if call.types[0] is ScalarType.real:
        value, origin, step = call.arguments
        return f"CASE WHEN {step} > 0 THEN TRY_CAST(ceil(({value} - {origin}) / {step} - 1e-9) AS BIGINT) END"
    return f"kql_steps({_distance(call, before=' - 1')}) + 1"


def _gathered(call: SqlCall) -> str:
    return f"list({_element(call, 0)} ORDER BY {call.arguments[1]})"


def _element(call: SqlCall, position: int) -> str:
    type, value = call.types[position], call.arguments[position]
    if type in _PLAIN or type is ScalarType.dynamic:
        return value
    return CONVERSIONS[(type, ScalarType.dynamic)].replace("{x}", value)


def _laid(call: SqlCall) -> str:
    items, places, first, stop, _ = call.arguments
    laid = f"kql_series_laid({items}, {places}, {first}, {stop}, {_element(call, 4)})"
    return f"kql_reals({laid})" if call.types[4] is ScalarType.real else f"CAST({laid} AS VARIANT)"


def _axis(call: SqlCall) -> str:
    origin, step, first, stop = call.arguments
    match call.types[0]:
        case ScalarType.datetime:
            at = f"kql_datetime_to_string(make_timestamp(epoch_us({origin}) + place * ({step} // 10)))"
        case ScalarType.timespan:
            at = f"kql_timespan_to_string({origin} + place * {step})"
        case _:
            at = f"{origin} + place * {step}"
    return f"CAST(list_transform(kql_series_places({first}, {stop}), lambda place: {at}) AS VARIANT)"


PLACE = Function(
    "series_place",
    params="value: any, origin: any, step: any",
    returns="long",
    doc="In which step from the origin a value is.",
    sql=_place,
    examples=[],
)
PLACE_AFTER = Function(
    "series_place_after",
    params="stop: any, origin: any, step: any",
    returns="long",
    doc="The first step that does not begin before the stop.",
    sql=_place_after,
    examples=[],
)
GATHERED = AggregateFunction(
    "series_gathered",
    params="value: any, place: long",
    returns="dynamic",
    doc="The values in the order of their places.",
    sql=_gathered,
    prefix="",
    examples=[],
)
FIRST_PLACE = AggregateFunction("series_first", "place: long", "long", "The first place.", "min({place})", "", [])
LAST_PLACE = AggregateFunction(
    "series_last", "place: long", "long", "After the last place.", "max({place}) + 1", "", []
)
LAID = Function(
    "series_laid",
    params="values: any, places: any, first: long, stop: long, filler: any",
    returns="dynamic",
    doc="Gathered values as an array, filled up.",
    sql=_laid,
    examples=[],
)
AXIS = Function(
    "series_axis",
    params="origin: any, step: any, first: long, stop: long",
    returns="dynamic",
    doc="The starts of the steps.",
    sql=_axis,
    examples=[],
)

AXIS_TYPES = frozenset({*INTEGRAL, ScalarType.real, ScalarType.datetime, ScalarType.timespan})
"""What an axis can be of."""
