"""The workspaces of this server, found by their GUID or by their ARM id."""

from collections.abc import Iterable
from dataclasses import dataclass

from vedette.access.estate import Estate


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Log Analytics workspace: `id` is its customerId GUID; the keys are base64 text."""

    id: str
    name: str
    resource_id: str
    primary_key: str
    secondary_key: str


class Workspaces:
    """A lookup over the workspaces; ids match in any casing."""

    def __init__(self, workspaces: Iterable[Workspace]) -> None:
        self._all = tuple(workspaces)
        self._by_id = {workspace.id.lower(): workspace for workspace in self._all}
        self._by_resource_id = {workspace.resource_id.lower(): workspace for workspace in self._all}

    def by_id(self, id: str) -> Workspace | None:
        """The workspace with this customerId GUID."""
        return self._by_id.get(id.lower())

    def by_resource_id(self, resource_id: str) -> Workspace | None:
        """The workspace with this ARM id."""
        return self._by_resource_id.get(resource_id.rstrip("/").lower())

    def id_of(self, resource_id: str) -> str | None:
        """The customerId GUID of the workspace with this ARM id."""
        workspace = self.by_resource_id(resource_id)
        return None if workspace is None else workspace.id

    def all(self) -> tuple[Workspace, ...]:
        """Every workspace."""
        return self._all


def workspaces_of(estate: Estate) -> Workspaces:
    """The workspaces that the estate names."""
    return Workspaces(
        [
            Workspace(
                id=estate.workspace_id,
                name=estate.workspace_name,
                resource_id=estate.workspace_resource_id,
                primary_key=estate.primary_shared_key,
                secondary_key=estate.secondary_shared_key,
            )
        ]
    )
