"""ClickHouse's templates of the operators between values: comparison with Kusto's null rules, arithmetic, terms and
texts."""

from collections.abc import Callable, Mapping

from vedette.kql.functions.entry import NOT_CONSTANT, SqlCall, SqlTemplate
from vedette.kql.functions.regexes import required_text
from vedette.kql.types import ScalarType
from vedette.sql.dialects.clickhouse_types import NAME, pattern, quote
from vedette.sql.dialects.gap import DialectGap

_BOUNDARY = r"[^\p{L}\p{N}]"
_SPECIAL = frozenset(r"\.+*?()|[]{}^$")
_WORTH_LOOKING_FOR = 3  # characters of a text that must occur: looking for it first is quicker than the pattern

# --- comparison ----------------------------------------------------------------------------------------------------


def _equal(call: SqlCall) -> str:
    left, right = call.arguments
    if call.filtering or not any(call.nullable):
        return f"{left} = {right}"
    if not all(call.nullable):
        return f"ifNull({left} = {right}, false)"
    return f"kql_equal({left}, {right})"


def _not_equal(call: SqlCall) -> str:
    left, right = call.arguments
    if not any(call.nullable):
        return f"{left} <> {right}"
    if not all(call.nullable):
        return f"ifNull({left} <> {right}, true)"
    if call.filtering:
        return f"({left} IS DISTINCT FROM {right})"
    return f"kql_not_equal({left}, {right})"


