"""The operators between values: comparison with Kusto's null rules, arithmetic, and the string operators.

Null rules (https://learn.microsoft.com/kusto/query/scalar-data-types/null-values): with one null side `==` is false
and `!=` is true; with two both are null. Where a null counts as false anyway (`filtering`), the engine's plain
comparison does.
"""

import re
from collections.abc import Callable

from vedette.kql.functions.entry import NOT_CONSTANT, Function, SqlCall, quote
from vedette.kql.functions.regexes import required_text, unicode_pattern
from vedette.kql.types import ScalarType

_WORTH_LOOKING_FOR = 3  # characters of a text that must occur: looking for it first is quicker than the pattern
_TEXT_OF_DYNAMIC = "kql_dynamic_to_string("


def _equal(call: SqlCall) -> str:
    left, right = call.arguments
    constant = call.constants[1]
    if left.startswith(_TEXT_OF_DYNAMIC) and isinstance(constant, str) and constant and constant[0] not in "[{":
        # What is no array and no bag is its own text, which is read without asking for its type.
        test = f"CAST({left.removeprefix(_TEXT_OF_DYNAMIC)[:-1]} AS VARCHAR) = {right}"
        return test if call.filtering else f"coalesce({test}, FALSE)"
    if call.filtering or not any(call.nullable):
        test = f"{left} = {right}"
    elif not all(call.nullable):
        test = f"coalesce({left} = {right}, FALSE)"
    else:
        test = f"kql_equal({left}, {right})"
    return f"({test} AND NOT {_is_nan(left)})" if _may_both_be_nan(call) else test


def _not_equal(call: SqlCall) -> str:
    left, right = call.arguments
    if not any(call.nullable):
        test = f"{left} <> {right}"
    elif call.filtering or not all(call.nullable):
        test = f"{left} IS DISTINCT FROM {right}"
    else:
        test = f"kql_not_equal({left}, {right})"
    return f"({test} OR {_is_nan(left)})" if _may_both_be_nan(call) else test


def _is_nan(value: str) -> str:
    return f"coalesce(isnan({value}), FALSE)"


def _may_both_be_nan(call: SqlCall) -> bool:
    """Whether both sides can be NaN, which is equal to nothing; to the engine it is equal to itself."""
    return _may_be_nan(call, 0) and _may_be_nan(call, 1)


def _may_be_nan(call: SqlCall, position: int) -> bool:
    constant = call.constants[position]
    return call.types[position] is ScalarType.real and (constant is NOT_CONSTANT or constant != constant)


def _folded_equal(call: SqlCall) -> str:
    return f"{_lower(call, 0)} = {_lower(call, 1)}"


def _folded_not_equal(call: SqlCall) -> str:
    return f"{_lower(call, 0)} <> {_lower(call, 1)}"


def _lower(call: SqlCall, position: int) -> str:
    constant = call.constants[position]
    return quote(constant.lower()) if isinstance(constant, str) else f"lower({call.arguments[position]})"


def _negated(positive: Callable[[SqlCall], str]) -> Callable[[SqlCall], str]:
    def negative(call: SqlCall) -> str:
        return f"NOT ({positive(call)})"

    return negative


# --- terms ---------------------------------------------------------------------------------------------------------

_BOUNDARY = r"[^\p{L}\p{N}]"


def _is_term_character(character: str) -> bool:
    return character.isalnum()


def _term(*, folded: bool, before: bool, after: bool) -> Callable[[SqlCall], str]:
    """A term test. A boundary is required at an edge only where the needle's own character there belongs to a term. A
    constant needle is first looked for as plain text, which settles most rows without the pattern."""

    def template(call: SqlCall) -> str:
        text, needle = call.arguments
        constant = call.constants[1]
        if constant is NOT_CONSTANT:
            return f"kql_term({text}, {needle}, {_sql_bool(folded)}, {_sql_bool(before)}, {_sql_bool(after)})"
        if constant == "":
            return "TRUE"
        start = f"(?:^|{_BOUNDARY})" if before and _is_term_character(constant[0]) else ""
        end = f"(?:$|{_BOUNDARY})" if after and _is_term_character(constant[-1]) else ""
        haystack = _lower(call, 0) if folded else text
        plain = f"contains({haystack}, {quote(constant.lower() if folded else constant)})"
        if not start and not end:
            return plain
        pattern = f"(?s{'i' if folded else ''}){start}{_escape(constant)}{end}"
        return f"({plain} AND regexp_matches({text}, {quote(pattern)}))"

    return template


