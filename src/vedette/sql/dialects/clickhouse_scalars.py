"""Every scalar function that ClickHouse runs, by its entry's name: templates of its own, and entries whose template
means the same there."""

from collections.abc import Callable, Mapping

from vedette.kql.functions.entry import SqlCall, SqlTemplate
from vedette.kql.types import ScalarType
from vedette.sql.dialects.clickhouse_arrays import ARRAYS
from vedette.sql.dialects.clickhouse_dynamics import DYNAMICS
from vedette.sql.dialects.clickhouse_operators import OPERATORS
from vedette.sql.dialects.clickhouse_series import SERIES
from vedette.sql.dialects.clickhouse_texts import TEXTS
from vedette.sql.dialects.clickhouse_times import TIMES
from vedette.sql.dialects.clickhouse_types import NAME, as_text, converted, quote
from vedette.sql.dialects.clickhouse_windows import WINDOWS
from vedette.sql.dialects.gap import DialectGap

SAME = frozenset(
    {"iff", "case", "not", "abs", "ceiling", "sqrt", "exp", "exp2", "exp10", "pow", "pi", "sin", "cos", "tan", "atan"}
)
"""Entries with templates that both engines read alike. Only texts with holes are taken, never functions: these quote
constants as DuckDB does, where a backslash is an ordinary character."""


def _to(target: ScalarType) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return converted(call, 0, target)

    return template


def _is_null(call: SqlCall) -> str:
    return "false" if call.types[0] is ScalarType.string else f"isNull({call.arguments[0]})"


def _is_not_null(call: SqlCall) -> str:
    return "true" if call.types[0] is ScalarType.string else f"isNotNull({call.arguments[0]})"


def _is_empty(call: SqlCall) -> str:
    value = call.arguments[0]
    match call.types[0]:
        case ScalarType.string:
            return f"({value} = '')"
        case ScalarType.dynamic:
            return f"(ifNull({value}, '\"\"') = '\"\"')"
        case _:
            return f"isNull({value})"


def _is_not_empty(call: SqlCall) -> str:
    return f"(NOT {_is_empty(call)})"


def _coalesce(call: SqlCall) -> str:
    if call.types[0] is not ScalarType.string:
        return f"coalesce({', '.join(call.arguments)})"
    tried = ", ".join(f"nullIf({argument}, '')" for argument in call.arguments)
    return f"coalesce({tried}, '')"


def _type_name(call: SqlCall) -> str:
    type = call.types[0]
    return f"kql_type_of({call.arguments[0]})" if type is ScalarType.dynamic else quote(type.value)


def _round(call: SqlCall) -> str:
    value = call.arguments[0]
    if len(call.arguments) == 1:
        return f"kql_round({value})"
    precision = call.constants[1]
    if not isinstance(precision, int):
        raise DialectGap(NAME, "round", "its precision has to be a constant there")
    factor = f"1e{min(abs(precision), 30)}"
    return (
        f"kql_round({value} * {factor}) / {factor}" if precision >= 0 else f"kql_round({value} / {factor}) * {factor}"
    )


def _extreme(function: str) -> Callable[[SqlCall], str]:
    """Nulls do not count, and a NaN prevails."""

    def template(call: SqlCall) -> str:
        if len(call.arguments) == 1:
            return call.arguments[0]
        if call.types[0] in (ScalarType.guid, ScalarType.decimal, ScalarType.dynamic):
            raise DialectGap(NAME, "max_of", "it takes numbers, texts and times there")
        listed = f"arrayFilter(given_value -> isNotNull(given_value), [{', '.join(call.arguments)}])"
        if call.types[0] is ScalarType.string:
            return f"{function}([{', '.join(call.arguments)}])"
        chosen = f"if(length({listed}) = 0, NULL, {function}({listed}))"
        if call.types[0] is not ScalarType.real:
            return chosen
        unordered = " OR ".join(f"isNaN({argument})" for argument in call.arguments)
        return f"if({unordered}, nan, {chosen})"

    return template


def _ceiling(call: SqlCall) -> str:
    if call.types[0] is ScalarType.decimal:
        raise DialectGap(NAME, "ceiling", "decimals are not rounded there yet")
    return f"ceil({call.arguments[0]})" if call.types[0] is ScalarType.real else call.arguments[0]


