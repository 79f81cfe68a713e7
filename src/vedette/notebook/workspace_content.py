"""Rules, hunting queries, functions, watchlists and the like of a workspace, as items that can be looked through."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, overload

from vedette.content.applying import sent_body
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, KINDS, Kind, kind_named
from vedette.content.management_client import ManagementClient
from vedette.content.remote import Found, found_item, list_items
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput, NotFound
from vedette.kql.diagnostics import suggestion, suggestion_or_all
from vedette.notebook.html import table_html

_COLUMNS: Final = ("Kind", "Title", "Enabled", "Severity", "Tactics", "Name")


class Items(Sequence[Item]):
    """Items that were read; `items["A title"]` is the one with that title or name."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = tuple(items)

    @overload
    def __getitem__(self, index: int | str) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> "Items": ...
    def __getitem__(self, index: int | str | slice) -> "Item | Items":
        if isinstance(index, slice):
            return Items(self._items[index])
        if isinstance(index, int):
            return self._items[index]
        wanted = index.casefold()
        found = next((each for each in self if wanted in (each.title.casefold(), each.name.casefold())), None)
        if found is None:
            hint = suggestion(index, [each.title for each in self]) or ""
            raise NotFound("NoItem", f"There is no '{index}' here. {hint}".rstrip())
        return found

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    def _repr_html_(self) -> str:
        return table_html(_COLUMNS, [_cells(each) for each in self], f"{len(self):,} items")

    def __repr__(self) -> str:
        return "\n".join([*(f"{each.kind.name}: {each.title}" for each in self), f"{len(self):,} items"])


class WorkspaceContent:
    """The content of a workspace."""

    def __init__(self, client: ManagementClient, workspace: Workspace) -> None:
        self._client = client
        self._workspace = workspace

    def list(self, *kinds: str) -> Items:
        """Everything of these kinds, such as `AlertRule` and `Watchlist`; of all kinds without any. Raises InvalidInput
        for another kind, Refused and Unavailable."""
        wanted = [_kind(each) for each in kinds] if kinds else list(KINDS)
        return Items([each.item for each in self._found(wanted)])

    def rules(self) -> Items:
        """The analytics rules. Raises Refused and Unavailable."""
        return self.list(ALERT_RULE.name)

    def put(self, item: Item) -> Item:
        """Make or replace a resource; gives it as the server has it then. Raises Refused and Unavailable."""
        place, version = self._workspace.path_of(item), {"api-version": item.kind.version}
        answer = self._client.ask("PUT", place, version, sent_body(item, self._workspace))
        return found_item(item.kind, answer, item.parent).item

    def delete(self, item: Item) -> None:
        """Delete a resource; one that is not there is no matter. Raises Refused and Unavailable."""
        self._client.send("DELETE", self._workspace.path_of(item), {"api-version": item.kind.version})

    def _found(self, kinds: Sequence[Kind]) -> Sequence[Found]:
        return list_items(self._client, self._workspace, kinds)


def _kind(name: str) -> Kind:
    found = kind_named(name)
    if found is None:
        hint = suggestion_or_all(name, [kind.name for kind in KINDS])
        raise InvalidInput("UnknownKind", f"'{name}' is no kind. {hint}")
    return found


def _cells(item: Item) -> Sequence[Any]:
    properties: Mapping[str, Any] = item.body.get("properties") or {}
    tactics = properties.get("tactics") or ()
    enabled = properties.get("enabled")
    told = "" if enabled is None else "yes" if enabled else "no"
    return (item.kind.name, item.title, told, properties.get("severity", ""), ", ".join(tactics), item.name)
