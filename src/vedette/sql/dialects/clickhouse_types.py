"""ClickHouse's types, literals and conversions (https://clickhouse.com/docs/sql-reference/data-types).

Columns of every type but string are Nullable. A datetime is a DateTime64(6) in UTC, a timespan its ticks, a dynamic
compact JSON text in a Nullable(String): the native JSON type forgets nulls and holds neither arrays nor plain values.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from vedette.kql import plan
from vedette.kql.functions.entry import SqlCall
from vedette.kql.functions.regexes import unicode_pattern
from vedette.kql.types import ScalarType
from vedette.sql.dialects.gap import DialectGap
from vedette.sql.fragment import Fragment

_B, _I, _L, _R, _D = ScalarType.bool, ScalarType.int, ScalarType.long, ScalarType.real, ScalarType.decimal
_S, _T, _P, _G, _V = (
    ScalarType.string,
    ScalarType.datetime,
    ScalarType.timespan,
    ScalarType.guid,
    ScalarType.dynamic,
)

NAME = "clickhouse"

TYPES: Mapping[ScalarType, str] = {
    _B: "Nullable(Bool)",
    _I: "Nullable(Int32)",
    _L: "Nullable(Int64)",
    _R: "Nullable(Float64)",
    _D: "Nullable(Decimal(38, 17))",
    _S: "String",
    _T: "Nullable(DateTime64(6, 'UTC'))",
    _P: "Nullable(Int64)",
    _G: "Nullable(UUID)",
    _V: "Nullable(String)",
}

CONVERSIONS: Mapping[tuple[ScalarType, ScalarType], str] = {
    (_B, _S): "kql_bool_to_string({x})",
    (_I, _S): "ifNull(toString({x}), '')",
    (_L, _S): "ifNull(toString({x}), '')",
    (_R, _S): "kql_real_to_string({x})",
    (_D, _S): "ifNull(toString({x}), '')",
    (_T, _S): "kql_datetime_to_string({x})",
    (_P, _S): "kql_timespan_to_string({x})",
    (_G, _S): "ifNull(toString({x}), '')",
    (_V, _S): "kql_dynamic_to_string({x})",
    (_I, _B): "({x} <> 0)",
    (_L, _B): "({x} <> 0)",
    (_R, _B): "({x} <> 0)",
    (_D, _B): "({x} <> 0)",
    (_P, _B): "({x} <> 0)",
    (_S, _B): "kql_string_to_bool({x})",
    (_V, _B): "kql_dynamic_to_bool({x})",
    (_B, _I): "toInt32({x})",
    (_L, _I): "toInt32({x})",
    (_R, _I): "kql_real_to_int({x})",
    (_D, _I): "kql_real_to_int(toFloat64({x}))",
    (_S, _I): "kql_string_to_int({x})",
    (_T, _I): "toInt32(kql_datetime_to_long({x}))",
    (_P, _I): "toInt32({x})",
    (_V, _I): "kql_dynamic_to_int({x})",
    (_B, _L): "toInt64({x})",
    (_I, _L): "toInt64({x})",
    (_R, _L): "kql_real_to_long({x})",
    (_D, _L): "accurateCastOrNull(truncate({x}), 'Int64')",
    (_S, _L): "kql_string_to_long({x})",
    (_T, _L): "kql_datetime_to_long({x})",
    (_P, _L): "{x}",
    (_V, _L): "kql_dynamic_to_long({x})",
    (_B, _R): "toFloat64({x})",
    (_I, _R): "toFloat64({x})",
    (_L, _R): "toFloat64({x})",
    (_D, _R): "toFloat64({x})",
    (_S, _R): "kql_string_to_real({x})",
    (_T, _R): "toFloat64(kql_datetime_to_long({x}))",
    (_P, _R): "toFloat64({x})",
    (_V, _R): "kql_dynamic_to_real({x})",
    (_B, _D): "toDecimal128(toInt32({x}), 17)",
    (_I, _D): "toDecimal128({x}, 17)",
    (_L, _D): "toDecimal128({x}, 17)",
    (_R, _D): "toDecimal128OrNull(toString({x}), 17)",
    (_S, _D): "kql_string_to_decimal({x})",
    (_T, _D): "toDecimal128(kql_datetime_to_long({x}), 17)",
    (_P, _D): "toDecimal128({x}, 17)",
    (_V, _D): "kql_dynamic_to_decimal({x})",
    (_I, _T): "kql_long_to_datetime(toInt64({x}))",
    (_L, _T): "kql_long_to_datetime({x})",
    (_R, _T): "kql_long_to_datetime(kql_real_to_long({x}))",
    (_D, _T): "kql_long_to_datetime(accurateCastOrNull(truncate({x}), 'Int64'))",
    (_S, _T): "kql_string_to_datetime({x})",
    (_V, _T): "kql_dynamic_to_datetime({x})",
    (_I, _P): "toInt64({x})",
    (_L, _P): "{x}",
    (_R, _P): "kql_real_to_long({x})",
    (_D, _P): "accurateCastOrNull(truncate({x}), 'Int64')",
    (_S, _P): "kql_string_to_timespan({x})",
    (_V, _P): "kql_dynamic_to_timespan({x})",
    (_S, _G): "kql_string_to_guid({x})",
    (_V, _G): "kql_dynamic_to_guid({x})",
    (_B, _V): "kql_bool_to_dynamic({x})",
    (_I, _V): "toString({x})",
    (_L, _V): "toString({x})",
    (_R, _V): "kql_real_to_dynamic({x})",
    (_D, _V): "toJSONString(toString({x}))",
    (_S, _V): "toJSONString({x})",
    (_T, _V): "kql_datetime_to_dynamic({x})",
    (_P, _V): "kql_timespan_to_dynamic({x})",
    (_G, _V): "toJSONString(toString({x}))",
}
"""(from, to) to the SQL of the conversion with a hole `{x}`."""

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\0": None})


def quote(text: str) -> str:
    """A string as a literal; a backslash escapes here, so it is escaped itself."""
    return f"'{text.translate(_ESCAPES)}'"


def constant(node: plan.Constant) -> Fragment:
    """A typed literal."""
    value, type = node.value, node.type
    if value is None:
        return Fragment("''" if type is _S else f"CAST(NULL AS {TYPES[type]})", True)
    match type:
        case ScalarType.bool:
            return Fragment("true" if value else "false", True)
        case ScalarType.string:
            return Fragment(quote(str(value)), True)
        case ScalarType.real:
            return Fragment(f"CAST({_real(float(value))} AS Float64)", True)
        case ScalarType.decimal:
            return Fragment(f"toDecimal128({quote(str(value))}, 17)", True)
        case ScalarType.datetime:
            return Fragment(f"toDateTime64({quote(_timestamp(value))}, 6, 'UTC')", True)
        case ScalarType.dynamic:
            return Fragment(quote(json.dumps(value, ensure_ascii=False, separators=(",", ":"))), True)
        case ScalarType.guid:
            return Fragment(f"toUUID({quote(str(value))})", True)
        case ScalarType.int:
            return Fragment(f"CAST({value} AS Int32)", True)
        case _:
            return Fragment(f"CAST({value} AS Int64)", True)


_MEMBER = ("nullIf(nullIf(JSONExtractRaw(", "), ''), 'null')")


def member(base: str, name: str) -> str:
    """A property of a bag, null for what is none. That of a property is read with it, so that the text is read once."""
    inside = _inside_member(base)
    return f"{_MEMBER[0]}{base if inside is None else inside}, {name}{_MEMBER[1]}"


def _inside_member(text: str) -> str | None:
    is_member = text.startswith(_MEMBER[0]) and text.endswith(_MEMBER[1]) and text.count(_MEMBER[0]) == 1
    return text[len(_MEMBER[0]) : -len(_MEMBER[1])] if is_member else None


def converted(call: SqlCall, position: int, target: ScalarType) -> str:
    """An argument's SQL as the target type; null (or '') for a pair that Kusto does not convert."""
    source, text = call.types[position], call.arguments[position]
    if source is target:
        return text
    inside = _inside_member(text)
    if inside is not None and (source, target) == (_V, _S):
        return f"ifNull(JSONExtractString({inside}), '')"  # what is no text is given as its JSON
    template = CONVERSIONS.get((source, target))
    if template is None:
        return "''" if target is _S else f"CAST(NULL AS {TYPES[target]})"
    return template.replace("{x}", text)