def _is_ascii(call: SqlCall) -> str:
    return f"(NOT match({as_text(call, 0)}, '[^\\\\x00-\\\\x7F]'))"


def _tohex(call: SqlCall) -> str:
    digits = f"replaceRegexpOne(lower(hex({call.arguments[0]})), '^0+([0-9a-f])', '\\\\1')"
    if len(call.arguments) > 1:
        width = call.constants[1]
        if not isinstance(width, int):
            raise DialectGap(NAME, "tohex", "its length has to be a constant there")
        digits = f"if(length({digits}) < {width}, leftPad({digits}, {min(max(width, 0), 64)}, '0'), {digits})"
    return f"ifNull({digits}, '')"


def _in_any_range(call: SqlCall) -> str:
    """Networks are given singly or as arrays; what is no address is null."""
    address = as_text(call, 0)
    tests: list[str] = []
    for position, type in enumerate(call.types[1:], 1):
        if type is ScalarType.dynamic:
            inside = f"ifNull(kql_ipv4_is_in_range({address}, tried_network), false)"
            tests.append(f"arrayExists(tried_network -> {inside}, kql_texts({call.arguments[position]}))")
        else:
            tests.append(f"ifNull(kql_ipv4_is_in_range({address}, {as_text(call, position)}), false)")
    return f"if(isNull(kql_ipv4_prefix({address})), NULL, {' OR '.join(tests)})"


SCALARS: Mapping[str, SqlTemplate] = {
    **OPERATORS,
    **TEXTS,
    **DYNAMICS,
    **TIMES,
    **ARRAYS,
    **SERIES,
    **WINDOWS,
    "tostring": _to(ScalarType.string),
    "toint": _to(ScalarType.int),
    "tolong": _to(ScalarType.long),
    "todouble": _to(ScalarType.real),
    "todecimal": _to(ScalarType.decimal),
    "tobool": _to(ScalarType.bool),
    "todatetime": _to(ScalarType.datetime),
    "totimespan": _to(ScalarType.timespan),
    "toguid": _to(ScalarType.guid),
    "isnull": _is_null,
    "isnotnull": _is_not_null,
    "isempty": _is_empty,
    "isnotempty": _is_not_empty,
    "coalesce": _coalesce,
    "gettype": _type_name,
    "round": _round,
    "max_of": _extreme("arrayMax"),
    "min_of": _extreme("arrayMin"),
    "nan test": "isNaN({value})",
    "ceiling": _ceiling,
    "asin": "asin({value})",
    "acos": "acos({value})",
    "atan2": "atan2({y}, {x})",
    "cot": "(1 / tan({value}))",
    "degrees": "degrees({value})",
    "radians": "radians({value})",
    "gamma": "tgamma({value})",
    "loggamma": "lgamma({value})",
    "isascii": _is_ascii,
    "isutf8": "true",
    "bitset_count_ones": "toInt64(bitCount({value}))",
    "binary_shift_left": "bitShiftLeft({left}, toUInt8(bitAnd({right}, 63)))",
    "binary_shift_right": "bitShiftRight({left}, toUInt8(bitAnd({right}, 63)))",
    "tohex": _tohex,
    "ipv4_is_in_any_range": _in_any_range,
    "isnan": "ifNull(isNaN({value}), 0)",
    "isinf": "ifNull(isInfinite({value}), 0)",
    "isfinite": "ifNull(isFinite({value}), 0)",
    "log": "if({value} >= 0, log({value}), NULL)",
    "log2": "if({value} >= 0, log2({value}), NULL)",
    "log10": "if({value} >= 0, log10({value}), NULL)",
    "sign": "toFloat64(if(isNaN({value}), 0, sign({value})))",
    "binary_and": "bitAnd({left}, {right})",
    "binary_or": "bitOr({left}, {right})",
    "binary_xor": "bitXor({left}, {right})",
    "binary_not": "bitNot({value})",
    "ipv4_is_private": "kql_ipv4_is_private({address})",
    "ipv4_compare": "kql_ipv4_compare({left}, {right}, {prefix})",
    "ipv4_is_match": "(kql_ipv4_compare({left}, {right}, {prefix}) = 0)",
    "ipv4_is_in_range": "(kql_ipv4_is_in_range({address}, {network}))",
    "ipv4_netmask_suffix": "kql_ipv4_prefix({address})",
    "parse_ipv4": "kql_parse_ipv4({address})",
}
"""By the entry's name."""
