"""An entity that an alert is about: what it is, and how it is shown in ARM."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vedette.detect.entity_fields import fields_of
from vedette.detect.entity_identity import identities
from vedette.detect.entity_types import ENTITY_TYPES


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of an alert: its kind, such as `Account`, and its fields as SecurityAlert.Entities names them."""

    kind: str
    fields: Mapping[str, Any]

    @property
    def identities(self) -> tuple[str, ...]:
        """Texts of which two entities share one when they are the same."""
        return identities(self.kind, self.fields)

    @property
    def key(self) -> str:
        """The same text for entities with the same identifiers, letter case and what else is known of them apart."""
        return "|".join(self.identities)

    def with_more(self, other: "Entity") -> "Entity":
        """This entity, with what the other one says beside it."""
        return Entity(self.kind, {**other.fields, **self.fields})


def entity_of(kind: str, identifiers: Iterable[tuple[str, str]]) -> Entity | None:
    """The entity of these identifiers and values, names in any letter case; None when they say nothing."""
    named = next((name for name in ENTITY_TYPES if name.lower() == kind.lower()), None)
    if named is None:
        return None
    known = {name.lower(): name for name in ENTITY_TYPES[named].identifiers}
    fields: dict[str, Any] = {}
    for identifier, value in identifiers:
        if identifier.lower() in known and value.strip():
            fields.update(fields_of(named, known[identifier.lower()], value.strip()))
    return Entity(named, fields) if fields else None


def entity_properties(entity: Entity) -> dict[str, Any]:
    """The properties of the entity as an ARM resource, `friendlyName` included; other entities in it left out."""
    known = ENTITY_TYPES[entity.kind]
    shown = {arm_name: entity.fields[name] for name, arm_name in known.shown.items() if name in entity.fields}
    friendly = next((str(shown[name]) for name in known.friendly if name in shown), entity.kind)
    return {**shown, "friendlyName": friendly}
