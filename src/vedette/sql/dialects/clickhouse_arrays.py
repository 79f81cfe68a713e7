"""ClickHouse's templates of the functions on dynamic arrays, and on arrays as sets. What is no array gives null."""

from collections.abc import Callable, Mapping

from vedette.kql.functions.entry import SqlCall, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.dialects.clickhouse_types import CONVERSIONS, NAME, as_dynamic, quote
from vedette.sql.dialects.gap import DialectGap

_MOST_ELEMENTS = 1048576


def _if_array(array: str, elements: str) -> str:
    return f"if(startsWith({array}, '['), kql_array_of({elements}), NULL)"


def _on_array(elements: str) -> str:
    return _if_array("{array}", elements.replace("{elements}", "kql_array({array})"))


def _concat(call: SqlCall) -> str:
    """What is no array is left out."""
    lists = ", ".join(f"kql_array({array})" for array in call.arguments)
    return f"kql_array_of({f'arrayConcat({lists})' if len(call.arguments) > 1 else lists})"


def keyed(array: str) -> str:
    """The elements of an array in one way of writing, so that equal ones are equal texts."""
    return f"arrayMap(keyed_element -> kql_key(keyed_element), kql_array({array}))"


def _index_of(call: SqlCall) -> str:
    array, keys, key = call.arguments[0], keyed(call.arguments[0]), f"kql_key({as_dynamic(call, 1)})"
    if call.constants[2:] == (0, -1, 1):
        return f"if(startsWith({array}, '['), toInt64(indexOf({keys}, {key})) - 1, NULL)"
    first, count, nth = call.arguments[2:]
    start = f"if({first} < 0, greatest(toInt64(length({keys})) + {first}, 0), {first})"
    inside = f"found_place >= {start} AND ({count} < 0 OR found_place < {start} + {count})"
    places = "arrayMap(counted_place -> toInt64(counted_place) - 1, arrayEnumerate(" + keys + "))"
    found = f"arrayFilter((found_place, found_key) -> found_key = {key} AND {inside}, {places}, {keys})"
    nothing = f"NOT startsWith({array}, '['), NULL, {nth} < 1 OR length({found}) < {nth}, -1"
    return f"multiIf({nothing}, arrayElement({found}, {nth}))"


def _sort(function: str) -> Callable[[SqlCall], str]:
    """Numbers before texts before the rest, each in their own order, nulls where they are wanted."""

    def template(call: SqlCall) -> str:
        if ScalarType.dynamic in call.types[1:]:
            raise DialectGap(NAME, "array_sort_asc", "it takes one array there")
        array, nulls_last = call.arguments
        elements = f"kql_array({array})"
        known = f"arrayFilter(sorted_element -> sorted_element <> 'null', {elements})"
        nulls = f"arrayFilter(sorted_element -> sorted_element = 'null', {elements})"
        in_order = f"{function}(sorted_element -> kql_order(sorted_element), {known})"
        placed = f"if({nulls_last}, arrayConcat({in_order}, {nulls}), arrayConcat({nulls}, {in_order}))"
        return _if_array(array, placed)

    return template


