"""What people set about tables: plan, retention, and of which table and time one shows the rows again.

They are documents of the type tables below their workspace, as the management API has them. How long rows are kept:
https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vedette.logs.daily_cap import GIGABYTE
from vedette.state.documents import Document
from vedette.state.store import StateStore

TABLE = "Microsoft.OperationalInsights/workspaces/tables"
WORKSPACE = "Microsoft.OperationalInsights/workspaces"
ANALYTICS, BASIC, AUXILIARY = "Analytics", "Basic", "Auxiliary"

_WORKSPACE_DAYS = 30
_PLAN_DAYS = 30  # of tables with another plan than Analytics
_AT_LEAST_90_DAYS = frozenset({"Usage", "AzureActivity"})
_FIRST_90_DAYS = frozenset(
    f"App{name}"
    for name in (
        "AvailabilityResults",
        "BrowserTimings",
        "Dependencies",
        "Exceptions",
        "Events",
        "Metrics",
        "PageViews",
        "PerformanceCounters",
        "Requests",
        "SystemEvents",
        "Traces",
    )
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A table that shows the rows of another whose TimeGenerated lies in [start, end)."""

    source: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Retention:
    """Days since its arrival that a row is there for queries, and that it is kept at all."""

    days: int
    total: int


@dataclass(frozen=True, slots=True)
class TableSettings:
    """The settings of one table. Days are None where the workspace's, or those of queries, are in force.

    `total_before` were in force until the total was shortened: what it leaves out is not deleted until `held_until`.
    """

    plan: str = ANALYTICS
    days: int | None = None
    total: int | None = None
    total_before: int = 0
    held_until: datetime | None = None
    restored: Restored | None = None

    def retention(self, table: str, workspace_days: int) -> Retention:
        """The retention in force."""
        if self.plan == BASIC:
            return Retention(_PLAN_DAYS, max(self.total or 0, _PLAN_DAYS))
        if self.plan == AUXILIARY:
            total = self.total or _PLAN_DAYS
            return Retention(total, total)
        days = self.days or _default_days(table, workspace_days)
        return Retention(days, max(self.total or 0, days))

    def kept_days(self, table: str, workspace_days: int, now: datetime) -> int:
        """How many days after its arrival a row may be deleted."""
        total = self.retention(table, workspace_days).total
        held = self.held_until is not None and now < self.held_until
        return max(total, self.total_before) if held else total


def _default_days(table: str, workspace_days: int) -> int:
    if table in _AT_LEAST_90_DAYS:
        return max(90, workspace_days)
    return 90 if table in _FIRST_90_DAYS else workspace_days


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """The settings of a workspace's tables by their names, and the days that hold for all others. `daily_bytes` is how
    much a day may bring; None: as much as comes."""

    days: int = _WORKSPACE_DAYS
    tables: Mapping[str, TableSettings] = field(default_factory=dict[str, TableSettings])
    daily_bytes: float | None = None

    def of(self, table: str) -> TableSettings:
        """The settings of a table, whether anything was ever set or not."""
        return self.tables.get(table, _NOTHING_SET)


_NOTHING_SET = TableSettings()


class SettingsOfTables:
    """The settings of all workspaces. They are read again when one has changed."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._versions: tuple[int, ...] = ()
        self._by_workspace: dict[str, WorkspaceSettings] = {}

    def of(self, workspace_resource_id: str) -> WorkspaceSettings:
        """The settings of a workspace, by its ARM id."""
        versions = (self._state.version(TABLE), self._state.version(WORKSPACE))
        id = workspace_resource_id.lower()
        with self._lock:
            if versions != self._versions:
                self._by_workspace = {}
                self._versions = versions
            found = self._by_workspace.get(id)
            if found is None:
                found = self._by_workspace[id] = self._read(id)
            return found

    def _read(self, id: str) -> WorkspaceSettings:
        workspace = self._state.get(id)
        return WorkspaceSettings(
            days_of_workspace(workspace),
            {document.name: settings_of(document) for document in self._state.list(TABLE, id)},
            _daily_bytes(workspace),
        )


def days_of_workspace(workspace: Document | None) -> int:
    """How long a workspace's tables keep rows where nothing else is set."""
    days = (workspace.body.get("properties") or {}).get("retentionInDays") if workspace else None
    return days if isinstance(days, int) and days > 0 else _WORKSPACE_DAYS


def _daily_bytes(workspace: Document | None) -> float | None:
    properties: Mapping[str, Any] = (workspace.body.get("properties") or {}) if workspace else {}
    quota = (properties.get("workspaceCapping") or {}).get("dailyQuotaGb")
    return quota * GIGABYTE if isinstance(quota, int | float) and quota > 0 else None


def settings_of(document: Document) -> TableSettings:
    """The settings that a table's document holds."""
    properties: Mapping[str, Any] = document.body["properties"]
    restored = properties.get("restoredLogs")
    held_until = document.body.get("heldUntil")
    return TableSettings(
        plan=properties.get("plan") or ANALYTICS,
        days=properties.get("retentionInDays"),
        total=properties.get("totalRetentionInDays"),
        total_before=document.body.get("totalBefore") or 0,
        held_until=datetime.fromisoformat(held_until) if held_until else None,
        restored=_restored(restored) if restored else None,
    )


def _restored(properties: Mapping[str, Any]) -> Restored:
    return Restored(
        properties["sourceTable"],
        datetime.fromisoformat(properties["startRestoreTime"]),
        datetime.fromisoformat(properties["endRestoreTime"]),
    )
