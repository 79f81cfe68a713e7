"""What a restore leaves as it is: what another workspace uses, and what a backup has only without its secrets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from vedette.content.backup_files import Origin
from vedette.content.bodies import as_mapping, properties_of
from vedette.content.item import Item
from vedette.content.kinds import CONNECTION, DATA_CONNECTOR, PLAYBOOK
from vedette.content.planning import Action, Change, Plan
from vedette.core.redaction import REDACTED, SECURE_TYPES

_OF_GROUP = (PLAYBOOK, CONNECTION)
_SIGNED_IN = frozenset({"threatintelligencetaxii", "apipolling", "restapipoller", "websocket", "push"})
"""Kinds of connectors that have credentials, which no answer shows."""


@dataclass(frozen=True, slots=True)
class Restore:
    """What is restored; `left` says of what is not why, and `lacking` what has to be given its secrets by hand."""

    plan: Plan
    left: tuple[str, ...]
    lacking: tuple[str, ...]


def restored(plan: Plan, origin: Origin, target: Origin) -> Restore:
    """The plan without what would harm what is there: what is missing is made, such a thing is never overwritten."""
    shared = _group(origin) == _group(target) and origin.name.casefold() != target.name.casefold()
    changes: list[Change] = []
    left: list[str] = []
    lacking: list[str] = []
    for each in plan.changes:
        item = each.item
        why = ""
        if each.action is Action.UPDATE and each.body_differs:
            if shared and item.kind in _OF_GROUP:
                why = f"it is the resource group's, and '{origin.name}' uses it"
            elif lacks_secrets(item):
                why = "the backup has it without its secrets"
        elif each.action is Action.CREATE and lacks_secrets(item):
            lacking.append(f"{item.kind.name} '{item.title}'")
        if why:
            left.append(f"{item.kind.name} '{item.title}' differs and is left as it is: {why}")
        changes.append(replace(each, action=Action.NONE, differences=()) if why else each)
    return Restore(replace(plan, changes=tuple(changes)), tuple(left), tuple(lacking))


def lacks_secrets(item: Item) -> bool:
    """Whether a backup has something only without what is secret of it."""
    properties = properties_of(item.body)
    if item.kind is CONNECTION:
        return True
    if item.kind is DATA_CONNECTOR:
        return str(item.body.get("kind", "")).lower() in _SIGNED_IN
    if item.kind is not PLAYBOOK:
        return False
    given = as_mapping(properties.get("parameters"))
    declared = as_mapping(as_mapping(properties.get("definition")).get("parameters"))
    return any(_is_missing(as_mapping(each), given.get(name)) for name, each in declared.items()) or any(
        places_of_secrets(properties)
    )


def places_of_secrets(value: Any, place: str = "") -> Iterator[str]:
    """Where secrets were taken out of a body."""
    if isinstance(value, str):
        if REDACTED in value:
            yield place
    elif isinstance(value, Mapping):
        for name, each in cast("Mapping[str, Any]", value).items():
            yield from places_of_secrets(each, f"{place}.{name}" if place else name)
    elif isinstance(value, Sequence):
        for number, each in enumerate(cast("Sequence[Any]", value)):
            yield from places_of_secrets(each, f"{place}[{number}]")


def _is_missing(declared: Mapping[str, Any], given: Any) -> bool:
    secure = str(declared.get("type", "")).lower() in SECURE_TYPES
    known = as_mapping(given)
    return secure and "defaultValue" not in declared and not {"value", "reference"} & known.keys()


def _group(origin: Origin) -> tuple[str, str]:
    return origin.subscription.casefold(), origin.group.casefold()
