"""Where a workspace is: its endpoint and its ids, and the paths of what is in it."""

from dataclasses import dataclass
from urllib.parse import quote

from vedette.content.item import Item
from vedette.content.kinds import KINDS, Kind, Scope

_BY_NAME = {kind.name: kind for kind in KINDS}
SENTINEL = "Microsoft.SecurityInsights"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace of Vedette or of Azure. `label` is what people call it in messages; `tenant` may be empty."""

    endpoint: str
    subscription: str
    group: str
    name: str
    tenant: str = ""
    label: str = ""

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.label or self.name

    @property
    def group_id(self) -> str:
        """The ARM id of its resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def id(self) -> str:
        """Its ARM id."""
        return f"{self.group_id}/providers/Microsoft.OperationalInsights/workspaces/{self.name}"

    def collection(self, kind: Kind, parent: str = "") -> str:
        """The path of the list of a kind; of children, below the resource `parent`."""
        if kind.parent:
            return f"{self.path(_BY_NAME[kind.parent], parent)}/{kind.type}"
        match kind.scope:
            case Scope.WORKSPACE:
                return f"{self.id}/{kind.type}"
            case Scope.SENTINEL:
                return f"{self.id}/providers/{SENTINEL}/{kind.type}"
            case Scope.RESOURCE_GROUP:
                return f"{self.group_id}/providers/{kind.type}"
            case Scope.ASSIGNED:
                return f"{self.id}/providers/{kind.type}"

    def path(self, kind: Kind, name: str, parent: str = "") -> str:
        """The path of a resource."""
        return f"{self.collection(kind, parent)}/{quote(name, safe='')}"

    def path_of(self, item: Item) -> str:
        """The path of an item here."""
        return self.path(item.kind, item.name, item.parent)
