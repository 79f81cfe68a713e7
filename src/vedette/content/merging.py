"""What an item of a workspace becomes in a file with placeholders: they stay where the workspace says their values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vedette.content.item import Item
from vedette.content.normal_form import normal_value
from vedette.content.parameters import has_placeholder
from vedette.content.plain_values import list_of, mapping_of
from vedette.core.errors import Conflict


def merged(source: Item, filled: Item, wanted: Item) -> Item:
    """The wanted item with the source's placeholders; `filled` is the source with their values.

    Raises Conflict where the workspace says something else than a text with placeholders.
    """
    if source == filled and not has_placeholder(source.body):
        return replace(wanted, name=source.name, parent=source.parent, source=source.source)

    def conflict(name: str) -> Conflict:
        return Conflict(
            "Placeholder",
            f"{source.source}: '{name}' of '{source.title}' has a placeholder, and the workspace says something else "
            "than its value. Change it by hand, or give its value with --parameter or --workspaces.",
        )

    def merge(name: str, old: Any, value: Any, new: Any) -> Any:
        if not has_placeholder(old):
            return new
        if normal_value(name, value) == normal_value(name, new):
            return old
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            held, values = mapping_of(old), mapping_of(value)
            gone = next((key for key in held if key not in new and has_placeholder(held[key])), None)
            if gone is not None:
                raise conflict(gone)
            return {key: merge(key, held.get(key), values.get(key), each) for key, each in mapping_of(new).items()}
        if isinstance(old, list) and isinstance(new, list) and len(list_of(old)) == len(list_of(new)):
            triples = zip(list_of(old), list_of(value), list_of(new), strict=True)
            return [merge(name, *triple) for triple in triples]
        raise conflict(name)

    body = merge("", source.body, filled.body, wanted.body)
    return replace(wanted, name=source.name, parent=source.parent, source=source.source, body=body)
