"""Operation: what a workspace has to say about itself, such as values that were cut or rows that were refused.

Categories, operations and levels are those of https://learn.microsoft.com/azure/azure-monitor/logs/monitor-workspace
where there is one for it; the function `_LogOperation` shows them under these names.
"""

import threading
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from vedette.core.clock import Clock
from vedette.log_management.queued_rows import QueuedRows

TABLE: Final = "Operation"
AGAIN: Final = timedelta(hours=6)
"""The same thing is said again after so long, as the service does while a threshold is exceeded."""

_REMEMBERED: Final = 5_000


class Level(Enum):
    """How bad it is, in the words of the column OperationStatus."""

    INFO = "Succeeded"
    WARNING = "Warning"
    ERROR = "Error"


class OperationLog:
    """Writes the rows. Its methods may be called from any thread, and cost nothing when the same was said of late."""

    def __init__(self, rows: QueuedRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[tuple[str, str, str, str], datetime] = {}

    def report(
        self,
        workspace_id: str,
        category: str,
        operation: str,
        level: Level,
        detail: str,
        *,
        resource_id: str = "",
        computer: str = "",
        key: str | None = None,
    ) -> None:
        """Say that something happened, unless the same was said within AGAIN: something with the same key, which is the
        detail where none is given; an empty key says it every time."""
        same = detail if key is None else key
        if same and not self._is_new((workspace_id.lower(), category, operation, same)):
            return
        self._rows.add(
            workspace_id,
            TABLE,
            {
                "TimeGenerated": self._clock.now(),
                "OperationCategory": category,
                "OperationKey": operation,
                "OperationStatus": level.value,
                "Detail": detail,
                "Computer": computer,
                "Solution": "LogManagement",
                "SourceSystem": "Vedette",
                "_ResourceId": resource_id.lower(),
            },
        )

    def values_cut(self, workspace_id: str, table: str, field: str, size: int) -> None:
        """A value was longer than its column takes, and was cut."""
        detail = (
            f"Values of the field {field} of the table {table} were longer than {size:,} bytes and were cut to that "
            "length. Send shorter values, or split them."
        )
        self.report(workspace_id, "Ingestion", "Field content validation", Level.WARNING, detail)

    def columns_full(self, workspace_id: str, table: str, most: int) -> None:
        """A table had as many columns as it can have; further properties went into AdditionalFields."""
        detail = (
            f"The table {table} has {most} columns, the most that there can be. Properties without a column of their "
            "own went into AdditionalFields."
        )
        self.report(workspace_id, "Ingestion", "Maximum table column count", Level.WARNING, detail)

    def rows_refused(self, workspace_id: str, table: str, code: str, reason: str) -> None:
        """A request or a batch of rows for a table was refused."""
        detail = f"Data for the table {table} was refused ({code}). {reason}"
        self.report(workspace_id, "Ingestion", "Data collection status", Level.ERROR, detail, key=f"{table}/{code}")

    def rate_exceeded(self, workspace_id: str) -> None:
        """The workspace was sent more than it takes, and the sender was told to wait."""
        detail = "The workspace is sent more than it takes in a minute. Senders are told to wait (429)."
        self.report(workspace_id, "Ingestion", "Ingestion rate", Level.WARNING, detail)

    def collection_turned(self, workspace_id: str, stopped: bool) -> None:
        """The workspace took in what its daily cap lets it, or the next day began or the cap rose."""
        if stopped:
            operation, level = "Data collection stopped", Level.WARNING
            detail = (
                "Data collection stopped due to the daily cap of the workspace. Ingestion status = OverQuota. What is "
                "sent to its billable tables until midnight UTC is not kept, but for the tables of security data."
            )
        else:
            operation, level = "Data collection resumed", Level.INFO
            detail = "Data collection resumed. Ingestion status = RespectQuota"
        self.report(workspace_id, "Ingestion", operation, level, detail, key="")

    def changed(self, workspace_id: str, what: str, by: str, resource_id: str) -> None:
        """A setting of the workspace was changed by a principal."""
        detail = f"{what} by {by}"
        self.report(
            workspace_id, "Configuration", "Setting changed", Level.INFO, detail, resource_id=resource_id, key=""
        )

    def _is_new(self, key: tuple[str, str, str, str]) -> bool:
        now = self._clock.now()
        with self._lock:
            said = self._said.get(key)
            if said is not None and said <= now < said + AGAIN:
                return False
            if len(self._said) >= _REMEMBERED:
                del self._said[next(iter(self._said))]
            self._said[key] = now
        return True
