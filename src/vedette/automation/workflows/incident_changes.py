"""What the Sentinel connector changes of an incident: the body of its action laid over the incident's properties.

https://learn.microsoft.com/connectors/azuresentinel/#update-incident
"""

from collections.abc import Callable
from typing import Any, cast

from vedette.automation.workflows.definition import part
from vedette.expressions.values import Json, property_of, text_of

Field = Callable[..., Any]
"""The first of some properties of the body that is there."""


def with_changes(field: Field, properties: Json) -> Json:
    """The incident's properties after the changes that an action's body names; `field` looks into it."""
    changed = dict(properties)
    for name in ("severity", "status", "title", "description"):
        value = field(name)
        if value not in (None, ""):
            changed[name] = value
    _classify(field, changed)
    owner = field("ownerObjectIdOrUPN", "owner")
    action = text_of(field("ownerAction") or "").lower()
    if action == "unassign":
        changed["owner"] = {}
    elif owner not in (None, "", {}):
        changed["owner"] = owner if isinstance(owner, dict) else owner_of(text_of(owner))
    added = tag_names(field("tagsToAdd"), "TagsToAdd")
    removed = {each.lower() for each in tag_names(field("tagsToRemove"), "TagsToRemove")}
    changed["labels"] = with_labels(properties.get("labels") or [], added, removed)
    return changed


def _classify(field: Field, changed: Json) -> None:
    given = field("classification")
    if given in (None, "", {}):
        return
    both = text_of(part(given).get("ClassificationAndReason")) if isinstance(given, dict) else text_of(given)
    classification, _, reason = (each.strip() for each in both.partition("-"))
    changed["classification"] = classification
    changed.pop("classificationReason", None)
    if reason:
        changed["classificationReason"] = reason
    told = part(given).get("ClassificationReasonText") or field("closeReasonText", "classificationComment")
    if told:
        changed["classificationComment"] = text_of(told)


def owner_of(text: str) -> Json:
    """An owner by a user principal name or an object id."""
    return {"userPrincipalName": text} if "@" in text else {"objectId": text}


def tag_names(given: Any, name: str) -> list[str]:
    """The names in a list of tags, which may be a property of an object."""
    items = property_of(cast("Json", given), name)[1] if isinstance(given, dict) else given
    if not isinstance(items, list):
        return []
    return [
        text_of(next(iter(part(each).values()), "") if isinstance(each, dict) else each)
        for each in cast("list[Any]", items)
    ]


def with_labels(known: list[Json], added: list[str], removed: set[str]) -> list[Json]:
    """The labels without those that are removed, names in lower case, and with those that are added."""
    kept = [each for each in known if each["labelName"].lower() not in removed]
    names = {each["labelName"].lower() for each in kept}
    fresh = [each for each in dict.fromkeys(added) if each and each.lower() not in names]
    return kept + [{"labelName": each, "labelType": "User"} for each in fresh]
