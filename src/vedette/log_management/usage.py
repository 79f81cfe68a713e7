"""Usage: how much each table took in, hour by hour.

A row is the sum of `_BilledSize` of the rows that were received within the hour, read from the table itself, so that
the two never disagree. How far a workspace is accounted for is committed with its rows: an hour is neither left out nor
counted twice, whenever the server stops. https://learn.microsoft.com/azure/azure-monitor/reference/tables/usage
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.errors import VedetteError
from vedette.logs.store import LogStore

HOUR: Final = timedelta(hours=1)
TABLE: Final = "Usage"

_MEGABYTE: Final = 1e6  # the service counts 1,000 MB to the GB
_SOLUTIONS: Final[Mapping[str, str]] = {
    "SecurityEvent": "Security",
    "SecurityAlert": "SecurityInsights",
    "SecurityIncident": "SecurityInsights",
    "SentinelAudit": "SecurityInsights",
    "SentinelHealth": "SecurityInsights",
    "HuntingBookmark": "SecurityInsights",
    "ThreatIntelligenceIndicator": "SecurityInsights",
    "ThreatIntelIndicators": "SecurityInsights",
    "ThreatIntelObjects": "SecurityInsights",
    "Watchlist": "SecurityInsights",
    "CommonSecurityLog": "Security",
    "WindowsEvent": "Security",
}
_LOG_MANAGEMENT: Final = "LogManagement"
_TABLE_QUERY: Final = """
['{table}'] | where _TimeReceived < now(){since}
| summarize Bytes = sum(_BilledSize), Batches = countif(_ItemId endswith '-0'),
    Lag = avg(todouble(_TimeReceived - TimeGenerated) / 1e7) by Start = bin(_TimeReceived, 1h), _IsBillable
| order by Start asc, _IsBillable asc
| project Start, _IsBillable, Bytes, Batches, Lag"""

_log = structlog.get_logger(__name__)


class UsageReport:
    """Writes the rows of hours that are over. Usage's own rows are not accounted for: they would be all that an idle
    workspace ever has."""

    def __init__(self, logs: LogStore, workspaces: Workspaces) -> None:
        self._logs = logs
        self._workspaces = workspaces

    def report(self, at: datetime) -> None:
        """Account for the hours before `at` of every workspace. An hour that a batch of which is still on its way to
        the disk waits for the next time."""
        until = _hour(min(at, self._logs.settled()))
        for workspace in self._workspaces.all():
            try:
                self._report(workspace, until)
            except VedetteError as error:  # the next hour accounts for this one too
                _log.error("usage cannot be written", workspace=workspace.id, code=error.code, reason=error.message)

    def _report(self, workspace: Workspace, until: datetime) -> None:
        fact = f"usage.until:{workspace.id.lower()}"
        told = self._logs.fact(fact)
        since = None if told is None else datetime.fromisoformat(told)
        if since is not None and since >= until:
            return
        rows = [
            row
            for table in self._logs.stored_tables(workspace.id)
            if table != TABLE
            for row in self._table_rows(workspace, table, since, until)
        ]
        if rows:
            self._logs.append(workspace.id, TABLE, rows, facts={fact: until.isoformat()}).result()

    def _table_rows(
        self, workspace: Workspace, table: str, since: datetime | None, until: datetime
    ) -> Sequence[dict[str, Any]]:
        lower = "" if since is None else f" and _TimeReceived >= ago({(until - since) // HOUR}h)"
        text = _TABLE_QUERY.format(table=table, since=lower)
        found = self._logs.query(workspace.id, text, now=until).rows()
        plan = self._logs.settings(workspace.id).of(table).plan
        return [_row(workspace, table, plan, *values) for values in found]


def _row(
    workspace: Workspace,
    table: str,
    plan: str,
    start: datetime,
    billable: str,
    size: float,
    batches: int,
    lag: float | None,
) -> dict[str, Any]:
    return {
        "TimeGenerated": start + HOUR,
        "StartTime": start,
        "EndTime": start + HOUR,
        "DataType": table,
        "Solution": _SOLUTIONS.get(table, _LOG_MANAGEMENT),
        "Quantity": size / _MEGABYTE,
        "QuantityUnit": "MBytes",
        "IsBillable": billable == "True",
        "Plan": plan,
        "ResourceUri": workspace.resource_id,
        "TotalBatches": batches,
        "BatchesWithinSla": batches,
        "BatchesOutsideSla": 0,
        "BatchesCapped": 0,
        "AvgLatencyInSeconds": None if lag is None else max(0.0, lag),
        "SourceSystem": "Vedette",
    }


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
