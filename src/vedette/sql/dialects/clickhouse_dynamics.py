"""ClickHouse's templates of the functions on dynamic values, which are JSON texts there."""

import json
import re
from collections.abc import Mapping
from typing import Any

from vedette.kql.functions.entry import SqlCall, SqlTemplate
from vedette.sql.dialects.clickhouse_types import NAME, as_dynamic, as_text, quote
from vedette.sql.dialects.gap import DialectGap

_PATH = re.compile(r"\.([^.\[\]*'\"]+)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def _parse_json(call: SqlCall) -> str:
    from_text = call.types[0].value == "string"
    return f"kql_parse_json({call.arguments[0]})" if from_text else as_dynamic(call, 0)


def _to_json(call: SqlCall) -> str:
    return f"ifNull({as_dynamic(call, 0)}, 'null')"


def _extract_json(call: SqlCall) -> str:
    path, text = call.constants[0], call.arguments[1]
    if not isinstance(path, str):
        raise DialectGap(NAME, "extract_json", "its path has to be a constant there")
    if not re.fullmatch(rf"\$(?:{_PATH.pattern})*", path):
        return "''"
    value = f"kql_parse_json({text})"
    for name, place, single, double in _PATH.findall(path[1:]):
        value = f"kql_item({value}, {place})" if place else f"kql_property({value}, {quote(name or single or double)})"
    return f"if(isValidJSON({text}), kql_dynamic_to_string({value}), '')"


def _bag_pack(call: SqlCall) -> str:
    """Names that are constant and different are written as they are; of others the last counts where one repeats."""
    keys, values = call.constants[0::2], range(1, len(call.arguments), 2)
    if not keys:
        return quote("{}")
    if all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys):
        pieces: list[str] = []
        for key, position in zip(keys, values, strict=True):
            name = json.dumps(key, ensure_ascii=False)
            pieces.append(quote(f"{',' if pieces else '{'}{name}:"))
            pieces.append(f"ifNull({as_dynamic(call, position)}, 'null')")
        return f"concat({', '.join(pieces)}, '}}')"
    pairs = [f"({as_text(call, at - 1)}, ifNull({as_dynamic(call, at)}, 'null'))" for at in reversed(values)]
    return f"kql_bag_of([{', '.join(pairs)}])"


def _bag_merge(call: SqlCall) -> str:
    bags = ", ".join(f"JSONExtractKeysAndValuesRaw(ifNull({bag}, ''))" for bag in call.arguments)
    some = " OR ".join(f"startsWith({bag}, '{{')" for bag in call.arguments)
    joined = f"arrayConcat({bags})" if len(call.arguments) > 1 else bags
    return f"if({some}, kql_bag_of({joined}), NULL)"


def _pack_array(call: SqlCall) -> str:
    pieces: list[str] = []
    for position in range(len(call.arguments)):
        pieces.append("','" if pieces else "'['")
        pieces.append(f"ifNull({as_dynamic(call, position)}, 'null')")
    return f"concat({', '.join(pieces)}, ']')" if pieces else "'[]'"


def _array_concat(call: SqlCall) -> str:
    lists = ", ".join(f"kql_array({array})" for array in call.arguments)
    some = " OR ".join(f"startsWith({array}, '[')" for array in call.arguments)
    joined = f"arrayConcat({lists})" if len(call.arguments) > 1 else lists
    return f"if({some}, kql_array_of({joined}), NULL)"


def _array_index_of(call: SqlCall) -> str:
    if call.constants[2:] != (0, -1, 1):
        raise DialectGap(NAME, "array_index_of", "it takes two arguments there")
    array = call.arguments[0]
    keys = f"arrayMap(keyed_element -> kql_key(keyed_element), kql_array({array}))"
    found = f"toInt64(indexOf({keys}, kql_key({as_dynamic(call, 1)}))) - 1"
    return f"if(startsWith({array}, '['), {found}, NULL)"


def _strcat_array(call: SqlCall) -> str:
    delimiter = call.constants[1]
    if not isinstance(delimiter, str):
        raise DialectGap(NAME, "strcat_array", "its delimiter has to be a constant there")
    return f"arrayStringConcat(kql_texts({call.arguments[0]}), {quote(delimiter)})"


def _keyed(array: str) -> str:
    return f"arrayMap(keyed_element -> kql_key(keyed_element), kql_array({array}))"


def _set_of(lists: str, arrays: tuple[str, ...]) -> str:
    some = " AND ".join(f"startsWith({array}, '[')" for array in arrays)
    return f"if({some}, kql_array_of(arrayDistinct({lists})), NULL)"


def _set_union(call: SqlCall) -> str:
    lists = ", ".join(_keyed(array) for array in call.arguments)
    some = " OR ".join(f"startsWith({array}, '[')" for array in call.arguments)
    joined = f"arrayConcat({lists})" if len(call.arguments) > 1 else lists
    return f"if({some}, kql_array_of(arrayDistinct({joined})), NULL)"


def _set_operation(wanted: str) -> Any:
    def template(call: SqlCall) -> str:
        result = _keyed(call.arguments[0])
        for number, other in enumerate(call.arguments[1:]):
            kept = f"kept_element_{number}"
            result = f"arrayFilter({kept} -> has({_keyed(other)}, {kept}) = {wanted}, {result})"
        return _set_of(result, call.arguments[:1])

    return template


def _set_has_element(call: SqlCall) -> str:
    array = call.arguments[0]
    return f"if(startsWith({array}, '['), has({_keyed(array)}, kql_key({as_dynamic(call, 1)})), NULL)"


DYNAMICS: Mapping[str, SqlTemplate] = {
    "parse_json": _parse_json,
    "dynamic_to_json": _to_json,
    "extract_json": _extract_json,
    "bag_pack": _bag_pack,
    "bag_keys": "if(startsWith({bag}, '{'), toJSONString(JSONExtractKeys(ifNull({bag}, ''))), NULL)",
    "bag_merge": _bag_merge,
    "pack_array": _pack_array,
    "array_length": "if(startsWith({array}, '['), toInt64(JSONLength({array})), NULL)",
    "array_concat": _array_concat,
    "array_slice": "if(startsWith({array}, '['), "
    "kql_array_of(kql_array_slice(kql_array({array}), {start}, {end})), NULL)",
    "array_reverse": "if(startsWith({array}, '['), kql_array_of(arrayReverse(kql_array({array}))), NULL)",
    "array_index_of": _array_index_of,
    "array_sum": "if(startsWith({array}, '['), "
    "arraySum(summed_element -> ifNull(kql_dynamic_to_real(summed_element), 0.), kql_array({array})), NULL)",
    "strcat_array": _strcat_array,
    "set_union": _set_union,
    "set_intersect": _set_operation("1"),
    "set_difference": _set_operation("0"),
    "set_has_element": _set_has_element,
}
"""By the entry's name."""
