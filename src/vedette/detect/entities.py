"""Entity mappings and result rows in; the entities that an alert is about out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from vedette.detect.entity import Entity
from vedette.detect.entity_fields import fields_of
from vedette.detect.entity_identity import is_generic
from vedette.detect.entity_json import read_entities, with_type
from vedette.detect.entity_types import ENTITY_TYPES
from vedette.detect.mapped import MAX_BYTES, MAX_ENTITIES, Drop, Mapped
from vedette.detect.results import ResultRow, Results, text_of
from vedette.detect.rule import EntityMapping, ScheduledRule
from vedette.kql.types import ScalarType

_BESIDE = len('{"$id":"1000",')


def map_entities(rule: ScheduledRule, results: Results) -> Mapped:
    """The entities of the results in order of first appearance, within the limits of an alert.

    Entities that share a strong identifier are one, which is told by all that is known of it.
    """
    columns = [results.place(mapping.column_name) for mapping in rule.sentinel_entities_mappings]
    mappings: list[_Source] = [_Places.of(mapping, results) for mapping in rule.entity_mappings]
    mappings += [_Given(place) for place in columns if place is not None]
    share = MAX_ENTITIES // max(1, len(rule.entity_mappings) + len(columns))
    gathered, drops = _Gathered(), Counter[Drop]()
    takers = [_Taker(entities, gathered, share) for entities in mappings]
    for row in results.rows:
        for taker in takers:
            drops.update(taker.take(row))
    return Mapped(gathered.entities(), dict(drops))


def merged(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Entities that share a strong identifier as one, in order of first appearance, within the limits of an alert."""
    gathered = _Gathered()
    for entity in entities:
        gathered.add(entity, new_ones=len(gathered) < MAX_ENTITIES)
    return gathered.entities()


class _Source(Protocol):
    """Where the entities of a row come from."""

    def values(self, row: ResultRow) -> tuple[Any, ...]:
        """What of a row decides them."""
        ...

    def entities(self, row: ResultRow) -> Iterator[Entity | None]:
        """The entities of a row; None for a value that identifies nothing."""
        ...


class _Taker:
    """Takes the entities of one mapping in, at most its share; rows that repeat themselves are looked at once."""

    def __init__(self, source: "_Source", gathered: "_Gathered", share: int) -> None:
        self._source = source
        self._gathered = gathered
        self._left = share
        self._seen: dict[tuple[Any, ...], list[Drop]] = {}

    def take(self, row: ResultRow) -> list[Drop]:
        """Why those of a row's entities that are not taken are not."""
        values = self._source.values(row)
        if any(isinstance(value, dict | list) for value in values):
            return self._taken(row)
        known = self._seen.get(values)
        if known is None:
            known = self._seen[values] = self._taken(row)
        return known

    def _taken(self, row: ResultRow) -> list[Drop]:
        drops: list[Drop] = []
        for entity in self._source.entities(row):
            outcome = _reason(entity) or self._gathered.add(entity, new_ones=self._left > 0)
            if isinstance(outcome, Drop):
                drops.append(outcome)
            else:
                self._left -= outcome
        return drops


def _reason(entity: Entity | None) -> Drop | None:
    if entity is None:
        return Drop.NoValue
    return Drop.GenericAccount if is_generic(entity.kind, entity.fields) else None


class _Gathered:
    """Entities, each once."""

    def __init__(self) -> None:
        self._by_identity: dict[str, int] = {}
        self._entities: dict[int, Entity] = {}
        self._sizes: dict[int, int] = {}
        self._next = 0
        self._bytes = len("[]")

    def __len__(self) -> int:
        return len(self._entities)

    def entities(self) -> tuple[Entity, ...]:
        return tuple(self._entities[place] for place in sorted(self._entities))

    def add(self, entity: Entity | None, *, new_ones: bool) -> Drop | bool:
        """Take an entity in: whether it is a new one, or why it is not taken."""
        assert entity is not None
        known = sorted({self._by_identity[each] for each in entity.identities if each in self._by_identity})
        if not known and not new_ones:
            return Drop.TooMany
        whole, places = entity, known
        while True:
            for place in reversed(places):
                whole = self._entities[place].with_more(whole)
            more = {self._by_identity[each] for each in whole.identities if each in self._by_identity} - set(known)
            if not more:
                break
            places, known = sorted(more), sorted({*known, *more})
        if len(known) == 1 and whole.fields == self._entities[known[0]].fields:
            self._by_identity |= dict.fromkeys(entity.identities, known[0])
            return False
        size = _size(whole)
        if self._bytes - sum(self._sizes[place] for place in known) + size > MAX_BYTES:
            return Drop.TooLarge
        place = self._put(whole, size, known)
        self._by_identity |= dict.fromkeys((*entity.identities, *whole.identities), place)
        return not known

    def _put(self, entity: Entity, size: int, instead_of: list[int]) -> int:
        for place in instead_of:
            del self._entities[place]
            self._bytes -= self._sizes.pop(place)
        place = instead_of[0] if instead_of else self._next
        self._next += not instead_of
        self._entities[place], self._sizes[place] = entity, size
        self._bytes += size
        for gone, at in list(self._by_identity.items()) if len(instead_of) > 1 else []:
            if at in instead_of:
                self._by_identity[gone] = place
        return place


def _size(entity: Entity) -> int:
    """How many bytes an entity takes in the JSON of an alert, roughly: its number is counted as four digits."""
    return len(orjson.dumps(with_type(entity))) + _BESIDE


@dataclass(frozen=True, slots=True)
class _Given:
    """The place of a column that holds entities already."""

    place: int

    def values(self, row: ResultRow) -> tuple[Any, ...]:
        return (row[self.place],)

    def entities(self, row: ResultRow) -> Iterator[Entity | None]:
        return read_entities(row[self.place])


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

    def values(self, row: ResultRow) -> tuple[Any, ...]:
        return tuple(row[place] for _identifier, place, _type in self.fields)

    def entities(self, row: ResultRow) -> Iterator[Entity | None]:
        """The entity of a row, if it has one; None for each value that identifies nothing."""
        fields: dict[str, Any] = {}
        for identifier, place, type in self.fields:
            value = row[place]
            if isinstance(value, dict | list):
                yield None
                continue
            text = text_of(value, type).strip()
            if text:
                fields.update(fields_of(self.kind, identifier, text))
        if fields:
            yield Entity(self.kind, fields)
