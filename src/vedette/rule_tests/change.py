"""What a case changes of its rule: only properties that a rule has, or the change would change nothing."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from vedette.kql.diagnostics import suggestion_or_all
from vedette.rule_tests.node import Node

_VERSION: Final = "2024-01-01-preview"
"""It has all properties of rules that run a query."""

_FURTHER: Final = "startTimeUtc"


def read_change(node: Node | None) -> dict[str, Any]:
    """The properties under `change`, none where it is not there. Raises WrongTestFile with the line of a wrong name."""
    if node is None:
        return {}
    _check(node, "ScheduledAlertRuleProperties")
    return node.mapping()


def _check(node: Node, definition: str) -> None:
    known = _names(definition)
    for name, each in node.entries():
        if name not in known:
            raise each.wrong(f"there is no '{name}' to change here. {suggestion_or_all(name, sorted(known))}")
        inner, is_list = known[name]
        if not inner or each.value is None:
            continue
        for one in each.items() if is_list else (each,):
            _check(one, inner)


@lru_cache(maxsize=32)
def _names(definition: str) -> Mapping[str, tuple[str, bool]]:
    """The names that an object of this definition has, each with the definition of its objects, empty where it has
    none, and whether it is a list of them."""
    from vedette.arm.published_shapes import shapes_of  # noqa: PLC0415  (large, and few tests change something)

    shapes = shapes_of("Microsoft.SecurityInsights", _VERSION)
    found = shapes.definition(definition)
    assert found is not None
    names: dict[str, tuple[str, bool]] = {}
    for name, schema in found.properties.values():
        ref = schema.items.ref if schema.items else schema.ref
        inner = shapes.definition(ref) if ref else None
        names[name] = (ref if inner is not None and inner.properties else "", schema.items is not None)
    return names if definition != "ScheduledAlertRuleProperties" else {**names, _FURTHER: ("", False)}