def _escape(text: str) -> str:
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


def _sql_bool(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def _contains(call: SqlCall) -> str:
    return f"contains({_lower(call, 0)}, {_lower(call, 1)})"


def _startswith(call: SqlCall) -> str:
    return f"starts_with({_lower(call, 0)}, {_lower(call, 1)})"


def _endswith(call: SqlCall) -> str:
    return f"ends_with({_lower(call, 0)}, {_lower(call, 1)})"


def _plain(function: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        return f"{function}({call.arguments[0]}, {call.arguments[1]})"

    return template


_STRING_TESTS: tuple[tuple[str, str, Callable[[SqlCall], str], str, tuple[str, bool]], ...] = (
    (
        "has",
        "!has",
        _term(folded=True, before=True, after=True),
        "Whether the text has the term, in any case.",
        ("'North America' has 'america'", True),
    ),
    (
        "has_cs",
        "!has_cs",
        _term(folded=False, before=True, after=True),
        "Whether the text has the term, in the same case.",
        ("'North America' has_cs 'america'", False),
    ),
    (
        "hasprefix",
        "!hasprefix",
        _term(folded=True, before=True, after=False),
        "Whether a term of the text begins so, in any case.",
        ("'North America' hasprefix 'ame'", True),
    ),
    (
        "hasprefix_cs",
        "!hasprefix_cs",
        _term(folded=False, before=True, after=False),
        "Whether a term of the text begins so, in the same case.",
        ("'North America' hasprefix_cs 'ame'", False),
    ),
    (
        "hassuffix",
        "!hassuffix",
        _term(folded=True, before=False, after=True),
        "Whether a term of the text ends so, in any case.",
        ("'North America' hassuffix 'ica'", True),
    ),
    (
        "hassuffix_cs",
        "!hassuffix_cs",
        _term(folded=False, before=False, after=True),
        "Whether a term of the text ends so, in the same case.",
        ("'North America' hassuffix_cs 'ICA'", False),
    ),
    (
        "contains",
        "!contains",
        _contains,
        "Whether the text holds the other, in any case.",
        ("'FabriKam' contains 'BRik'", True),
    ),
    (
        "contains_cs",
        "!contains_cs",
        _plain("contains"),
        "Whether the text holds the other, in the same case.",
        ("'FabriKam' contains_cs 'Kam'", True),
    ),
    (
        "startswith",
        "!startswith",
        _startswith,
        "Whether the text begins so, in any case.",
        ("'Fabrikam' startswith 'fab'", True),
    ),
    (
        "startswith_cs",
        "!startswith_cs",
        _plain("starts_with"),
        "Whether the text begins so, in the same case.",
        ("'Fabrikam' startswith_cs 'fab'", False),
    ),
    ("endswith", "!endswith", _endswith, "Whether the text ends so, in any case.", ("'Fabrikam' endswith 'KAM'", True)),
    (
        "endswith_cs",
        "!endswith_cs",
        _plain("ends_with"),
        "Whether the text ends so, in the same case.",
        ("'Fabrikam' endswith_cs 'KAM'", False),
    ),
)


def _string_tests() -> list[Function]:
    entries: list[Function] = []
    for name, negation, template, doc, (example, expected) in _STRING_TESTS:
        entries.append(Function(name, "text: string, needle: string", "bool", doc, template, [(example, expected)]))
        entries.append(
            Function(
                negation,
                "text: string, needle: string",
                "bool",
                f"The opposite of `{name}`.",
                _negated(template),
                [(example.replace(f" {name} ", f" {negation} "), not expected)],
            )
        )
    return entries


def _matches(call: SqlCall) -> str:
    constant = call.constants[1]
    text = call.arguments[0]
    if not isinstance(constant, str):
        return f"regexp_matches({text}, {call.arguments[1]})"
    test = f"regexp_matches({text}, {quote(unicode_pattern(constant))})"
    required = required_text(constant)
    return f"(contains({text}, {quote(required)}) AND {test})" if len(required) >= _WORTH_LOOKING_FOR else test


# --- comparison and arithmetic -------------------------------------------------------------------------------------


def _ordered(symbol: str) -> Callable[[SqlCall], str]:
    """NaN is in no order with anything; to the engine it is the greatest number."""
    upper = 1 if symbol.startswith("<") else 0

    def template(call: SqlCall) -> str:
        test = f"{call.arguments[0]} {symbol} {call.arguments[1]}"
        if not _may_be_nan(call, upper):
            return test
        return f"({test} AND {call.arguments[upper]} <= CAST('inf' AS DOUBLE))"

    return template


def _time_between(call: SqlCall) -> str:
    left, right = call.arguments
    ticks = f"(epoch_us({left}) - epoch_us({right})) * 10"
    last = call.digits[0] - call.digits[1] if call.digits else 0
    return f"{ticks} + {last}" if last else ticks


def _moved(instant: int, span: int, sign: str) -> Callable[[SqlCall], str]:
    """A datetime moved by a timespan. What is not in the calendar is null; what is between two microseconds is the one
    before, so that `startofday(t) - 1tick` is still the day before."""

    def template(call: SqlCall) -> str:
        ticks = call.constants[span]
        if isinstance(ticks, int):
            micros = f"to_microseconds({(ticks if sign == '+' else -ticks) // 10})"
        else:
            micros = f"kql_microseconds({'' if sign == '+' else '-'}{call.arguments[span]})"
        return f"kql_in_calendar({call.arguments[instant]} + {micros})"

    return template


def _ordering(symbol: str) -> list[Function]:
    return [
        Function(
            symbol,
            "left: T, right: T",
            "bool",
            f"Whether the left side is {symbol} the right side; null if either is null.",
            _ordered(symbol),
            [(f"1 {symbol} 2", symbol in ("<", "<=")), (f"real(nan) {symbol} 1.0", False)],
        )
    ]


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "==",
        "left: T, right: T",
        "bool",
        "Whether both sides are equal.",
        _equal,
        [
            ("1 == 1.0", True),
            ("'a' == 'A'", False),
            ("int(null) == 1", False),
            ("int(null) == int(null)", None),
            ("real(nan) == real(nan)", False),
        ],
    ),
    Function(
        "!=",
        "left: T, right: T",
        "bool",
        "Whether the sides differ.",
        _not_equal,
        [
            ("1 != 2", True),
            ("int(null) != 1", True),
            ("int(null) != int(null)", None),
            ("real(nan) != real(nan)", True),
        ],
    ),
    Function(
        "=~",
        "left: string, right: string",
        "bool",
        "Whether both texts are equal in any case.",
        _folded_equal,
        [("'a' =~ 'A'", True)],
    ),
    Function(
        "!~",
        "left: string, right: string",
        "bool",
        "Whether the texts differ in any case.",
        _folded_not_equal,
        [("'a' !~ 'A'", False)],
    ),
    *_ordering("<"),
    *_ordering("<="),
    *_ordering(">"),
    *_ordering(">="),
    Function("+", "left: long, right: long", "long", "The sum.", "{left} + {right}", [("1 + 2", 3)]),
    Function("+", "left: real, right: real", "real", "The sum.", "{left} + {right}", [("1 + 2.5", 3.5)]),
    Function("+", "left: decimal, right: decimal", "decimal", "The sum.", "{left} + {right}", []),
    Function(
        "+",
        "left: datetime, right: timespan",
        "datetime",
        "The instant later by the timespan.",
        _moved(0, 1, "+"),
        [("datetime(2024-01-01) + 1d", "2024-01-02T00:00:00.0000000Z")],
    ),
    Function(
        "+",
        "left: timespan, right: datetime",
        "datetime",
        "The instant later by the timespan.",
        _moved(1, 0, "+"),
        [("1d + datetime(2024-01-01)", "2024-01-02T00:00:00.0000000Z")],
    ),
    Function(
        "+", "left: timespan, right: timespan", "timespan", "The sum.", "{left} + {right}", [("1h + 30m", "01:30:00")]
    ),
    Function("-", "left: long, right: long", "long", "The difference.", "{left} - {right}", [("1 - 2", -1)]),
    Function("-", "left: real, right: real", "real", "The difference.", "{left} - {right}", [("1 - 2.5", -1.5)]),
    Function("-", "left: decimal, right: decimal", "decimal", "The difference.", "{left} - {right}", []),
    Function(
        "-",
        "left: datetime, right: datetime",
        "timespan",
        "The time between the instants.",
        _time_between,
        [("datetime(2024-01-02) - datetime(2024-01-01)", "1.00:00:00")],
    ),
    Function(
        "-",
        "left: datetime, right: timespan",
        "datetime",
        "The instant earlier by the timespan.",
        _moved(0, 1, "-"),
        [
            ("datetime(2024-01-02) - 1d", "2024-01-01T00:00:00.0000000Z"),
            ("bin(datetime(2024-01-02) - 1tick, 1d)", "2024-01-01T00:00:00.0000000Z"),
            ("datetime(0001-01-01) - 1h", None),
        ],
    ),
    Function(
        "-",
        "left: timespan, right: timespan",
        "timespan",
        "The difference.",
        "{left} - {right}",
        [("1h - 90m", "-00:30:00")],
    ),
    Function("*", "left: long, right: long", "long", "The product.", "{left} * {right}", [("2 * 3", 6)]),
    Function("*", "left: real, right: real", "real", "The product.", "{left} * {right}", [("2 * 1.5", 3.0)]),
    Function("*", "left: decimal, right: decimal", "decimal", "The product.", "{left} * {right}", []),
    Function(
        "*",
        "left: timespan, right: long",
        "timespan",
        "The timespan so many times.",
        "{left} * {right}",
        [("1h * 2", "02:00:00")],
    ),
    Function(
        "*",
        "left: long, right: timespan",
        "timespan",
        "The timespan so many times.",
        "{left} * {right}",
        [("2 * 1h", "02:00:00")],
    ),
    Function(
        "*",
        "left: timespan, right: real",
        "timespan",
        "The timespan so many times.",
        "kql_ticks({left} * {right})",
        [("1h * 1.5", "01:30:00")],
    ),
    Function(
        "*",
        "left: real, right: timespan",
        "timespan",
        "The timespan so many times.",
        "kql_ticks({left} * {right})",
        [("1.5 * 1h", "01:30:00")],
    ),
    Function(
        "/",
        "left: long, right: long",
        "long",
        "The quotient, cut toward zero; null by zero.",
        "{left} // {right}",
        [("7 / 2", 3), ("-7 / 2", -3), ("1 / 0", None)],
    ),
    Function(
        "/",
        "left: real, right: real",
        "real",
        "The quotient; infinite by zero.",
        "{left} / {right}",
        [("7.0 / 2", 3.5)],
    ),
    Function("/", "left: decimal, right: decimal", "decimal", "The quotient.", "{left} / {right}", []),
    Function(
        "/",
        "left: timespan, right: timespan",
        "real",
        "How often one goes into the other.",
        "{left}::DOUBLE / {right}::DOUBLE",
        [("1d / 1h", 24.0)],
    ),
    Function(
        "/",
        "left: timespan, right: long",
        "timespan",
        "The timespan's part.",
        "{left} // {right}",
        [("1h / 2", "00:30:00")],
    ),
    Function(
        "/",
        "left: timespan, right: real",
        "timespan",
        "The timespan's part.",
        "kql_ticks(trunc({left} / {right}))",
        [("1h / 0.5", "02:00:00")],
    ),
    Function(
        "/",
        "left: datetime, right: timespan",
        "real",
        "How often the timespan goes into the time since the year 1.",
        "kql_datetime_to_long({left})::DOUBLE / {right}::DOUBLE",
        [("datetime(0001-01-03) / 1h", 48.0), ("datetime(null) / 1h", None)],
    ),
    Function(
        "/",
        "left: datetime, right: long",
        "datetime",
        "The instant at that part of the time since the year 1.",
        "kql_long_to_datetime(kql_datetime_to_long({left}) // {right})",
        [("datetime(0001-01-03) / 2", "0001-01-02T00:00:00.0000000Z"), ("datetime(2024-01-01) / 0", None)],
    ),
    Function(
        "%",
        "left: long, right: long",
        "long",
        "The remainder, never negative.",
        "kql_modulo({left}, {right})",
        [("7 % 3", 1), ("-7 % 3", 2)],
    ),
    Function(
        "%",
        "left: real, right: real",
        "real",
        "The remainder, never negative.",
        "kql_modulo({left}, {right})",
        [("7.5 % 2", 1.5)],
    ),
    Function(
        "%",
        "left: timespan, right: timespan",
        "timespan",
        "The remainder.",
        "kql_modulo({left}, {right})",
        [("90m % 1h", "00:30:00")],
    ),
    Function("negate", "value: long", "long", "The value with the other sign.", "-{value}", []),
    Function("negate", "value: real", "real", "The value with the other sign.", "-{value}", []),
    Function("negate", "value: decimal", "decimal", "The value with the other sign.", "-{value}", []),
    Function("negate", "value: timespan", "timespan", "The value with the other sign.", "-{value}", []),
    Function(
        "matches regex",
        "text: string, pattern: string",
        "bool",
        "Whether the RE2 pattern is found in the text.",
        _matches,
        [("'abc' matches regex 'b.'", True)],
    ),
    *_string_tests(),
)
"""Every operator that is a function of values; `and`, `or`, `in`, `between` are the binder's."""


