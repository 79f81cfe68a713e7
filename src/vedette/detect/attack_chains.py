"""Chains of alerts that look like one attack: each goes a stage further than the one before it, and shares an entity
with it. What is done here, and what is not, is told in docs/rule-kinds.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

STAGES: Final = (
    "PreAttack",
    "Reconnaissance",
    "ResourceDevelopment",
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "CommandAndControl",
    "Exfiltration",
    "ImpairProcessControl",
    "InhibitResponseFunction",
    "Impact",
)
"""The tactics of MITRE ATT&CK in the order in which an attack comes to them."""

ENOUGH_STAGES: Final = 3
"""So many stages are an attack whoever saw them; two are where different products did."""

_PLACES: Final[Mapping[str, int]] = {name.lower(): place for place, name in enumerate(STAGES)}


@dataclass(frozen=True, slots=True)
class Step:
    """An alert as a step of an attack. `source` is the product, or the way of finding, that saw it; `entities` are
    texts of which two alerts share one when they are about the same thing."""

    id: str
    name: str
    source: str
    start: datetime
    end: datetime
    tactics: tuple[str, ...]
    entities: frozenset[str]

    @property
    def stages(self) -> tuple[int, ...]:
        """The places of its tactics in the order of stages."""
        return tuple(sorted({_PLACES[each.lower()] for each in self.tactics if each.lower() in _PLACES}))


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps in the order of time, and the stage that each stands for, which grow."""

    steps: tuple[Step, ...]
    places: tuple[int, ...]

    @property
    def stages(self) -> tuple[str, ...]:
        """The tactics, in their order."""
        return tuple(STAGES[place] for place in self.places)

    @property
    def is_attack(self) -> bool:
        """Whether it is enough to speak of an attack."""
        if len({step.name for step in self.steps}) < 2:
            return False
        several = len({step.source for step in self.steps}) > 1
        return len(self.steps) >= (2 if several else ENOUGH_STAGES)


def attack_chains(steps: Iterable[Step]) -> list[Chain]:
    """The longest chains, in which no step is twice; of chains of one length those that end first."""
    in_time = sorted(steps, key=lambda step: (step.start, step.id))
    found = sorted(_longest(in_time), key=lambda chain: (-len(chain.steps), chain.steps[-1].start, chain.steps[-1].id))
    chosen: list[Chain] = []
    taken: set[str] = set()
    for chain in found:
        ids = {step.id for step in chain.steps}
        if chain.is_attack and not ids & taken:
            chosen.append(chain)
            taken |= ids
    return chosen


def _longest(steps: Sequence[Step]) -> Iterator[Chain]:
    """For each step and each stage of it the longest chain that ends there."""
    before: dict[str, list[int]] = {}
    best: list[dict[int, Chain]] = []
    for number, step in enumerate(steps):
        earlier = {each for entity in step.entities for each in before.get(entity, ())}
        ending: dict[int, Chain] = {}
        for stage in step.stages:
            longest = max(
                (chain for each in earlier for place, chain in best[each].items() if place < stage),
                key=lambda chain: (len(chain.steps), chain.steps[0].start, chain.steps[0].id),
                default=None,
            )
            known = () if longest is None else longest.steps
            places = () if longest is None else longest.places
            ending[stage] = Chain((*known, step), (*places, stage))
        best.append(ending)
        for entity in step.entities:
            before.setdefault(entity, []).append(number)
        yield from ending.values()
