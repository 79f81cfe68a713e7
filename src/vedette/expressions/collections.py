"""Collection functions: https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference"""

from typing import Any, cast

from vedette.expressions.errors import ExpressionError, about
from vedette.expressions.functions import function
from vedette.expressions.values import (
    MOST_ITEMS,
    Json,
    is_number,
    joined,
    json_text,
    property_of,
    same,
    text_of,
    type_name,
)


def _contains(collection: Any, value: Any) -> bool:
    """Of a string a part, of an array an item, of an object a name."""
    if isinstance(collection, str):
        return text_of(value) in collection
    if isinstance(collection, list):
        return any(same(each, value) for each in cast("list[Any]", collection))
    return property_of(collection, text_of(value))[0]


def _first(items: Any) -> Any:
    return items[0] if items else ("" if isinstance(items, str) else None)


def _last(items: Any) -> Any:
    return items[-1] if items else ("" if isinstance(items, str) else None)


def _union(first: Any, *rest: Any) -> Any:
    """Of arrays every item once; of objects every property, with the last one's value."""
    _one_kind("union", first, rest)
    if isinstance(first, dict):
        merged: Json = dict(cast("Json", first))
        for each in rest:
            merged = _merged(merged, each)
        return merged
    found: list[Any] = []
    known: set[str] = set()
    for item in [item for each in (first, *rest) for item in each]:
        key = json_text(item)
        if key not in known:
            known.add(key)
            found.append(item)
    return found


def _merged(one: Json, other: Json) -> Json:
    result = dict(one)
    for name, value in other.items():
        inside = result.get(name)
        if isinstance(inside, dict) and isinstance(value, dict):
            result[name] = _merged(cast("Json", inside), cast("Json", value))
        else:
            result[name] = value
    return result


def _intersection(first: Any, *rest: Any) -> Any:
    _one_kind("intersection", first, rest)
    if isinstance(first, dict):
        mine = cast("Json", first)
        return {name: mine[name] for name in mine if all(same(each.get(name), mine[name]) for each in rest)}
    others = [{json_text(item) for item in each} for each in rest]
    found: dict[str, Any] = {}
    for item in cast("list[Any]", first):
        key = json_text(item)
        if all(key in each for each in others):
            found.setdefault(key, item)
    return list(found.values())


def _one_kind(name: str, first: Any, rest: tuple[Any, ...]) -> None:
    if any(isinstance(each, dict) != isinstance(first, dict) for each in rest):
        raise about(name, "expects all of its parameters to be arrays, or all of them to be objects.")


def _join(items: list[Any], delimiter: str) -> str:
    return joined(map(text_of, items), delimiter)


def _skip(items: Any, count: int) -> Any:
    return items[max(count, 0) :]


def _take(items: Any, count: int) -> Any:
    return items[: max(count, 0)]


def _chunk(items: Any, size: int) -> list[Any]:
    if size < 1:
        raise about("chunk", "expects its second parameter 'length' to be a positive integer.")
    if len(items) > MOST_ITEMS * size:
        raise about("chunk", f"gives more than {MOST_ITEMS} items.")
    return [items[at : at + size] for at in range(0, len(items), size)]


def _sort(items: list[Any], by: str | None = None) -> list[Any]:
    def key(item: Any) -> Any:
        value = property_of(item, by)[1] if by and isinstance(item, dict) else item
        if value is not None and not isinstance(value, str) and not is_number(value):
            raise about("sort", f"compares numbers or strings, not values of type '{type_name(value)}'.")
        return (value is not None, value if value is not None else 0)

    try:
        return sorted(items, key=key)
    except TypeError as error:
        raise about("sort", "expects values of one type.") from error


def _add_property(value: Json, name: str, added: Any) -> Json:
    if name in value:
        raise about("addProperty", f"cannot add the property '{name[:80]}': the object has it already.")
    return {**value, name: added}


def _remove_property(value: Json, name: str) -> Json:
    return {key: each for key, each in value.items() if key != name}


def _coalesce(*values: Any) -> Any:
    return next((each for each in values if each is not None), None)


def _range(start: int, count: int) -> list[int]:
    if not 0 <= count <= MOST_ITEMS or start + count >= 2**63:
        raise ExpressionError(f"The template language function 'range' gives 0 to {MOST_ITEMS} integers.")
    return list(range(start, start + count))


COLLECTIONS = (
    function("contains", "collection: collection, value: any", _contains),
    function("empty", "collection: any", lambda value: value is None or value in ("", [], {})),
    function("first", "collection: items", _first),
    function("last", "collection: items", _last),
    function("length", "collection: items", len),
    function("union", "collection1+: lists, collection2+: lists", _union),
    function("intersection", "collection1+: lists, collection2+: lists", _intersection),
    function("join", "collection: array, delimiter: string", _join),
    function("skip", "collection: items, count: integer", _skip),
    function("take", "collection: items, count: integer", _take),
    function("chunk", "collection: items, length: integer", _chunk),
    function("reverse", "collection: array", lambda items: items[::-1]),
    function("sort", "collection: array, sortBy?: string", _sort),
    function("range", "startIndex: integer, count: integer", _range),
    function("addProperty", "object: object, property: string, value: any", _add_property),
    function("setProperty", "object: object, property: string, value: any", lambda of, name, new: {**of, name: new}),
    function("removeProperty", "object: object, property: string", _remove_property),
    function("coalesce", "object1+: any", _coalesce),
)
