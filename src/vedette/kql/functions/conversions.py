"""Conversions between types: the table of SQL templates, and the to…() functions that read it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from vedette.kql.functions.entry import Function, SqlCall
from vedette.kql.types import ScalarType

_B, _I, _L, _R, _D = ScalarType.bool, ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.decimal
_S, _T, _P, _G, _V = (
    ScalarType.string,
    ScalarType.datetime,
    ScalarType.timespan,
    ScalarType.guid,
    ScalarType.dynamic,
)

SQL_TYPES: Mapping[ScalarType, str] = {
    _B: "BOOLEAN",
    _I: "INTEGER",
    _L: "BIGINT",
    _R: "DOUBLE",
    _D: "DECIMAL(38, 17)",
    _S: "VARCHAR",
    _T: "TIMESTAMP",
    _P: "BIGINT",
    _G: "UUID",
    _V: "VARIANT",
}
"""The reference dialect's type of each scalar type."""

CONVERSIONS: Mapping[tuple[ScalarType, ScalarType], str] = {
    (_B, _S): "kql_bool_to_string({x})",
    (_I, _S): "coalesce(CAST({x} AS VARCHAR), '')",
    (_L, _S): "coalesce(CAST({x} AS VARCHAR), '')",
    (_R, _S): "kql_real_to_string({x})",
    (_D, _S): "kql_decimal_to_string({x})",
    (_T, _S): "kql_datetime_to_string({x})",
    (_P, _S): "kql_timespan_to_string({x})",
    (_G, _S): "coalesce(CAST({x} AS VARCHAR), '')",
    (_V, _S): "kql_dynamic_to_string({x})",
    (_I, _B): "({x} <> 0)",
    (_L, _B): "({x} <> 0)",
    (_R, _B): "({x} <> 0)",
    (_D, _B): "({x} <> 0)",
    (_P, _B): "({x} <> 0)",
    (_S, _B): "kql_string_to_bool({x})",
    (_V, _B): "kql_dynamic_to_bool({x})",
    (_B, _I): "CAST({x} AS INTEGER)",
    (_L, _I): "kql_long_to_int({x})",
    (_R, _I): "kql_real_to_int({x})",
    (_D, _I): "kql_real_to_int(CAST({x} AS DOUBLE))",
    (_S, _I): "kql_string_to_int({x})",
    (_T, _I): "kql_long_to_int(kql_datetime_to_long({x}))",
    (_P, _I): "kql_long_to_int({x})",
    (_V, _I): "kql_dynamic_to_int({x})",
    (_B, _L): "CAST({x} AS BIGINT)",
    (_I, _L): "CAST({x} AS BIGINT)",
    (_R, _L): "kql_real_to_long({x})",
    (_D, _L): "TRY_CAST(trunc({x}) AS BIGINT)",
    (_S, _L): "kql_string_to_long({x})",
    (_T, _L): "kql_datetime_to_long({x})",
    (_P, _L): "CAST({x} AS BIGINT)",
    (_V, _L): "kql_dynamic_to_long({x})",
    (_B, _R): "CAST({x} AS DOUBLE)",
    (_I, _R): "CAST({x} AS DOUBLE)",
    (_L, _R): "CAST({x} AS DOUBLE)",
    (_D, _R): "CAST({x} AS DOUBLE)",
    (_S, _R): "kql_string_to_real({x})",
    (_T, _R): "CAST(kql_datetime_to_long({x}) AS DOUBLE)",
    (_P, _R): "CAST({x} AS DOUBLE)",
    (_V, _R): "kql_dynamic_to_real({x})",
    (_B, _D): "CAST(CAST({x} AS INTEGER) AS DECIMAL(38, 17))",
    (_I, _D): "TRY_CAST({x} AS DECIMAL(38, 17))",
    (_L, _D): "TRY_CAST({x} AS DECIMAL(38, 17))",
    (_R, _D): "TRY_CAST(CAST({x} AS VARCHAR) AS DECIMAL(38, 17))",
    (_S, _D): "kql_string_to_decimal({x})",
    (_T, _D): "TRY_CAST(kql_datetime_to_long({x}) AS DECIMAL(38, 17))",
    (_P, _D): "TRY_CAST({x} AS DECIMAL(38, 17))",
    (_V, _D): "kql_dynamic_to_decimal({x})",
    (_I, _T): "kql_long_to_datetime(CAST({x} AS BIGINT))",
    (_L, _T): "kql_long_to_datetime({x})",
    (_R, _T): "kql_long_to_datetime(kql_real_to_long({x}))",
    (_D, _T): "kql_long_to_datetime(TRY_CAST(trunc({x}) AS BIGINT))",
    (_S, _T): "kql_string_to_datetime({x})",
    (_V, _T): "kql_dynamic_to_datetime({x})",
    (_I, _P): "CAST({x} AS BIGINT)",
    (_L, _P): "CAST({x} AS BIGINT)",
    (_R, _P): "kql_real_to_long({x})",
    (_D, _P): "TRY_CAST(trunc({x}) AS BIGINT)",
    (_S, _P): "kql_string_to_timespan({x})",
    (_V, _P): "kql_dynamic_to_timespan({x})",
    (_S, _G): "kql_string_to_guid({x})",
    (_V, _G): "kql_dynamic_to_guid({x})",
    (_B, _V): "CAST({x} AS VARIANT)",
    (_I, _V): "CAST({x} AS VARIANT)",
    (_L, _V): "CAST({x} AS VARIANT)",
    (_R, _V): "kql_real_to_dynamic({x})",
    (_D, _V): "kql_decimal_to_dynamic({x})",
    (_S, _V): "CAST({x} AS VARIANT)",
    (_T, _V): "kql_datetime_to_dynamic({x})",
    (_P, _V): "kql_timespan_to_dynamic({x})",
    (_G, _V): "kql_guid_to_dynamic({x})",
}
"""(from, to) to the SQL of the conversion with a hole `{x}`: every pair that Kusto converts by itself or when told to.

https://learn.microsoft.com/kusto/query/scalar-data-types/
"""


