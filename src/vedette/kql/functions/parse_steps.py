"""What `parse` is made of where it looks for texts one after the other. What is not found is null, in a string too:
only these functions read it."""

from vedette.kql.functions.entry import Function, SqlCall, quote
from vedette.kql.types import ScalarType


def _part(call: SqlCall) -> str:
    part, _, _, found, *otherwise = call.arguments
    if not otherwise:
        return f"CASE WHEN {found} IS NOT NULL THEN {part} ELSE '' END"
    sure, text, pattern = otherwise
    names = ", ".join(quote(f"g{number}") for number in range(call.constants[2]))
    group = f"struct_extract(regexp_extract({text}, {pattern}, [{names}]), {quote(f'g{call.constants[1]}')})"
    return f"CASE WHEN {found} IS NULL THEN '' WHEN {sure} THEN {part} ELSE coalesce({group}, '') END"


def _found(call: SqlCall) -> str:
    found, *otherwise = call.arguments
    if not otherwise:
        return f"{found} IS NOT NULL"
    sure, text, pattern = otherwise
    return f"({found} IS NOT NULL AND ({sure} OR regexp_matches({text}, {pattern})))"


AFTER = Function(
    "parse after",
    "text: string, found!: string",
    "string",
    "What stands after the first place of a text.",
    lambda call: (
        f"CASE WHEN strpos({call.arguments[0]}, {call.arguments[1]}) > 0 THEN substring({call.arguments[0]}, "
        f"strpos({call.arguments[0]}, {call.arguments[1]}) + {len(call.constants[1])}) END"
    ),
    [],
)
AT_START = Function(
    "parse at start",
    "text: string, found!: string",
    "string",
    "What stands after a text that the whole begins with.",
    lambda call: (
        f"CASE WHEN starts_with({call.arguments[0]}, {call.arguments[1]}) "
        f"THEN substring({call.arguments[0]}, {len(call.constants[1]) + 1}) END"
    ),
    [],
)
BEFORE = Function(
    "parse before",
    "text: string, found!: string",
    "string",
    "What stands before the first place of a text.",
    "substring({text}, 1, greatest(strpos({text}, {found}) - 1, 0))",
    [],
)
FROM_START = Function(
    "parse from start",
    "text: string, capture!: string",
    "string",
    "The beginning of a text, as far as it matches an expression.",
    lambda call: f"regexp_extract({call.arguments[0]}, {quote(f'^{call.constants[1]}')})",
    [],
)
IS_WHOLE = Function(
    "parse is whole",
    "text: string, capture!: string",
    "bool",
    "Whether all of a text matches an expression.",
    "regexp_full_match({text}, {capture})",
    [],
)
IS_SOME = Function("parse is some", "text: string", "bool", "Whether there is a text.", "{text} <> ''", [])
NUMBERS = {
    type: Function(
        f"parse {type.value}",
        "text: string",
        type.value,
        "The number that a text is, which is known to be one, or ''.",
        f"TRY_CAST({{text}} AS {engine_type})",
        [],
    )
    for type, engine_type in (
        (ScalarType.int, "INTEGER"),
        (ScalarType.long, "BIGINT"),
        (ScalarType.real, "DOUBLE"),
        (ScalarType.decimal, "DECIMAL(38, 17)"),
    )
}
"""What makes numbers of texts that a pattern has shown to be such."""

FOUND = Function(
    "parse found",
    "found: string, sure: bool, text: string, pattern!: string",
    "bool",
    "Whether a row fits: all texts were found, and the numbers between them too, or else by the expression.",
    _found,
    [],
)
PART = Function(
    "parse part",
    "part: string, index!: long, count!: long, found: string, sure: bool, text: string, pattern!: string",
    "string",
    "A column's text, '' where the row does not fit.",
    _part,
    [],
)
