"""What a deployment would change of a resource, property by property.

https://learn.microsoft.com/rest/api/resources/deployments/what-if (WhatIfPropertyChange)

A value is compared with what a PUT would leave in its place. Properties that the template does not have are the
server's own: where they would only be different, as times are, nothing is said of them, but where they would be gone.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from vedette.arm.templates.evaluation import Unknown

Json = dict[str, Any]

_MISSING: Final = object()
_NOT_COMPARED: Final = frozenset({"id", "name", "type", "apiversion", "etag", "systemdata"})


def changes_of(before: Json, sent: Json, left: Json) -> tuple[list[Json], Json]:
    """The changes from what is there to what would be left by what is sent; and what is there with those made.

    Names meet in any letter case. `left` is the resource after a PUT.
    """
    return _object(_compared(before), _compared(sent), _compared(left), "")


def overlaid(before: Any, sent: Any) -> Any:
    """What is there with what is sent put over it: what would be left, for a type that does not tell.

    An expression that cannot be evaluated yet is taken for what is there.
    """
    if isinstance(sent, Unknown) and before is not _MISSING:
        return before
    if not isinstance(before, dict) or not isinstance(sent, dict):
        return sent
    result = dict(cast("Json", before))
    stored = {name.lower(): name for name in result}
    for name, value in cast("Json", sent).items():
        place = stored.get(name.lower(), name)
        result[place] = overlaid(result.get(place, _MISSING), value)
    return result


def _compared(value: Json) -> Json:
    return {name: each for name, each in value.items() if name.lower() not in _NOT_COMPARED}


def _object(before: Json, sent: Json, left: Json, place: str) -> tuple[list[Json], Json]:
    changes: list[Json] = []
    after = dict(before)
    told, remaining = _by_folded(sent), _by_folded(left)
    for name, value in before.items():
        folded = name.lower()
        more, then = _value(value, told.get(folded, _MISSING), remaining.get(folded, _MISSING), f"{place}{name}")
        changes += more
        if then is _MISSING:
            del after[name]
        else:
            after[name] = then
    known = {name.lower() for name in before}
    for name, value in left.items():
        if name.lower() not in known and name.lower() in told and not _is_empty(value):
            changes.append({"path": f"{place}{name}", "propertyChangeType": "Create", "after": value})
            after[name] = value
    return changes, after


def _value(before: Any, sent: Any, left: Any, path: str) -> tuple[list[Json], Any]:
    """The changes of one property, and its value with them; `_MISSING` for one that would be gone."""
    if left is _MISSING:
        if _is_empty(before):
            return [], before
        return [{"path": path, "propertyChangeType": "Delete", "before": before}], _MISSING
    if isinstance(before, dict) and isinstance(left, dict):
        told = cast("Json", sent) if isinstance(sent, dict) else {}
        return _object(cast("Json", before), told, cast("Json", left), f"{path}.")
    if before == left or sent is _MISSING:
        return [], before
    if isinstance(before, list) and isinstance(left, list):
        items = cast("list[Any]", sent) if isinstance(sent, list) else []
        children = _items(cast("list[Any]", before), items, cast("list[Any]", left))
        change = {"path": path, "propertyChangeType": "Array", "before": before, "after": left, "children": children}
        return ([change], left) if children else ([], before)
    return [{"path": path, "propertyChangeType": "Modify", "before": before, "after": left}], left


def _items(before: list[Any], sent: list[Any], left: list[Any]) -> list[Json]:
    children: list[Json] = []
    for index, value in enumerate(left):
        if index >= len(before):
            children.append({"path": str(index), "propertyChangeType": "Create", "after": value})
            continue
        told = sent[index] if index < len(sent) else value
        children += _value(before[index], told, value, str(index))[0]
    for index in range(len(left), len(before)):
        children.append({"path": str(index), "propertyChangeType": "Delete", "before": before[index]})
    return children


def _by_folded(value: Mapping[str, Any]) -> Json:
    return {name.lower(): each for name, each in value.items()}


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
