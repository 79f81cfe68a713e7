"""Reading of bodies of any shape: a part of the type that is wanted, or an empty one."""

from collections.abc import Mapping
from typing import Any, cast


def as_mapping(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value where it is an array, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def properties_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a resource or of a body."""
    return as_mapping(resource.get("properties"))


def property_of(resource: Mapping[str, Any], name: str) -> Any:
    """A property by its name in any casing; None where there is none."""
    wanted = name.lower()
    return next((value for each, value in properties_of(resource).items() if each.lower() == wanted), None)
