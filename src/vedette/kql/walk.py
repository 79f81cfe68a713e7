"""Everything within a piece of syntax, outer things first, in the order of the text."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, cast

from vedette.kql.diagnostics import Span


def walk(part: Any) -> Iterator[Any]:
    """The node and all nodes within it; also the parts that are no nodes, such as arguments."""
    if is_dataclass(part) and not isinstance(part, Span | type):
        yield part
    for each in children(part):
        yield from walk(each)


def children(part: Any) -> Iterator[Any]:
    """What stands directly within a node, or in a list or mapping of them."""
    if isinstance(part, tuple | list):
        yield from cast("tuple[Any, ...]", part)
    elif isinstance(part, dict):
        yield from cast("dict[str, Any]", part).values()
    elif is_dataclass(part) and not isinstance(part, Span | type):
        for field in fields(part):
            yield getattr(part, field.name)
