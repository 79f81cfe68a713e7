"""The operators of conditions: each compares one value with what is expected, and says whether that holds.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#conditions
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from vedette.expressions.values import is_number, json_text, number_text, type_name
from vedette.policy.errors import EvaluationFailed

Json = dict[str, Any]
Holds = Callable[[Any, Any], bool]


def text(value: Any) -> str:
    """A value as texts are compared: JSON's words in lower case, a missing value as nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number_text(value)
    return json_text(value)


def equal(value: Any, expected: Any) -> bool:
    """Whether two values are one: texts in any letter case, numbers and truths as their texts, nothing as an empty
    text."""
    if isinstance(value, str) and isinstance(expected, str):
        return value == expected or value.lower() == expected.lower()
    if isinstance(value, bool) is isinstance(expected, bool) and is_number(value) and is_number(expected):
        return value == expected
    if isinstance(value, list) and isinstance(expected, list):
        mine, theirs = cast("list[Any]", value), cast("list[Any]", expected)
        return len(mine) == len(theirs) and all(map(equal, mine, theirs))
    if isinstance(value, dict) and isinstance(expected, dict):
        left = {name.lower(): each for name, each in cast("Json", value).items()}
        right = {name.lower(): each for name, each in cast("Json", expected).items()}
        return left.keys() == right.keys() and all(equal(left[name], right[name]) for name in left)
    if isinstance(value, list | dict) or isinstance(expected, list | dict):
        return False
    return text(value).lower() == text(expected).lower()


def _like(value: Any, expected: Any) -> bool:
    """The pattern has at most one `*`, which stands for any characters."""
    if value is None or isinstance(value, list | dict):
        return False
    given, pattern = text(value).lower(), text(expected).lower()
    before, star, after = pattern.partition("*")
    if not star:
        return given == pattern
    return len(given) >= len(before) + len(after) and given.startswith(before) and given.endswith(after)


def _match(value: Any, expected: Any) -> bool:
    """`#` stands for a digit, `?` for a letter, `.` for any character; all others for themselves."""
    given, pattern = text(value), text(expected)
    return len(given) == len(pattern) and all(map(_fits, given, pattern))


def _match_insensitively(value: Any, expected: Any) -> bool:
    given, pattern = text(value), text(expected)
    return len(given) == len(pattern) and all(
        _fits(one, other) or one.lower() == other.lower() for one, other in zip(given, pattern, strict=True)
    )


def _fits(character: str, place: str) -> bool:
    match place:
        case "#":
            return character.isdigit()
        case "?":
            return character.isalpha()
        case ".":
            return True
        case _:
            return character == place


def _contains(value: Any, expected: Any) -> bool:
    """A text has a part in any letter case; an array has a member."""
    if isinstance(value, list):
        return any(equal(each, expected) for each in cast("list[Any]", value))
    if value is None or isinstance(value, dict):
        return False
    return text(expected).lower() in text(value).lower()


def _in(value: Any, expected: Any) -> bool:
    if not isinstance(expected, list):
        raise EvaluationFailed(f"The operator 'in' expects an array, not a value of type '{type_name(expected)}'.")
    return any(equal(value, each) for each in cast("list[Any]", expected))


def _contains_key(value: Any, expected: Any) -> bool:
    return isinstance(value, dict) and any(name.lower() == text(expected).lower() for name in cast("Json", value))


def _exists(value: Any, expected: Any) -> bool:
    wanted = text(expected).lower()
    if wanted not in ("true", "false"):
        raise EvaluationFailed(f"The operator 'exists' expects true or false, not '{wanted[:60]}'.")
    return (value is not None) == (wanted == "true")


def _ordered(name: str, holds: Callable[[Any, Any], bool]) -> Holds:
    """Numbers by value, texts in any letter case. Raises EvaluationFailed for two that cannot be compared."""

    def call(value: Any, expected: Any) -> bool:
        if value is None:
            return False
        one, other = _comparable(value), _comparable(expected)
        if isinstance(one, str) is not isinstance(other, str):
            as_numbers = _number(one), _number(other)
            if None in as_numbers:
                raise EvaluationFailed(
                    f"The operator '{name}' cannot compare a value of type '{type_name(value)}' with one of type "
                    f"'{type_name(expected)}'."
                )
            one, other = as_numbers
        return holds(one, other)

    def _comparable(value: Any) -> Any:
        if isinstance(value, str):
            return value.lower()
        if is_number(value):
            return value
        raise EvaluationFailed(f"The operator '{name}' cannot compare a value of type '{type_name(value)}'.")

    return call


def _number(value: Any) -> float | None:
    if is_number(value):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _opposite(holds: Holds) -> Holds:
    return lambda value, expected: not holds(value, expected)


OPERATORS: Final[Mapping[str, Holds]] = {
    "equals": equal,
    "notEquals": _opposite(equal),
    "like": _like,
    "notLike": _opposite(_like),
    "match": _match,
    "notMatch": _opposite(_match),
    "matchInsensitively": _match_insensitively,
    "notMatchInsensitively": _opposite(_match_insensitively),
    "contains": _contains,
    "notContains": _opposite(_contains),
    "in": _in,
    "notIn": _opposite(_in),
    "containsKey": _contains_key,
    "notContainsKey": _opposite(_contains_key),
    "less": _ordered("less", lambda one, other: one < other),
    "lessOrEquals": _ordered("lessOrEquals", lambda one, other: one <= other),
    "greater": _ordered("greater", lambda one, other: one > other),
    "greaterOrEquals": _ordered("greaterOrEquals", lambda one, other: one >= other),
    "exists": _exists,
}
"""By published name."""

BY_FOLDED: Final = {name.lower(): name for name in OPERATORS}
"""The published names by folded ones: rules write them in any letter case."""
