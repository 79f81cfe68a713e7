"""What a body may hold, said in small checks that are put together; a check gives back the value as it is kept.

Clients write names in any letter case, and truths and numbers as texts; what is kept has the published casing and
types.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of

Check = Callable[[str, Any], Any]
"""Takes a property's place, such as `properties.sku.name`, and its value. Raises InvalidInput that names the place."""

_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)


def wrong(place: str, rule: str, code: str = "InvalidParameter") -> InvalidInput:
    """The refusal of a property: what it must be, or why it cannot be."""
    return InvalidInput(code, f"'{place}' {rule}.", target=place)


def anything(_place: str, value: Any) -> Any:
    """A value of any kind."""
    return value


def text(place: str, value: Any) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise wrong(place, "is a string that is not empty")
    return value


def any_text(place: str, value: Any) -> str:
    """A string, which may be empty."""
    if not isinstance(value, str):
        raise wrong(place, "is a string")
    return value


def truth(place: str, value: Any) -> bool:
    """True or false."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise wrong(place, "is true or false")
    return value


def whole(place: str, value: Any) -> int:
    """A whole number."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(place, "is a whole number")
    return value


def number(place: str, value: Any) -> float:
    """A number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise wrong(place, "is a number")
    return float(value)


def instant(place: str, value: Any, code: str = "InvalidParameter") -> datetime:
    """A date and time as a text; without an offset it is UTC. Unlike the other checks it gives what the text means."""
    if not isinstance(value, str):
        raise wrong(place, "is a date and time such as 2024-01-01T00:00:00Z", code)
    try:
        return instant_of(value)
    except ValueError as error:
        raise wrong(place, f"is a date and time such as 2024-01-01T00:00:00Z, not '{value[:40]}'", code) from error


def arm_id(place: str, value: Any) -> str:
    """The id of a resource, here or elsewhere."""
    id = text(place, value)
    if not id.startswith("/subscriptions/"):
        raise wrong(place, "is the id of a resource: '/subscriptions/…'")
    return id


def one_of(*allowed: str) -> Check:
    """One of these strings, in any letter case."""
    by_folded = {each.lower(): each for each in allowed}

    def check(place: str, value: Any) -> str:
        found = by_folded.get(str(value).lower())
        if found is None:
            raise wrong(place, f"is one of {', '.join(allowed)}, not '{str(value)[:40]}'")
        return found

    return check


def one_of_numbers(*allowed: int) -> Check:
    """One of these whole numbers."""

    def check(place: str, value: Any) -> int:
        found = whole(place, value)
        if found not in allowed:
            raise wrong(place, f"is one of {', '.join(str(each) for each in allowed)}, not {found}")
        return found

    return check


def list_of(item: Check, *, least: int = 0, most: int = 1000) -> Check:
    """A list of items that hold."""

    def check(place: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise wrong(place, "is a list")
        items = cast("list[Any]", value)
        if not least <= len(items) <= most:
            raise wrong(place, f"has {least} to {most} items; here are {len(items)}")
        return [item(f"{place}[{index}]", each) for index, each in enumerate(items)]

    return check


def map_of(item: Check) -> Check:
    """An object whose values hold, under any names."""

    def check(place: str, value: Any) -> dict[str, Any]:
        return {name: item(f"{place}.{name[:60]}", each) for name, each in as_object(place, value).items()}

    return check


def fields(checks: Mapping[str, Check], *, required: Sequence[str] = (), others: Check | None = None) -> Check:
    """An object of these fields; `others` checks those with another name, which are refused without it.

    A field that is null is taken as absent.
    """
    known = {name.lower(): (name, check) for name, check in checks.items()}

    def check(place: str, value: Any) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for sent, each in as_object(place, value).items():
            name, held = known.get(sent.lower(), (sent, others))
            if held is None:
                raise wrong(f"{place}.{sent[:60]}", "is no property that this resource has")
            if each is not None:
                kept[name] = held(f"{place}.{name}", each)
        for name in required:
            if name not in kept:
                raise wrong(f"{place}.{name}", "is missing")
        return kept

    return check


def as_object(place: str, value: Any) -> dict[str, Any]:
    """An object."""
    if not isinstance(value, dict):
        raise wrong(place, "is an object")
    return cast("dict[str, Any]", value)
