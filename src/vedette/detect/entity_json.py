"""Entities as SecurityAlert.Entities has them: objects that are numbered by `$id` and may name one another by `$ref`.

https://learn.microsoft.com/azure/sentinel/entities-reference#entity-type-schemas
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import orjson

from vedette.detect.entity import Entity
from vedette.detect.entity_types import ENTITY_TYPES, kind_of

_DEEPEST = 4
_Object = dict[str, Any]


def entities_json(entities: Sequence[Entity]) -> list[_Object]:
    """The value of SecurityAlert.Entities, before it is made text; `$id` numbers every object, nested ones too."""
    identities = iter(str(number) for number in range(1, 1 << 31))
    return [_with_identity(with_type(entity), identities) for entity in entities]


def with_type(entity: Entity) -> _Object:
    """The fields of an entity and its `Type`."""
    return {**entity.fields, "Type": ENTITY_TYPES[entity.kind].type}


def read_entities(value: Any) -> Iterator[Entity | None]:
    """The entities in a value that holds them already, as JSON or as its text; None for what is none of any kind."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value.strip() else None
        except orjson.JSONDecodeError:
            yield None
            return
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    by_id = dict(_numbered(items, _DEEPEST))
    for item in items:
        whole = _whole(item, by_id, _DEEPEST)
        if isinstance(whole, dict):
            yield read_entity(cast("_Object", whole))
        elif item is not None:
            yield None


def read_entity(fields: Mapping[str, Any]) -> Entity | None:
    """The entity of one object; None where its `Type` is not known, or nothing else is in it."""
    kind = kind_of(str(fields.get("Type", "")))
    kept = {name: each for name, each in fields.items() if name not in ("$id", "Type") and each not in (None, "")}
    return Entity(kind, kept) if kind is not None and kept else None


def _numbered(items: Sequence[Any], depth: int) -> Iterator[tuple[str, _Object]]:
    for item in items:
        if not isinstance(item, dict):
            continue
        fields = cast("_Object", item)
        if "$id" in fields:
            yield str(fields["$id"]), fields
        if depth:
            for each in fields.values():
                yield from _numbered(cast("list[Any]", each) if isinstance(each, list) else [each], depth - 1)


def _whole(value: Any, by_id: Mapping[str, _Object], depth: int) -> Any:
    """A value with what `$ref` names put in its place; what is nested deeper than that is left out."""
    if isinstance(value, list):
        found = (_whole(each, by_id, depth) for each in cast("list[Any]", value))
        return [each for each in found if each is not None]
    if not isinstance(value, dict):
        return value
    fields = cast("_Object", value)
    if "$ref" in fields:
        return _whole(by_id[str(fields["$ref"])], by_id, depth - 1) if depth and str(fields["$ref"]) in by_id else None
    if not depth:
        return {name: each for name, each in fields.items() if not isinstance(each, dict | list)}
    return {name: _whole(each, by_id, depth - 1) for name, each in fields.items()}


def _with_identity(value: _Object, identities: Iterator[str]) -> _Object:
    beside = {name: each for name, each in value.items() if name != "$id"}
    return {"$id": next(identities)} | {name: _number_nested(each, identities) for name, each in beside.items()}


def _number_nested(value: Any, identities: Iterator[str]) -> Any:
    if isinstance(value, list):
        return [_number_nested(item, identities) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("_Object", value)
    return _with_identity(fields, identities) if "Type" in fields else fields
