"""Array and object functions that workflows do not have, or have with another meaning.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-array
https://learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-object
"""

from math import isfinite
from typing import Any, cast

from vedette.arm.templates.facts import Json
from vedette.expressions.errors import about
from vedette.expressions.functions import Function, function
from vedette.expressions.mathematics import in_range
from vedette.expressions.values import property_of, same, text_of, type_name

_MOST_IN_RANGE = 10_000
_LARGEST = 2**31 - 1


def _array(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _create_array(*values: Any) -> list[Any]:
    return list(values)


def _create_object(*values: Any) -> Json:
    names = values[::2]
    if len(values) % 2 or not all(isinstance(each, str) for each in names):
        raise about("createObject", "expects names, each of which is a string, and values in turn.")
    return dict(zip(names, values[1::2], strict=True))


def _length(value: Any) -> int:
    return len(value)


def _range(start: int, count: int) -> list[int]:
    if not 0 <= count <= _MOST_IN_RANGE:
        raise about("range", f"expects its second parameter 'count' to be from 0 to {_MOST_IN_RANGE}.")
    if start + count > _LARGEST or start < -_LARGEST - 1:
        raise about("range", f"gives integers up to {_LARGEST}.")
    return list(range(start, start + count))


def _flatten(items: list[Any]) -> list[Any]:
    """The items of arrays in one array; deeper ones stay."""
    if not all(isinstance(each, list) for each in items):
        raise about("flatten", "expects an array of arrays.")
    return [item for each in items for item in cast("list[Any]", each)]


def _index_of(name: str, last: bool) -> Function:
    """Of an array the place of an item, of a string that of a part in any letter case; -1 when there is none."""

    def call(where: Any, wanted: Any) -> int:
        if isinstance(where, str):
            if not isinstance(wanted, str):
                raise about(name, "expects its second parameter to be a string where the first is one.")
            folded, sought = where.lower(), wanted.lower()
            return folded.rfind(sought) if last else folded.find(sought)
        places = [at for at, each in enumerate(cast("list[Any]", where)) if same(each, wanted)]
        return places[-1 if last else 0] if places else -1

    return function(name, "arrayToSearch: items, itemToFind: any", call)


def _index_from_end(items: list[Any], back: int) -> Any:
    if not 1 <= back <= len(items):
        raise about("indexFromEnd", f"has no item '{back}' from the end of an array of '{len(items)}'.")
    return items[-back]


def _try_index_from_end(items: list[Any], back: int) -> Any:
    return items[-back] if 1 <= back <= len(items) else None


def _items(value: Json) -> list[Json]:
    """The properties in the order of their names, each as `{key, value}`."""
    return [{"key": name, "value": value[name]} for name in sorted(value, key=str.lower)]


def _object_keys(value: Json) -> list[str]:
    return list(value)


def _shallow_merge(objects: list[Any]) -> Json:
    """The properties of all of them; those of a later one replace those of the ones before, in any letter case."""
    found: Json = {}
    names: dict[str, str] = {}
    for each in objects:
        if not isinstance(each, dict):
            raise about("shallowMerge", f"expects an array of objects, not of values of type '{type_name(each)}'.")
        for name, value in cast("Json", each).items():
            found[names.setdefault(name.lower(), name)] = value
    return found


def _try_get(of: Any, *keys: Any) -> Any:
    """What is there by a path of names and numbers, or null."""
    if not keys:
        raise about("tryGet", "expects at least one name or number.")
    for key in keys:
        if isinstance(of, dict) and isinstance(key, str):
            of = property_of(cast("Json", of), key)[1]
        elif isinstance(of, list) and isinstance(key, int) and not isinstance(key, bool):
            items = cast("list[Any]", of)
            of = items[key] if 0 <= key < len(items) else None
        elif of is not None:
            raise about("tryGet", f"cannot look for '{text_of(key)[:80]}' in a value of type '{type_name(of)}'.")
    return of


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise about("bool", f"cannot make a boolean of a value of type '{type_name(value)}'.")


def _to_int(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return in_range("int", int(value))
    if isinstance(value, str) and len(value) < 30:
        try:
            return in_range("int", int(value.strip()))
        except ValueError:
            pass
    raise about("int", f"cannot make an integer of the value '{text_of(value)[:60]}'.")


def _to_float(value: Any) -> float:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        made = float(value)
        if not isfinite(made):
            raise about("float", f"cannot make a number of the value '{text_of(value)[:60]}'.")
        return made
    raise about("float", f"cannot make a number of a value of type '{type_name(value)}'.")


def _fixed(name: str, value: Any) -> Function:
    return function(name, "", lambda: value)


def _fail(message: str) -> Any:
    raise about("fail", f"was called: {message}")


ARRAYS = (
    function("array", "convertToArray: any", _array),
    function("createArray", "arg1*: any", _create_array),
    function("createObject", "key1*: any", _create_object),
    function("flatten", "arrayToFlatten: array", _flatten),
    function("length", "arg1: collection", _length),
    function("range", "startIndex: integer, count: integer", _range),
    _index_of("indexOf", last=False),
    _index_of("lastIndexOf", last=True),
    function("indexFromEnd", "sourceArray: array, reverseIndex: integer", _index_from_end),
    function("tryIndexFromEnd", "sourceArray: array, reverseIndex: integer", _try_index_from_end),
    function("items", "object: object", _items),
    function("objectKeys", "object: object", _object_keys),
    function("shallowMerge", "inputArray: array", _shallow_merge),
    function("tryGet", "itemToTest: any, keyOrIndex*: any", _try_get),
    function("bool", "arg1: any", _to_bool),
    function("int", "valueToConvert: any", _to_int),
    function("float", "arg1: any", _to_float),
    function("fail", "errorMessage: string", _fail),
    _fixed("true", True),
    _fixed("false", False),
    _fixed("null", None),
)