def _rotate(sign: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        array, elements = call.arguments[0], f"kql_array({call.arguments[0]})"
        size = f"toInt64(length({elements}))"
        turns = f"positiveModulo({sign}{call.arguments[1]}, greatest({size}, 1))"
        return _if_array(array, f"arrayConcat(arraySlice({elements}, {turns} + 1), arraySlice({elements}, 1, {turns}))")

    return template


def _shift(sign: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        array, count = call.arguments[:2]
        elements = f"kql_array({array})"
        filler = f"ifNull({as_dynamic(call, 2)}, 'null')" if len(call.arguments) > 2 else "'null'"
        place = f"toInt64(shifted_place) + {sign}{count}"
        inside = f"{place} BETWEEN 1 AND toInt64(length({elements}))"
        moved = f"if({inside}, arrayElement({elements}, {place}), {filler})"
        return _if_array(array, f"arrayMap(shifted_place -> {moved}, arrayEnumerate({elements}))")

    return template


def _split(call: SqlCall) -> str:
    if call.types[1] is ScalarType.dynamic:
        raise DialectGap(NAME, "array_split", "it takes one position there")
    array, index = call.arguments
    elements = f"kql_array({array})"
    place = f"if({index} < 0, greatest(toInt64(length({elements})) + {index}, 0), {index})"
    parts = f"[kql_array_of(arraySlice({elements}, 1, {place})), kql_array_of(arraySlice({elements}, {place} + 1))]"
    return _if_array(array, parts)


def _strcat_array(call: SqlCall) -> str:
    delimiter = call.constants[1]
    if not isinstance(delimiter, str):
        raise DialectGap(NAME, "strcat_array", "its delimiter has to be a constant there")
    return f"arrayStringConcat(kql_texts({call.arguments[0]}), {quote(delimiter)})"


# --- sets ----------------------------------------------------------------------------------------------------------


def _set_union(call: SqlCall) -> str:
    lists = ", ".join(keyed(array) for array in call.arguments)
    joined = f"arrayConcat({lists})" if len(call.arguments) > 1 else lists
    return f"kql_array_of(arrayDistinct({joined}))"


def _set_operation(wanted: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        result = keyed(call.arguments[0])
        for number, other in enumerate(call.arguments[1:]):
            kept = f"kept_element_{number}"
            result = f"arrayFilter({kept} -> has({keyed(other)}, {kept}) = {wanted}, {result})"
        return _if_array(call.arguments[0], f"arrayDistinct({result})")

    return template


def _set_has_element(call: SqlCall) -> str:
    array = call.arguments[0]
    return f"if(startsWith({array}, '['), has({keyed(array)}, kql_key({as_dynamic(call, 1)})), NULL)"


def _set_equals(call: SqlCall) -> str:
    left, right = (f"arraySort(arrayDistinct({keyed(array)}))" for array in call.arguments)
    return f"if({_both(call)}, {left} = {right}, NULL)"


def _jaccard(call: SqlCall) -> str:
    left, right = map(keyed, call.arguments)
    common = f"length(arrayDistinct(arrayFilter(kept_element -> has({right}, kept_element), {left})))"
    return f"if({_both(call)}, {common} / length(arrayDistinct(arrayConcat({left}, {right}))), NULL)"


def _both(call: SqlCall) -> str:
    return " AND ".join(f"startsWith({array}, '[')" for array in call.arguments)


# --- new arrays ----------------------------------------------------------------------------------------------------


def _range(call: SqlCall) -> str:
    """Counted, so that the errors of addition do not add up."""
    start, stop, step = call.arguments
    if call.types[0] is ScalarType.datetime:
        start, stop = f"kql_datetime_to_long({start})", f"kql_datetime_to_long({stop})"
    is_real = call.types[0] is ScalarType.real
    steps = f"floor(({stop} - {start}) / {step} + 1e-9)" if is_real else f"floor(({stop} - {start}) / {step})"
    count = f"toUInt64(least(greatest(ifNull(if({step} = 0, -1, {steps}), -1) + 1, 0), {_MOST_ELEMENTS}))"
    at = f"{start} + {'toFloat64' if is_real else 'toInt64'}(counted_place) * {step}"
    if call.types[0] is ScalarType.datetime:
        at = f"kql_long_to_datetime({at})"
    written = CONVERSIONS[(call.types[0], ScalarType.dynamic)].replace("{x}", f"({at})")
    elements = f"arrayMap(counted_place -> ifNull({written}, 'null'), range({count}))"
    return f"if(isNull({step}) OR {step} = 0 OR isNull({stop} - {start}), NULL, kql_array_of({elements}))"


def _repeat(call: SqlCall) -> str:
    count = call.arguments[1]
    size = f"toUInt64(least(greatest(ifNull({count}, 0), 0), {_MOST_ELEMENTS}))"
    elements = f"arrayWithConstant({size}, ifNull({as_dynamic(call, 0)}, 'null'))"
    return f"if({count} >= 0, kql_array_of({elements}), NULL)"


ARRAYS: Mapping[str, SqlTemplate] = {
    "array_length": "if(startsWith({array}, '['), toInt64(JSONLength({array})), NULL)",
    "array_concat": _concat,
    "array_slice": _on_array("kql_array_slice({elements}, {start}, {end})"),
    "array_reverse": _on_array("arrayReverse({elements})"),
    "array_index_of": _index_of,
    "array_sort_asc": _sort("arraySort"),
    "array_sort_desc": _sort("arrayReverseSort"),
    "array_rotate_left": _rotate(""),
    "array_rotate_right": _rotate("-"),
    "array_shift_left": _shift(""),
    "array_shift_right": _shift("-"),
    "array_split": _split,
    "array_sum": "if(startsWith({array}, '['), "
    "arraySum(summed_element -> ifNull(kql_dynamic_to_real(summed_element), 0.), kql_array({array})), NULL)",
    "strcat_array": _strcat_array,
    "set_union": _set_union,
    "set_intersect": _set_operation("1"),
    "set_difference": _set_operation("0"),
    "set_has_element": _set_has_element,
    "set_equals": _set_equals,
    "jaccard_index": _jaccard,
    "range": _range,
    "repeat": _repeat,
}
"""By the entry's name."""
