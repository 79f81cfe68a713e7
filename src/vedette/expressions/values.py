"""The values of expressions, which are JSON's: their types' names, their text, and how they compare."""

import base64
import binascii
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeGuard, cast

import orjson

from vedette.expressions.errors import ExpressionError

_DEEPEST = 200
MOST_ITEMS = 100_000
"""Items that a function makes, or an action goes through."""
MOST_TEXT = 10_000_000
"""Characters in one value, so that a loop cannot fill the memory."""

Json = dict[str, Any]


def type_name(value: Any) -> str:
    """The type as messages name it."""
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case int():
            return "Integer"
        case float():
            return "Float"
        case str():
            return "String"
        case list():
            return "Array"
        case _:
            return "Object"


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether it is an integer or a float."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_binary(value: Any) -> bool:
    """Whether it is bytes as workflows carry them: a base64 text with its content type."""
    return isinstance(value, dict) and "$content" in value and "$content-type" in value


def binary(content: bytes, type: str = "application/octet-stream") -> Json:
    """Bytes as workflows carry them."""
    return {"$content-type": type, "$content": base64.b64encode(content).decode()}


def bytes_of(value: Any) -> bytes:
    """The bytes of a text or of a binary value. Raises ExpressionError."""
    if is_binary(value):
        return decoded(str(cast("Json", value)["$content"]))
    return text_of(value).encode("utf-8", "surrogatepass")


def decoded(text: str) -> bytes:
    """The bytes of a base64 text. Raises ExpressionError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ExpressionError(f"The value '{text[:40]}' is not valid base64.") from error


def text_of(value: Any) -> str:
    """The text of a value, as `string` gives it and as it stands inside a text."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "True" if value else "False"
        case int():
            return str(value)
        case float():
            return number_text(value)
        case _:
            return json_text(value)


def number_text(value: float) -> str:
    """A float as .NET writes it."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value).replace("e+", "E+").replace("e-", "E-")


def check_size(value: Any, left: int = MOST_TEXT, most: int = MOST_TEXT, depth: int = 0) -> int:
    """How many characters are left once a value's JSON is taken from them: of one value, or of several in turn, which
    have at most `most` together. `depth` is how deep in others it stands.

    Raises ExpressionError for one that is too large, without writing it: a part that is there many times is looked at
    once.
    """
    left -= _size(value, {}, depth)[0]
    if left < 0:
        raise ExpressionError(f"The value has more than {most} characters.")
    return left


def _size(value: Any, known: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
    """The characters of a value, and how many arrays and objects it is high."""
    if isinstance(value, str):
        return len(value) + 2, 0
    if not isinstance(value, list | dict):
        return 4, 0
    held = cast("list[Any] | Json", value)
    found = known.get(id(held))
    if depth + (found[1] - 1 if found else 0) > _DEEPEST:
        raise ExpressionError(f"The value is nested deeper than {_DEEPEST} levels.")
    if found is None:
        size, height = 4, 0
        for each in held.values() if isinstance(held, dict) else held:
            more, high = _size(each, known, depth + 1)
            size += more
            height = max(height, high)
        if isinstance(held, dict):
            size += sum(map(len, held))
        found = known[id(held)] = (size, height + 1)
    return found


def joined(texts: Iterable[str], between: str = "") -> str:
    """The texts as one. Raises ExpressionError as soon as it would be too long."""
    found: list[str] = []
    left = MOST_TEXT
    for text in texts:
        left -= len(text) + len(between)
        if left < 0:
            raise ExpressionError(f"The value has more than {MOST_TEXT} characters.")
        found.append(text)
    return between.join(found)


def json_text(value: Any) -> str:
    """Compact JSON. Raises ExpressionError for what is too large."""
    check_size(value)
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, ValueError) as error:
        raise ExpressionError(f"The value cannot be written as JSON: {error}.") from error
    return limited(text)


def limited(text: str) -> str:
    """The text. Raises ExpressionError for one that is too long."""
    if len(text) > MOST_TEXT:
        raise ExpressionError(f"The value has more than {MOST_TEXT} characters.")
    return text


def parse_json(text: str) -> Any:
    """The value of a JSON text. Raises ExpressionError."""
    try:
        return orjson.loads(text.encode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ExpressionError(
            f"The value '{text[:100]}' cannot be parsed as JSON: {str(error).partition(': ')[0]}."
        ) from error


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal: numbers by value, everything else only to its own type."""
    if is_number(one) and is_number(other):
        return one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return isinstance(one, bool) and isinstance(other, bool) and one == other
    if isinstance(one, list) and isinstance(other, list):
        mine, theirs = cast("list[Any]", one), cast("list[Any]", other)
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = cast("Json", one), cast("Json", other)
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return type(one) is type(other) and one == other


def property_of(value: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    """Whether an object has a property, in any letter case where the casing fits none, and what it is."""
    if name in value:
        return True, value[name]
    folded = name.lower()
    for key, each in value.items():
        if key.lower() == folded:
            return True, each
    return False, None
