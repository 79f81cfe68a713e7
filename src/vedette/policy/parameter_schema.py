"""Why a value does not fit a JSON schema, for the schemas that parameters of policies have.

https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-parameters#sample-parameters
"""

import re
from typing import Any, Final, cast

from vedette.expressions.values import is_number, same

_DEEPEST: Final = 20
Json = dict[str, Any]


def mismatch(value: Any, schema: Any, place: str = "$", depth: int = 0) -> str | None:
    """What is wrong, with its place; None where the value fits. Keywords that are not known say nothing."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    held = cast("Json", schema)
    types: Any = held.get("type")
    wanted = cast("list[Any]", types) if isinstance(types, list) else [types] if types else []
    if wanted and not any(_is(value, str(each)) for each in wanted):
        return f"{place} is no {' or '.join(map(str, wanted))}"
    if isinstance(held.get("enum"), list) and not any(same(value, each) for each in cast("list[Any]", held["enum"])):
        return f"{place} is none of the values of 'enum'"
    found = _bounds(value, held, place)
    if found is not None:
        return found
    if isinstance(value, dict):
        return _object(cast("Json", value), held, place, depth)
    if isinstance(value, list):
        for index, each in enumerate(cast("list[Any]", value)):
            found = mismatch(each, held.get("items"), f"{place}[{index}]", depth + 1)
            if found is not None:
                return found
    return None


def _is(value: Any, type: str) -> bool:
    match type.lower():
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return is_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "null":
            return value is None
        case _:
            return True


def _bounds(value: Any, held: Json, place: str) -> str | None:
    if is_number(value):
        if is_number(held.get("minimum")) and value < held["minimum"]:
            return f"{place} is less than {held['minimum']}"
        if is_number(held.get("maximum")) and value > held["maximum"]:
            return f"{place} is more than {held['maximum']}"
    if isinstance(value, str | list):
        size = len(cast("str | list[Any]", value))
        least, most = ("minLength", "maxLength") if isinstance(value, str) else ("minItems", "maxItems")
        if is_number(held.get(least)) and size < held[least]:
            return f"{place} is shorter than {held[least]}"
        if is_number(held.get(most)) and size > held[most]:
            return f"{place} is longer than {held[most]}"
    pattern = held.get("pattern")
    if isinstance(value, str) and isinstance(pattern, str) and len(value) < 1000:
        try:
            if re.search(pattern, value) is None:
                return f"{place} does not match '{pattern[:100]}'"
        except re.error:
            return f"the pattern '{pattern[:100]}' is not valid"
    return None


def _object(value: Json, held: Json, place: str, depth: int) -> str | None:
    known = cast("Json", held.get("properties") or {})
    for name in cast("list[str]", held.get("required") or []):
        if name not in value:
            return f"{place} has no '{name}'"
    others = held.get("additionalProperties", True)
    for name, each in value.items():
        if name in known:
            found = mismatch(each, known[name], f"{place}.{name}", depth + 1)
        elif others is False:
            found = f"{place} has '{name}', which is not defined"
        else:
            found = mismatch(each, others, f"{place}.{name}", depth + 1)
        if found is not None:
            return found
    return None
