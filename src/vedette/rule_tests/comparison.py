"""Holds what came of a case against what it expects; what differs is said in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from vedette.core.instants import arm_time, instant_of
from vedette.detect.entity import Entity
from vedette.rule_tests.case import Case
from vedette.rule_tests.expectation import Wanted, WantedEntity, WantedList
from vedette.rule_tests.matching import are_met, found, is_condition, is_met
from vedette.rule_tests.moments import distance_of, told_distance
from vedette.rule_tests.node import plain_text
from vedette.rule_tests.run import Found, Incident, Outcome
from vedette.rule_tests.showing import shown_alert, shown_entity, shown_incident, shown_value

_MOST = 10  # alerts or incidents that are listed


def differences(case: Case, outcome: Outcome) -> list[str]:
    """What is not as it is expected, a text of one or several lines for each; nothing where the case passes."""
    expect = case.expect
    if expect.error is not None:
        return list(_error(outcome, expect.error))
    if outcome.failure is not None:
        return [f"the rule cannot run: {outcome.failure.code}: {outcome.failure.reason}"]
    told: list[str] = []
    if expect.alerts is not None:
        told += _listed("alert", expect.alerts, [_Alert(each, case) for each in outcome.alerts])
    if expect.incidents is not None:
        told += _listed("incident", expect.incidents, [_Incident(each, case) for each in outcome.incidents])
    results = sum(run.evaluation.results for run in outcome.runs)
    for name, wanted, there in (("results", expect.results, results), ("runs", expect.runs, len(outcome.runs))):
        if wanted is not None and not is_met(there, wanted):
            told.append(f"{name}: expected {shown_value(wanted)}, found {there}")
    return told


def _error(outcome: Outcome, wanted: Mapping[str, Any]) -> Iterator[str]:
    if outcome.failure is None:
        asked = shown_value(dict(wanted))
        yield f"expected that the rule fails with {asked}; it ran, with {len(outcome.alerts)} alerts"
        return
    code, message = outcome.failure.code, outcome.failure.reason
    if "code" in wanted and not is_met(code, wanted["code"]):
        yield f"the rule fails with {code} ({message}); expected {shown_value(wanted['code'])}"
    if "message" in wanted and not is_met(message, wanted["message"]):
        yield f"the rule fails with the message '{message}'; expected {shown_value(wanted['message'])}"


class _Alert:
    """An alert as a test may ask for it."""

    noun = "alert"

    def __init__(self, found: Found, case: Case) -> None:
        alert = found.alert
        self.case = case
        self.entities: Sequence[Entity] = alert.entities
        self.details: Mapping[str, Any] = {name: list(values) for name, values in alert.custom_details.items()}
        self.fields: Mapping[str, Any] = {
            "title": alert.display_name,
            "description": alert.description,
            "severity": alert.severity.value,
            "tactics": list(alert.tactics),
            "techniques": list(alert.techniques),
            "subTechniques": list(alert.sub_techniques),
            "product": alert.product_name,
            "link": alert.link,
            "at": found.at,
            "start": alert.start,
            "end": alert.end,
            "results": found.results,
        }
        self.shown = shown_alert(found, case.clock)


class _Incident:
    """An incident as a test may ask for it."""

    noun = "incident"

    def __init__(self, incident: Incident, case: Case) -> None:
        properties = incident.properties
        self.case = case
        self.entities: Sequence[Entity] = incident.entities
        self.details: Mapping[str, Any] = {}
        self.fields: Mapping[str, Any] = {
            "title": properties["title"],
            "severity": properties["severity"],
            "status": properties["status"],
            "alerts": incident.alerts,
            "tactics": properties["additionalData"]["tactics"],
            "created": incident.created,
        }
        self.shown = shown_incident(incident, case.clock)


_Thing = _Alert | _Incident


def _listed(noun: str, wanted: WantedList, there: Sequence[_Thing]) -> Iterator[str]:
    if wanted.items is None:
        if not is_met(len(there), wanted.count):
            yield f"expected {_number(wanted.count, noun)}, found {len(there)}{_all(there)}"
        return
    placed = are_met(there, wanted.items, lambda thing, wish: not list(_wrong(thing, wish)))
    taken = {number for number in placed if number is not None}
    left = [number for number in range(len(there)) if number not in taken]
    for wish, number in zip(wanted.items, placed, strict=True):
        if number is None:
            yield _missing(noun, wish, [there[each] for each in left], "left" if there else "at all")
    unmet = sum(number is None for number in placed)
    if wanted.exactly and len(there) > len(wanted.items) - unmet:
        extra = [there[each] for each in left]
        if len(there) > len(wanted.items):
            yield f"expected {_number(len(wanted.items), noun)} and no other, found {len(there)}{_all(extra)}"


def _missing(noun: str, wish: Wanted, left: Sequence[_Thing], none: str) -> str:
    """What is asked for and not there, beside the one that comes nearest."""
    head = f"there is no {noun} as line {wish.line} asks for it"
    if not left:
        return f"{head}; there is none {none}"
    nearest = min(left, key=lambda each: len(list(_wrong(each, wish))))
    lines = [head + f"; the nearest is {nearest.shown[0]}, where"]
    return "\n".join([*lines, *(f"    {each}" for each in _wrong(nearest, wish))])


def _wrong(thing: _Thing, wish: Wanted) -> Iterator[str]:
    """What of one thing is not as it is wished."""
    for name, wanted in wish.fields.items():
        there = thing.fields.get(name)
        if not _is_field_met(there, wanted, thing.case):
            yield f"{name}: expected {shown_value(wanted)}, found {_shown(there, thing.case)}"
    if wish.entities is not None:
        yield from _wrong_entities(thing.entities, wish)
    if wish.details is not None:
        yield from _wrong_details(thing.details, wish)


def _is_field_met(there: Any, wanted: Any, case: Case) -> bool:
    if isinstance(there, list) and not is_condition(wanted):
        told = cast("dict[str, list[str]]", wanted)
        here = {str(each).lower() for each in cast("list[Any]", there)}
        for key, values in told.items():
            asked = {value.lower() for value in values}
            if not (asked == here if key == "exactly" else asked <= here):
                return False
        return True
    if hasattr(there, "tzinfo"):
        return _is_moment_met(there, wanted, case)
    return is_met(there, wanted)


def _is_moment_met(there: Any, wanted: Any, case: Case) -> bool:
    if not isinstance(wanted, str):
        return is_met(arm_time(there), wanted)
    distance = distance_of(wanted)
    if distance is not None:
        return there == case.clock + distance
    try:
        return there == instant_of(wanted)
    except ValueError:
        return False


def _wrong_entities(there: Sequence[Entity], wish: Wanted) -> Iterator[str]:
    wanted = wish.entities or ()
    placed = are_met(there, wanted, _is_entity)
    for each, number in zip(wanted, placed, strict=True):
        if number is None:
            listed = ", ".join(shown_entity(entity) for entity in there) or "none"
            yield f"entities: there is no {_told_entity(each)}; there are {listed}"
    if wish.entities_exactly:
        taken = {number for number in placed if number is not None}
        extra = [shown_entity(each) for number, each in enumerate(there) if number not in taken]
        if extra:
            yield f"entities: there is {', '.join(extra)} too"


def _is_entity(there: Entity, wanted: WantedEntity) -> bool:
    if there.kind != wanted.kind:
        return False
    for name, value in wanted.fields.items():
        if name == "*":
            texts = [each for each in there.fields.values() if not isinstance(each, dict | list)]
            if not any(is_met(each, value) for each in texts):
                return False
        elif isinstance(value, str):
            if str(found(there.fields, name) or "").lower() != value.lower():
                return False
        elif not is_met(found(there.fields, name), value):
            return False
    return True


def _told_entity(wanted: WantedEntity) -> str:
    fields = " ".join(f"{name}={shown_value(value)}" for name, value in wanted.fields.items())
    return f"{wanted.kind} {fields}".strip()


def _wrong_details(there: Mapping[str, Any], wish: Wanted) -> Iterator[str]:
    for name, wanted in (wish.details or {}).items():
        values = there.get(name)
        if values is None:
            listed = ", ".join(there) or "none"
            yield f"customDetails: there is no '{name}'; there are {listed}"
        elif not _is_detail_met(values, wanted):
            yield f"customDetails: {name}: expected {shown_value(wanted)}, found {shown_value(values)}"
    extra = [name for name in there if name not in (wish.details or {})] if wish.details_exactly else []
    if extra:
        yield f"customDetails: there is {', '.join(extra)} too"


def _is_detail_met(values: list[str], wanted: Any) -> bool:
    if isinstance(wanted, list):
        told = cast("list[Any]", wanted)
        return len(values) == len(told) and all(
            is_met(left, right) for left, right in zip(sorted(values), sorted(told, key=plain_text), strict=True)
        )
    if is_condition(wanted):
        return any(is_met(each, wanted) for each in values)
    return len(values) == 1 and is_met(values[0], wanted)


def _shown(there: Any, case: Case) -> str:
    return told_distance(there, case.clock) if hasattr(there, "tzinfo") else shown_value(there)


def _number(count: Any, noun: str) -> str:
    if count == {"ge": 1}:
        return f"at least one {noun}"
    if count == 0:
        return f"no {noun}"
    if count == 1:
        return f"1 {noun}"
    return f"{shown_value(count)} {noun}s"


def _all(there: Sequence[_Thing]) -> str:
    if not there:
        return ""
    lines = [line for each in there[:_MOST] for line in each.shown]
    if len(there) > _MOST:
        lines.append(f"… and {len(there) - _MOST} more")
    return ":" + "".join(f"\n    {line}" for line in lines)