def as_text(call: SqlCall, position: int) -> str:
    """An argument's SQL as a string."""
    return converted(call, position, _S)


def as_dynamic(call: SqlCall, position: int) -> str:
    """An argument's SQL as a dynamic."""
    return converted(call, position, _V)


def pattern(call: SqlCall, position: int, function: str) -> str:
    """A constant pattern as a literal. A point does not match the end of a line, as in Kusto. Raises DialectGap."""
    text = call.constants[position]
    if not isinstance(text, str):
        raise DialectGap(NAME, function, "its pattern has to be a constant there")
    return quote(f"(?-s){unicode_pattern(text)}")


def matches_nothing(call: SqlCall, position: int) -> bool:
    """Whether a constant pattern can match the empty text, as far as Python's own patterns can tell."""
    try:
        return re.search(str(call.constants[position]), "") is not None
    except re.error:
        return False


def of_text(sql: str) -> Callable[[SqlCall], str]:
    """A template over the text of the first argument, whatever its type; the hole is `{x}`."""

    def template(call: SqlCall) -> str:
        return sql.replace("{x}", as_text(call, 0))

    return template


def _real(value: float) -> str:
    if math.isnan(value):
        return "'nan'"
    if math.isinf(value):
        return "'inf'" if value > 0 else "'-inf'"
    return repr(value)


def _timestamp(value: Any) -> str:
    moment: datetime = value
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return utc.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
