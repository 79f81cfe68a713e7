"""What happens to indicators as time goes by: a row for each that has expired, and one again for each whose last row is
old, so that queries over some days see all indicators that count.

https://learn.microsoft.com/azure/sentinel/work-with-threat-indicators#view-your-threat-intelligence
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.instants import arm_time, instant_of
from vedette.intelligence.indicator_documents import Place, emit_again
from vedette.intelligence.indicator_rows import TABLE
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

EXPIRY_EVERY: Final = timedelta(minutes=1)
REFRESH_EVERY: Final = timedelta(hours=1)
OLD: Final = timedelta(days=7)
"""Of a row that is written again; less where the table keeps rows for less than twice that."""

_AT_A_TIME: Final = 500
_MOST_EXPIRED: Final = 20_000  # indicators of a turn, for other work waits; the next turn goes on
_MOST_REFRESHED: Final = 50_000
_FIRST_LOOK: Final = timedelta(days=1)
_EXPIRED: Final = (
    "declare query_parameters(start:datetime, end:datetime);\n"
    f"let Ids = {TABLE} | where IsActive and ValidUntil > start and ValidUntil <= end | distinct Id;\n"
    f"{TABLE} | where Id in (Ids) | summarize arg_max(TimeGenerated, IsActive, ValidUntil) by Id"
    " | where IsActive and ValidUntil <= end | project Id"
)
_AGED: Final = (
    "declare query_parameters(end:datetime);\n"
    f"{TABLE} | summarize arg_max(TimeGenerated, IsActive, IsDeleted) by Id"
    " | where IsActive and not(IsDeleted) and TimeGenerated <= end | project Id"
)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Writes the rows of indicators that nobody changed."""

    state: StateStore
    logs: LogStore
    workspaces: Workspaces
    tenant_id: str

    def expire(self, now: datetime) -> None:
        """Write a row for each indicator whose time ended since this was done last."""
        for workspace in self._with_indicators():
            key = f"indicators expired:{workspace.id}"
            with self.state.transaction() as transaction:
                last = transaction.get_value(key)
            start = instant_of(last) if last else now - _FIRST_LOOK
            ids = self._ids(workspace, _EXPIRED, start=start, end=now)
            self._write(workspace, ids[:_MOST_EXPIRED], now)
            if len(ids) > _MOST_EXPIRED:
                continue
            with self.state.transaction() as transaction:
                transaction.set_value(key, arm_time(now, "microseconds"))

    def refresh(self, now: datetime) -> None:
        """Write a row again for each active indicator whose last one is old."""
        for workspace in self._with_indicators():
            days = self.logs.settings(workspace.id).days
            old = min(OLD, timedelta(days=days) / 2)
            self._write(workspace, self._ids(workspace, _AGED, end=now - old)[:_MOST_REFRESHED], now)

    def _with_indicators(self) -> list[Workspace]:
        return [each for each in self.workspaces.all() if TABLE in self.logs.stored_tables(each.id)]

    def _ids(self, workspace: Workspace, text: str, **instants: datetime) -> list[str]:
        named = {name: f"datetime({arm_time(each, 'microseconds')})" for name, each in instants.items()}
        return [row[0] for row in self.logs.query(workspace.id, text, parameters=named).rows()]

    def _write(self, workspace: Workspace, ids: Sequence[str], now: datetime) -> None:
        place = Place(workspace, self.tenant_id)
        for start in range(0, len(ids), _AT_A_TIME):
            with self.state.transaction() as transaction:
                part = [transaction.get(place.indicator_id(id)) for id in ids[start : start + _AT_A_TIME]]
                emit_again(transaction, place, [each for each in part if each is not None], now)
