"""Whether a condition of `$filter` holds for an object as Graph shows it.

Letter case matters neither in the names of properties nor in texts.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

from vedette.core.instants import instant_of
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Path, Scalar

_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
}


def holds(condition: Condition, subject: Any) -> bool:
    """Whether it holds; what is absent is null."""
    match condition:
        case And(conditions):
            return all(holds(each, subject) for each in conditions)
        case Or(conditions):
            return any(holds(each, subject) for each in conditions)
        case Not(inner):
            return not holds(inner, subject)
        case Compare(path, operator, value):
            found = _at(subject, path)
            if operator in ("eq", "ne"):
                return _equal(found, value) == (operator == "eq")
            pair = _comparable(found, value)
            return pair is not None and _ORDERS[operator](*pair)
        case In(path, values):
            found = _at(subject, path)
            return any(_equal(found, value) for value in values)
        case Match(path, operator, text):
            found = _at(subject, path)
            return isinstance(found, str) and _matches(found.casefold(), operator, text.casefold())
        case AnyElement(path, where):
            found = _at(subject, path)
            elements = cast("list[Any]", found) if isinstance(found, list) else []
            return any(where is None or holds(where, element) for element in elements)


def paths_of(condition: Condition) -> Iterator[Path]:
    """Every path that a condition begins with at the top of its subject."""
    match condition:
        case And(conditions) | Or(conditions):
            for each in conditions:
                yield from paths_of(each)
        case Not(inner):
            yield from paths_of(inner)
        case Compare(path, _, _) | In(path, _) | Match(path, _, _) | AnyElement(path, _):
            yield path


def _at(subject: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(subject, dict):
            return None
        fields = cast("dict[str, Any]", subject)
        subject = fields[key] if key in fields else _any_case(fields, key)
    return subject


def _any_case(fields: Mapping[str, Any], key: str) -> Any:
    return next((value for name, value in fields.items() if name.lower() == key.lower()), None)


def _equal(found: Any, value: Scalar) -> bool:
    if value is None or found is None:
        return found is value
    pair = _comparable(found, value)
    return pair is not None and pair[0] == pair[1]


def _comparable(found: Any, value: Scalar) -> tuple[Any, Any] | None:
    """Both of one type; None where they are not."""
    if isinstance(value, datetime):
        instant = _instant(found)
        return None if instant is None else (instant, value)
    if isinstance(value, bool) or isinstance(found, bool):
        return (found, value) if isinstance(value, bool) and isinstance(found, bool) else None
    if isinstance(value, str):
        return (found.casefold(), value.casefold()) if isinstance(found, str) else None
    return (found, value) if isinstance(found, int | float) and value is not None else None


def _instant(found: Any) -> datetime | None:
    try:
        return instant_of(found) if isinstance(found, str) else None
    except ValueError:
        return None


def _matches(found: str, operator: str, text: str) -> bool:
    if operator == "contains":
        return text in found
    return found.startswith(text) if operator == "startswith" else found.endswith(text)
