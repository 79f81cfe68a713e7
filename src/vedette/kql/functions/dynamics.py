"""Functions that make and read dynamic values: JSON, arrays from values, bags of properties."""

import json
import re
from collections.abc import Sequence
from typing import Any

from vedette.kql.functions.conversions import as_dynamic, as_text
from vedette.kql.functions.entry import Function, SqlCall, quote


def _parse_any(call: SqlCall) -> str:
    return as_dynamic(call, 0)


def _to_json(call: SqlCall) -> str:
    return f"coalesce(CAST(CAST({as_dynamic(call, 0)} AS JSON) AS VARCHAR), 'null')"


# What Kusto reads as a path: names and positions. The engine would raise at others, and find several values at a `*`.
_JSON_PART = re.compile(r"\.([^.\[\]*'\"]+)|(\[\d+\])|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def _extract_json(call: SqlCall) -> str:
    path, text = call.constants[0], call.arguments[1]
    if not isinstance(path, str):
        return f"coalesce(json_extract_string(TRY_CAST({text} AS JSON), {call.arguments[0]}), '')"
    parts = list(_JSON_PART.finditer(path))
    if path != "$" + "".join(part[0] for part in parts):
        return "''"
    steps = [part[2] or f'."{part[1] or part[3] or part[4] or ""}"' for part in parts]
    return f"coalesce(json_extract_string(TRY_CAST({text} AS JSON), {quote('$' + ''.join(steps))}), '')"


# --- bags ----------------------------------------------------------------------------------------------------------


def _bag_pack(call: SqlCall) -> str:
    keys, values = call.constants[0::2], range(1, len(call.arguments), 2)
    if not keys:
        return "CAST(CAST('{}' AS JSON) AS VARIANT)"
    if _are_field_names(keys):
        fields = ", ".join(
            f"{_field(str(key))} := {as_dynamic(call, position)}" for key, position in zip(keys, values, strict=True)
        )
        return f"CAST(struct_pack({fields}) AS VARIANT)"
    pairs = [f"MAP {{{as_text(call, at - 1)}: kql_json({as_dynamic(call, at)})}}" for at in values]
    merged = pairs[0] if len(pairs) == 1 else f"map_concat({', '.join(pairs)})"
    return f"kql_bag_of({merged})"


def _are_field_names(keys: Sequence[Any]) -> bool:
    names = [key.lower() for key in keys if isinstance(key, str) and key]
    return len(names) == len(keys) == len(set(names))


def _field(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _bag_merge(call: SqlCall) -> str:
    bags = ", ".join(f"kql_bag_or_empty({bag})" for bag in reversed(call.arguments))
    some = " OR ".join(f"variant_type({bag}) = 'OBJECT'" for bag in call.arguments)
    return f"CASE WHEN {some} THEN kql_bag_of(map_concat({bags})) END"


def _bag_has_key(call: SqlCall) -> str:
    bag, key = call.arguments
    constant = call.constants[1]
    if isinstance(constant, str) and constant.startswith("$"):
        return f"coalesce(json_exists(CAST({bag} AS JSON), {quote(constant)}), FALSE)"
    return f"coalesce(list_contains(variant_keys({bag}), {key}), FALSE)"


def _bag_set_key(call: SqlCall) -> str:
    bag, constant, value = call.arguments[0], call.constants[1], as_dynamic(call, 2)
    if isinstance(constant, str) and constant.startswith("$."):
        nested = f"kql_json({value})"
        for part in reversed(constant[2:].split(".")):
            nested = f"json_object({quote(part)}, {nested})"
        patched = f"CAST(json_merge_patch(CAST({bag} AS JSON), {nested}) AS VARIANT)"
        return f"CASE WHEN variant_type({bag}) = 'OBJECT' THEN {patched} END"
    changed = f"kql_bag_of(map_concat(kql_bag({bag}), MAP {{{call.arguments[1]}: kql_json({value})}}))"
    return f"CASE WHEN variant_type({bag}) = 'OBJECT' THEN {changed} END"


# --- arrays --------------------------------------------------------------------------------------------------------


def _pack_array(call: SqlCall) -> str:
    items = ", ".join(as_dynamic(call, position) for position in range(len(call.arguments)))
    return f"CAST([{items}] AS VARIANT)"


def _repeat(call: SqlCall) -> str:
    return (
        f"CASE WHEN {call.arguments[1]} >= 0 THEN CAST(list_transform("
        f"range(least({call.arguments[1]}, 1048576)), lambda turn: {as_dynamic(call, 0)}) AS VARIANT) END"
    )


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "parse_json",
        params="text: string",
        returns="dynamic",
        doc="The value that a JSON text describes; a text that is no JSON is itself the value, the empty one null.",
        sql="kql_parse_json({text})",
        examples=[
            ("parse_json('{\"a\":[1,2.5,null]}')", {"a": [1, 2.5, None]}),
            ("parse_json('abc')", "abc"),
            ("parse_json('')", None),
            ("parse_json('null')", None),
        ],
        aliases=("todynamic",),
        naming="{}",
        deprecated_aliases=("parsejson", "toobject"),
    ),
    Function(
        "parse_json",
        params="value: dynamic",
        returns="dynamic",
        doc="A dynamic value stays what it is.",
        sql="{value}",
        examples=[("parse_json(dynamic([1]))", [1])],
        aliases=("todynamic",),
        naming="{}",
        deprecated_aliases=("parsejson", "toobject"),
    ),
    Function(
        "parse_json",
        params="value: any",
        returns="dynamic",
        doc="Any other value as a dynamic.",
        sql=_parse_any,
        examples=[("todynamic(1)", 1)],
        aliases=("todynamic",),
        naming="{}",
        deprecated_aliases=("parsejson", "toobject"),
    ),
    Function(
        "dynamic_to_json",
        params="value: any",
        returns="string",
        doc="The value as JSON text.",
        sql=_to_json,
        examples=[("dynamic_to_json(dynamic([1, 'a']))", _json([1, "a"])), ("dynamic_to_json(dynamic(null))", "null")],
    ),
    Function(
        "extract_json",
        params="path: string, text: string",
        returns="string",
        doc="What stands at a JSON path such as $.a[0].b in a JSON text; '' if nothing does.",
        sql=_extract_json,
        examples=[
            ('extract_json(\'$.a[0].b\', \'{"a":[{"b":"x"}]}\')', "x"),
            ("extract_json('$.b', '{\"a\":1}')", ""),
            ('extract_json("$[\'a b\'].c", \'{"a b":{"c":true}}\')', "true"),
            ("extract_json('$.b', 'no json')", ""),
            ('extract_json("$b", "{}")', ""),
        ],
        deprecated_aliases=("extractjson",),
    ),
    Function(
        "bag_pack",
        params="*items: any",
        returns="dynamic",
        doc="A bag of names and values that follow each other.",
        sql=_bag_pack,
        examples=[
            ("bag_pack('a', 1, 'b', 'x')", {"a": 1, "b": "x"}),
            ("bag_pack('a', datetime(2020-01-01), 'A', int(null))", {"a": "2020-01-01T00:00:00.0000000Z", "A": None}),
            ("bag_pack(strcat('k', 1), 1.5)", {"k1": 1.5}),
        ],
        aliases=("pack_dictionary",),
        deprecated_aliases=("pack",),
    ),
    Function(
        "bag_keys",
        params="bag: dynamic",
        returns="dynamic",
        doc="The names of a bag's properties; null for what is no bag.",
        sql="CASE WHEN variant_type({bag}) = 'OBJECT' THEN CAST(variant_keys({bag}) AS VARIANT) END",
        examples=[("bag_keys(dynamic({'a': 1, 'b': 2}))", ["a", "b"]), ("bag_keys(dynamic([]))", None)],
    ),
    Function(
        "bag_has_key",
        params="bag: dynamic, key: string",
        returns="bool",
        doc="Whether a bag has a property of that name, or at that JSON path.",
        sql=_bag_has_key,
        examples=[
            ("bag_has_key(dynamic({'a': null}), 'a')", True),
            ("bag_has_key(dynamic({'a': {'b': 1}}), '$.a.b')", True),
            ("bag_has_key(dynamic({'a': 1}), 'A')", False),
        ],
    ),
    Function(
        "bag_merge",
        params="first: dynamic, second: dynamic, *others: dynamic",
        returns="dynamic",
        doc="One bag of all properties; where a name repeats, the leftmost counts.",
        sql=_bag_merge,
        examples=[("bag_merge(dynamic({'a': 1, 'b': 2}), dynamic({'b': 3, 'c': 4}))", {"a": 1, "b": 2, "c": 4})],
    ),
    Function(
        "bag_remove_keys",
        params="bag: dynamic, keys: dynamic",
        returns="dynamic",
        doc="The bag without the properties named in an array.",
        sql="CASE WHEN variant_type({bag}) = 'OBJECT' THEN kql_bag_of(map_from_entries(list_filter("
        "map_entries(kql_bag({bag})), lambda entry: NOT coalesce(list_contains("
        "TRY_CAST({keys} AS VARCHAR[]), entry.key), FALSE)))) END",
        examples=[("bag_remove_keys(dynamic({'a': 1, 'b': 2}), dynamic(['b', 'x']))", {"a": 1})],
    ),
    Function(
        "bag_set_key",
        params="bag: dynamic, key: string, value: any",
        returns="dynamic",
        doc="The bag with a property set, by name or by a JSON path such as $.a.b.",
        sql=_bag_set_key,
        examples=[
            ("bag_set_key(dynamic({'a': 1}), 'b', 3)", {"a": 1, "b": 3}),
            ("bag_set_key(dynamic({'a': {'b': 1, 'c': 2}}), '$.a.b', 'x')", {"a": {"b": "x", "c": 2}}),
        ],
    ),
    Function(
        "bag_zip",
        params="keys: dynamic, values: dynamic",
        returns="dynamic",
        doc="A bag from an array of names and one of values; other names are left out, missing values null.",
        sql="kql_merged(list_transform(list_reverse(list_filter(list_transform(kql_array({keys}), lambda name, place: "
        "{'name': name, 'value': kql_array({values})[place]}), lambda pair: variant_type(pair.name) = 'VARCHAR')), "
        "lambda pair: '{' || CAST(CAST(pair.name AS JSON) AS VARCHAR) || ':' "
        "|| CAST(kql_json(pair.value) AS VARCHAR) || '}'))",
        examples=[
            ("bag_zip(dynamic(['a', 8, 'b']), dynamic([1, '2', 2.5]))", {"a": 1, "b": 2.5}),
            ("bag_zip(dynamic(['a', 'b']), dynamic([1]))", {"a": 1, "b": None}),
        ],
    ),
    Function(
        "pack_array",
        params="*items: any",
        returns="dynamic",
        doc="An array of the values.",
        sql=_pack_array,
        examples=[("pack_array(1, 'a', 1h, dynamic({'x': 1}))", [1, "a", "01:00:00", {"x": 1}]), ("pack_array()", [])],
    ),
    Function(
        "repeat",
        params="value: scalar, count: long",
        returns="dynamic",
        doc="An array of the value so many times; null for a negative count.",
        sql=_repeat,
        examples=[("repeat('a', 2)", ["a", "a"]), ("repeat(1, -1)", None)],
        naming="repeat_{}",
    ),
    Function(
        "treepath",
        params="value: dynamic",
        returns="dynamic",
        doc="The paths to everything in a bag or array, with `[0]` for all elements of an array; null for others.",
        sql="CAST(CAST(py_dynamics_tree_paths(CAST(CAST({value} AS JSON) AS VARCHAR)) AS JSON) AS VARIANT)",
        examples=[
            ("treepath(dynamic({'a': 'b', 'c': 123}))", ["['a']", "['c']"]),
            ("treepath(dynamic({'p': [1, 'x', {'x': 'y'}]}))", ["['p']", "['p'][0]", "['p'][0]['x']"]),
            ("treepath(dynamic(5))", None),
        ],
        naming="tree_{}",
    ),
    *(
        Function(
            "range",
            params=f"start: {type}, stop: {type}, step: {step} = {default}",
            returns="dynamic",
            doc="An array from start to stop (included) in steps, at most 1048576 of them.",
            sql=f"CAST({sql} AS VARIANT)",
            examples=examples,
        )
        for type, step, default, sql, examples in (
            (
                "long",
                "long",
                "1",
                "kql_series({start}, {stop}, {step})",
                [("range(1, 8, 3)", [1, 4, 7]), ("range(3, 1, -1)", [3, 2, 1])],
            ),
            (
                "real",
                "real",
                "1",
                "kql_series_real({start}, {stop}, {step})",
                [("range(0, 1, 0.5)", [0.0, 0.5, 1.0])],
            ),
            (
                "timespan",
                "timespan",
                "1h",
                "list_transform(kql_series({start}, {stop}, {step}), lambda tick: kql_timespan_to_string(tick))",
                [("range(1h, 3h)", ["01:00:00", "02:00:00", "03:00:00"])],
            ),
            (
                "datetime",
                "timespan",
                "1h",
                (
                    "list_transform(kql_series(kql_datetime_to_long({start}), kql_datetime_to_long({stop}), {step}), "
                    "lambda tick: kql_datetime_to_string(kql_long_to_datetime(tick)))"
                ),
                [
                    (
                        "range(datetime(2020-01-01), datetime(2020-01-02), 1d)",
                        ["2020-01-01T00:00:00.0000000Z", "2020-01-02T00:00:00.0000000Z"],
                    )
                ],
            ),
        )
    ),
)
"""JSON, bags and new arrays."""
