"""The query options of lists of tiIndicators."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette.api.graph_query import refuse_unknown
from vedette.arm.odata import parse_filter, parse_order
from vedette.core.errors import InvalidInput
from vedette.intelligence.graph_documents import INDICATOR
from vedette.intelligence.graph_indicators import NAMES
from vedette.state.conditions import Condition, Order, Path, with_paths

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
    refuse_unknown(query, _OPTIONS)
    text, order = query.get("$filter", ""), query.get("$orderby", "")
    return TiQuery(
        with_paths(parse_filter(text), _path) if text.strip() else None,
        tuple(Order(_path(each.path), each.descending) for each in parse_order(order)) if order.strip() else (),
        ti_select(query),
        _number(query, "$top", USUAL_PAGE, 1, LARGEST_PAGE),
        _number(query, "$skiptoken" if "$skiptoken" in query else "$skip", 0, 0, _FURTHEST),
        query.get("$count", "").lower() == "true",
    )


def ti_select(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """The properties of `$select`; None where it is absent. Raises InvalidInput for one that no indicator has."""
    names = [name.strip() for name in query.get("$select", "").split(",") if name.strip()]
    return tuple(_name(each) for each in names) or None


def ti_shown(indicator: Mapping[str, Any], select: tuple[str, ...] | None) -> dict[str, Any]:
    """An indicator as it is told: every property of its type, or those selected."""
    if select is not None:
        return {"id": indicator["id"], **{name: indicator.get(name) for name in select}}
    return {**dict.fromkeys(NAMES), **indicator}


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
