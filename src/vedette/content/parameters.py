"""Placeholders of content, `<<name>>`, and the values that a workspace gives them.

The form clashes with nothing that content is made of: `{{column}}` is an alert's own, `{name}` and `$name` are KQL's,
`[parameters('name')]` is a template's. Text is left alone where no parameters are declared.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from vedette.content.item import Item
from vedette.core.errors import InvalidInput

_PLACEHOLDER = re.compile(r"<<([A-Za-z][A-Za-z0-9_-]*)>>")


def filled_items(items: Iterable[Item], values: Mapping[str, Any], declared: Iterable[str]) -> list[Item]:
    """The items with the values in their places; `declared` are the names that any workspace has.

    A text that is one placeholder alone becomes the value as it is, a number or a list too. Raises InvalidInput for a
    placeholder without a value here.
    """
    names = set(declared) | values.keys()
    if not names:
        return list(items)
    return [_filled(item, values, names) for item in items]


def has_placeholder(told: Any) -> bool:
    """Whether there is one anywhere in a value."""
    if isinstance(told, str):
        return _PLACEHOLDER.search(told) is not None
    if isinstance(told, Mapping):
        named = cast("Mapping[str, Any]", told)
        return any(has_placeholder(name) or has_placeholder(each) for name, each in named.items())
    return isinstance(told, list) and any(has_placeholder(each) for each in cast("list[Any]", told))


def _filled(item: Item, values: Mapping[str, Any], declared: set[str]) -> Item:
    def value(name: str) -> Any:
        if name in values:
            return values[name]
        what = "has no value for this workspace" if name in declared else "is not declared"
        raise InvalidInput(
            "NoParameter", f"{item.source or item.name}: the parameter '{name}' of '{item.title}' {what}."
        )

    def fill(told: Any) -> Any:
        if isinstance(told, str):
            whole = _PLACEHOLDER.fullmatch(told)
            return value(whole[1]) if whole else _PLACEHOLDER.sub(lambda found: str(value(found[1])), told)
        if isinstance(told, Mapping):
            return {str(fill(name)): fill(each) for name, each in cast("Mapping[str, Any]", told).items()}
        if isinstance(told, list):
            return [fill(each) for each in cast("list[Any]", told)]
        return told

    return replace(item, name=str(fill(item.name)), parent=str(fill(item.parent)), body=fill(item.body))
