"""Aggregates that gather values: make_list, make_set, make_bag and their …if forms."""

from collections.abc import Callable, Sequence
from typing import Any

from vedette.kql.functions.conversions import CONVERSIONS
from vedette.kql.functions.entry import AggregateFunction, SqlCall
from vedette.kql.types import ScalarType

_MOST_ELEMENTS = 1048576
_NUMBERS = "datatable(v:long)[3, 1, 3, long(null), 2]"
_BAGS = "datatable(d:dynamic)[dynamic({'a': 1}), dynamic({'a': 2, 'b': 3}), dynamic(5)]"
_SHAPES = (
    "datatable(d:dynamic)[dynamic({'x': 1, 'y': 3.5}), dynamic({'x': 'text', 'z': [1, 'a']}), "
    "dynamic({'y': {'w': true}})]"
)
_PLAIN = frozenset({ScalarType.bool, ScalarType.int, ScalarType.long, ScalarType.string, ScalarType.dynamic})


def _element(call: SqlCall) -> str:
    """The first argument in a form that becomes the right VARIANT when a list of it is cast."""
    type, value = call.types[0], call.arguments[0]
    return value if type in _PLAIN else CONVERSIONS[(type, ScalarType.dynamic)].replace("{x}", value)


def _condition(call: SqlCall, predicate: int | None, *, skips_nulls: bool) -> str:
    tests: list[str] = []
    if skips_nulls and call.nullable[0]:
        tests.append(f"{call.arguments[0]} IS NOT NULL")
    if predicate is not None:
        tests.append(call.arguments[predicate])
    return f" FILTER (WHERE {' AND '.join(tests)})" if tests else ""


def _list(size: int | None, predicate: int | None, *, skips_nulls: bool = True) -> Callable[[SqlCall], str]:
    """The elements of arrays are taken one by one, as Kusto does."""

    def template(call: SqlCall) -> str:
        gathered = f"list({_element(call)}){_condition(call, predicate, skips_nulls=skips_nulls)}"
        if call.types[0] is ScalarType.dynamic and skips_nulls:
            gathered = f"kql_flattened({gathered})"
        return f"kql_gathered({gathered}, {_size(call, size)})"

    return template


def _set(size: int | None, predicate: int | None) -> Callable[[SqlCall], str]:
    """The elements of arrays are taken one by one, as Kusto does."""

    def template(call: SqlCall) -> str:
        where = _condition(call, predicate, skips_nulls=True)
        type, value = call.types[0], call.arguments[0]
        if type is ScalarType.dynamic:
            gathered = f"kql_distinct(kql_flattened(list({value}){where}))"
        else:
            gathered = _different(call, f"({value}){where}")
        if type not in _PLAIN:
            element = CONVERSIONS[(type, ScalarType.dynamic)].replace("{x}", "element")
            gathered = f"list_transform({gathered}, lambda element: {element})"
        return f"kql_gathered({gathered}, {_size(call, size)})"

    return template


def _different(call: SqlCall, gathered: str) -> str:
    """Of many groups each has few values, which are sorted out in their own list; one group is left to the engine's
    hash, which works on it with all processors."""
    if call.grouped:
        return f"kql_set_of(list{gathered})"
    return f"kql_set(count{gathered}, list{gathered}, list(DISTINCT {gathered[1:]})"


def _size(call: SqlCall, position: int | None) -> str:
    return str(_MOST_ELEMENTS) if position is None else f"greatest({call.arguments[position]}, 0)"


def _bag(predicate: int | None) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        bag = call.arguments[0]
        test = f"variant_type({bag}) = 'OBJECT'"
        if predicate is not None:
            test = f"{test} AND {call.arguments[predicate]}"
        return f"kql_merged(list(CAST(CAST({bag} AS JSON) AS VARCHAR)) FILTER (WHERE {test}))"

    return template


def _schema(call: SqlCall) -> str:
    texts = f"list(CAST(CAST({call.arguments[0]} AS JSON) AS VARCHAR))"
    return f"CAST(CAST(py_dynamics_schema({texts}) AS JSON) AS VARIANT)"


def _gathering(
    name: str,
    params: str,
    doc: str,
    template: Callable[[SqlCall], str],
    prefix: str,
    examples: Sequence[tuple[str, Any]] = (),
    aliases: tuple[str, ...] = (),
) -> AggregateFunction:
    return AggregateFunction(name, params, "dynamic", doc, template, prefix, examples, aliases)


