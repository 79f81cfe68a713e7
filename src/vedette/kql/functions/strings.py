"""Functions on texts that need no pattern."""

from collections.abc import Callable

from vedette.kql.functions.conversions import as_text, converted
from vedette.kql.functions.entry import NOT_CONSTANT, Function, SqlCall, quote
from vedette.kql.types import ScalarType

_MOST_REPETITIONS = 1024


_LONGEST = 2_147_483_647  # characters; the engine refuses longer parts of a text


def _of_text(sql: str) -> Callable[[SqlCall], str]:
    """A template over the text of the first argument, whatever its type; the hole is `{x}`."""

    def template(call: SqlCall) -> str:
        return sql.replace("{x}", as_text(call, 0))

    return template


def joined(texts: str, call: SqlCall, position: int) -> str:
    """The texts of an SQL list with an argument's text between them."""
    delimiter = as_text(call, position)
    if call.constants[position] is NOT_CONSTANT:
        return f"kql_joined({texts}, {delimiter})"
    return f"coalesce(array_to_string({texts}, {delimiter}), '')"


def _strcat(call: SqlCall) -> str:
    return f"concat({', '.join(as_text(call, position) for position in range(len(call.arguments)))})"


def _strcat_delim(call: SqlCall) -> str:
    return f"concat_ws({', '.join(as_text(call, position) for position in range(len(call.arguments)))})"


def _strcmp(call: SqlCall) -> str:
    left, right = as_text(call, 0), as_text(call, 1)
    return f"CAST(CASE WHEN {left} < {right} THEN -1 WHEN {left} > {right} THEN 1 ELSE 0 END AS BIGINT)"


def _strrep(call: SqlCall) -> str:
    count = f"CAST(least(greatest({call.arguments[1]}, 0), {_MOST_REPETITIONS}) AS BIGINT)"
    if len(call.arguments) < 3 or call.constants[2] == "":
        return f"repeat({as_text(call, 0)}, {count})"
    return joined(f"list_transform(range({count}), lambda turn: {as_text(call, 0)})", call, 2)


def _substring(call: SqlCall) -> str:
    text, first = as_text(call, 0), call.constants[1]
    _, start, *rest = call.arguments
    count = rest[0] if rest else None
    known = call.constants[-1] if rest else None
    if isinstance(first, int) and 0 <= first < _LONGEST:
        if count is None:
            return f"substring({text}, {first + 1})"
        if isinstance(known, int):
            return f"substring({text}, {first + 1}, {min(known, _LONGEST)})" if known > 0 else "''"
    return f"kql_substring({text}, {start}, {count or f'length({text})'})"


def _split(call: SqlCall) -> str:
    text = as_text(call, 0)
    parts = f"[{text}]" if call.constants[1] == "" else f"string_split({text}, {call.arguments[1]})"
    if len(call.arguments) == 2:
        return f"CAST({parts} AS VARIANT)"
    index = call.arguments[2]
    part = f"({parts})[least({index}, {_LONGEST}) + 1]"
    return f"CASE WHEN {index} >= 0 AND {part} IS NOT NULL THEN CAST([{part}] AS VARIANT) END"


def _indexof(call: SqlCall) -> str:
    text, needle = as_text(call, 0), as_text(call, 1)
    if len(call.arguments) == 2:
        return f"CASE WHEN {needle} <> '' THEN strpos({text}, {needle}) - 1 END"
    first, count, nth = call.arguments[2:]
    return f"kql_indexof({text}, {needle}, {first}, {count}, {nth})"


def _overlaps_itself(text: str) -> bool:
    return any(text.startswith(text[start:]) for start in range(1, len(text)))


def _countof(call: SqlCall) -> str:
    text, needle = call.arguments[:2]
    constant = call.constants[1]
    if constant == "":
        return "CAST(0 AS BIGINT)"
    if constant is NOT_CONSTANT or _overlaps_itself(constant):
        return f"kql_countof({text}, {needle})"
    return f"(length({text}) - length(replace({text}, {needle}, ''))) // {len(constant)}"


def _replace_string(call: SqlCall) -> str:
    text, lookup, rewrite = call.arguments
    if call.constants[1] == "":
        return text
    return f"replace({text}, {lookup}, {rewrite})"


def _translate(call: SqlCall) -> str:
    search, replacement = call.constants[0], call.constants[1]
    if isinstance(search, str) and isinstance(replacement, str) and 0 < len(replacement) < len(search):
        padded = replacement + replacement[-1] * (len(search) - len(replacement))
        return f"translate({call.arguments[2]}, {call.arguments[0]}, {quote(padded)})"
    return f"translate({call.arguments[2]}, {call.arguments[0]}, {call.arguments[1]})"


def _tohex(call: SqlCall) -> str:
    value = call.arguments[0]
    bits = f"({value} & 4294967295)" if call.types[0] is ScalarType.int else value
    digits = f"lower(to_hex(CAST({bits} AS BIGINT)))"
    if len(call.arguments) > 1:
        width = f"CAST(least(greatest({call.arguments[1]}, 0), 64) AS INTEGER)"
        digits = f"CASE WHEN length({digits}) < {width} THEN lpad({digits}, {width}, '0') ELSE {digits} END"
    return f"coalesce({digits}, '')"


