"""What a list may be filtered and ordered by: a small tree of plain data over paths into a document."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Path = tuple[str, ...]
"""Keys from the top of the body, such as `("properties", "status")`; `("id",)`, `("name",)`, `("etag",)`,
`("created",)` and `("modified",)` are the document's own."""

Scalar = str | bool | int | float | datetime | None
Comparator = Literal["eq", "ne", "gt", "ge", "lt", "le"]
Matcher = Literal["contains", "startswith", "endswith"]


@dataclass(frozen=True, slots=True)
class Compare:
    """The value at `path` against `value`; values of another type are unequal and not ordered.

    `eq None` is true for an absent value too. A datetime is compared as an instant with text in ISO 8601.
    """

    path: Path
    operator: Comparator
    value: Scalar


@dataclass(frozen=True, slots=True)
class Match:
    """Whether the text at `path` contains, starts with or ends with `text`, letter case included."""

    path: Path
    operator: Matcher
    text: str


@dataclass(frozen=True, slots=True)
class In:
    """Whether the value at `path` equals one of `values`."""

    path: Path
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class AnyElement:
    """Whether an element of the array at `path` satisfies `where`, whose paths begin at the element.

    `where` None asks only whether the array has an element. The empty path is the element itself.
    """

    path: Path
    where: "Condition | None"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Everything that `condition` does not hold for, absent values included."""

    condition: "Condition"


Condition = Compare | Match | In | AnyElement | And | Or | Not


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by the value at `path`; absent values come first, or last when descending."""

    path: Path
    descending: bool = False


def with_paths(condition: Condition, path_of: Callable[[Path], Path]) -> Condition:
    """The condition with other paths; those within an element of an array begin at the element, and stay."""
    match condition:
        case And(conditions):
            return And(tuple(with_paths(each, path_of) for each in conditions))
        case Or(conditions):
            return Or(tuple(with_paths(each, path_of) for each in conditions))
        case Not(inner):
            return Not(with_paths(inner, path_of))
        case Compare(path, operator, value):
            return Compare(path_of(path), operator, value)
        case In(path, values):
            return In(path_of(path), values)
        case Match(path, operator, text):
            return Match(path_of(path), operator, text)
        case AnyElement(path, where):
            return AnyElement(path_of(path), where)
