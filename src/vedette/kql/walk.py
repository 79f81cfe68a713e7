"""Everything within a piece of syntax, outer things first, in the order of the text."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, cast

from vedette.kql.diagnostics import Span


def walk(part: Any) -> Iterator[Any]:
    """The node and all nodes within it; also the parts that are no nodes, such as arguments."""
    if isinstance(part, tuple | list):
        for each in cast("tuple[Any, ...]", part):
            yield from walk(each)
    elif isinstance(part, dict):
        yield from walk(list(cast("dict[str, Any]", part).values()))
    elif is_dataclass(part) and not isinstance(part, Span | type):
        yield part
        for field in fields(part):
            yield from walk(getattr(part, field.name))
