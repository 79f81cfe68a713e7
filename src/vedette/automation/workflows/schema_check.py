"""Whether a value fits a JSON schema, as far as those of playbooks go: for ParseJson and for requests.

Patterns are not held against a value: some take for ever.

https://json-schema.org/draft-04/json-schema-validation
"""

from collections.abc import Iterator
from typing import Any, cast

from vedette.expressions.values import Json, is_number, same, type_name

_TYPES = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
}
_MOST_PROBLEMS = 20
_DEEPEST = 64


def problems(value: Any, schema: Any) -> list[Json]:
    """What is wrong with the value, each with a message and a path; empty when it fits."""
    found: list[Json] = []
    for problem in _check(value, schema, "", 0):
        found.append(problem)
        if len(found) == _MOST_PROBLEMS:
            break
    return found


def _check(value: Any, schema: Any, path: str, depth: int) -> Iterator[Json]:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    rules = cast("Json", schema)
    types = rules.get("type")
    wanted = cast("list[Any]", types) if isinstance(types, list) else [types] if isinstance(types, str) else []
    known = [each for each in wanted if isinstance(each, str) and each in _TYPES]
    if known and not any(_TYPES[each](value) for each in known):
        told = ", ".join(str(each).capitalize() for each in known)
        yield _problem(f"Invalid type. Expected {told} but got {type_name(value)}.", path)
        return
    if isinstance(rules.get("enum"), list) and not any(same(value, each) for each in rules["enum"]):
        yield _problem("Value is not defined in enum.", path)
    for name, wrong in (("anyOf", lambda fits: fits == 0), ("oneOf", lambda fits: fits != 1)):
        choices = rules.get(name)
        if isinstance(choices, list):
            fits = sum(not any(_check(value, each, path, depth + 1)) for each in cast("list[Any]", choices))
            if wrong(fits):
                yield _problem(f"JSON does not match the schemas of '{name}'.", path)
    every = rules.get("allOf")
    if isinstance(every, list):
        for each in cast("list[Any]", every):
            yield from _check(value, each, path, depth + 1)
    elif every is not None:
        yield _problem("The schema is not valid: 'allOf' is a list of schemas.", path)
    if isinstance(value, dict):
        yield from _object(cast("Json", value), rules, path, depth)
    elif isinstance(value, list):
        yield from _array(cast("list[Any]", value), rules, path, depth)
    elif isinstance(value, str):
        yield from _text(value, rules, path)
    elif is_number(value):
        yield from _bounds(value, rules, path)


def _object(value: Json, rules: Json, path: str, depth: int) -> Iterator[Json]:
    required = rules.get("required")
    names = cast("list[Any]", required) if isinstance(required, list) else []
    missing = [name for name in names if isinstance(name, str) and name not in value]
    if missing:
        yield _problem(f"Required properties are missing from object: {', '.join(missing)}.", path)
    if not isinstance(required, list | bool | None) or not all(isinstance(name, str) for name in names):
        yield _problem("The schema is not valid: 'required' is a list of names.", path)  # draft 3 has a boolean
    properties = rules.get("properties")
    known = cast("Json", properties) if isinstance(properties, dict) else {}
    extra = rules.get("additionalProperties", True)
    for name, each in value.items():
        below = f"{path}.{name}" if path else name
        if name in known:
            yield from _check(each, known[name], below, depth + 1)
        elif extra is False:
            yield _problem(
                f"Property '{name}' has not been defined and the schema does not allow additional properties.", below
            )
        else:
            yield from _check(each, extra, below, depth + 1)


def _array(value: list[Any], rules: Json, path: str, depth: int) -> Iterator[Json]:
    least, most = rules.get("minItems"), rules.get("maxItems")
    if isinstance(least, int) and len(value) < least:
        yield _problem(f"Array item count {len(value)} is less than minimum count of {least}.", path)
    if isinstance(most, int) and len(value) > most:
        yield _problem(f"Array item count {len(value)} exceeds maximum count of {most}.", path)
    for at, each in enumerate(value):
        yield from _check(each, rules.get("items"), f"{path}[{at}]", depth + 1)


def _text(value: str, rules: Json, path: str) -> Iterator[Json]:
    least, most = rules.get("minLength"), rules.get("maxLength")
    if isinstance(least, int) and len(value) < least:
        yield _problem(f"String is shorter than the minimum length of {least}.", path)
    if isinstance(most, int) and len(value) > most:
        yield _problem(f"String exceeds the maximum length of {most}.", path)


def _bounds(value: Any, rules: Json, path: str) -> Iterator[Json]:
    least, most = rules.get("minimum"), rules.get("maximum")
    if is_number(least) and value < least:
        yield _problem(f"Number is less than the minimum value of {least}.", path)
    if is_number(most) and value > most:
        yield _problem(f"Number exceeds the maximum value of {most}.", path)


def _problem(message: str, path: str) -> Json:
    return {"message": message, "path": path}