_SHAPE = "kql_geo_shape("


def converted(call: SqlCall, position: int, target: ScalarType) -> str:
    """An argument's SQL as the target type; null (or '') for a pair that Kusto does not convert."""
    source, text = call.types[position], call.arguments[position]
    if source is target:
        return text
    if target is ScalarType.string and (written := _text_of_shape(text)) is not None:
        return written
    template = CONVERSIONS.get((source, target))
    if template is None:
        return "''" if target is ScalarType.string else f"CAST(NULL AS {SQL_TYPES[target]})"
    if call.digits and call.digits[position]:
        template = with_digit(template, call.digits[position], target)
    return template.replace("{x}", text)


def _text_of_shape(value: str) -> str | None:
    """The GeoJSON text that becomes a value right here: as a value it would lose the order of its properties."""
    if not value.startswith(_SHAPE):
        return None
    depth = 0
    for sign in re.finditer(r"'(?:[^']|'')*'|[()]", value):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if depth == 0 and sign[0] == ")":
            return f"coalesce({value[len(_SHAPE) : -1]}, '')" if sign.end() == len(value) else None
    return None


def with_digit(template: str, digit: int, target: ScalarType) -> str:
    """The template of a datetime's conversion with a seventh digit that is not 0."""
    match target:
        case ScalarType.string:
            return f"kql_with_digit({template}, '{digit}')"
        case ScalarType.dynamic:
            return f"CAST(nullif(kql_with_digit({CONVERSIONS[(_T, _S)]}, '{digit}'), '') AS VARIANT)"
        case ScalarType.long:
            return f"(epoch_us({{x}}) * 10 + {621355968000000000 + digit})"
        case _:
            return template


def as_text(call: SqlCall, position: int) -> str:
    """An argument's SQL as a string."""
    return converted(call, position, ScalarType.string)


def as_dynamic(call: SqlCall, position: int) -> str:
    """An argument's SQL as a dynamic."""
    return converted(call, position, ScalarType.dynamic)


def _to(target: ScalarType) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return converted(call, 0, target)

    return template


def _entry(
    name: str,
    target: ScalarType,
    doc: str,
    examples: list[tuple[str, Any]],
    aliases: tuple[str, ...] = (),
    deprecated_aliases: tuple[str, ...] = (),
) -> Function:
    return Function(
        name,
        params="value: any",
        returns=target.value,
        doc=doc,
        sql=_to(target),
        examples=examples,
        aliases=aliases,
        naming="{}",
        deprecated_aliases=deprecated_aliases,
    )