FUNCTIONS: tuple[AggregateFunction, ...] = (
    _gathering(
        "make_list",
        "value: any",
        "An array of the values that are not null, in the order of the rows; of arrays, their elements.",
        _list(None, None),
        "list",
        [
            (f"{_NUMBERS} | summarize make_list(v)", [[[3, 1, 3, 2]]]),
            (
                "datatable(d:dynamic)[dynamic([1, [2]]), dynamic([1]), dynamic({'a': 3})] | summarize make_list(d)",
                [[[1, [2], 1, {"a": 3}]]],
            ),
            ("datatable(v:long)[] | summarize make_list(v)", [[[]]]),
        ],
        ("makelist",),
    ),
    _gathering(
        "make_list",
        "value: any, size: long",
        "An array of at most so many of the values that are not null.",
        _list(1, None),
        "list",
        [(f"{_NUMBERS} | summarize make_list(v, 2)", [[[3, 1]]])],
        ("makelist",),
    ),
    _gathering(
        "make_list_if",
        "value: any, predicate: bool",
        "An array of the values for which the condition is true.",
        _list(None, 1),
        "list",
        [(f"{_NUMBERS} | summarize make_list_if(v, v > 1)", [[[3, 3, 2]]])],
    ),
    _gathering(
        "make_list_if",
        "value: any, predicate: bool, size: long",
        "An array of at most so many of the values for which the condition is true.",
        _list(2, 1),
        "list",
    ),
    _gathering(
        "make_list_with_nulls",
        "value: any",
        "An array of the values, nulls included.",
        _list(None, None, skips_nulls=False),
        "list",
        [(f"{_NUMBERS} | summarize make_list_with_nulls(v)", [[[3, 1, 3, None, 2]]])],
    ),
    _gathering(
        "make_set",
        "value: any",
        "An array of the different values that are not null; of arrays, their elements.",
        _set(None, None),
        "set",
        [
            (f"{_NUMBERS} | summarize make_set(v)", [[[3, 1, 2]]]),
            (
                "datatable(d:dynamic)[dynamic(['a', 'b']), dynamic(['b', 'c'])] | summarize make_set(d)",
                [[["a", "b", "c"]]],
            ),
        ],
        ("makeset",),
    ),
    _gathering(
        "make_set",
        "value: any, size: long",
        "An array of at most so many of the different values that are not null.",
        _set(1, None),
        "set",
        [(f"{_NUMBERS} | summarize make_set(v, 2)", [[[3, 1]]])],
        ("makeset",),
    ),
    _gathering(
        "make_set_if",
        "value: any, predicate: bool",
        "An array of the different values for which the condition is true.",
        _set(None, 1),
        "set",
        [(f"{_NUMBERS} | summarize make_set_if(v, v > 1)", [[[3, 2]]])],
    ),
    _gathering(
        "make_set_if",
        "value: any, predicate: bool, size: long",
        "An array of at most so many of the different values for which the condition is true.",
        _set(2, 1),
        "set",
    ),
    _gathering(
        "make_bag",
        "value: dynamic, size: long = 1048576",
        "One bag of the properties of all bags; where a name repeats, the first counts.",
        _bag(None),
        "bag",
        [
            (f"{_BAGS} | summarize make_bag(d)", [[{"a": 1, "b": 3}]]),
            (f"{_BAGS} | where false | summarize make_bag(d)", [[{}]]),
        ],
    ),
    _gathering(
        "make_dictionary",
        "value: dynamic, size: long = 1048576",
        "The older name of make_bag.",
        _bag(None),
        "dictionary",
        [(f"{_BAGS} | summarize make_dictionary(d)", [[{"a": 1, "b": 3}]])],
    ),
    _gathering(
        "buildschema",
        "value: dynamic",
        "The least schema that admits all of the values; null where there is none.",
        _schema,
        "schema",
        [
            (
                f"{_SHAPES} | summarize buildschema(d)",
                [
                    [
                        {
                            "x": ["long", "string"],
                            "y": [{"w": "bool"}, "double"],
                            "z": {"`indexer`": ["long", "string"]},
                        }
                    ]
                ],
            ),
            (f"{_BAGS} | where false | summarize buildschema(d)", [[None]]),
        ],
    ),
    _gathering(
        "make_bag_if",
        "value: dynamic, predicate: bool, size: long = 1048576",
        "One bag of the properties of the bags for which the condition is true.",
        _bag(1),
        "bag",
        [(f"{_BAGS} | summarize make_bag_if(d, isnotnull(d.b))", [[{"a": 2, "b": 3}]])],
    ),
)
"""Lists, sets and bags."""
