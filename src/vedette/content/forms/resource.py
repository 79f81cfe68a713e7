"""A resource as the management API has it, in YAML or JSON: `type`, `name` and the body of its PUT.

The form for every kind that has none in the community, and for whatever those forms have no room for.
"""

from collections.abc import Mapping
from typing import Any, cast

from vedette.content.forms.place import Place
from vedette.content.forms.rule import RULE_KINDS, ordered
from vedette.content.forms.watchlist import with_rows
from vedette.content.item import SERVER_OWNED, Item
from vedette.content.kind_of_type import full_type, kind_of_search, kind_of_type
from vedette.content.kinds import ALERT_RULE, SAVED_SEARCH, WATCHLIST, Kind
from vedette.content.plain_values import mapping_of
from vedette.content.problem import WrongContent
from vedette.content.server_made import own_body
from vedette.content.stable_names import stable_name

FORM = "resource"
NOT_OF_BODY = SERVER_OWNED | {"apiVersion", "scope", "dependsOn", "condition", "copy", "comments", "resources"}
_ORDER = ("type", "name", "kind", "location", "tags", "properties")


def is_resource(value: Mapping[str, Any]) -> bool:
    """Whether a mapping has this form; a rule may go without its type."""
    return isinstance(value.get("properties"), Mapping) and (
        isinstance(value.get("type"), str) or value.get("kind") in RULE_KINDS or "query" in value["properties"]
    )


def read(place: Place, value: Mapping[str, Any]) -> Item:
    """The resource. Raises WrongContent where its type is no content."""
    body = {name: each for name, each in value.items() if name not in NOT_OF_BODY and name.lower() != "etag"}
    kind = kind_of_type(str(value["type"]), body) if "type" in value else _untyped(body)
    if kind is None:
        raise WrongContent(f"a resource of type '{value['type']}' is no content of a workspace", "type")
    if isinstance(value.get("id"), str) and value["id"].startswith("/"):  # an answer of a server
        body = own_body(kind, body)
    parent, name = _names(value, kind)
    if not name:
        properties = cast("Mapping[str, Any]", body.get("properties") or {})
        name = stable_name(kind, str(properties.get(kind.title) or body.get("kind") or ""))
    if kind.type == SAVED_SEARCH.type:  # templates have it there too
        body["properties"] = {name: each for name, each in mapping_of(body["properties"]).items() if name != "eTag"}
    if kind.name == WATCHLIST.name:
        body["properties"] = with_rows(place, mapping_of(body.get("properties")))
    return Item(kind, name, body, parent, place.source(FORM))


def _untyped(body: Mapping[str, Any]) -> Kind:
    """A saved search has a category, and rules have none."""
    properties = mapping_of(body.get("properties"))
    return kind_of_search(properties) if "category" in properties and "kind" not in body else ALERT_RULE


def _names(value: Mapping[str, Any], kind: Kind) -> tuple[str, str]:
    """The parent's name and its own: from the resource id where there is one, else from `name`."""
    id = value.get("id")
    if isinstance(id, str) and id.startswith("/"):
        parts = [part for part in id.split("/") if part]
        return (parts[-3] if kind.parent and len(parts) > 2 else ""), parts[-1] if parts else ""
    parts = [part for part in str(value.get("name") or "").split("/") if part]
    if not kind.parent:
        return "", parts[-1] if parts else ""
    if len(parts) < 2:
        raise WrongContent(f"the name of a {kind.name} is that of its {kind.parent}, a '/' and its own", "name")
    return parts[-2], parts[-1]


def form_of(item: Item) -> dict[str, Any]:
    """The item in this form."""
    name = f"{item.parent}/{item.name}" if item.parent else item.name
    return ordered({"type": full_type(item.kind), "name": name, **item.body}, _ORDER)
