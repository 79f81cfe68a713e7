"""The query options of lists of tiIndicators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette.arm.odata import parse_filter, parse_order
from vedette.core.errors import InvalidInput, Unsupported
from vedette.intelligence.graph_documents import INDICATOR
from vedette.intelligence.graph_indicators import NAMES
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order, Path

LARGEST_PAGE: Final = 1000
USUAL_PAGE: Final = 100

_OPTIONS: Final = frozenset({"$filter", "$select", "$top", "$skip", "$count", "$orderby", "$skiptoken", "$format"})
_NAMES: Final = {name.lower(): name for name in NAMES}
_FURTHEST: Final = 2**31


@dataclass(frozen=True, slots=True)
class TiQuery:
    """What a list is asked for; `select` None is everything."""

    where: Condition | None
    order: tuple[Order, ...]
    select: tuple[str, ...] | None
    top: int
    offset: int
    count: bool


def ti_query(query: Mapping[str, str]) -> TiQuery:
    """The options of a list. Raises InvalidInput, and Unsupported for an option by name."""
    refuse_unknown(query)
    text, order = query.get("$filter", ""), query.get("$orderby", "")
    return TiQuery(
        _over_indicators(parse_filter(text)) if text.strip() else None,
        tuple(Order(_path(each.path), each.descending) for each in parse_order(order)) if order.strip() else (),
        ti_select(query),
        _number(query, "$top", USUAL_PAGE, 1, LARGEST_PAGE),
        _number(query, "$skiptoken" if "$skiptoken" in query else "$skip", 0, 0, _FURTHEST),
        query.get("$count", "").lower() == "true",
    )


def refuse_unknown(query: Mapping[str, str]) -> None:
    """Raises Unsupported for an option that is not served, by name."""
    for name in query:
        if name.startswith("$") and name not in _OPTIONS:
            raise Unsupported("NotImplemented", f"The query option '{name}' is not served here.")


def ti_select(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """The properties of `$select`; None where it is absent. Raises InvalidInput for one that no indicator has."""
    names = [name.strip() for name in query.get("$select", "").split(",") if name.strip()]
    return tuple(_name(each) for each in names) or None


def ti_shown(indicator: Mapping[str, Any], select: tuple[str, ...] | None) -> dict[str, Any]:
    """An indicator as it is told: every property of its type, or those selected."""
    if select is not None:
        return {"id": indicator["id"], **{name: indicator.get(name) for name in select}}
    return {**dict.fromkeys(NAMES), **indicator}


def _over_indicators(condition: Condition) -> Condition:
    match condition:
        case And(conditions):
            return And(tuple(map(_over_indicators, conditions)))
        case Or(conditions):
            return Or(tuple(map(_over_indicators, conditions)))
        case Not(inner):
            return Not(_over_indicators(inner))
        case Compare(path, operator, value):
            return Compare(_path(path), operator, value)
        case In(path, values):
            return In(_path(path), values)
        case Match(path, operator, text):
            return Match(_path(path), operator, text)
        case AnyElement(path, where):
            return AnyElement(_path(path), where)


def _path(path: Path) -> Path:
    if len(path) != 1:
        raise _no_property("/".join(path))
    return (INDICATOR, _name(path[0]))


def _name(text: str) -> str:
    name = _NAMES.get(text.lower())
    if name is None:
        raise _no_property(text)
    return name


def _no_property(text: str) -> InvalidInput:
    return InvalidInput(
        "BadRequest", f"Could not find a property named '{text[:100]}' on type 'microsoft.graph.tiIndicator'."
    )


def _number(query: Mapping[str, str], name: str, otherwise: int, least: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or not least <= int(text) <= most:
        raise InvalidInput("BadRequest", f"The query option '{name}' is a number from {least} to {most}.")
    return int(text)
