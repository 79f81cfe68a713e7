"""The rules of an automation's sources: which events they take.

https://learn.microsoft.com/rest/api/defenderforcloud/automations/create-or-update#automationtriggeringrule
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

_STEP: Final = re.compile(r"""\.?([^.\[\]'"]+)|\[\s*(\d+)\s*\]|\[\s*'([^']*)'\s*\]|\[\s*"([^"]*)"\s*\]""")
_LONGEST_PATH: Final = 500
_LONGEST_NUMBER: Final = 40

_TEXTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "equals": lambda found, expected: found == expected,
    "notequals": lambda found, expected: found != expected,
    "contains": lambda found, expected: expected in found,
    "startswith": lambda found, expected: found.startswith(expected),
    "endswith": lambda found, expected: found.endswith(expected),
    "greaterthan": lambda found, expected: found > expected,
    "greaterthanorequalto": lambda found, expected: found >= expected,
    "lesserthan": lambda found, expected: found < expected,
    "lesserthanorequalto": lambda found, expected: found <= expected,
}
_NUMBERS: Final[Mapping[str, Callable[[Decimal, Decimal], bool]]] = {
    "equals": lambda found, expected: found == expected,
    "notequals": lambda found, expected: found != expected,
    "greaterthan": lambda found, expected: found > expected,
    "greaterthanorequalto": lambda found, expected: found >= expected,
    "lesserthan": lambda found, expected: found < expected,
    "lesserthanorequalto": lambda found, expected: found <= expected,
}
_TRUTHS: Final = {"true": True, "false": False}


def takes(rule_sets: Any, event: Mapping[str, Any]) -> bool:
    """Whether one of the rule sets takes an event, which it does when all of its rules hold; where there are none, any
    event is taken."""
    sets = cast("list[Any]", rule_sets) if isinstance(rule_sets, list) else []
    return not sets or any(all(holds(rule, event) for rule in _rules(each)) for each in sets)


def holds(rule: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether a rule holds of an event: texts are compared in any letter case, numbers and truths by value. What is not
    there, or is of another kind, is only not equal to anything."""
    found = value_at(event, str(rule.get("propertyJPath") or ""))
    expected, operator = rule.get("expectedValue"), str(rule.get("operator") or "").lower()
    kind = str(rule.get("propertyType") or "").lower()
    if isinstance(found, list) and kind == "string" and operator in ("contains", "equals"):
        items = cast("list[Any]", found)
        return any(_holds(kind, operator, each, expected) for each in items)
    return _holds(kind, operator, found, expected)


def value_at(event: Any, path: str) -> Any:
    """What stands at a path of an event, such as `properties.metadata.severity` or `$.a['b'][0]`, names in any letter
    case; None where there is nothing. Raises ValueError for what is no path."""
    at: Any = event
    for step in steps_of(path):
        if isinstance(step, int):
            items = cast("list[Any]", at) if isinstance(at, list) else []
            at = items[step] if step < len(items) else None
        elif isinstance(at, dict):
            fields = cast("dict[str, Any]", at)
            folded = step.lower()
            at = fields.get(step, next((each for name, each in fields.items() if name.lower() == folded), None))
        else:
            return None
    return at


def steps_of(path: str) -> Sequence[str | int]:
    """The names and places that a path goes through. Raises ValueError."""
    rest = path.strip()
    if not rest or len(rest) > _LONGEST_PATH:
        raise ValueError("it is empty, or too long")
    if rest == "$":
        return ()
    return [*_steps(rest.removeprefix("$"))]


def problem_of(rule: Mapping[str, Any]) -> str | None:
    """What is wrong with a rule; None for one that can be held against events."""
    kind, operator = str(rule.get("propertyType") or "").lower(), str(rule.get("operator") or "").lower()
    try:
        steps_of(str(rule.get("propertyJPath") or ""))
    except ValueError as error:
        return f"'propertyJPath' is no path to a property: {error}"
    if kind not in ("string", "integer", "number", "boolean"):
        return "'propertyType' is one of String, Integer, Number, Boolean"
    if operator not in _TEXTS:
        return f"'operator' is one of the published ones, not '{str(rule.get('operator'))[:40]}'"
    if not _is_known(kind, operator):
        return f"'{rule['operator']}' cannot be said of a property of the type {rule['propertyType']}"
    if kind != "string" and _read(kind, rule.get("expectedValue")) is None:
        return f"'expectedValue' is no value of the type {rule['propertyType']}"
    return None


def _is_known(kind: str, operator: str) -> bool:
    if kind == "boolean":
        return operator in ("equals", "notequals")
    return operator in (_TEXTS if kind == "string" else _NUMBERS)


def _holds(kind: str, operator: str, found: Any, expected: Any) -> bool:
    if not _is_known(kind, operator):
        return False
    left, right = _read(kind, found), _read(kind, expected)
    if left is None or right is None:
        return operator == "notequals"
    if kind == "string":
        return _TEXTS[operator](left, right)
    return (left == right) == (operator == "equals") if kind == "boolean" else _NUMBERS[operator](left, right)


def _read(kind: str, value: Any) -> Any:
    if value is None or isinstance(value, dict | list):
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "string":
        return text.casefold()
    if kind == "boolean":
        return _TRUTHS.get(text.strip().lower())
    return _number(text, is_whole=kind == "integer")


def _number(text: str, *, is_whole: bool) -> Decimal | None:
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and not (is_whole and number % 1) else None


def _rules(rule_set: Any) -> Sequence[Mapping[str, Any]]:
    rules = cast("dict[str, Any]", rule_set).get("rules") if isinstance(rule_set, dict) else None
    return [each for each in cast("list[Any]", rules or []) if isinstance(each, dict)]


def _steps(text: str) -> Iterator[str | int]:
    place = 0
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None:
            raise ValueError(f"'{text[place : place + 40]}' cannot be read")
        name, index, single, double = found.groups()
        yield int(index) if index is not None else next(each for each in (name, single, double) if each is not None)
        place = found.end()