FUNCTIONS: tuple[Function, ...] = (
    _entry(
        "tostring",
        _S,
        "The value as text; a null is the empty text.",
        [
            ("tostring(123)", "123"),
            ("tostring(true)", "True"),
            ("tostring(1.0)", "1.0"),
            ("tostring(1d + 2h)", "1.02:00:00"),
            ("tostring(dynamic({'a': 'red'}).a)", "red"),
            ("tostring(dynamic([1, 'x']))", '[1,"x"]'),
            ("tostring(dynamic(null))", ""),
            ("tostring(int(null))", ""),
            ("tostring(datetime(2020-06-15 13:45:00))", "2020-06-15T13:45:00.0000000Z"),
        ],
    ),
    _entry(
        "toint",
        _I,
        "The value as a 32-bit integer, cut toward zero; null where it cannot be read.",
        [
            ("toint('42')", 42),
            ("toint('5.7')", None),
            ("toint(2.9)", 2),
            ("toint(-2.9)", -2),
            ("toint(' 42 ')", 42),
            ("toint('2147483648')", None),
            ("toint(1h)", 1640261632),
            ("toint(dynamic('0x10'))", 16),
        ],
    ),
    _entry(
        "tolong",
        _L,
        "The value as a 64-bit integer; of a datetime its ticks since the year 1, of a timespan its ticks.",
        [
            ("tolong('2147483648')", 2147483648),
            ("tolong('1e3')", None),
            ("tolong('0xFFFFFFFFFFFFFFFF')", -1),
            ("tolong(2.9)", 2),
            ("tolong(1d)", 864000000000),
            ("tolong(datetime(2020-01-01))", 637134336000000000),
            ("tolong(dynamic(9.99))", 9),
            ("tolong(todouble('inf'))", None),
        ],
    ),
    _entry(
        "todouble",
        _R,
        "The value as a real number.",
        [
            ("todouble('3.14')", 3.14),
            ("todouble('1_000')", None),
            ("todouble(' 3.14 ')", 3.14),
            ("todouble(1h)", 36000000000.0),
            ("todouble(true)", 1.0),
            ("todouble(dynamic([1]))", None),
        ],
        aliases=("toreal",),
    ),
    _entry(
        "todecimal",
        _D,
        "The value as a decimal number.",
        [("todecimal('3.14159') == decimal(3.14159)", True), ("todecimal('abc')", None)],
    ),
    _entry(
        "tobool",
        _B,
        "The value as a bool: true and false in any case, or whether a number is not zero.",
        [
            ("tobool('True')", True),
            ("tobool('0')", False),
            ("tobool('-1')", True),
            ("tobool('yes')", None),
            ("tobool(' true')", None),
            ("tobool(5)", True),
        ],
        aliases=("toboolean",),
    ),
    _entry(
        "todatetime",
        _T,
        "The value as a datetime: a text in one of a dozen forms, or ticks since the year 1.",
        [
            ("todatetime('2015-12-31 23:59:59.9')", "2015-12-31T23:59:59.9000000Z"),
            ("todatetime('2020-06-15T13:45:09+02:00')", "2020-06-15T11:45:09.0000000Z"),
            ("todatetime('12-02-2022')", "2022-12-02T00:00:00.0000000Z"),
            ("todatetime('12/31/2015 11:59:59 PM')", "2015-12-31T23:59:59.0000000Z"),
            ("todatetime('Sat, 08 Nov 2014 15:05:02 GMT')", "2014-11-08T15:05:02.0000000Z"),
            ("todatetime('not a date')", None),
            ("todatetime(637134336000000000)", "2020-01-01T00:00:00.0000000Z"),
        ],
    ),
    _entry(
        "totimespan",
        _P,
        "The value as a timespan: a text such as 1.02:03:04 or 90m, or ticks.",
        [
            ("totimespan('1.02:03:04.5')", "1.02:03:04.5000000"),
            ("totimespan('13:00')", "13:00:00"),
            ("totimespan('1d')", "1.00:00:00"),
            ("totimespan('-00:30:00')", "-00:30:00"),
            ("totimespan('abc')", None),
        ],
        deprecated_aliases=("totime",),
    ),
    _entry(
        "toguid",
        _G,
        "The value as a guid.",
        [
            ("toguid('0123456789abcdef0123456789abcdef')", "01234567-89ab-cdef-0123-456789abcdef"),
            ("toguid('a string that is not a guid')", None),
        ],
    ),
)
"""The explicit conversions; none of them raises."""
