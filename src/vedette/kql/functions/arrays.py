"""Functions on dynamic arrays, and on arrays as sets."""

from collections.abc import Callable

from vedette.kql.functions.conversions import as_dynamic
from vedette.kql.functions.entry import Function, SqlCall
from vedette.kql.functions.strings import joined
from vedette.kql.types import ScalarType


def _concat(call: SqlCall) -> str:
    lists = [f"kql_array({array})" for array in call.arguments]
    joined = lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"
    return f"CAST({joined} AS VARIANT)"


def _index_of(call: SqlCall) -> str:
    array, value = call.arguments[0], as_dynamic(call, 1)
    return f"kql_array_index_of(kql_array({array}), {value}, {', '.join(call.arguments[2:])})"


def _sort(direction: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"CAST(kql_array_sort(kql_array({call.arguments[0]}), '{direction}', {call.arguments[1]}) AS VARIANT)"

    return template


def _sort_along(direction: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        arrays = [text for text, type in zip(call.arguments, call.types, strict=True) if type is ScalarType.dynamic]
        nulls_last = call.arguments[-1] if call.types[-1] is ScalarType.bool else "TRUE"
        order = f"kql_array_order(kql_array({arrays[0]}), '{direction}', {nulls_last})"
        placed = ", ".join(f"kql_array_placed(kql_array({array}), {order})" for array in arrays)
        return f"CAST([{placed}] AS VARIANT)"

    return template


def _shift(sign: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        array, count, *rest = call.arguments
        filler = as_dynamic(call, 2) if rest else "CAST(NULL AS VARIANT)"
        return f"CAST(kql_array_shift(kql_array({array}), {sign}{count}, {filler}) AS VARIANT)"

    return template


def _iff(call: SqlCall) -> str:
    chosen: list[str] = []
    for position in (1, 2):
        value = as_dynamic(call, position)
        if call.types[position] is ScalarType.dynamic:
            value = f"CASE WHEN variant_type({value}) = 'ARRAY' THEN kql_array({value})[place] ELSE {value} END"
        chosen.append(value)
    return (
        f"CAST(list_transform(kql_array({call.arguments[0]}), lambda test, place: "
        f"CASE kql_dynamic_to_bool(test) WHEN TRUE THEN {chosen[0]} WHEN FALSE THEN {chosen[1]} END) AS VARIANT)"
    )


def _split_at_one(call: SqlCall) -> str:
    index = call.arguments[1]
    array = f"kql_array({call.arguments[0]})"
    place = f"CASE WHEN {index} < 0 THEN greatest(len({array}) + {index}, 0) ELSE {index} END"
    return (
        f"CASE WHEN {array} IS NOT NULL THEN CAST([list_slice({array}, 1, {place}), "
        f"list_slice({array}, {place} + 1, len({array}))] AS VARIANT) END"
    )


def _split_at_many(call: SqlCall) -> str:
    array = f"kql_array({call.arguments[0]})"
    places = (
        f"list_transform(TRY_CAST({call.arguments[1]} AS BIGINT[]), "
        f"lambda place: CASE WHEN place < 0 THEN greatest(len({array}) + place, 0) ELSE least(place, len({array})) END)"
    )
    ends = f"list_concat({places}, [len({array})])"
    return (
        f"CASE WHEN {array} IS NOT NULL THEN CAST(list_transform({ends}, lambda stop, turn: "
        f"list_slice({array}, coalesce(({ends})[turn - 1], 0) * CAST(turn > 1 AS INTEGER) + 1, stop)) AS VARIANT) END"
    )


def _strcat_array(call: SqlCall) -> str:
    texts = f"list_transform(kql_array({call.arguments[0]}), lambda item: kql_dynamic_to_string(item))"
    return joined(texts, call, 1)


def _zip(call: SqlCall) -> str:
    lists = ", ".join(f"kql_array({array})" for array in call.arguments)
    parts = ", ".join(f"zipped[{number}]" for number in range(1, len(call.arguments) + 1))
    return f"CAST(list_transform(list_zip({lists}), lambda zipped: [{parts}]) AS VARIANT)"


def _set_operation(wanted: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        result = f"kql_array({call.arguments[0]})"
        for other in call.arguments[1:]:
            result = f"kql_elements_in({result}, coalesce(kql_array({other}), []), {wanted})"
        return f"CAST(kql_distinct({result}) AS VARIANT)"

    return template


def _set_union(call: SqlCall) -> str:
    lists = [f"kql_array({array})" for array in call.arguments]
    joined = lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"
    return f"CAST(kql_distinct({joined}) AS VARIANT)"


def _set_has_element(call: SqlCall) -> str:
    return f"list_contains(kql_keys(kql_array({call.arguments[0]})), kql_key({as_dynamic(call, 1)}))"


_SET_SIZES = (
    "len(kql_distinct(kql_elements_in(kql_array({left}), kql_array({right}), TRUE)))",
    "len(kql_distinct(list_concat(kql_array({left}), kql_array({right}))))",
)

FUNCTIONS: tuple[Function, ...] = (
    Function(
        "array_length",
        params="array: dynamic",
        returns="long",
        doc="The number of elements; null for what is no array.",
        sql="CASE WHEN variant_type({array}) = 'ARRAY' THEN CAST(variant_array_length({array}) AS BIGINT) END",
        examples=[("array_length(dynamic([1, null]))", 2), ("array_length(dynamic({'a': 1}))", None)],
        deprecated_aliases=("arraylength",),
    ),
    Function(
        "array_concat",
        params="first: dynamic, *others: dynamic",
        returns="dynamic",
        doc="The arrays one after the other; what is no array is left out.",
        sql=_concat,
        examples=[
            ("array_concat(dynamic([1, 2]), dynamic([99]))", [1, 2, 99]),
            ("array_concat(dynamic({'a': 1}), dynamic([99]))", [99]),
        ],
    ),
    Function(
        "array_slice",
        params="array: dynamic, start: long, end: long",
        returns="dynamic",
        doc="The elements from one position to another, both included; negative ones count from the end.",
        sql="CAST(kql_array_slice(kql_array({array}), {start}, {end}) AS VARIANT)",
        examples=[
            ("array_slice(dynamic([1, 2, 3, 4, 5]), 1, 3)", [2, 3, 4]),
            ("array_slice(dynamic([1, 2, 3, 4, 5]), -3, -2)", [3, 4]),
        ],
    ),
    Function(
        "array_index_of",
        params="array: dynamic, value: any, start: long = 0, length: long = -1, occurrence: long = 1",
        returns="long",
        doc="Where the nth element equal to the value is, looking at `length` places from `start`; -1 if nowhere.",
        sql=_index_of,
        examples=[
            ("array_index_of(dynamic(['a', 'b']), 'b')", 1),
            ("array_index_of(dynamic([5, 15]), 15.0)", 1),
            ("array_index_of(dynamic(['a', 'b', 'a']), 'a', 1, 1)", -1),
            ("array_index_of(dynamic(['a', 'b', 'a']), 'a', -1)", 2),
        ],
    ),
    Function(
        "array_reverse",
        params="array: dynamic",
        returns="dynamic",
        doc="The elements from last to first.",
        sql="CAST(list_reverse(kql_array({array})) AS VARIANT)",
        examples=[("array_reverse(dynamic([1, 'a']))", ["a", 1])],
    ),
    Function(
        "array_rotate_left",
        params="array: dynamic, count: long",
        returns="dynamic",
        doc="The elements moved left, those that leave coming back at the end.",
        sql="CAST(kql_array_rotate(kql_array({array}), {count}) AS VARIANT)",
        examples=[("array_rotate_left(dynamic([1, 2, 3, 4, 5]), 2)", [3, 4, 5, 1, 2])],
    ),
    Function(
        "array_rotate_right",
        params="array: dynamic, count: long",
        returns="dynamic",
        doc="The elements moved right, those that leave coming back at the start.",
        sql="CAST(kql_array_rotate(kql_array({array}), -{count}) AS VARIANT)",
        examples=[("array_rotate_right(dynamic([1, 2, 3, 4, 5]), -2)", [3, 4, 5, 1, 2])],
    ),
    *(
        Function(
            f"array_shift_{side}",
            params=params,
            returns="dynamic",
            doc=f"The elements moved {side}, the gap filled with a value or null.",
            sql=_shift(sign),
            examples=examples,
        )
        for side, sign, params, examples in (
            ("left", "", "array: dynamic, count: long", [("array_shift_left(dynamic([1, 2, 3]), 2)", [3, None, None])]),
            (
                "left",
                "",
                "array: dynamic, count: long, filler: any",
                [("array_shift_left(dynamic([1, 2]), 1, 0)", [2, 0])],
            ),
            (
                "right",
                "-",
                "array: dynamic, count: long",
                [("array_shift_right(dynamic([1, 2, 3]), 2)", [None, None, 1])],
            ),
            (
                "right",
                "-",
                "array: dynamic, count: long, filler: any",
                [("array_shift_right(dynamic([1, 2]), 1, 0)", [0, 1])],
            ),
        )
    ),
    Function(
        "array_sort_asc",
        params="array: dynamic, nulls_last: bool = true",
        returns="dynamic",
        doc="The elements in order, numbers before texts, nulls last unless told.",
        sql=_sort("ASC"),
        examples=[
            ("array_sort_asc(dynamic([3, null, 1.5]))", [1.5, 3, None]),
            ("array_sort_asc(dynamic([null, 'b', 'a']), false)", [None, "a", "b"]),
        ],
        naming="{}_sorted",
    ),
    Function(
        "array_sort_desc",
        params="array: dynamic, nulls_last: bool = true",
        returns="dynamic",
        doc="The elements from greatest to least, nulls last unless told.",
        sql=_sort("DESC"),
        examples=[("array_sort_desc(dynamic([null, 'blue', 'yellow']))", ["yellow", "blue", None])],
        naming="{}_sorted",
    ),
    *(
        Function(
            f"array_sort_{direction}",
            params="array: dynamic, second: dynamic, *others: any",
            returns="dynamic",
            doc="Several arrays in the order of the first one's elements, in an array; one of another length is null. "
            "As an item of extend, project or print each gives a column.",
            sql=_sort_along(direction.upper()),
            examples=examples,
        )
        for direction, examples in (
            ("asc", [("array_sort_asc(dynamic([2, null, 1]), dynamic(['b', 'x', 'a']))[1]", ["a", "b", "x"])]),
            (
                "desc",
                [
                    ("array_sort_desc(dynamic([1, 3, 2]), dynamic(['a', 'b', 'c']))[1]", ["b", "c", "a"]),
                    ("array_sort_desc(dynamic([1, 3]), dynamic([1]), dynamic([null, 5]), false)[2]", [5, None]),
                    ("array_sort_desc(dynamic([1, 3]), dynamic([1]))[1]", None),
                ],
            ),
        )
    ),
    Function(
        "array_split",
        params="array: dynamic, index: long",
        returns="dynamic",
        doc="Two arrays: the elements before a position, and the rest.",
        sql=_split_at_one,
        examples=[("array_split(dynamic([1, 2, 3, 4, 5]), 2)", [[1, 2], [3, 4, 5]])],
    ),
    Function(
        "array_split",
        params="array: dynamic, indices: dynamic",
        returns="dynamic",
        doc="The array cut at several positions.",
        sql=_split_at_many,
        examples=[("array_split(dynamic([1, 2, 3, 4, 5]), dynamic([1, 3]))", [[1], [2, 3], [4, 5]])],
    ),
    Function(
        "array_sum",
        params="array: dynamic",
        returns="real",
        doc="The sum of the numbers; nulls do not count, and what is no array is null.",
        sql="CASE WHEN kql_array({array}) IS NOT NULL THEN coalesce(list_sum(list_transform("
        "kql_array({array}), lambda item: kql_dynamic_to_real(item))), 0) END",
        examples=[("array_sum(dynamic([1, null, 3]))", 4.0), ("array_sum(dynamic(null))", None)],
    ),
    Function(
        "array_iff",
        params="conditions: dynamic, then: any, otherwise: any",
        returns="dynamic",
        doc="For each condition an element (or a value) of one or of the other kind; null for what is no condition.",
        sql=_iff,
        examples=[
            ("array_iff(dynamic([true, false, true]), dynamic([1, 2, 3]), dynamic([4, 5, 6]))", [1, 5, 3]),
            ("array_iff(dynamic([true, null]), 1, 0)", [1, None]),
        ],
        aliases=("array_iif",),
    ),
    Function(
        "strcat_array",
        params="array: dynamic, delimiter: any",
        returns="string",
        doc="The texts of the elements with a delimiter between them.",
        sql=_strcat_array,
        examples=[("strcat_array(dynamic([1, 'a', null]), '->')", "1->a->"), ("strcat_array(dynamic(null), ',')", "")],
        aliases=("array_strcat",),
    ),
    Function(
        "zip",
        params="first: dynamic, second: dynamic, *others: dynamic",
        returns="dynamic",
        doc="An array of arrays of the elements in the same place; the shorter ones are filled up with null.",
        sql=_zip,
        examples=[("zip(dynamic(['A', 1, 1.5]), dynamic([{}, 'B']))", [["A", {}], [1, "B"], [1.5, None]])],
    ),
    Function(
        "set_union",
        params="first: dynamic, second: dynamic, *others: dynamic",
        returns="dynamic",
        doc="The different elements of all the arrays, in order of first appearance.",
        sql=_set_union,
        examples=[("set_union(dynamic([1, 2, 1]), dynamic([3, 2]))", [1, 2, 3])],
    ),
    Function(
        "set_intersect",
        params="first: dynamic, second: dynamic, *others: dynamic",
        returns="dynamic",
        doc="The different elements that all the arrays have.",
        sql=_set_operation("TRUE"),
        examples=[
            ("set_intersect(dynamic([1, 2, 2, 3]), dynamic([2, 3.0]))", [2, 3]),
            ("set_intersect(dynamic([1]), dynamic([4]))", []),
        ],
    ),
    Function(
        "set_difference",
        params="first: dynamic, second: dynamic, *others: dynamic",
        returns="dynamic",
        doc="The different elements of the first array that none of the others has.",
        sql=_set_operation("FALSE"),
        examples=[("set_difference(dynamic([null, 1, null, 2]), dynamic([null]))", [1, 2])],
    ),
    Function(
        "set_has_element",
        params="array: dynamic, value: any",
        returns="bool",
        doc="Whether an array has the value; a number is not its text.",
        sql=_set_has_element,
        examples=[("set_has_element(dynamic([1, 2]), 2)", True), ("set_has_element(dynamic([1, 2]), '2')", False)],
    ),
    Function(
        "set_equals",
        params="left: dynamic, right: dynamic",
        returns="bool",
        doc="Whether two arrays have the same elements, in whatever order.",
        sql="list_sort(list_distinct(kql_keys(kql_array({left})))) "
        "= list_sort(list_distinct(kql_keys(kql_array({right}))))",
        examples=[("set_equals(dynamic([1, 2, 1]), dynamic([2, 1]))", True)],
    ),
    Function(
        "jaccard_index",
        params="left: dynamic, right: dynamic",
        returns="real",
        doc="How many elements two arrays have in common, as a part of all they have.",
        sql=f"CAST({_SET_SIZES[0]} AS DOUBLE) / {_SET_SIZES[1]}",
        examples=[("jaccard_index(dynamic([1, 2, 3]), dynamic([1, 2, 3, 4]))", 0.75)],
    ),
)
"""Arrays and sets."""
