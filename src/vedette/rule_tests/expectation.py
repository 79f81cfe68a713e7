"""What a case expects, read from its `expect`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from vedette.detect.entity import Entity, entity_of
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.rule import Severity, Tactic
from vedette.kql.diagnostics import suggestion_or_all
from vedette.rule_tests.matching import check_number, check_wanted, is_condition, is_met
from vedette.rule_tests.moments import moment_of
from vedette.rule_tests.node import Node

KEYS: Final = ("alerts", "incidents", "results", "error", "runs")
ALERT_KEYS: Final = (
    "title",
    "description",
    "severity",
    "tactics",
    "techniques",
    "subTechniques",
    "entities",
    "customDetails",
    "product",
    "link",
    "at",
    "start",
    "end",
    "results",
)
INCIDENT_KEYS: Final = ("title", "severity", "status", "alerts", "tactics", "entities", "created")
_LISTS: Final = ("tactics", "techniques", "subTechniques")
_TIMES: Final = ("at", "start", "end", "created")
_NUMBERS: Final = ("results", "alerts")
_ANY_CLOCK: Final = datetime(2024, 1, 1, tzinfo=UTC)
_EXACTLY, _INCLUDING = "exactly", "including"
FRIENDLY: Final = {
    "Account": "FullName",
    "Host": "FullName",
    "IP": "Address",
    "URL": "Url",
    "DNS": "DomainName",
    "File": "Name",
    "FileHash": "Value",
    "Process": "CommandLine",
    "RegistryKey": "Key",
    "RegistryValue": "Name",
    "AzureResource": "ResourceId",
    "CloudApplication": "Name",
    "Malware": "Name",
    "Mailbox": "MailboxPrimaryAddress",
    "MailMessage": "NetworkMessageId",
    "SecurityGroup": "DistinguishedName",
}
"""The identifier that a text alone stands for, by kind of entity."""


@dataclass(frozen=True, slots=True)
class WantedEntity:
    """An entity: its kind, and the fields that it must have, as SecurityAlert.Entities names them."""

    kind: str
    fields: Mapping[str, Any]
    told: Any = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One alert, or one incident: what must be so, by property. `entities` are among its own, or with
    `entities_exactly` all of them; so with the custom details."""

    fields: Mapping[str, Any]
    entities: Sequence[WantedEntity] | None = None
    entities_exactly: bool = False
    details: Mapping[str, Any] | None = None
    details_exactly: bool = False
    line: int = 1


