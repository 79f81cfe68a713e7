"""STIX objects of one source into a workspace: what is wrong is told, what is older than what is there changes nothing.

An object is one by its source and id. Of its versions the one with the newest `modified` counts, whatever the order
they come in, and one that was revoked stays so:
https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_xzbicbtscatx
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, cast

from vedette.core.clock import Clock
from vedette.intelligence.indicator_documents import Origin, Place, Sent, name_of, put_indicators
from vedette.intelligence.object_documents import object_id, put_objects
from vedette.intelligence.stix_objects import INDICATOR, TYPES, errors_of, properties_of, version_of
from vedette.state.store import StateStore, Transaction

MOST_ERRORS: Final = 100
"""Objects of many pieces of which it is kept what was wrong with them."""

_AT_A_TIME: Final = 500  # objects of one commit, which others wait for


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of objects: how many are new, changed, as they were, and refused; by their places what was wrong, of
    many objects only of the first ones."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])

    @property
    def accepted(self) -> int:
        """How many were right."""
        return self.created + self.updated + self.unchanged

    def followed_by(self, later: "Imported") -> "Imported":
        """What became of both, the later objects in their places behind these."""
        start, room = self.accepted + self.refused, MOST_ERRORS - len(self.errors)
        errors = {start + at: found for at, found in islice(later.errors.items(), max(room, 0))}
        return Imported(
            self.created + later.created,
            self.updated + later.updated,
            self.unchanged + later.unchanged,
            self.refused + later.refused,
            {**self.errors, **errors},
        )


@dataclass(frozen=True, slots=True)
class Feed:
    """Where objects come from: the name of the source, which rows have as SourceSystem, and how they came."""

    source: str
    origin: Origin
    types: Sequence[str] = TYPES


def import_objects(
    state: StateStore, clock: Clock, place: Place, feed: Feed, objects: Sequence[Any], *, soon: bool = True
) -> Imported:
    """Store the objects that are right, all of a commit of some hundred or none. Doing it again changes nothing."""
    errors = {at: found for at, each in enumerate(objects) if (found := errors_of(each, feed.types))}
    newest = _newest(place, feed, [(at, each) for at, each in enumerate(objects) if at not in errors])
    created = updated = 0
    for start in range(0, len(newest), _AT_A_TIME):
        with state.transaction() as transaction:
            part = newest[start : start + _AT_A_TIME]
            fresh, late = _compared(transaction, place, part)
            errors |= late
            now = clock.now()
            indicators = [
                Sent(name, properties_of(stix, feed.source), stix) for name, _, stix in fresh if _is_indicator(stix)
            ]
            others = [(name, stix) for name, _, stix in fresh if not _is_indicator(stix)]
            made = put_indicators(transaction, place, indicators, feed.origin, now, soon=soon)
            made += put_objects(transaction, place, others, feed.source, feed.origin, now, soon=soon)
        created += made
        updated += len(fresh) - made
    unchanged = len(objects) - len(errors) - created - updated
    return Imported(created, updated, unchanged, len(errors), dict(sorted(errors.items())))


def import_many(state: StateStore, clock: Clock, place: Place, feed: Feed, objects: Iterable[Any]) -> Imported:
    """As `import_objects`, some hundred at a time, so that no more of them need to be in memory."""
    total, remaining = Imported(), iter(objects)
    while piece := list(islice(remaining, _AT_A_TIME)):
        total = total.followed_by(import_objects(state, clock, place, feed, piece, soon=False))
    return total


def check_many(feed: Feed, objects: Iterable[Any]) -> Imported:
    """What would be refused of objects, of which none is stored."""
    total, remaining = Imported(), iter(objects)
    while piece := list(islice(remaining, _AT_A_TIME)):
        errors = {at: found for at, each in enumerate(piece) if (found := errors_of(each, feed.types))}
        checked = Imported(unchanged=len(piece) - len(errors), refused=len(errors), errors=errors)
        total = total.followed_by(checked)
    return total


_Named = tuple[str, int, Mapping[str, Any]]


def _newest(place: Place, feed: Feed, valid: Sequence[tuple[int, Mapping[str, Any]]]) -> list[_Named]:
    """The objects with their names, of several versions of one the newest, or of the same the last."""
    found: dict[str, _Named] = {}
    for at, stix in valid:
        name = name_of(place.id, feed.source, str(stix["id"]))
        known = found.get(name)
        if known is None or version_of(stix) >= version_of(known[2]):
            found[name] = (name, at, stix)
    return list(found.values())


def _compared(
    transaction: Transaction, place: Place, named: Sequence[_Named]
) -> tuple[list[_Named], dict[int, Sequence[str]]]:
    """What is newer than what is kept, and what cannot be taken any more."""
    fresh: list[_Named] = []
    late: dict[int, Sequence[str]] = {}
    for name, at, stix in named:
        is_indicator = _is_indicator(stix)
        existing = transaction.get(place.indicator_id(name) if is_indicator else object_id(place, name))
        if existing is None:
            fresh.append((name, at, stix))
            continue
        kept = cast("Mapping[str, Any] | None", existing.body.get("stix"))
        if kept == stix:
            continue
        properties: Mapping[str, Any] = existing.body["properties"] if is_indicator else kept or {}
        if properties.get("modified") and version_of(stix) < version_of(properties):
            continue
        if properties.get("revoked") and not stix.get("revoked"):
            late[at] = ["Error for Property=revoked: The object was revoked, which is permanent. Actual value: False."]
            continue
        fresh.append((name, at, stix))
    return fresh, late


def _is_indicator(stix: Mapping[str, Any]) -> bool:
    return stix["type"] == INDICATOR
