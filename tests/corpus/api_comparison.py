"""A reply held against the published one: what the caller sent must come back, what the server made must look alike."""

import re
from collections.abc import Set
from typing import Any

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*|\w{3}, \d\d? \w{3} \d{4} .*")
_IDENTITY = frozenset({"id", "name", "etag", "eTag", "systemData"})
"""What is checked against the request in place of the published reply, whose names are often another example's."""


def differences(ours: Any, published: Any, computed: Set[str], place: str = "") -> list[str]:
    """Where the published value is not in ours; what ours has besides does not matter.

    Of the fields named in `computed` only the shape is compared; so it is of instants.
    """
    if isinstance(published, dict) and isinstance(ours, dict):
        return [
            each
            for name, value in published.items()
            if name not in _IDENTITY or place
            for each in _field(ours, name, value, computed, f"{place}.{name}")
        ]
    if isinstance(published, list) and isinstance(ours, list):
        if len(ours) != len(published):
            return [f"{place}: {len(ours)} in place of {len(published)} items"]
        pairs = zip(ours, published, strict=True)
        return [each for at, pair in enumerate(pairs) for each in differences(*pair, computed, f"{place}[{at}]")]
    if ours == published or (_is_instant(ours) and _is_instant(published)) or _same_id(ours, published):
        return []
    if place.endswith(".type") and str(ours).lower() == str(published).lower():
        return []
    return [f"{place}: {ours!r} in place of {published!r}"]


def shape_differences(ours: Any, published: Any, place: str = "") -> list[str]:
    """Where ours lacks a published field, or has one of another kind."""
    if isinstance(published, dict) and isinstance(ours, dict):
        missing = [f"{place}.{name}: missing" for name in published if name not in ours and name != "nextLink"]
        return missing + [
            each
            for name, value in published.items()
            if name in ours
            for each in shape_differences(ours[name], value, f"{place}.{name}")
        ]
    if isinstance(published, list) and isinstance(ours, list):
        if not published:
            return []
        return shape_differences(ours[0], published[0], f"{place}[]") if ours else [f"{place}: is empty"]
    if published is None or _kind(ours) == _kind(published):
        return []
    return [f"{place}: {ours!r} in place of {published!r}"]


def _field(ours: dict[str, Any], name: str, value: Any, computed: Set[str], place: str) -> list[str]:
    if name not in ours and value is not None:
        return [f"{place}: missing"]
    if name in computed:
        return shape_differences(ours.get(name), value, place)
    return differences(ours.get(name), value, computed, place)


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None


def _same_id(ours: Any, published: Any) -> bool:
    texts = isinstance(ours, str) and isinstance(published, str)
    return texts and "/" in published and ours.strip("/").lower() == published.strip("/").lower()


def _kind(value: Any) -> str:
    return {bool: "truth", int: "number", float: "number", str: "text", dict: "object", list: "list"}.get(
        type(value), "null"
    )
