"""The workspaces of this server, found by their GUID or by their ARM id, and their shared keys.

A workspace is a document of the state store. Its keys are another one, of a type that no API serves, so that nothing
which shows or lists documents can show them.
"""

import base64
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vedette.access.estate import Estate
from vedette.core.clock import Clock
from vedette.core.instants import arm_time
from vedette.state.store import StateStore, Transaction

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"
SEND_TO_WORKSPACE = "Microsoft.OperationalInsights/workspaces/sharedKeys/action"
"""What one needs in a workspace to have something else send rows there: it is as good as knowing its key."""
LOCATION = "local"
"""The one region of this server."""
SENTINEL_DAYS = 90
"""How long a workspace with Sentinel keeps rows unless it says more: https://learn.microsoft.com/azure/sentinel/billing"""

_KEYS = "Vedette.Secrets/sharedKeys"
_FIRST_FACT = "first_workspace"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A Log Analytics workspace: `id` is its customerId GUID; the keys are base64 text."""

    id: str
    name: str
    resource_id: str
    primary_key: str = field(repr=False)
    secondary_key: str = field(repr=False)


class Workspaces:
    """A lookup over the workspaces; ids match in any casing."""

    def __init__(self, workspaces: Iterable[Workspace]) -> None:
        self._index = _Index.of(workspaces)

    def by_id(self, id: str) -> Workspace | None:
        """The workspace with this customerId GUID."""
        return self._now().by_id.get(id.lower())

    def by_resource_id(self, resource_id: str) -> Workspace | None:
        """The workspace with this ARM id."""
        return self._now().by_resource_id.get(resource_id.rstrip("/").lower())

    def id_of(self, resource_id: str) -> str | None:
        """The customerId GUID of the workspace with this ARM id."""
        workspace = self.by_resource_id(resource_id)
        return None if workspace is None else workspace.id

    def all(self) -> tuple[Workspace, ...]:
        """Every workspace, the oldest first."""
        return self._now().all

    def _now(self) -> "_Index":
        return self._index


class StoredWorkspaces(Workspaces):
    """The workspaces that the state store has now; they are read again when one has changed. Safe in any thread."""

    def __init__(self, state: StateStore) -> None:
        super().__init__(())
        self._state = state
        self._lock = threading.Lock()
        self._version: tuple[int, int] | None = None

    def _now(self) -> "_Index":
        version = (self._state.version(WORKSPACE), self._state.version(_KEYS))
        with self._lock:
            if version != self._version:
                self._index = _Index.of(_stored(self._state))
                self._version = version
            return self._index


@dataclass(frozen=True, slots=True)
class _Index:
    all: tuple[Workspace, ...]
    by_id: Mapping[str, Workspace]
    by_resource_id: Mapping[str, Workspace]

    @staticmethod
    def of(workspaces: Iterable[Workspace]) -> "_Index":
        every = tuple(workspaces)
        return _Index(
            every, {each.id.lower(): each for each in every}, {each.resource_id.lower(): each for each in every}
        )


def _stored(state: StateStore) -> Iterable[Workspace]:
    # The keys are read after the workspaces: one that is made in between is not among these yet, and of one that is
    # deleted in between the keys are gone. Both are seen at the next look, for the versions have changed.
    documents = state.list(WORKSPACE)
    keys = {document.scope: document.body for document in state.list(_KEYS)}
    for document in documents:
        held = keys.get(document.id.lower())
        if held is None:
            continue
        yield Workspace(
            document.body["properties"]["customerId"], document.name, document.id, held["primary"], held["secondary"]
        )


def new_shared_key() -> str:
    """64 random bytes as base64 text, as the service's keys are."""
    return base64.b64encode(secrets.token_bytes(64)).decode()


def put_shared_keys(transaction: Transaction, resource_id: str, primary: str, secondary: str) -> None:
    """Keep a workspace's keys in place of those it had, which are good for nothing from the commit on."""
    transaction.put(
        id=f"{resource_id}/providers/{_KEYS}/default",
        type=_KEYS,
        scope=resource_id,
        name="default",
        body={"primary": primary, "secondary": secondary},
    )


def new_workspace_properties(customer_id: str, now: datetime) -> dict[str, Any]:
    """The properties of a workspace that was asked for without any."""
    instant = arm_time(now, "microseconds")
    return {
        "customerId": customer_id,
        "provisioningState": "Succeeded",
        "sku": {"name": "PerGB2018", "lastSkuUpdate": instant},
        "retentionInDays": 30,
        "features": {"enableLogAccessUsingOnlyResourcePermissions": True},
        "workspaceCapping": {"dailyQuotaGb": -1.0, "dataIngestionStatus": "RespectQuota"},
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
        "createdDate": instant,
        "modifiedDate": instant,
    }


def has_first_workspace(state: StateStore) -> bool:
    """Whether the estate's workspace was made once in the life of the data directory: deleted, it stays deleted."""
    with state.transaction() as transaction:
        return transaction.get_value(_FIRST_FACT) is not None


def make_first_workspace(state: StateStore, estate: Estate, clock: Clock) -> None:
    """Make the estate's resource group and workspace, which keeps rows for the days that Sentinel has for nothing."""
    group = {"location": LOCATION, "tags": {}, "properties": {"provisioningState": "Succeeded"}}
    properties = new_workspace_properties(estate.workspace_id, clock.now()) | {"retentionInDays": SENTINEL_DAYS}
    with state.transaction() as transaction:
        transaction.set_value(_FIRST_FACT, estate.workspace_resource_id)
        transaction.put(
            id=estate.resource_group_id,
            type=RESOURCE_GROUP,
            scope=estate.subscription_resource_id,
            name=estate.resource_group,
            body=group,
        )
        transaction.put(
            id=estate.workspace_resource_id,
            type=WORKSPACE,
            scope=estate.resource_group_id,
            name=estate.workspace_name,
            body={"location": LOCATION, "tags": {}, "properties": properties},
        )
        put_shared_keys(
            transaction, estate.workspace_resource_id, estate.primary_shared_key, estate.secondary_shared_key
        )
