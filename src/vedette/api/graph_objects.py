"""Directory objects as Microsoft Graph writes them, one or a page of them."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from vedette.access.directory_objects import DirectoryObject, Kind
from vedette.access.directory_schema import DEFAULT_OF_USERS, readable

_CONTEXT = "https://graph.microsoft.com/{version}/$metadata#{what}"


def shown(object: DirectoryObject, select: tuple[str, ...] | None, *, typed: bool = False) -> dict[str, Any]:
    """An object's properties: all of them, of a user the usual ones, or those selected."""
    known = readable(object.kind)
    names = select or (DEFAULT_OF_USERS if object.kind is Kind.USER else known)
    told: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{object.kind.singular}"} if typed else {}
    told["id"] = object.id
    for asked in names:
        name = known.get(asked.lower())
        if name is not None and name != "id":
            told[name] = object.shown.get(name)
    return told


def one(object: DirectoryObject, version: str, select: tuple[str, ...] | None) -> dict[str, Any]:
    """The body of an answer with one object."""
    what = f"{object.kind.value}/$entity"
    return {"@odata.context": _CONTEXT.format(version=version, what=what), **shown(object, select)}


def page(
    values: Iterable[Mapping[str, Any]], version: str, what: str, *, count: int | None = None, following: str = ""
) -> dict[str, Any]:
    """The body of an answer with a page of things; `following` is the address of the next one."""
    told: dict[str, Any] = {"@odata.context": _CONTEXT.format(version=version, what=what)}
    if count is not None:
        told["@odata.count"] = count
    if following:
        told["@odata.nextLink"] = following
    return told | {"value": list(values)}


def next_link(address: str, query: Mapping[str, str], offset: int) -> str:
    """The address of the page that begins at `offset`."""
    return f"{address}?{urlencode({**query, '$skiptoken': str(offset)})}"