@dataclass(frozen=True, slots=True)
class WantedList:
    """Alerts or incidents: a number that must be met, or each of them; with `exactly` there are no others."""

    count: Any = None
    items: Sequence[Wanted] | None = None
    exactly: bool = True

    @property
    def needs_one(self) -> bool:
        """Whether none at all is not what is wanted."""
        return len(self.items) > 0 if self.items is not None else not is_met(0, self.count)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must come of a case. With nothing told, that the rule fires. `error` is a code that the rule fails with, or
    conditions for its message."""

    alerts: WantedList | None = None
    incidents: WantedList | None = None
    results: Any = None
    runs: Any = None
    error: Mapping[str, Any] | None = None
    told: Any = field(default=None)

    @property
    def fires(self) -> bool:
        """Whether the case would fail without an alert, so that it shows that the rule finds what it is for."""
        return self.error is None and any(each.needs_one for each in (self.alerts, self.incidents) if each)


def read_expectation(node: Node) -> Expectation:
    """`none`, `fires`, a number of alerts, or a mapping. Raises WrongTestFile."""
    value = node.value
    if value in ("none", "nothing") or (value == 0 and not isinstance(value, bool)):
        return Expectation(WantedList(0), told=value)
    if value == "fires":
        return Expectation(WantedList({"ge": 1}), told=value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Expectation(WantedList(node.whole_number()), told=value)
    if not isinstance(value, dict):
        raise node.wrong("'expect' is 'none', 'fires', a number of alerts, or a mapping with what must come of it.")
    told = node.mapping(KEYS)
    if not told:
        raise node.wrong("'expect' asks for nothing; write 'none' where nothing may come of it.")
    alerts, incidents, error = node.get("alerts"), node.get("incidents"), node.get("error")
    for name, least in (("results", 0), ("runs", 1)):
        each = node.get(name)
        if each is not None:
            check_number(each, least=least)
    return Expectation(
        alerts=None if alerts is None else _list(alerts, ALERT_KEYS),
        incidents=None if incidents is None else _list(incidents, INCIDENT_KEYS),
        results=told.get("results"),
        runs=told.get("runs"),
        error=None if error is None else _error(error),
        told=value,
    )


def _error(node: Node) -> Mapping[str, Any]:
    if isinstance(node.value, str):
        return {"code": node.value}
    told = node.mapping(("code", "message"))
    if not told:
        raise node.wrong("'error' is a code, or has a 'code', a 'message' or both.")
    for _, each in node.entries():
        check_wanted(each)
    return told


def _list(node: Node, known: Sequence[str]) -> WantedList:
    if isinstance(node.value, str) and node.value in ("none", "nothing"):
        return WantedList(0)
    if is_condition(node.value):
        check_number(node)
        return WantedList(node.value)
    if isinstance(node.value, int | float):
        return WantedList(node.whole_number())
    inner, exactly = _wrapped(node, exactly=True)
    _check_asks(inner, exactly=exactly)
    return WantedList(items=[_wanted(each, known) for each in inner.items()] if inner.value else [], exactly=exactly)


def _wrapped(node: Node, *, exactly: bool) -> tuple[Node, bool]:
    """The list or mapping within `{exactly: …}` or `{including: …}`, and which of them it is."""
    if isinstance(node.value, dict) and len(node.mapping()) == 1:
        for key in (_EXACTLY, _INCLUDING):
            if key in node.value:
                return node.child(key), key == _EXACTLY
    return node, exactly


def _check_asks(node: Node, *, exactly: bool) -> None:
    """Raises WrongTestFile for nothing that is to be among what there is: that cannot fail."""
    if not exactly and not node.value:
        raise node.wrong(f"this asks for nothing; '{{{_EXACTLY}: …}}' around it says that there is nothing.")


def _wanted(node: Node, known: Sequence[str]) -> Wanted:
    node.mapping(known)
    fields: dict[str, Any] = {}
    entities: Sequence[WantedEntity] | None = None
    details: Mapping[str, Any] | None = None
    entities_exactly = details_exactly = False
    for name, each in node.entries():
        if name == "entities":
            inner, entities_exactly = _wrapped(each, exactly=False)
            _check_asks(inner, exactly=entities_exactly)
            entities = [_entity(one) for one in inner.items()] if inner.value else []
        elif name == "customDetails":
            inner, details_exactly = _wrapped(each, exactly=False)
            _check_asks(inner, exactly=details_exactly)
            details = inner.mapping()
            for _, value in inner.entries():
                check_wanted(value)
        else:
            fields[name] = _field(name, each)
    return Wanted(fields, entities, entities_exactly, details, details_exactly, node.line)


def _field(name: str, node: Node) -> Any:
    if is_condition(node.value):
        (check_number if name in _NUMBERS else check_wanted)(node)
        return node.value
    if name in _LISTS:
        inner, exactly = _wrapped(node, exactly=True)
        _check_asks(inner, exactly=exactly)
        if name == "tactics":
            told = [_one_of(each, [one.value for one in Tactic]) for each in inner.items()] if inner.value else []
        else:
            told = list(inner.texts()) if inner.value else []
        return {_EXACTLY if exactly else _INCLUDING: told}
    check_wanted(node)
    if name == "severity":
        return _one_of(node, [each.value for each in Severity])
    if name in _TIMES:
        try:
            moment_of(node.text(), _ANY_CLOCK)
        except ValueError as error:
            raise node.wrong(f"{error}.") from error
        return node.text()
    if name in _NUMBERS:
        return node.whole_number()
    return node.text()


def _one_of(node: Node, known: Sequence[str]) -> str:
    told = node.text().replace(" ", "")
    found = next((each for each in known if each.lower() == told.lower()), None)
    if found is None:
        raise node.wrong(f"there is no '{node.text()}'. {suggestion_or_all(told, known)}")
    return found


def _entity(node: Node) -> WantedEntity:
    told = node.mapping()
    if "type" in told:
        kind, fields = node.child("type"), {name: each for name, each in told.items() if name != "type"}
        return _entity_of(node, kind.text(), kind, fields)
    if len(told) != 1:
        raise node.wrong("an entity is one type with what is asked of it, such as 'IP: 203.0.113.9'.")
    ((name, inner),) = node.entries()
    if isinstance(inner.value, dict) and not is_condition(inner.value):
        return _entity_of(node, name, inner, inner.mapping())
    kind = _kind(inner, name)
    check_wanted(inner)
    if inner.value is None:
        return WantedEntity(kind, {}, node.value)
    if kind not in FRIENDLY or is_condition(inner.value):
        return WantedEntity(kind, {"*": inner.value}, node.value)
    return _entity_of(node, kind, inner, {FRIENDLY[kind]: inner.text()})


def _kind(node: Node, name: str) -> str:
    found = next((kind for kind in ENTITY_TYPES if kind.lower() == name.lower()), None)
    if found is None:
        raise node.wrong(f"there is no type of entity '{name}'. {suggestion_or_all(name, ENTITY_TYPES)}")
    return found


def _entity_of(node: Node, name: str, place: Node, fields: Mapping[str, Any]) -> WantedEntity:
    kind = _kind(place, name)
    known = ENTITY_TYPES[kind]
    allowed = [*known.identifiers, *known.further, *known.nested]
    for field_name in fields:
        if field_name.lower() not in {each.lower() for each in allowed}:
            hint = suggestion_or_all(field_name, allowed)
            raise place.wrong(f"an entity of type {kind} has no '{field_name}'. {hint}")
    plain = {key: value for key, value in fields.items() if not isinstance(value, dict | list) and value is not None}
    mapped: Entity | None = entity_of(
        kind, [(key, str(place.with_value(value).text())) for key, value in plain.items()]
    )
    asked = {key: value for key, value in fields.items() if key not in plain}
    return WantedEntity(kind, {**(mapped.fields if mapped else {}), **asked}, node.value)
