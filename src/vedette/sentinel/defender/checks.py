"""Checks of what is fed as Defender for Cloud's data: kinds of values, by the property's name."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of, reckonable


def require_texts(properties: Mapping[str, Any], names: Sequence[str], needed: Sequence[str] = ()) -> None:
    """Raises InvalidInput where one of these is no text, or one that is needed is not there."""
    for name in names:
        value = properties.get(name)
        if value is None and name not in needed:
            continue
        if not isinstance(value, str) or (name in needed and not value):
            raise _wrong(name, "it must be a text")


def require_instants(properties: Mapping[str, Any], names: Sequence[str], above: str = "properties") -> None:
    """Raises InvalidInput where one of these is there and no instant."""
    for name in names:
        value = properties.get(name)
        if value is None:
            continue
        try:
            reckonable(instant_of(value))
        except (TypeError, ValueError) as error:
            raise _wrong(name, "it must be an instant such as 2024-05-01T10:00:00Z", above) from error


def require_numbers(properties: Mapping[str, Any], names: Sequence[str], above: str = "properties") -> None:
    """Raises InvalidInput where one of these is there and no number, or a negative one."""
    for name in names:
        value = properties.get(name)
        if value is not None and (
            not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 2**31
        ):
            raise _wrong(name, "it must be a number that is not negative", above)


def require_objects(properties: Mapping[str, Any], names: Sequence[str]) -> None:
    """Raises InvalidInput where one of these is there and no array of objects."""
    for name in names:
        value = properties.get(name)
        if value is None:
            continue
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in cast("list[Any]", value)):
            raise _wrong(name, "it must be an array of objects")


def inner(properties: Mapping[str, Any], name: str, *, needed: bool = False) -> dict[str, Any]:
    """An object inside; empty where there is none. Raises InvalidInput for what is none, or is needed and not there."""
    value = properties.get(name)
    if value is None and not needed:
        return {}
    if not isinstance(value, dict):
        raise _wrong(name, "it must be an object")
    return cast("dict[str, Any]", value)


def one_of(value: Any, members: Sequence[str], target: str) -> str:
    """The member that is meant, in any letter case. Raises InvalidInput."""
    found = next((each for each in members if each.lower() == str(value).lower()), None)
    if found is None:
        raise InvalidInput("BadRequest", f"'{target}' is one of {', '.join(members)}.", target=target)
    return found


def _wrong(name: str, reason: str, above: str = "properties") -> InvalidInput:
    return InvalidInput("BadRequest", f"'{above}.{name}' is wrong: {reason}.", target=f"{above}.{name}")
