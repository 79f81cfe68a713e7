"""Watchlists as people keep them: what describes one in YAML or JSON, its rows in a CSV file beside.

The rows are in the file of the same name that ends in `.csv`, else in the only `.csv` of the folder.
"""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from vedette.content.document import open_document
from vedette.content.forms.place import Place
from vedette.content.forms.rule import ordered
from vedette.content.item import Item
from vedette.content.kinds import WATCHLIST
from vedette.content.plain_values import mapping_of
from vedette.content.problem import Unreadable, WrongContent

FORM = "watchlist"
_ORDER = (
    *("watchlistAlias", "displayName", "description", "provider", "source", "itemsSearchKey", "labels"),
    *("defaultDuration", "contentType", "numberOfLinesToSkip"),
)


def is_watchlist(value: Mapping[str, Any]) -> bool:
    """Whether a mapping has this form."""
    return isinstance(value.get("watchlistAlias"), str) and "properties" not in value


def read(place: Place, value: Mapping[str, Any]) -> Item:
    """The watchlist, with its rows. Raises WrongContent."""
    alias = str(value["watchlistAlias"]).strip()
    if not alias:
        raise WrongContent("'watchlistAlias' is empty", "watchlistAlias")
    properties = {
        name: each for name, each in value.items() if name not in ("watchlistAlias", "id") and each is not None
    }
    properties = {"displayName": alias, "provider": "Microsoft"} | properties
    properties = with_rows(place, properties)
    if not properties.get("itemsSearchKey"):
        raise WrongContent("a watchlist needs an 'itemsSearchKey', the column that it is searched by")
    return Item(WATCHLIST, alias, {"properties": properties}, source=place.source(FORM))


def with_rows(place: Place, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a watchlist with the rows of the file beside, where they have none themselves."""
    told = dict(properties)
    rows = None if "rawContent" in told or not place.document.is_file else _beside(place.document.path)
    if rows is None:
        return told
    try:
        told["rawContent"] = open_document(rows).text
    except Unreadable as error:
        raise WrongContent(f"its rows in {rows} cannot be read: {error.problem.message}") from error
    return {"source": rows.name, "contentType": "text/csv", "numberOfLinesToSkip": 0} | told


def _beside(path: Path) -> Path | None:
    same = path.with_suffix(".csv")
    if same.is_file():
        return same
    found = sorted(path.parent.glob("*.csv"))
    others = [each for each in path.parent.iterdir() if each.suffix.lower() in (".yaml", ".yml", ".json")]
    return found[0] if len(found) == 1 and len(others) == 1 else None


def csv_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as the CSV file beside a watchlist: columns in the order in which they first occur."""
    held = list(rows)
    columns = list(dict.fromkeys(name for row in held for name in row))
    out = StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(held)
    return out.getvalue()


def form_of(item: Item) -> dict[str, Any] | None:
    """The watchlist in this form, or None where the form has no room for it."""
    properties = mapping_of(item.body.get("properties"))
    if set(item.body) != {"properties"} or {"watchlistAlias", "id"} & set(properties):
        return None
    rows = {"rawContent": properties["rawContent"]} if "rawContent" in properties else {}
    told = {name: each for name, each in properties.items() if name not in rows}
    return ordered({"watchlistAlias": item.name, **told}, _ORDER) | rows