def _any_element(function: str) -> Callable[[SqlCall], str]:
    def template(call: SqlCall) -> str:
        text, items = call.arguments
        return f"coalesce({function}({text}, {items}), FALSE)"

    return template


IN_DYNAMIC = Function(
    "in", "text: string, items: dynamic", "bool", "Whether the array holds the text.", _any_element("kql_in_array"), []
)
IN_DYNAMIC_FOLDED = Function(
    "in~",
    "text: string, items: dynamic",
    "bool",
    "Whether the array holds the text in any case.",
    _any_element("kql_in_array_folded"),
    [],
)
HAS_ANY_DYNAMIC = Function(
    "has_any",
    "text: string, items: dynamic",
    "bool",
    "Whether the text has any term of the array.",
    _any_element("kql_has_any"),
    [],
)
HAS_ALL_DYNAMIC = Function(
    "has_all",
    "text: string, items: dynamic",
    "bool",
    "Whether the text has all terms of the array.",
    _any_element("kql_has_all"),
    [],
)
NOT = Function("not", "value: bool", "bool", "The opposite; null of null.", "NOT {value}", [("not(true)", False)])
NAN_TEST = Function("nan test", "value: real", "bool", "Whether the value is NaN; null of null.", "isnan({value})", [])
PARSE_MATCH = Function(
    "parse match",
    "text: string, pattern!: string, groups!: long",
    "dynamic",
    "The groups of a parse pattern, as the engine's own record; read only by `parse group`.",
    lambda call: (
        f"regexp_extract({call.arguments[0]}, {call.arguments[1]}, "
        f"[{', '.join(quote(f'g{i}') for i in range(call.constants[2]))}])"
    ),
    [],
)
PARSE_GROUP = Function(
    "parse group",
    "groups: dynamic, index!: long",
    "string",
    "One group of a `parse match`.",
    lambda call: f"coalesce(struct_extract({call.arguments[0]}, {quote(f'g{call.constants[1]}')}), '')",
    [],
)
