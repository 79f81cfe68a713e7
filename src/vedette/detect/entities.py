"""Entity mappings and result rows in; the entities that an alert is about out."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from vedette.core.ids import derived_id
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.results import ResultRow, Results, text_of
from vedette.detect.rule import EntityMapping, ScheduledRule
from vedette.kql.types import ScalarType

MAX_ENTITIES = 500


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of an alert: its kind, such as `Account`, and its fields as SecurityAlert.Entities names them."""

    kind: str
    fields: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The same text for the same entity, letter case apart."""
        return f"{self.kind}:{orjson.dumps(self.fields, option=orjson.OPT_SORT_KEYS).decode()}".lower()


@dataclass(frozen=True, slots=True)
class Mapped:
    """The entities of some results, each once, and how many values could not be mapped."""

    entities: tuple[Entity, ...]
    dropped: int = 0


def map_entities(rule: ScheduledRule, results: Results) -> Mapped:
    """The entities of the results in order of first appearance, at most 500.

    A mapped value that is an array or an object identifies nothing: it is dropped and counted.
    """
    found: dict[str, Entity] = {}
    dropped = 0
    for entity in _candidates(rule, results):
        if entity is None:
            dropped += 1
        elif len(found) < MAX_ENTITIES:
            found.setdefault(entity.key, entity)
        elif entity.key not in found:
            dropped += 1
    return Mapped(tuple(found.values()), dropped)


def entity_of(kind: str, identifiers: Iterable[tuple[str, str]]) -> Entity | None:
    """The entity of these identifiers and values, names in any letter case; None when they say nothing."""
    named = next((name for name in ENTITY_TYPES if name.lower() == kind.lower()), None)
    if named is None:
        return None
    known = {name.lower(): name for name in ENTITY_TYPES[named].identifiers}
    fields: dict[str, Any] = {}
    for identifier, value in identifiers:
        if identifier.lower() in known and value.strip():
            fields.update(_fields(named, known[identifier.lower()], value.strip()))
    return Entity(named, fields) if fields else None


def entities_json(entities: Sequence[Entity]) -> list[dict[str, Any]]:
    """The value of SecurityAlert.Entities, before it is made text; `$id` numbers every object, nested ones too."""
    identities = iter(str(number) for number in range(1, 1 << 31))
    return [_with_identity(_with_type(entity), identities) for entity in entities]


def entity_name(entity: Entity, workspace_resource_id: str) -> str:
    """The GUID that this entity has in this workspace, always the same."""
    return derived_id("entity", workspace_resource_id.lower(), entity.key)


def entity_properties(entity: Entity) -> dict[str, Any]:
    """The properties of the entity as an ARM resource, `friendlyName` included."""
    known = ENTITY_TYPES[entity.kind]
    shown = {
        arm_name: entity.fields[identifier]
        for identifier, arm_name in known.identifiers.items()
        if arm_name is not None and identifier in entity.fields
    }
    friendly = next((str(shown[name]) for name in known.friendly if name in shown), entity.kind)
    return {**shown, "friendlyName": friendly}


def _candidates(rule: ScheduledRule, results: Results) -> Iterator[Entity | None]:
    """Every entity of every row; None for a value that identifies nothing."""
    mappings = [_Places.of(mapping, results) for mapping in rule.entity_mappings]
    arrays = [results.place(mapping.column_name) for mapping in rule.sentinel_entities_mappings]
    for row in results.rows:
        for mapping in mappings:
            yield from mapping.entity(row)
        for place in arrays:
            yield from () if place is None else _given_entities(row[place])


@dataclass(frozen=True, slots=True)
class _Places:
    """A mapping with the places of its columns: identifier, place, type."""

    kind: str
    fields: tuple[tuple[str, int, ScalarType], ...]

    @staticmethod
    def of(mapping: EntityMapping, results: Results) -> "_Places":
        canonical = {name.lower(): name for name in ENTITY_TYPES[mapping.entity_type].identifiers}
        fields: list[tuple[str, int, ScalarType]] = []
        for each in mapping.field_mappings:
            place = results.place(each.column_name)
            if place is not None:
                fields.append((canonical[each.identifier.lower()], place, results.columns[each.column_name]))
        return _Places(mapping.entity_type, tuple(fields))

    def entity(self, row: ResultRow) -> Iterator[Entity | None]:
        fields: dict[str, Any] = {}
        for identifier, place, type in self.fields:
            value = row[place]
            if isinstance(value, dict | list):
                yield None
                continue
            text = text_of(value, type).strip()
            if text:
                fields.update(_fields(self.kind, identifier, text))
        if fields:
            yield Entity(self.kind, fields)


def _fields(kind: str, identifier: str, text: str) -> dict[str, Any]:
    """The fields that one identifier's value stands for."""
    match kind, identifier:
        case "Account", "FullName":
            return _account_fields(text)
        case "Host", "FullName":
            return _host_fields(text)
        case "DNS", "IpAddress":
            return {"IpAddresses": [{"Address": text, "Type": "ip"}]}
        case _, "IsDomainJoined":
            return {identifier: text.lower() == "true"}
        case _:
            return {identifier: text}


def _account_fields(text: str) -> dict[str, Any]:
    """`CONTOSO\\alice` and `alice@contoso.com` taken apart; anything else is a bare name."""
    domain, backslash, name = text.partition("\\")
    if backslash:
        return {"Name": name, "NTDomain": domain} if name and domain else {"Name": name or domain}
    name, at, suffix = text.rpartition("@")
    return {"Name": name, "UPNSuffix": suffix} if at and name and suffix else {"Name": text}


def _host_fields(text: str) -> dict[str, Any]:
    """`web01.contoso.com` and `CONTOSO\\web01` taken apart; an address stays whole."""
    if _is_address(text):
        return {"HostName": text}
    domain, backslash, name = text.partition("\\")
    if backslash:
        return {"HostName": name, "NTDomain": domain} if name and domain else {"HostName": name or domain}
    name, dot, suffix = text.partition(".")
    return {"HostName": name, "DnsDomain": suffix} if dot and name and suffix else {"HostName": text}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _given_entities(value: Any) -> Iterator[Entity | None]:
    """The entities in a column that holds them already, as JSON or as its text."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value) if value else None
        except orjson.JSONDecodeError:
            yield None
            return
    items: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    kinds = {known.type.lower(): kind for kind, known in ENTITY_TYPES.items()}
    for item in items:
        if item is None:
            continue
        fields = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        kind = kinds.get(str(fields.get("Type", "")).lower())
        yield (
            None
            if kind is None
            else Entity(
                kind,
                {name: each for name, each in fields.items() if name not in ("$id", "Type") and each not in (None, "")},
            )
        )


def _with_type(entity: Entity) -> dict[str, Any]:
    return {**entity.fields, "Type": ENTITY_TYPES[entity.kind].type}


def _with_identity(value: dict[str, Any], identities: Iterator[str]) -> dict[str, Any]:
    return {"$id": next(identities)} | {name: _number_nested(each, identities) for name, each in value.items()}


def _number_nested(value: Any, identities: Iterator[str]) -> Any:
    if isinstance(value, list):
        return [_number_nested(item, identities) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    return _with_identity(fields, identities) if "Type" in fields else fields
