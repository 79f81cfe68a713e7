"""The daily cap of a workspace: what comes for its billable tables beyond it is not kept until the next day.

As in Azure, senders are told nothing: their requests succeed. The workspace says it instead: in Operation, in its
dataIngestionStatus and in the metrics. Tables of security data are never capped, and neither is what the server writes
of its own account. https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

GIGABYTE: Final = 1e9
LEAST_GIGABYTES: Final = 0.023
DAY: Final = timedelta(days=1)
UNCAPPED: Final = frozenset(
    {
        "LinuxAuditLog",
        "MaliciousIPCommunication",
        "ProtectionStatus",
        "SecurityAlert",
        "SecurityBaseline",
        "SecurityBaselineSummary",
        "SecurityDetection",
        "SecurityEvent",
        "SysmonEvent",
        "Update",
        "UpdateSummary",
        "WindowsEvent",
        "WindowsFirewall",
    }
)
"""The tables that no cap stops."""

_APPROACHING = 0.8  # of the cap, as the service has it


class Status(Enum):
    """What `dataIngestionStatus` of a workspace says."""

    RESPECT_QUOTA = "RespectQuota"
    APPROACHING_QUOTA = "ApproachingQuota"
    OVER_QUOTA = "OverQuota"


@dataclass(slots=True)
class _Day:
    """Bytes that came in since a midnight, and whether that was too much when it was last looked at."""

    start: datetime
    bytes: float
    stopped: bool = False


class DailyCaps:
    """The bytes of each capped workspace's day. Its methods may be called from any thread.

    `quota_of` gives a workspace's bytes for a day, None where there is no cap; `stored_since` the bytes that its capped
    tables took in since an instant, which is asked once a day. `on_change`, when set, is told of each workspace whose
    collection stops (True) or goes on (False).
    """

    def __init__(self, quota_of: Callable[[str], float | None], stored_since: Callable[[str, datetime], float]) -> None:
        self.on_change: Callable[[str, bool], None] | None = None
        self._quota_of = quota_of
        self._stored_since = stored_since
        self._lock = threading.Lock()
        self._days: dict[str, _Day] = {}

    def admits(self, workspace_id: str, now: datetime) -> bool:
        """Whether rows for a capped table of the workspace are kept."""
        return self.status(workspace_id, now) is not Status.OVER_QUOTA

    def status(self, workspace_id: str, now: datetime) -> Status:
        """How near the workspace is to its cap."""
        id = workspace_id.lower()
        quota = self._quota_of(id)
        if quota is None:
            self._turned(id, stopped=False)
            return Status.RESPECT_QUOTA
        used = self._day(id, now).bytes
        self._turned(id, stopped=used >= quota)
        if used >= quota:
            return Status.OVER_QUOTA
        return Status.APPROACHING_QUOTA if used >= _APPROACHING * quota else Status.RESPECT_QUOTA

    def count(self, workspace_id: str, bytes: float, now: datetime) -> None:
        """Add what was stored for a capped table."""
        id = workspace_id.lower()
        with self._lock:
            day = self._days.get(id)
            if day is not None and day.start == midnight(now):
                day.bytes += bytes

    def look(self, now: datetime) -> None:
        """Notice that a new day lets the collection of workspaces go on."""
        with self._lock:
            stopped = [id for id, day in self._days.items() if day.stopped]
        for id in stopped:
            self.status(id, now)

    def forget(self, workspace_id: str) -> None:
        """Let go of a workspace that is no more."""
        with self._lock:
            self._days.pop(workspace_id.lower(), None)

    def _day(self, id: str, now: datetime) -> _Day:
        start = midnight(now)
        with self._lock:
            day = self._days.get(id)
        if day is not None and day.start == start:
            return day
        stored = self._stored_since(id, start)
        with self._lock:
            before = self._days.get(id)
            if before is None or before.start != start:
                self._days[id] = _Day(start, stored, stopped=before is not None and before.stopped)
            return self._days[id]

    def _turned(self, id: str, *, stopped: bool) -> None:
        with self._lock:
            day = self._days.get(id)
            if day is None or day.stopped == stopped:
                return
            day.stopped = stopped
        if self.on_change is not None:
            self.on_change(id, stopped)


def is_capped(table: str, *, billable: bool) -> bool:
    """Whether a cap stops what is sent to a table."""
    return billable and table not in UNCAPPED


def midnight(now: datetime) -> datetime:
    """When the day began, in UTC; in Azure each workspace has an hour of its own for that."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
