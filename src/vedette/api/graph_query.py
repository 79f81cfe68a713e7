"""The query options of Microsoft Graph: which objects, in which order, what of them, and how many at a time.

https://learn.microsoft.com/graph/query-parameters and …/aad-advanced-queries. Letter case of texts does not matter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from vedette.access.directory_objects import Kind
from vedette.access.directory_schema import readable
from vedette.arm.odata import parse_filter, parse_order
from vedette.core.errors import InvalidInput, Unsupported
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order, Path, Scalar

LARGEST_PAGE: Final = 999
USUAL_PAGE: Final = 100

_KNOWN: Final = frozenset({"$filter", "$select", "$top", "$count", "$orderby", "$skiptoken", "$format", "api-version"})


@dataclass(frozen=True, slots=True)
class GraphQuery:
    """What a list is asked for; `select` None is the usual properties."""

    where: Condition | None
    order: tuple[Order, ...]
    select: tuple[str, ...] | None
    top: int
    offset: int
    count: bool


def graph_query(kind: Kind, query: Mapping[str, str]) -> GraphQuery:
    """The options of a request for objects of a kind. Raises InvalidInput, and Unsupported for an option by name."""
    refuse_unknown(query)
    path_of = partial(_path, kind)
    text, order = query.get("$filter", ""), query.get("$orderby", "")
    return GraphQuery(
        _folded(parse_filter(text), path_of) if text.strip() else None,
        tuple(Order(path_of(each.path), each.descending) for each in parse_order(order)) if order else (),
        selected(query),
        _number(query, "$top", USUAL_PAGE, 1, LARGEST_PAGE),
        _number(query, "$skiptoken", 0, 0, 1 << 31),
        query.get("$count", "").lower() == "true",
    )


def refuse_unknown(query: Mapping[str, str], known: frozenset[str] = _KNOWN) -> None:
    """Raises Unsupported for an option of Graph's that is not served, by name."""
    for name in query:
        if name.startswith("$") and name not in known:
            raise Unsupported("NotImplemented", f"The query option '{name}' is not served here.")


def selected(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """The names that `$select` asks for; None where it is absent."""
    names = tuple(name.strip() for name in query.get("$select", "").split(",") if name.strip())
    return names or None


def _folded(condition: Condition, path_of: Callable[[Path], Path]) -> Condition:
    """The condition over what documents keep in lower case, with its own texts in lower case.

    `path_of` is where a path leads in a document; within an element of an array paths begin at the element, and stay.
    """

    def each_of(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(_folded(each, path_of) for each in conditions)

    match condition:
        case And(conditions):
            return And(each_of(conditions))
        case Or(conditions):
            return Or(each_of(conditions))
        case Not(inner):
            return Not(_folded(inner, path_of))
        case Compare(path, operator, value):
            return Compare(path_of(path), operator, _lower(value))
        case In(path, values):
            return In(path_of(path), tuple(_lower(value) for value in values))
        case Match(path, operator, text):
            return Match(path_of(path), operator, text.lower())
        case AnyElement(path, where):
            return AnyElement(path_of(path), None if where is None else _folded(where, _within_element))


def _within_element(path: Path) -> Path:
    return path


def _path(kind: Kind, path: Path) -> Path:
    name = readable(kind).get(path[0].lower()) if path else None
    if name is None:
        raise InvalidInput(
            "Request_UnsupportedQuery",
            f"Unsupported or invalid query filter clause specified for property '{'/'.join(path)}' of resource "
            f"'{kind.value}'.",
        )
    # An instant is read as one only as it was written.
    return ("object" if name.endswith("DateTime") else "folded", name, *path[1:])


def _lower(value: Scalar) -> Scalar:
    return value.lower() if isinstance(value, str) and not isinstance(value, datetime) else value


def _number(query: Mapping[str, str], name: str, otherwise: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return otherwise
    if not text.isdecimal() or len(text) > 12 or not least <= int(text) <= most:
        raise InvalidInput("Request_BadRequest", f"The query option '{name}' is a number from {least} to {most}.")
    return int(text)
