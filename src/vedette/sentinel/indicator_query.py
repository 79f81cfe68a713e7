"""What indicators are asked for: the criteria of `queryIndicators`, and the conditions of `query` and `count`.

https://learn.microsoft.com/rest/api/securityinsights/threat-intelligence-indicator/query-indicators
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of
from vedette.intelligence.stix_objects import INDICATOR, TYPES
from vedette.state.conditions import And, AnyElement, Compare, Condition, In, Match, Not, Or, Order, Path, with_paths

Operator = Literal["eq", "ne", "gt", "ge", "lt", "le"]

_MOST = 1000  # values of a criterion
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_FIELDS: Mapping[str, Path] = {
    "name": ("properties", "displayName"),
    "id": ("properties", "externalId"),
    "lang": ("properties", "language"),
    "lastupdateddatetimeutc": ("properties", "lastUpdatedTimeUtc"),
    "modified": ("properties", "lastUpdatedTimeUtc"),
    "tags": ("properties", "threatIntelligenceTags"),
    "type": ("kind",),
}
"""What conditions call by STIX's names, in lower case."""

_STIX = {"displayName": "name", "externalId": "id", "language": "lang", "threatIntelligenceTags": "labels"}
_OF_DOCUMENT = {"source": "source", "lastUpdatedTimeUtc": "changed"}


def criteria_condition(criteria: Mapping[str, Any]) -> Condition | None:
    """The condition of `queryIndicators`' criteria. Raises InvalidInput (BadRequest) that names the criterion."""
    conditions: list[Condition] = []
    for name, operator in (("minConfidence", "ge"), ("maxConfidence", "le")):
        if criteria.get(name) is not None:
            conditions.append(Compare(("properties", "confidence"), _ordering(operator), _whole(name, criteria[name])))
    for name, operator in (("minValidUntil", "ge"), ("maxValidUntil", "le")):
        if criteria.get(name):
            value = _instant(name, criteria[name])
            conditions.append(Compare(("properties", "validUntil"), _ordering(operator), value))
    if not criteria.get("includeDisabled"):
        conditions.append(Compare(("properties", "revoked"), "ne", True))
    for name, path in (("sources", "source"), ("patternTypes", "patternType")):
        if texts := _texts(name, criteria.get(name)):
            conditions.append(In(("properties", path), tuple(texts)))
    if texts := _texts("threatTypes", criteria.get("threatTypes")):
        conditions.append(AnyElement(("properties", "threatTypes"), In((), tuple(texts))))
    if texts := _texts("ids", criteria.get("ids")):
        conditions.append(Or((In(("name",), tuple(texts)), In(("properties", "externalId"), tuple(texts)))))
    if texts := _texts("keywords", criteria.get("keywords")):
        conditions.append(Or(tuple(Match(("search",), "contains", text.lower()) for text in texts)))
    return And(tuple(conditions)) if conditions else None


def criteria_order(criteria: Mapping[str, Any]) -> list[Order]:
    """The order of `sortBy`: `[{itemKey, sortOrder}]`."""
    orders: list[Order] = []
    for each in _objects("sortBy", criteria.get("sortBy")):
        direction = str(each.get("sortOrder") or "ascending").lower()
        if direction not in ("ascending", "descending", "unsorted"):
            raise _wrong("sortBy.sortOrder", "is one of unsorted, ascending, descending")
        if direction != "unsorted":
            orders.append(Order(_property("sortBy.itemKey", each.get("itemKey")), direction == "descending"))
    return orders


def query_condition(query: Mapping[str, Any], now: datetime) -> Condition | None:
    """The condition of `{condition: {clauses, conditionConnective}}`. Raises InvalidInput (BadRequest)."""
    condition = query.get("condition")
    if condition is None:
        return None
    if not isinstance(condition, dict):
        raise _wrong("condition", "is an object with 'clauses'")
    whole = cast("dict[str, Any]", condition)
    clauses = [_clause(each, now) for each in _objects("condition.clauses", whole.get("clauses"))]
    return _joined(whole.get("conditionConnective"), clauses) if clauses else None


def stix_type(query: Mapping[str, Any]) -> str:
    """The type of STIX objects that are asked for, in lower case. Raises InvalidInput (BadRequest)."""
    condition = query.get("condition")
    named = cast("dict[str, Any]", condition).get("stixObjectType") if isinstance(condition, dict) else None
    kind = str(named or INDICATOR).lower()
    if kind not in TYPES:
        raise _wrong("condition.stixObjectType", f"is one of {', '.join(TYPES)}")
    return kind


def object_condition(query: Mapping[str, Any], kind: str, now: datetime) -> Condition | None:
    """The condition for objects of a type: of those that are no indicators over what they were sent as."""
    where = query_condition(query, now)
    if kind == INDICATOR:
        return where
    only = Compare(("kind",), "eq", kind)
    return only if where is None else And((only, with_paths(where, _stix_path)))


def object_order(query: Mapping[str, Any], kind: str) -> list[Order]:
    """`query_order` for objects of a type."""
    orders = query_order(query)
    return orders if kind == INDICATOR else [Order(_stix_path(each.path), each.descending) for each in orders]


def _stix_path(path: Path) -> Path:
    """Where an object has what an indicator has at `path`."""
    name = path[-1] if path else ""
    if path == ("kind",) or not path:
        return path
    if name in _OF_DOCUMENT:
        return (_OF_DOCUMENT[name],)
    return ("stix", _STIX.get(name) or re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name))