def _codepoints_to_string(call: SqlCall) -> str:
    lists: list[str] = []
    for position, (argument, type) in enumerate(zip(call.arguments, call.types, strict=True)):
        if type is ScalarType.dynamic:
            lists.append(f"TRY_CAST(coalesce(kql_array({argument}), [{argument}]) AS BIGINT[])")
        else:
            lists.append(f"[{converted(call, position, ScalarType.long)}]")
    points = lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"
    return f"array_to_string(list_transform({points}, lambda point: TRY(chr(TRY_CAST(point AS INTEGER)))), '')"


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "strcat",
        params="first: any, *others: any",
        returns="string",
        doc="The texts of the values, one after the other.",
        sql=_strcat,
        examples=[("strcat('a', 1, dynamic(null), true)", "a1True"), ("strcat(1d, '|')", "1.00:00:00|")],
    ),
    Function(
        "strcat_delim",
        params="delimiter: any, first: any, second: any, *others: any",
        returns="string",
        doc="The texts of the values with a delimiter between them.",
        sql=_strcat_delim,
        examples=[("strcat_delim('-', 1, '2', 'A', 1s)", "1-2-A-00:00:01"), ("strcat_delim('-', '', 'z')", "-z")],
    ),
    Function(
        "strlen",
        params="text: any",
        returns="long",
        doc="The number of characters.",
        sql=_of_text("length({x})"),
        examples=[("strlen('hello')", 5), ("strlen('emoji😀here')", 10), ("strlen('')", 0)],
        naming="strlen_{}",
    ),
    Function(
        "string_size",
        params="text: any",
        returns="long",
        doc="The number of bytes in UTF-8.",
        sql=_of_text("strlen({x})"),
        examples=[("string_size('café')", 5)],
        naming="string_size_{}",
    ),
    Function(
        "tolower",
        params="text: any",
        returns="string",
        doc="The text in lower case.",
        sql=_of_text("lower({x})"),
        examples=[("tolower('Ångström')", "ångström")],
    ),
    Function(
        "toupper",
        params="text: any",
        returns="string",
        doc="The text in upper case.",
        sql=_of_text("upper({x})"),
        examples=[("toupper('naïve')", "NAÏVE")],
    ),
    Function(
        "reverse",
        params="text: any",
        returns="string",
        doc="The characters from last to first.",
        sql=_of_text("reverse({x})"),
        examples=[("reverse('hello')", "olleh")],
    ),
    Function(
        "strcmp",
        params="left: any, right: any",
        returns="long",
        doc="-1, 0 or 1 as the first text comes before, with or after the second, case mattering.",
        sql=_strcmp,
        examples=[("strcmp('abc', 'ABC')", 1), ("strcmp('ABC', 'abc')", -1), ("strcmp('a', 'a')", 0)],
    ),
    Function(
        "strrep",
        params="value: any, count: long",
        returns="string",
        doc="The value's text so many times, at most 1024.",
        sql=_strrep,
        examples=[("strrep('ABC', 2)", "ABCABC")],
    ),
    Function(
        "strrep",
        params="value: any, count: long, delimiter: any",
        returns="string",
        doc="The value's text so many times, at most 1024, with a delimiter between them.",
        sql=_strrep,
        examples=[("strrep(123, 3, '.')", "123.123.123")],
    ),
    Function(
        "substring",
        params="text: any, start: long",
        returns="string",
        doc="The text from a position on, counted from 0 or from the end.",
        sql=_substring,
        examples=[("substring('hello', 2)", "llo"), ("substring('hello', -2)", "lo")],
    ),
    Function(
        "substring",
        params="text: any, start: long, length: long",
        returns="string",
        doc="A part of the text from a position, counted from 0 or from the end.",
        sql=_substring,
        examples=[
            ("substring('abc', -1, 2)", "c"),
            ("substring('x', -2, 5)", ""),
            ("substring('hello', 2, 100)", "llo"),
        ],
    ),
    Function(
        "split",
        params="text: any, delimiter: string",
        returns="dynamic",
        doc="An array of the parts between delimiters.",
        sql=_split,
        examples=[("split('a__b', '_')", ["a", "", "b"]), ("split('', '_')", [""])],
        naming="{}",
    ),
    Function(
        "split",
        params="text: any, delimiter: string, index: long",
        returns="dynamic",
        doc="An array of the one part at a position, null where there is none.",
        sql=_split,
        examples=[("split('aaa_bbb_ccc', '_', 1)", ["bbb"]), ("split('a', '_', 1)", None)],
        naming="{}",
    ),
    Function(
        "indexof",
        params="text: any, lookup: any",
        returns="long",
        doc="Where a text first stands in another, from 0; -1 if nowhere, null when looking for nothing.",
        sql=_indexof,
        examples=[("indexof('abcdefg', 'cde')", 2), ("indexof('abc', 'z')", -1), ("indexof('abc', '')", None)],
    ),
    Function(
        "indexof",
        params="text: any, lookup: any, start: long, length: long = -1, occurrence: long = 1",
        returns="long",
        doc="Where the nth occurrence stands among `length` places from `start`.",
        sql=_indexof,
        examples=[
            ("indexof('abcdefg', 'cde', 3, 4)", -1),
            ("indexof('abcdefg', 'cde', -5)", 2),
            ("indexof(1234567, 5, 1, 4)", 4),
            ("indexof('abcdefgabcdefg', 'cde', 1, 10, 2)", 9),
        ],
    ),
    Function(
        "countof",
        params="text: string, search: string",
        returns="long",
        doc="How often a text stands in another; occurrences may overlap.",
        sql=_countof,
        examples=[("countof('hello world hello', 'hello')", 2), ("countof('ababa', 'aba')", 2)],
    ),
    Function(
        "replace_string",
        params="text: string, lookup: string, rewrite: string",
        returns="string",
        doc="The text with every occurrence of one text replaced by another.",
        sql=_replace_string,
        examples=[("replace_string('abcabc', 'a', 'XY')", "XYbcXYbc"), ("replace_string('aaa', '', 'X')", "aaa")],
    ),
    Function(
        "replace_strings",
        params="text: string, lookups: dynamic, rewrites: dynamic",
        returns="string",
        doc="The text with several replacements made at once, so that none sees what another has written.",
        sql="kql_replace_strings({text}, kql_array({lookups}), kql_array({rewrites}))",
        examples=[
            (
                "replace_strings('a cat and a dog', dynamic(['cat', 'dog']), dynamic(['dog', 'pigeon']))",
                "a dog and a pigeon",
            )
        ],
    ),
    Function(
        "translate",
        params="search: string, replacement: string, text: string",
        returns="string",
        doc="The text with characters of one set replaced by those of another, the last of which serves for the rest.",
        sql=_translate,
        examples=[("translate('krasp', 'otsku', 'spark')", "kusto")],
    ),
    Function(
        "tohex",
        params="value: integral",
        returns="string",
        doc="The number in hex digits; a negative one in two's complement of its size.",
        sql=_tohex,
        examples=[("tohex(256)", "100"), ("tohex(-256)", "ffffffffffffff00"), ("tohex(toint(-256))", "ffffff00")],
        naming="{}",
    ),
    Function(
        "tohex",
        params="value: integral, length: long",
        returns="string",
        doc="The number in at least so many hex digits.",
        sql=_tohex,
        examples=[("tohex(256, 8)", "00000100"), ("tohex(256, 2)", "100")],
        naming="{}",
    ),
    Function(
        "unicode_codepoints_from_string",
        params="text: any",
        returns="dynamic",
        doc="The code points of the characters.",
        sql=_of_text(
            "CAST(list_transform(list_filter(string_split({x}, ''), lambda letter: letter <> ''), "
            "lambda letter: unicode(letter)) AS VARIANT)"
        ),
        examples=[("unicode_codepoints_from_string('⒦a')", [9382, 97])],
        deprecated_aliases=("to_utf8",),
    ),
    Function(
        "unicode_codepoints_to_string",
        params="first: any, *others: any",
        returns="string",
        doc="The text of code points, given as numbers or arrays of numbers.",
        sql=_codepoints_to_string,
        examples=[
            ("unicode_codepoints_to_string(75, 117)", "Ku"),
            ("unicode_codepoints_to_string(dynamic([75, 117]), 115)", "Kus"),
        ],
        deprecated_aliases=("make_string",),
    ),
    Function(
        "has_any_index",
        params="text: string, lookups: dynamic",
        returns="long",
        doc="The position of the first element of an array that is a term of the text; -1 if none is.",
        sql="CAST(coalesce(list_position(list_transform(kql_array({lookups}), "
        "lambda lookup: kql_term({text}, kql_dynamic_to_string(lookup), TRUE, TRUE, TRUE)), TRUE) - 1, -1) AS BIGINT)",
        examples=[
            ("has_any_index('this is an example', dynamic(['not', 'example']))", 1),
            ("has_any_index('this', dynamic([]))", -1),
        ],
    ),
    *(
        Function(
            "format_bytes",
            params=f"size: {type}, precision: long = 0, units: string = ''",
            returns="string",
            doc="A size in bytes as text, in the unit given (Bytes, KB, MB … EB) or the largest that it fills.",
            sql="kql_format_bytes(CAST({size} AS DOUBLE), {precision}, {units})",
            examples=examples,
            naming="{}",
        )
        for type, examples in (
            (
                "real",
                [
                    ("format_bytes(564)", "564 Bytes"),
                    ("format_bytes(10332, 1)", "10.1 KB"),
                    ("format_bytes(20010332)", "19 MB"),
                    ("format_bytes(20010332, 2)", "19.08 MB"),
                    ("format_bytes(20010332, 0, 'KB')", "19541 KB"),
                    ("format_bytes(5, 0, 'XB')", ""),
                    ("format_bytes(real(null))", ""),
                ],
            ),
            ("decimal", []),
        )
    ),
)
"""Joining, cutting, finding and replacing."""
