"""The functions that a template defines for itself, in namespaces.

https://learn.microsoft.com/azure/azure-resource-manager/templates/user-defined-functions
"""

from typing import Any, cast

from vedette.arm.templates.context import UserFunction
from vedette.arm.templates.errors import refused
from vedette.arm.templates.facts import Json, member
from vedette.arm.templates.types import Definitions

_USAGE = "Please see https://aka.ms/arm-syntax-user-functions for usage details."


def user_functions(section: Any, definitions: Definitions) -> dict[str, UserFunction]:
    """The functions by folded name with their namespace, as in `contoso.uniquename`. Raises InvalidTemplate."""
    if section is None:
        return {}
    if not isinstance(section, list):
        raise refused(f"The template's 'functions' must be an array. {_USAGE}")
    found: dict[str, UserFunction] = {}
    for space in cast("list[Any]", section):
        held = cast("Json", space) if isinstance(space, dict) else {}
        namespace, members = member(held, "namespace"), member(held, "members")
        if not isinstance(namespace, str) or not isinstance(members, dict):
            raise refused(f"A namespace of the template's 'functions' needs 'namespace' and 'members'. {_USAGE}")
        for name, each in cast("Json", members).items():
            made = _function(f"{namespace}.{name}", each, definitions)
            if made.name.lower() in found:
                raise refused(f"The template function '{made.name}' is defined multiple times. {_USAGE}")
            found[made.name.lower()] = made
    return found


def _function(name: str, defined: Any, definitions: Definitions) -> UserFunction:
    held = cast("Json", defined) if isinstance(defined, dict) else {}
    parameters: Any = member(held, "parameters") or []
    output = member(held, "output")
    if not isinstance(output, dict) or not isinstance(parameters, list):
        raise refused(f"The template function '{name}' needs an 'output', and its 'parameters' are an array. {_USAGE}")
    names: list[str] = []
    for each in cast("list[Any]", parameters):
        given = member(cast("Json", each), "name") if isinstance(each, dict) else None
        if not isinstance(given, str):
            raise refused(f"A parameter of the template function '{name}' has no name. {_USAGE}")
        if member(cast("Json", each), "defaultValue") is not None:
            raise refused(f"The parameter '{given}' of the template function '{name}' cannot have a default. {_USAGE}")
        names.append(given)
    types = [definitions.type_of(each, given) for each, given in zip(cast("list[Any]", parameters), names, strict=True)]

    def check(place: int, value: Any) -> None:
        types[place].check(names[place], value)

    return UserFunction(name, tuple(each.lower() for each in names), member(cast("Json", output), "value"), check)