def query_order(query: Mapping[str, Any]) -> list[Order]:
    """The order of `sortBy`: `{field, direction}`."""
    sort = query.get("sortBy")
    if not isinstance(sort, dict):
        return []
    asked = cast("dict[str, Any]", sort)
    direction = str(asked.get("direction") or "ASC").upper()
    if direction not in ("ASC", "DESC"):
        raise _wrong("sortBy.direction", "is ASC or DESC")
    return [Order(_property("sortBy.field", asked.get("field")), direction == "DESC")]


def _clause(clause: Mapping[str, Any], now: datetime) -> Condition:
    path = _property("condition.clauses.field", clause.get("field"))
    operator = str(clause.get("operator") or "").lower()
    values = _texts("condition.clauses.values", clause.get("values"))
    if operator in _WITHOUT_VALUE:
        return _WITHOUT_VALUE[operator](path)
    if not values:
        raise _wrong("condition.clauses.values", f"has at least one value for the operator '{operator[:40]}'")
    return _joined(clause.get("clauseConnective") or "Or", [_compared(path, operator, value, now) for value in values])


_WITHOUT_VALUE: Mapping[str, Callable[[Path], Condition]] = {
    "stringisempty": lambda path: Or((Compare(path, "eq", None), Compare(path, "eq", ""))),
    "isnull": lambda path: Compare(path, "eq", None),
    "istrue": lambda path: Compare(path, "eq", True),
    "isfalse": lambda path: Compare(path, "ne", True),
}
_ORDERINGS: Mapping[str, Operator] = {
    "equals": "eq",
    "notequals": "ne",
    "lessthan": "lt",
    "lessthanequal": "le",
    "greaterthan": "gt",
    "greaterthanequal": "ge",
}
_TIMES: Mapping[str, Operator] = {"onorafter": "ge", "after": "gt", "onorbefore": "le", "before": "lt"}
_TEXTS: Mapping[str, Literal["contains", "startswith", "endswith"]] = {
    "contains": "contains",
    "startswith": "startswith",
    "endswith": "endswith",
}


def _compared(path: Path, operator: str, value: str, now: datetime) -> Condition:
    if operator in _ORDERINGS:
        return Compare(path, _ORDERINGS[operator], _scalar(value))
    if operator in ("arraycontains", "arraynotcontains"):
        held = AnyElement(path, Compare((), "eq", value))
        return Not(held) if "not" in operator else held
    if operator.startswith("string"):
        name = operator.removeprefix("string")
        matcher = _TEXTS.get(name.removeprefix("not"))
        if matcher is not None:
            matched = Match(path, matcher, value)
            return Not(matched) if name.startswith("not") else matched
    for suffix in ("absolute", "relative"):
        ordering = _TIMES.get(operator.removesuffix(suffix))
        if operator.endswith(suffix) and ordering is not None:
            return Compare(path, ordering, _time(value, now, is_relative=suffix == "relative"))
    raise _wrong("condition.clauses.operator", f"is no operator that is known: '{operator[:40]}'")


def _time(value: str, now: datetime, *, is_relative: bool) -> datetime:
    if not is_relative:
        return _instant("condition.clauses.values", value)
    back = parse_duration(value.removeprefix("-"))
    try:
        return now - back
    except OverflowError as error:
        raise _wrong("condition.clauses.values", f"goes back to before there were dates: '{value[:40]}'") from error


def _scalar(value: str) -> str | int | float | bool | datetime:
    """A condition's values are texts; a text that reads as something else is compared as that."""
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    if re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*", value):
        return _instant("condition.clauses.values", value)
    return value


def _joined(connective: Any, conditions: Sequence[Condition]) -> Condition:
    name = str(connective or "And").lower()
    if name not in ("and", "or"):
        raise _wrong("conditionConnective", "is And or Or")
    return conditions[0] if len(conditions) == 1 else (And if name == "and" else Or)(tuple(conditions))


def _property(place: str, value: Any) -> Path:
    if not isinstance(value, str) or _NAME.fullmatch(value) is None:
        raise _wrong(place, "is the name of a property, such as lastUpdatedTimeUtc")
    known = _FIELDS.get(value.lower())
    if known is not None:
        return known
    first, *rest = value.split("_")
    return ("properties", first + "".join(each.capitalize() for each in rest))


def _ordering(operator: str) -> Operator:
    return "ge" if operator == "ge" else "le"


def _objects(place: str, value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    found = cast("list[Any]", value) if isinstance(value, list) else None
    if found is None or len(found) > _MOST or not all(isinstance(each, dict) for each in found):
        raise _wrong(place, f"is a list of at most {_MOST} objects")
    return found


def _texts(place: str, value: Any) -> list[str]:
    if value is None:
        return []
    found = cast("list[Any]", value) if isinstance(value, list) else None
    if found is None or len(found) > _MOST or not all(isinstance(each, str) for each in found):
        raise _wrong(place, f"is a list of at most {_MOST} strings")
    return found


def _whole(place: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(place, "is a whole number")
    return value


def _instant(place: str, value: Any) -> datetime:
    try:
        return instant_of(value)
    except (ValueError, TypeError) as error:
        raise _wrong(place, "is a date and time such as 2024-01-01T00:00:00Z") from error


def _wrong(place: str, rule: str) -> InvalidInput:
    return InvalidInput("BadRequest", f"'{place}' {rule}.", target=place)
