"""ClickHouse's templates of the functions on dynamic values, which are JSON texts there."""

import json
import re
from collections.abc import Mapping

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


def _bag_has_key(call: SqlCall) -> str:
    bag = call.arguments[0]
    constant = call.constants[1]
    if not isinstance(constant, str):
        raise DialectGap(NAME, "bag_has_key", "its key has to be a constant there")
    path = [constant]
    if constant.startswith("$"):
        found = _PATH.findall(constant[1:])
        if not re.fullmatch(rf"\$(?:{_PATH.pattern})*", constant) or any(place for _, place, _, _ in found):
            raise DialectGap(NAME, "bag_has_key", "its path has names only there")
        path = [name or single or double for name, _, single, double in found]
    keys = ", ".join(map(quote, path))
    return f"ifNull(startsWith({bag}, '{{') AND JSONHas({bag}, {keys}), 0)" if path else "true"


DYNAMICS: Mapping[str, SqlTemplate] = {
    "parse_json": _parse_json,
    "dynamic_to_json": _to_json,
    "extract_json": _extract_json,
    "bag_pack": _bag_pack,
    "bag_keys": "if(startsWith({bag}, '{'), toJSONString(JSONExtractKeys(ifNull({bag}, ''))), NULL)",
    "bag_merge": _bag_merge,
    "pack_array": _pack_array,
    "bag_remove_keys": "if(startsWith({bag}, '{'), kql_bag_of(arrayFilter(kept_property -> "
    "NOT has(kql_texts({keys}), kept_property.1), JSONExtractKeysAndValuesRaw(ifNull({bag}, '')))), NULL)",
    "bag_has_key": _bag_has_key,
}
"""By the entry's name."""
