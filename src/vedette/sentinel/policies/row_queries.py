"""The options of queries of states and events: `$filter`, `$apply`, `$select`, `$orderby`, `$top`, `$from` and `$to`.

https://learn.microsoft.com/rest/api/policyinsights/policy-states/list-query-results-for-subscription
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.arm.odata import parse_filter, parse_order
from vedette.core.errors import InvalidInput
from vedette.core.instants import instant_of
from vedette.sentinel.policies.rows import within
from vedette.state.conditions import And, Compare, Condition, In, Match, Not, Or

Json = dict[str, Any]
MOST: Final = 1000
_DAY: Final = timedelta(days=1)
_GROUP: Final = re.compile(r"groupby\s*\(\s*\(([^()]*)\)\s*(?:,\s*aggregate\s*\(([^()]*)\)\s*)?\)", re.IGNORECASE)
_AGGREGATE: Final = re.compile(r"aggregate\s*\(([^()]*)\)", re.IGNORECASE)
_FILTER: Final = re.compile(r"filter\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_COUNT: Final = re.compile(r"\$count\s+as\s+(\w+)", re.IGNORECASE)
_MEASURE: Final = re.compile(r"(\w+)\s+with\s+(sum|min|max|average|countdistinct)\s+as\s+(\w+)", re.IGNORECASE)


def chosen(rows: Iterable[Json], query: Mapping[str, str], now: datetime, *, is_latest: bool) -> list[Json]:
    """The rows that a query asks for, in its order. Raises InvalidInput (InvalidFilter, InvalidApply …)."""
    ends = _instant(query, "$to", now)
    begins = _instant(query, "$from", ends - _DAY)
    timed = rows if is_latest and "$from" not in query else (each for each in rows if within(each, begins, ends))
    if query.get("$filter"):
        condition = parse_filter(query["$filter"])
        timed = (each for each in timed if holds(condition, each))
    found: list[Json] = list(timed)
    for step in _steps(query.get("$apply", "")):
        found = step(found)
    if query.get("$orderby"):
        for order in reversed(parse_order(query["$orderby"])):
            name = order.path[-1]
            found.sort(key=lambda each, name=name: str(_value(each, name) or ""), reverse=order.descending)
    if query.get("$select"):
        names = [each.strip() for each in query["$select"].split(",") if each.strip()]
        found = [{name: _value(each, name) for name in names} for each in found]
    return found


def top_of(query: Mapping[str, str]) -> int | None:
    """`$top`, None where it is not asked for. Raises InvalidInput (InvalidTop)."""
    text = query.get("$top")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 <= int(text[:9]) <= 10_000_000:
        raise InvalidInput("InvalidTop", f"'$top' is '{text[:40]}'; it is a whole number.")
    return int(text)


def _instant(query: Mapping[str, str], name: str, otherwise: datetime) -> datetime:
    text = query.get(name)
    if not text:
        return otherwise
    try:
        return instant_of(text)
    except ValueError as error:
        raise InvalidInput("InvalidTimeRange", f"'{name}' is '{text[:40]}', which is no date and time.") from error


def holds(condition: Condition, row: Json) -> bool:
    """Whether a filter holds for a row; names and texts meet in any letter case."""
    match condition:
        case And(conditions):
            return all(holds(each, row) for each in conditions)
        case Or(conditions):
            return any(holds(each, row) for each in conditions)
        case Not(inside):
            return not holds(inside, row)
        case Compare(path, operator, value):
            return _compared(_value(row, path[-1]), operator, value)
        case In(path, values):
            return any(_compared(_value(row, path[-1]), "eq", each) for each in values)
        case Match(path, operator, text):
            held, wanted = str(_value(row, path[-1]) or "").lower(), text.lower()
            if operator == "contains":
                return wanted in held
            return held.startswith(wanted) if operator == "startswith" else held.endswith(wanted)
        case _:
            raise InvalidInput("InvalidFilter", "'$filter' of states compares properties, and looks into no arrays.")


def _compared(held: Any, operator: str, value: Any) -> bool:
    if isinstance(value, datetime):
        one, other = instant_of(str(held)), value
    elif isinstance(value, str) or isinstance(held, str):
        one, other = str("" if held is None else held).lower(), str("" if value is None else value).lower()
    else:
        one, other = held, value
    if operator in ("eq", "ne"):
        return (one == other) == (operator == "eq")
    if one is None or other is None:
        return False
    compare: Any = {"gt": one.__gt__, "ge": one.__ge__, "lt": one.__lt__, "le": one.__le__}[operator]
    return compare(other) is True


def _value(row: Json, name: str) -> Any:
    if name in row:
        return row[name]
    folded = name.lower()
    return next((each for key, each in row.items() if key.lower() == folded), None)


Step = Callable[[list[Json]], list[Json]]


def _steps(text: str) -> Iterator[Step]:
    """The steps of `$apply`, one behind the other."""
    for part in _split(text):
        filtered, grouped, counted = _FILTER.fullmatch(part), _GROUP.fullmatch(part), _AGGREGATE.fullmatch(part)
        if grouped is not None:
            names = [each.strip() for each in grouped[1].split(",") if each.strip()]
            yield _grouping(names, _measures(grouped[2] or ""))
        elif counted is not None:
            yield _grouping([], _measures(counted[1]))
        elif filtered is not None:
            condition = parse_filter(filtered[1])
            yield lambda rows, condition=condition: [each for each in rows if holds(condition, each)]
        else:
            raise _wrong(part)


def _split(text: str) -> Iterator[str]:
    """The parts between slashes that stand in no parentheses and no text."""
    depth, quoted, began = 0, False, 0
    for at, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "()":
            depth += 1 if character == "(" else -1
        elif not quoted and depth == 0 and character == "/":
            yield text[began:at].strip()
            began = at + 1
    if text[began:].strip():
        yield text[began:].strip()


Measure = tuple[str, Callable[[list[Json]], Any]]


def _measures(text: str) -> list[Measure]:
    found: list[Measure] = []
    for part in filter(None, (each.strip() for each in text.split(","))):
        counted, measured = _COUNT.fullmatch(part), _MEASURE.fullmatch(part)
        if counted is not None:
            found.append((counted[1], len))
        elif measured is not None:
            found.append((measured[3], _measure(measured[1], measured[2].lower())))
        else:
            raise _wrong(part)
    return found


def _measure(name: str, how: str) -> Callable[[list[Json]], Any]:
    def measured(rows: list[Json]) -> Any:
        values = [value for each in rows if (value := _value(each, name)) is not None]
        if how == "countdistinct":
            return len({str(each).lower() for each in values})
        if how in ("min", "max"):
            return (min if how == "min" else max)(values, default=None)
        numbers = [each for each in values if isinstance(each, int | float)]
        total = sum(numbers)
        return total if how == "sum" else total / len(numbers) if numbers else None

    return measured


def _grouping(names: list[str], measures: list[Measure]) -> Step:
    def grouped(rows: list[Json]) -> list[Json]:
        groups: dict[tuple[str, ...], list[Json]] = {}
        for each in rows:
            groups.setdefault(tuple(str(_value(each, name)).lower() for name in names), []).append(each)
        if not names:
            groups = {(): rows}
        return [
            {name: _value(members[0], name) for name in names} | {name: measure(members) for name, measure in measures}
            for members in groups.values()
        ]

    return grouped


def _wrong(part: str) -> InvalidInput:
    return InvalidInput(
        "InvalidApply",
        f"'$apply' has '{part[:80]}', which is none of filter(…), groupby((…)), groupby((…), aggregate(…)) and "
        "aggregate($count as Name).",
    )
