"""Functions that choose and test: iff, case, coalesce, isnull, isempty and the like."""

from functools import cache

from vedette.kql.functions.conversions import as_text
from vedette.kql.functions.entry import Function, SqlCall, quote
from vedette.kql.types import ScalarType

_LISTED_BRANCHES = 8


@cache
def case_of(branches: int) -> Function:
    """`case` with so many conditions."""
    names = [(f"when{number}", f"then{number}") for number in range(1, branches + 1)]
    params = ", ".join(f"{when}: bool, {then}: S" for when, then in names)
    whens = " ".join(f"WHEN {{{when}}} THEN {{{then}}}" for when, then in names)
    return Function(
        "case",
        params=f"{params}, otherwise: S",
        returns="S",
        doc="The value after the first condition that is true, or the last one.",
        sql=f"CASE {whens} ELSE {{otherwise}} END",
        examples=[
            ("case(1 > 2, 'a', 2 > 1, 'b', 'c')", "b"),
            ("case(1 > 2, 'a', int(null) > 1, 'b', 'c')", "c"),
        ]
        if branches == 2
        else [],
    )


def _is_null(call: SqlCall) -> str:
    if call.types[0] is ScalarType.string:
        return "FALSE"
    return f"({call.arguments[0]} IS NULL)"


def _is_not_null(call: SqlCall) -> str:
    if call.types[0] is ScalarType.string:
        return "TRUE"
    return f"({call.arguments[0]} IS NOT NULL)"


def _is_empty(call: SqlCall) -> str:
    value = call.arguments[0]
    if call.types[0] is ScalarType.string:
        return f"({value} = '')"
    if call.types[0] is ScalarType.dynamic:
        return f"(coalesce(CAST({value} AS VARCHAR), '') = '')"
    return f"({value} IS NULL)"


def _is_not_empty(call: SqlCall) -> str:
    value = call.arguments[0]
    if call.types[0] is ScalarType.string:
        return f"({value} <> '')"
    if call.types[0] is ScalarType.dynamic:
        return f"(coalesce(CAST({value} AS VARCHAR), '') <> '')"
    return f"({value} IS NOT NULL)"


def _coalesce(call: SqlCall) -> str:
    if call.types[0] is not ScalarType.string:
        return f"coalesce({', '.join(call.arguments)})"
    tried = ", ".join(f"nullif({argument}, '')" for argument in call.arguments)
    return f"coalesce({tried}, '')"


_STATIC_NAMES = {type: type.value for type in ScalarType if type is not ScalarType.dynamic}


def _type_name(call: SqlCall) -> str:
    name = _STATIC_NAMES.get(call.types[0])
    return quote(name) if name is not None else f"kql_type_of({call.arguments[0]})"


def _is_ascii(call: SqlCall) -> str:
    return f"regexp_full_match({as_text(call, 0)}, '[\\x00-\\x7F]*')"


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "iff",
        params="condition: bool, then: S, otherwise: S",
        returns="S",
        doc="One value where the condition is true, another where it is false or null.",
        sql="CASE WHEN {condition} THEN {then} ELSE {otherwise} END",
        examples=[("iff(2 > 1, 'a', 'b')", "a"), ("iff(int(null) > 1, 'a', 'b')", "b"), ("iff(true, int(1), 2)", 1)],
        aliases=("iif",),
    ),
    *(case_of(branches) for branches in range(1, _LISTED_BRANCHES + 1)),
    Function(
        "coalesce",
        params="first: S, second: S, *others: S",
        returns="S",
        doc="The first value that is not null; among texts the first that is not empty.",
        sql=_coalesce,
        examples=[
            ("coalesce(tolong('not a number'), tolong('42'), 33)", 42),
            ("coalesce('', 'b')", "b"),
            ("coalesce(real(null), real(null))", None),
        ],
    ),
    Function(
        "isnull",
        params="value: any",
        returns="bool",
        doc="Whether the value is null; a text never is.",
        sql=_is_null,
        examples=[("isnull(int(null))", True), ("isnull('')", False), ("isnull(parse_json('null'))", True)],
    ),
    Function(
        "isnotnull",
        params="value: any",
        returns="bool",
        doc="Whether the value is not null; a text never is.",
        sql=_is_not_null,
        examples=[("isnotnull('')", True), ("isnotnull(toint('x'))", False)],
        deprecated_aliases=("notnull",),
    ),
    Function(
        "isempty",
        params="value: any",
        returns="bool",
        doc="Whether the value is the empty text or null.",
        sql=_is_empty,
        examples=[
            ("isempty('')", True),
            ("isempty(' ')", False),
            ("isempty(int(null))", True),
            ("isempty(dynamic(null))", True),
            ("isempty(dynamic([]))", False),
        ],
    ),
    Function(
        "isnotempty",
        params="value: any",
        returns="bool",
        doc="Whether the value is neither the empty text nor null.",
        sql=_is_not_empty,
        examples=[("isnotempty('a')", True), ("isnotempty(0)", True), ("isnotempty(dynamic(''))", False)],
        deprecated_aliases=("notempty",),
    ),
    Function(
        "gettype",
        params="value: any",
        returns="string",
        doc="The name of the value's type; inside a dynamic of what it holds.",
        sql=_type_name,
        examples=[
            ("gettype(1)", "long"),
            ("gettype(toint('bad'))", "int"),
            ("gettype(dynamic(1.5))", "double"),
            ("gettype(dynamic({}))", "dictionary"),
            ("gettype(dynamic(null))", "null"),
        ],
        naming="type_{}",
    ),
    Function(
        "not",
        params="value: bool",
        returns="bool",
        doc="The opposite; null of null.",
        sql="NOT {value}",
        examples=[("not(false)", True), ("not(bool(null))", None)],
    ),
    Function(
        "isascii",
        params="value: any",
        returns="bool",
        doc="Whether the text holds ASCII characters only.",
        sql=_is_ascii,
        examples=[("isascii('abc')", True), ("isascii('café')", False)],
    ),
    Function(
        "isutf8",
        params="value: any",
        returns="bool",
        doc="Whether the text is valid UTF-8, which a stored text always is.",
        sql="TRUE",
        examples=[("isutf8('café')", True)],
    ),
    *(
        Function(
            "around",
            params=f"value: {type}, center: {type}, delta: {delta}",
            returns="bool",
            doc="Whether the value is no further than `delta` from the centre.",
            sql=f"{{value}} BETWEEN {low} AND {high}",
            examples=examples,
        )
        for type, delta, low, high, examples in (
            ("long", "long", "{center} - {delta}", "{center} + {delta}", [("around(12, 10, 2)", True)]),
            ("real", "real", "{center} - {delta}", "{center} + {delta}", [("around(12.5, 10, 2)", False)]),
            ("timespan", "timespan", "{center} - {delta}", "{center} + {delta}", [("around(61m, 1h, 1m)", True)]),
            (
                "datetime",
                "timespan",
                "{center} - to_microseconds({delta} // 10)",
                "{center} + to_microseconds({delta} // 10)",
                [("around(datetime(2021-01-01 01:29), datetime(2021-01-01 01:30), 1m)", True)],
            ),
        )
    ),
)
"""Choosing, testing for nothing, and naming types."""
