"""What is in a workspace: every resource of the kinds asked for, each as an item with the etag of its state."""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from vedette.content.bodies import properties_of, property_of
from vedette.content.item import Item
from vedette.content.kind_of_type import kind_of_search
from vedette.content.kinds import (
    ALERT_RULE,
    ALERT_RULE_ACTION,
    HUNTING_QUERY,
    KINDS,
    PARSER,
    ROLE_ASSIGNMENT,
    SAVED_SEARCH,
    WATCHLIST,
    WATCHLIST_ITEM,
    WORKBOOK,
    Kind,
)
from vedette.content.managed import is_record
from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.content.server_made import own_body
from vedette.content.server_owned import without_server_made
from vedette.content.workspace import Workspace

AT_ONCE = 8
_WITH_ACTIONS = frozenset({"scheduled", "nrt"})
_SEARCHES = frozenset({PARSER.name, HUNTING_QUERY.name, SAVED_SEARCH.name})

Wanted = Callable[[Item], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """A resource of a workspace: the item that it is, and the etag that its server knows this state of it by."""

    item: Item
    etag: str = ""
    resource: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)


def everything(_item: Item) -> bool:
    """All resources are wanted."""
    return True


def list_items(
    client: ManagementClient,
    workspace: Workspace,
    kinds: Collection[Kind] = KINDS,
    with_children_of: Wanted = everything,
    at_once: int = AT_ONCE,
) -> list[Found]:
    """Every resource of those kinds, in an order that is always the same. Children only of the wanted parents.

    Raises Refused and Unavailable: a list is whole, or there is none.
    """
    wanted = {kind.name for kind in kinds}
    parents = [kind for kind in KINDS if not kind.parent and kind.name not in _SEARCHES and _needed(kind, wanted)]
    with ThreadPoolExecutor(at_once, thread_name_prefix="list") as workers:
        lists = [workers.submit(_of_kind, client, workspace, kind) for kind in parents]
        searches = workers.submit(_saved_searches, client, workspace) if wanted & _SEARCHES else None
        found = [each for future in lists for each in future.result()]
        found += searches.result() if searches else []
        children = [
            workers.submit(_children, client, workspace, kind, each.item)
            for kind in (WATCHLIST_ITEM, ALERT_RULE_ACTION)
            if kind.name in wanted
            for each in found
            if each.item.kind.name == kind.parent and _may_have(each.item) and with_children_of(each.item)
        ]
        found += [each for future in children for each in future.result()]
    return sorted((each for each in found if each.item.kind.name in wanted), key=lambda each: _order(each.item))


def read_item(client: ManagementClient, workspace: Workspace, item: Item) -> Found | None:
    """What is under the item's name in the workspace now; None where there is nothing."""
    try:
        resource = client.ask("GET", workspace.path_of(item), _query(item.kind, workspace))
    except Refused as refusal:
        if refusal.status == 404:
            return None
        raise
    return found_item(item.kind, resource, item.parent)


def found_item(kind: Kind, resource: Mapping[str, Any], parent: str = "") -> Found:
    """A resource as the management API gives it."""
    if kind.name in _SEARCHES:
        kind = search_kind(resource)
    name = str(resource.get("name") or str(resource.get("id", "")).rpartition("/")[2])
    etag = resource.get("etag")
    body = without_server_made(kind, own_body(kind, resource))
    own = Item(kind, _last(name), body, parent)
    return Found(own, etag if isinstance(etag, str) else "", resource)


def search_kind(resource: Mapping[str, Any]) -> Kind:
    """What a saved search is: a function, a hunting query, or neither."""
    return kind_of_search({name[:1].lower() + name[1:]: each for name, each in properties_of(resource).items()})


def _needed(kind: Kind, wanted: Iterable[str]) -> bool:
    return kind.name in wanted or any(each.name in wanted and each.parent == kind.name for each in KINDS)


def _of_kind(client: ManagementClient, workspace: Workspace, kind: Kind) -> list[Found]:
    query = _query(kind, workspace)
    if kind is WORKBOOK:
        query |= {"category": "sentinel", "sourceId": workspace.id}
    if kind is ROLE_ASSIGNMENT:
        query |= {"$filter": "atScope()"}
    found = client.all(workspace.collection(kind), query)
    if kind is ROLE_ASSIGNMENT:
        found = [each for each in found if _scope(each).lower() == workspace.id.lower()]
    return [found_item(kind, each) for each in found]


def _query(kind: Kind, _workspace: Workspace) -> dict[str, str]:
    query = {"api-version": kind.version}
    return query | {"canFetchContent": "true"} if kind is WORKBOOK else query


def _scope(resource: Mapping[str, Any]) -> str:
    return str(property_of(resource, "scope") or "")


def _saved_searches(client: ManagementClient, workspace: Workspace) -> list[Found]:
    found = client.all(workspace.collection(SAVED_SEARCH), {"api-version": SAVED_SEARCH.version})
    return [found_item(SAVED_SEARCH, each) for each in found if not is_record(each)]


def _children(client: ManagementClient, workspace: Workspace, kind: Kind, parent: Item) -> list[Found]:
    path = workspace.collection(kind, parent.name)
    found = client.all(path, {"api-version": kind.version})
    return [found_item(kind, each, parent.name) for each in found]


def _may_have(parent: Item) -> bool:
    """Rules of other kinds have no actions, and asking for them is an error in places."""
    if parent.kind is ALERT_RULE:
        return str(parent.body.get("kind", "")).lower() in _WITH_ACTIONS
    return parent.kind is WATCHLIST


def _last(name: str) -> str:
    """Some providers name a resource with what it stands below: `workspace/name`."""
    return name.rpartition("/")[2]


def _order(item: Item) -> tuple[int, str, str, str]:
    return item.kind.order, item.kind.name, item.parent.lower(), item.name.lower()