def _ordering(symbol: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        if call.types[0] is ScalarType.guid:
            return f"toString({call.arguments[0]}) {symbol} toString({call.arguments[1]})"
        return f"{call.arguments[0]} {symbol} {call.arguments[1]}"

    return template


def _lower(call: SqlCall, position: int) -> str:
    constant = call.constants[position]
    return quote(constant.lower()) if isinstance(constant, str) else f"lowerUTF8({call.arguments[position]})"


def _folded(symbol: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"{_lower(call, 0)} {symbol} {_lower(call, 1)}"

    return template


# --- arithmetic ----------------------------------------------------------------------------------------------------


def _moved(date: str, sign: str, span: str) -> str:
    """In ticks, so that a part of a microsecond counts; null outside the calendar."""
    return f"kql_long_to_datetime(kql_datetime_to_long({date}) {sign} {span})"


def _plus(call: SqlCall) -> str:
    left, right = call.arguments
    if call.types[0] is ScalarType.datetime:
        return _moved(left, "+", right)
    if call.types[1] is ScalarType.datetime:
        return _moved(right, "+", left)
    return f"{left} + {right}"


def _minus(call: SqlCall) -> str:
    left, right = call.arguments
    if call.types[0] is not ScalarType.datetime:
        return f"{left} - {right}"
    if call.types[1] is ScalarType.datetime:
        return f"(toUnixTimestamp64Micro({left}) - toUnixTimestamp64Micro({right})) * 10"
    return _moved(left, "-", right)


def _times(call: SqlCall) -> str:
    left, right = call.arguments
    if ScalarType.decimal in call.types:
        raise DialectGap(NAME, "*", "the product of decimals has more digits than the engine keeps")
    if ScalarType.timespan in call.types and ScalarType.real in call.types:
        return f"toInt64(round({left} * {right}))"
    return f"{left} * {right}"


def _divided(call: SqlCall) -> str:
    left, right = call.arguments
    match call.types:
        case (ScalarType.long, ScalarType.long) | (ScalarType.timespan, ScalarType.long):
            return f"intDivOrNull({left}, {right})"
        case (ScalarType.timespan, ScalarType.timespan):
            return f"toFloat64({left}) / toFloat64({right})"
        case (ScalarType.datetime, ScalarType.timespan):
            return f"toFloat64(kql_datetime_to_long({left})) / toFloat64({right})"
        case (ScalarType.datetime, _):
            return f"kql_long_to_datetime(intDivOrNull(kql_datetime_to_long({left}), {right}))"
        case (ScalarType.timespan, ScalarType.real):
            return f"kql_real_to_long({left} / {right})"
        case (ScalarType.decimal, _):
            raise DialectGap(NAME, "/", "decimals are not divided there yet")
        case _:
            return f"{left} / {right}"


def _modulo(call: SqlCall) -> str:
    if call.types[0] is ScalarType.decimal:
        raise DialectGap(NAME, "%", "decimals are not divided there yet")
    return f"kql_modulo({call.arguments[0]}, {call.arguments[1]})"


def _negate(call: SqlCall) -> str:
    return f"(-{call.arguments[0]})"


# --- texts ---------------------------------------------------------------------------------------------------------


def _holds(call: SqlCall, *, folded: bool) -> str:
    """Lowering and looking is twice as fast as the engine's own search in any case."""
    text, needle = (_lower(call, 0), _lower(call, 1)) if folded else call.arguments
    return f"position({text}, {needle}) > 0"


def _term(*, folded: bool, before: bool, after: bool) -> Callable[[SqlCall], str]:
    """A boundary is required at an edge only where the needle's own character there belongs to a term. A constant
    needle is first looked for as plain text, which settles most rows without the pattern."""

    def template(call: SqlCall) -> str:
        text, needle = call.arguments
        constant = call.constants[1]
        if constant is NOT_CONSTANT:
            flags = ", ".join("true" if flag else "false" for flag in (folded, before, after))
            return f"(kql_term({text}, {needle}, {flags}))"
        if constant == "":
            return "true"
        start = f"(?:^|{_BOUNDARY})" if before and constant[0].isalnum() else ""
        end = f"(?:$|{_BOUNDARY})" if after and constant[-1].isalnum() else ""
        plain = _holds(call, folded=folded)
        if not start and not end:
            return f"({plain})"
        escaped = "".join(f"\\{character}" if character in _SPECIAL else character for character in constant)
        whole = quote(f"(?s{'i' if folded else ''}){start}{escaped}{end}")
        return f"({plain} AND match({text}, {whole}))"

    return template


def _contains(*, folded: bool) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"({_holds(call, folded=folded)})"

    return template


def _edge(function: str, *, folded: bool) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        if folded:
            return f"{function}({_lower(call, 0)}, {_lower(call, 1)})"
        return f"{function}({call.arguments[0]}, {call.arguments[1]})"

    return template


def _negated(positive: Callable[[SqlCall], str]) -> Callable[[SqlCall], str]:
    def negative(call: SqlCall) -> str:
        return f"NOT ({positive(call)})"

    return negative


_TEXT_TESTS: Mapping[str, Callable[[SqlCall], str]] = {
    "has": _term(folded=True, before=True, after=True),
    "has_cs": _term(folded=False, before=True, after=True),
    "hasprefix": _term(folded=True, before=True, after=False),
    "hasprefix_cs": _term(folded=False, before=True, after=False),
    "hassuffix": _term(folded=True, before=False, after=True),
    "hassuffix_cs": _term(folded=False, before=False, after=True),
    "contains": _contains(folded=True),
    "contains_cs": _contains(folded=False),
    "startswith": _edge("startsWith", folded=True),
    "startswith_cs": _edge("startsWith", folded=False),
    "endswith": _edge("endsWith", folded=True),
    "endswith_cs": _edge("endsWith", folded=False),
}


def _matches(call: SqlCall) -> str:
    text = call.arguments[0]
    if not isinstance(call.constants[1], str):
        return f"match({text}, concat('(?-s)', {call.arguments[1]}))"
    whole = pattern(call, 1, "matches regex")
    required = required_text(str(call.constants[1]))
    test = f"match({text}, {whole})"
    return f"(position({text}, {quote(required)}) > 0 AND {test})" if len(required) >= _WORTH_LOOKING_FOR else test


def _parse_match(call: SqlCall) -> str:
    return f"extractGroups({call.arguments[0]}, {pattern(call, 1, 'parse')})"


def _parse_after(call: SqlCall) -> str:
    """Places and lengths are in bytes on either side."""
    text, found = call.arguments
    size = len(str(call.constants[1]).encode())
    return f"if(position({text}, {found}) > 0, substring({text}, position({text}, {found}) + {size}), NULL)"


def _parse_at_start(call: SqlCall) -> str:
    text, found = call.arguments
    size = len(str(call.constants[1]).encode())
    return f"if(startsWith({text}, {found}), substring({text}, {size + 1}), NULL)"


def _parse_from_start(call: SqlCall) -> str:
    return f"extract({call.arguments[0]}, {quote(f'^{call.constants[1]}')})"


def _parse_is_whole(call: SqlCall) -> str:
    return f"match({call.arguments[0]}, {quote(f'^(?:{call.constants[1]})$')})"


def _parse_found(call: SqlCall) -> str:
    found, *otherwise = call.arguments
    if not otherwise:
        return f"isNotNull({found})"
    sure, text, expression = otherwise
    return f"(isNotNull({found}) AND ({sure} OR match({text}, {expression})))"


def _parse_part(call: SqlCall) -> str:
    part, _, _, found, *otherwise = call.arguments
    if not otherwise:
        return f"if(isNotNull({found}), ifNull({part}, ''), '')"
    sure, text, expression = otherwise
    group = f"arrayElement(extractGroups(ifNull({text}, ''), {expression}), {int(call.constants[1]) + 1})"
    return f"multiIf(isNull({found}), '', ifNull({sure}, false), ifNull({part}, ''), {group})"


def _parse_group(call: SqlCall) -> str:
    return f"arrayElement({call.arguments[0]}, {int(call.constants[1]) + 1})"


OPERATORS: Mapping[str, SqlTemplate] = {
    "==": _equal,
    "!=": _not_equal,
    "=~": _folded("="),
    "!~": _folded("<>"),
    **{symbol: _ordering(symbol) for symbol in ("<", "<=", ">", ">=")},
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _divided,
    "%": _modulo,
    "negate": _negate,
    **_TEXT_TESTS,
    **{f"!{name}": _negated(test) for name, test in _TEXT_TESTS.items()},
    "matches regex": _matches,
    "in": "has(kql_texts({items}), {text})",
    "in~": "has(arrayMap(folded_text -> lowerUTF8(folded_text), kql_texts({items})), lowerUTF8({text}))",
    "has_any": "kql_has_any({text}, {items})",
    "has_all": "kql_has_all({text}, {items})",
    "parse match": _parse_match,
    "parse group": _parse_group,
    "parse after": _parse_after,
    "parse at start": _parse_at_start,
    "parse before": "substring({text}, 1, greatest(position({text}, {found}) - 1, 0))",
    "parse from start": _parse_from_start,
    "parse is whole": _parse_is_whole,
    "parse is some": "{text} <> ''",
    **{f"parse {type}": f"kql_string_to_{type}({{text}})" for type in ("int", "long", "real", "decimal")},
    "parse found": _parse_found,
    "parse part": _parse_part,
}
"""By the entry's name."""
