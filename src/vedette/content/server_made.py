"""What of a resource is its own, and what its server made: ids, times, counts."""

from collections.abc import Mapping
from typing import Any, cast

from vedette.arm.published_shapes import Definition, Schema, Shapes, nearest
from vedette.content.item import SERVER_OWNED
from vedette.content.kind_of_type import full_type
from vedette.content.kinds import Kind


def own_body(kind: Kind, resource: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a PUT that would make the resource again: without what is read-only by its published shape.

    Null counts as absent wherever the shape says what a value is; what is not published stays as it is.
    """
    told = {name: each for name, each in resource.items() if name not in SERVER_OWNED and each is not None}
    found = _shape(kind)
    if found is None:
        return told
    shapes, schema = found
    return cast("dict[str, Any]", _own(shapes, schema, told))


def _shape(kind: Kind) -> tuple[Shapes, Schema] | None:
    type = full_type(kind)
    provider, *_ = type.partition("/")
    for shapes in nearest(provider, kind.version):
        for operation in shapes.operations:
            if operation.method == "PUT" and operation.type.lower() == type.lower() and operation.body is not None:
                return shapes, operation.body
    return None


def _own(shapes: Shapes, schema: Schema, value: Any) -> Any:
    definition = shapes.definition(schema.ref) if schema.ref else None
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        if definition is not None:
            return _fields(*_chosen(shapes, schema.ref, definition, fields), fields)
        if schema.values is not None:
            return {name: _own(shapes, schema.values, each) for name, each in fields.items() if each is not None}
        return dict(fields)
    if isinstance(value, list) and schema.items is not None:
        return [_own(shapes, schema.items, each) for each in cast("list[Any]", value)]
    return cast("object", value)


def _chosen(shapes: Shapes, name: str, definition: Definition, fields: Mapping[str, Any]) -> tuple[Shapes, Definition]:
    """The definition of the object's own kind, which may be published in other versions alone."""
    if not definition.kinds:
        return shapes, definition
    asked = str(next((each for key, each in fields.items() if key.lower() == definition.by.lower()), "")).lower()
    for each in (shapes, *nearest(shapes.provider, shapes.version)):
        base = each.definition(name)
        ref = next((ref for kind, ref in base.kinds.items() if kind.lower() == asked), None) if base else None
        found = each.definition(ref) if ref else None
        if found is not None:
            return each, found
    return shapes, definition


def _fields(shapes: Shapes, definition: Definition, fields: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, each in fields.items():
        published, schema = definition.properties.get(name.lower(), (name, None))
        if schema is None:
            kept[name] = each
        elif not schema.read_only and each is not None:
            kept[published] = _own(shapes, schema, each)
    return kept
