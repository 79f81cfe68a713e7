"""Holds what is there against what a test asks for: a value, or a condition such as `{contains: …}`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from vedette.rule_tests.node import Node, plain_text


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def holds(there: Any, wanted: Any) -> bool:
        left, right = _number(there), _number(wanted)
        return left is not None and right is not None and compare(left, right)

    return holds


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


CONDITIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "contains": lambda there, wanted: any(
        plain_text(wanted).lower() in plain_text(each).lower() for each in _listed(there)
    ),
    "startswith": lambda there, wanted: plain_text(there).startswith(plain_text(wanted)),
    "endswith": lambda there, wanted: plain_text(there).endswith(plain_text(wanted)),
    "matches": lambda there, wanted: re.search(str(wanted), plain_text(there)) is not None,
    "not": lambda there, wanted: not is_met(there, wanted),
    "anyOf": lambda there, wanted: any(is_met(there, each) for each in _listed(wanted)),
    "gt": _compared(lambda left, right: left > right),
    "ge": _compared(lambda left, right: left >= right),
    "lt": _compared(lambda left, right: left < right),
    "le": _compared(lambda left, right: left <= right),
}
"""What may be asked of a value besides what it is."""


def is_condition(wanted: Any) -> bool:
    """Whether this asks something of a value."""
    if not isinstance(wanted, dict):
        return False
    told = cast("dict[str, Any]", wanted)
    return bool(told) and all(key in CONDITIONS for key in told)


def is_met(there: Any, wanted: Any) -> bool:
    """Whether a value is what is wanted: the conditions hold, a mapping has at least what is told of it, a list is of
    the same things in order, a number or truth is written the same as a text."""
    if is_condition(wanted):
        return all(CONDITIONS[name](there, value) for name, value in cast("dict[str, Any]", wanted).items())
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            is_met(found(cast("dict[str, Any]", there), key), value)
            for key, value in cast("dict[str, Any]", wanted).items()
        )
    if isinstance(wanted, list):
        told = cast("list[Any]", wanted)
        return (
            isinstance(there, list)
            and len(cast("list[Any]", there)) == len(told)
            and all(is_met(left, right) for left, right in zip(cast("list[Any]", there), told, strict=True))
        )
    if wanted is None or there is None:
        return there is wanted
    number = isinstance(wanted, int | float) and not isinstance(wanted, bool)
    if number and not isinstance(there, bool) and _number(there) is not None:
        return _number(there) == float(wanted)
    return plain_text(there) == plain_text(wanted)


def found(mapping: Mapping[str, Any], key: str) -> Any:
    """The value under a key, whatever its letter case."""
    if key in mapping:
        return mapping[key]
    return next((value for name, value in mapping.items() if name.lower() == key.lower()), None)


_NUMERIC: Final = ("gt", "ge", "lt", "le")


def check_wanted(node: Node) -> None:
    """Raises WrongTestFile for what can stand for no value: a mapping with other keys than conditions, a pattern that
    is none, a bound that is no number; and for a condition that every value meets."""
    _check_form(node)
    if _always_met(node.value):
        raise node.wrong("every value meets this condition, so that it cannot fail.")


def check_number(node: Node, *, least: int = 0) -> None:
    """As `check_wanted`, of what a whole number that is at least so much is held against."""
    check_wanted(node)
    if is_condition(node.value) and all(is_met(each, node.value) for each in _telling_numbers(node.value, least)):
        raise node.wrong(f"every number from {least} on meets this condition, so that it cannot fail.")


_MANY: Final = 10**12
_SAMPLES: Final = (
    *("", "a", "0", "null", "2024-01-03T12:00:00Z"),
    "".join(map(chr, range(32, 127))),
    "\t\n\xe9\u4e16" * 300,
)
_LOOKING = ("(?!", "(?<!")


def _always_met(wanted: Any) -> bool:
    """Whether it is certain that every value meets a condition."""
    if not is_condition(wanted):
        return False
    return all(_always(name, value) for name, value in cast("dict[str, Any]", wanted).items())


def _always(name: str, value: Any) -> bool:
    match name:
        case "contains" | "startswith" | "endswith":
            return value == ""
        case "matches":
            pattern = str(value)
            looks_away = any(each in pattern for each in _LOOKING)  # no sample tells what it is that must not be there
            return not looks_away and all(re.search(pattern, each) for each in _SAMPLES)
        case "anyOf":
            return any(_always_met(each) for each in _listed(value))
        case _:
            return False


def _telling_numbers(wanted: Any, least: int) -> set[int]:
    """Numbers of which one does not meet the condition, unless all do: those around each that it names."""
    named = {each for each in map(_number, _leaves(wanted)) if each is not None and abs(each) < _MANY}
    around = {int(each) + step for each in named for step in (-1, 0, 1)}
    return {least, least + 1, _MANY} | {each for each in around if each >= least}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        held = cast("dict[str, Any] | list[Any]", value)
        for each in held.values() if isinstance(held, dict) else held:
            yield from _leaves(each)
    else:
        yield value


def _check_form(node: Node) -> None:
    if not isinstance(node.value, dict):
        return
    if not node.mapping(tuple(CONDITIONS)):
        raise node.wrong(f"an empty mapping asks for nothing; there are {', '.join(CONDITIONS)}.")
    for name, each in node.entries():
        if name == "matches":
            try:
                re.compile(each.text())
            except re.error as error:
                raise each.wrong(f"'{each.text()}' is no regular expression: {error}.") from error
        elif name in _NUMERIC and _number(each.value) is None:
            raise each.wrong(f"'{name}' is held against a number, not {each.value!r}.")
        elif name in ("not", "anyOf"):
            for one in each.items() if each.value is not None else ():
                _check_form(one)


def are_met(there: Sequence[Any], wanted: Sequence[Any], meets: Callable[[Any, Any], bool]) -> list[int | None]:
    """For each that is wanted, which of those that are there it is: each at most once, as many as can be."""
    candidates = [[number for number, each in enumerate(there) if meets(each, wish)] for wish in wanted]
    taken: dict[int, int] = {}

    def place(wish: int, seen: set[int]) -> bool:
        for number in candidates[wish]:
            if number not in seen:
                seen.add(number)
                if number not in taken or place(taken[number], seen):
                    taken[number] = wish
                    return True
        return False

    for wish in range(len(wanted)):
        place(wish, set())
    placed = {wish: number for number, wish in taken.items()}
    return [placed.get(wish) for wish in range(len(wanted))]
