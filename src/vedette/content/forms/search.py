"""Hunting queries as the Azure-Sentinel repository has them, and other saved searches in the same form.

What the form has of its own, the resource has as tags: description, tactics and techniques.
https://learn.microsoft.com/azure/sentinel/hunting-with-rest-api
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, cast

from vedette.content.forms.place import Place
from vedette.content.forms.rule import MARKS_OF_RULES, ordered
from vedette.content.item import Item
from vedette.content.kind_of_type import HUNTING_CATEGORY, kind_of_search
from vedette.content.plain_values import list_of, mapping_of
from vedette.content.problem import WrongContent
from vedette.content.stable_names import stable_name

FORM = "search"
_TAGS = {"description": "description", "tactics": "tactics", "relevantTechniques": "techniques"}
_OF_FILE = frozenset(
    {"version", "requiredDataConnectors", "metadata", "status", "entityMappings", "customDetails", "author"}
)
_VERSION = 2
"""Of the query language: https://learn.microsoft.com/rest/api/loganalytics/saved-searches"""
_ORDER = ("id", "name", "category", "description", "tactics", "relevantTechniques", "queryVersion", "query")


def is_search(value: Mapping[str, Any]) -> bool:
    """Whether a mapping has this form."""
    kind = value.get("kind")
    is_one = kind is None or (isinstance(kind, str) and "hunt" in kind.lower())
    return is_one and "query" in value and "name" in value and "properties" not in value


def read(place: Place, value: Mapping[str, Any]) -> Item:
    """The saved search. Raises WrongContent."""
    tags = _tags(value)
    properties: dict[str, Any] = {
        "category": str(value.get("category") or HUNTING_CATEGORY),
        "displayName": _text(value, "name"),
        "query": _text(value, "query"),
        "version": value.get("queryVersion", _VERSION),
        **({"tags": tags} if tags else {}),
    }
    known = {"id", "kind", "name", "query", "category", "tags", "queryVersion", *_TAGS, *_OF_FILE}
    others = {name: each for name, each in value.items() if name not in known and each is not None}
    if value.get("kind") is None:
        _check_no_rule(others)
    properties |= others
    kind = kind_of_search(properties)
    name = str(value.get("id") or "").strip() or stable_name(kind, properties["displayName"])
    return Item(kind, name, {"properties": properties}, source=place.source(FORM))


def _check_no_rule(others: Mapping[str, Any]) -> None:
    """A rule whose `kind` is missing is one by its schedule; where that is misspelt it must not become a search."""
    rules = {each.lower(): each for each in MARKS_OF_RULES}
    for name in others:
        near = get_close_matches(name.lower(), rules, n=1, cutoff=0.85)
        if near:
            told = f"'{name}' is nothing that a saved search has; a rule has '{rules[near[0]]}', and a kind"
            raise WrongContent(told, name)


def _text(value: Mapping[str, Any], name: str) -> str:
    told = value.get(name)
    if not isinstance(told, str) or not told.strip():
        raise WrongContent(f"'{name}' must be a text that is not empty", name)
    return told


def _tags(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    tags = [
        {"name": tag, "value": _joined(value[name], name)}
        for name, tag in _TAGS.items()
        if value.get(name) is not None and value[name] != []
    ]
    return tags + [each for each in list_of(value.get("tags")) if "name" in mapping_of(each)]


def _joined(value: Any, name: str) -> str:
    if name == "description":
        return str(value)
    texts = cast("list[Any]", value) if isinstance(value, list) else str(value).split(",")
    blank = "" if name == "tactics" else " "
    return ",".join(str(each).strip().replace(" ", blank) for each in texts)


def form_of(item: Item) -> dict[str, Any] | None:
    """The saved search in this form, or None where the form has no room for it."""
    properties = item.body.get("properties")
    if set(item.body) != {"properties"} or not isinstance(properties, Mapping):
        return None
    told = dict(cast("Mapping[str, Any]", properties))
    version = told.pop("version", None)
    if {"name", "id", "kind", "queryVersion"} & set(told):
        return None
    if version != _VERSION:
        told["queryVersion"] = version
    told |= {"id": item.name, "name": told.pop("displayName", None)}
    if told.get("category") == HUNTING_CATEGORY:
        del told["category"]
    _lift(told)
    return ordered(told, _ORDER)


def _lift(told: dict[str, Any]) -> None:
    """Move the first tags into entries of the form, as long as they are in its order and read back the same."""
    tags = told.get("tags")
    if not isinstance(tags, list):
        return
    rest = list_of(tags)[:]
    for name, tag in _TAGS.items():
        first: Mapping[str, Any] = mapping_of(rest[0]) if rest else {}
        if set(first) == {"name", "value"} and first["name"] == tag:
            text = first["value"]
            if not isinstance(text, str) or not text:
                break
            told[name] = text if name == "description" else text.split(",")
            rest.pop(0)
    told.pop("tags")
    if rest:
        told["tags"] = rest
