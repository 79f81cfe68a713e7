"""Writes content as text: one canonical text for each item, from which the same item is read."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from vedette.content.forms import azsentinel, function, resource, rule, search, template, watchlist
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, ALERT_RULE_ACTION, HUNTING_QUERY, PARSER, SAVED_SEARCH, WATCHLIST, Kind
from vedette.content.reading import read_text
from vedette.content.server_made import own_body
from vedette.content.yaml_text import yaml_text
from vedette.core.errors import InvalidInput

FORMATS = ("yaml", "json", "arm", "azsentinel")
"""What `write` knows: YAML of the community, resources in JSON, ARM templates, AZSentinel's settings."""

_FORMS = {
    ALERT_RULE.name: rule.form_of,
    HUNTING_QUERY.name: search.form_of,
    SAVED_SEARCH.name: search.form_of,
    PARSER.name: function.form_of,
    WATCHLIST.name: watchlist.form_of,
}


def write(item: Item, format: str = "yaml") -> str:
    """The canonical text of an item. What is read from it is equal to the item."""
    if format == "json":
        return json_text(resource.form_of(item))
    if format != "yaml":
        return write_all((item,), format)
    return yaml_text(yaml_form(item))


def yaml_form(item: Item) -> Mapping[str, Any]:
    """The item in its community's form where nothing of it is lost, else as a resource."""
    make = _FORMS.get(item.kind.name)
    form = make(item) if make else None
    if form is not None:
        found = read_text(Path("item.yaml"), yaml_text(form))
        if found.items == (item,):
            return form
    return resource.form_of(item)


def write_all(items: Iterable[Item], format: str = "yaml") -> str:
    """The canonical text of several items in one file."""
    if format == "json":
        return json_text([resource.form_of(item) for item in items])
    if format == "arm":
        return _arm(list(items))
    if format == "azsentinel":
        return _azsentinel(list(items))
    return "---\n".join(write(item, format) for item in items)


def _arm(items: list[Item]) -> str:
    text = json_text(template.template_of(items))
    read = {each.key: each for each in read_text(Path("template.json"), text).items}
    for item in items:
        if read.get(item.key) != replace(item, body=own_body(item.kind, item.body)):
            raise InvalidInput("NoSuchForm", f"A template would lose something of the {item.kind.name} '{item.title}'.")
    return text


def _azsentinel(items: list[Item]) -> str:
    text = json_text(azsentinel.settings_of(items))
    read = {each.key: each for each in read_text(Path("settings.json"), text).items}
    for item in items:
        if item.kind.name != ALERT_RULE_ACTION.name and read.get(item.key) != item:
            lost = f"AZSentinel's settings would lose something of the {item.kind.name} '{item.title}'"
            raise InvalidInput("NoSuchForm", f"{lost}; use another format.")
    return text


def json_text(value: Any) -> str:
    """JSON with two spaces, in the order of the value."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def from_resource(kind: Kind, resource: Mapping[str, Any]) -> Item:
    """A resource, as its workspace answers, as an item: without what the server made."""
    parts = [part for part in str(resource.get("id") or resource.get("name") or "").split("/") if part]
    parent = parts[-3] if kind.parent and len(parts) > 2 else ""
    return Item(kind, parts[-1] if parts else "", own_body(kind, resource), parent)


def to_body(item: Item) -> dict[str, Any]:
    """What a PUT of the item sends."""
    return dict(item.body)
