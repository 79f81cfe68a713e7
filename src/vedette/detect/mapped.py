"""What was mapped to entities, what could not be, and the limits of an alert's entities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from vedette.detect.entity import Entity

MAX_ENTITIES = 500
"""Of an alert, shared out equally among the mappings of its rule."""
MAX_BYTES = 64 * 1024
"""https://learn.microsoft.com/azure/sentinel/map-data-fields-to-entities"""


class Drop(Enum):
    """Why something that was mapped is no entity of the alert."""

    NoValue = "arrays or objects where an identifier is expected, or entities of no known type"
    GenericAccount = "accounts that are known by a name only which every system has"
    TooMany = f"more than a mapping's share of the {MAX_ENTITIES} entities of an alert"
    TooLarge = f"more than the {MAX_BYTES // 1024} KB that the entities of an alert take"


@dataclass(frozen=True, slots=True)
class Mapped:
    """The entities of some results, each once, and how many could not be mapped, by the reason."""

    entities: tuple[Entity, ...]
    drops: Mapping[Drop, int] = field(default_factory=dict[Drop, int])

    @property
    def dropped(self) -> int:
        """How many could not be mapped."""
        return sum(self.drops.values())
