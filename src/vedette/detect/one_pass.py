"""Many windows of a rule from one query over all of their time, where its query looks at each row for itself."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vedette.access.workspaces import Workspace
from vedette.detect.results import Results
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import query_rule
from vedette.engine.cancellation import Cancellation
from vedette.engine.limits import Limits
from vedette.logs.query_record import Caller
from vedette.logs.row_by_row import is_row_by_row, keeps_column, reads_now
from vedette.logs.store import LogStore

_TIME = "TimeGenerated"


@dataclass(frozen=True, slots=True)
class ByTime:
    """Results in the order of their TimeGenerated."""

    results: Results
    times: Sequence[datetime]

    def of(self, window: Window) -> Results:
        """Those that a window holds."""
        first, behind = bisect_left(self.times, window.start), bisect_left(self.times, window.end)
        return self.results.of(self.results.rows[first:behind])


def one_pass(
    logs: LogStore, limits: Limits, workspace: Workspace, windows: Sequence[Window], cancellation: Cancellation
) -> ByTime | None:
    """The results of all windows together; None where the answer over a window is not a part of that over all of the
    time, or where there is more than a query may answer. Raises what `LogStore.query` raises."""
    rule, bounds = query_rule(windows[0].rule), (windows[0].start, windows[-1].end)
    query = logs.compiled(workspace.id, rule.query, timespan=bounds, now=windows[-1].end)
    if query.reads_clock or query.reads_data or not is_row_by_row(query.plan):
        return None
    if reads_now(query.plan) or not keeps_column(query.plan, _TIME):
        return None
    answer = logs.query(
        workspace.id,
        rule.query,
        timespan=bounds,
        limits=limits,
        now=windows[-1].end,
        cancellation=cancellation,
        caller=Caller("rule", rule.display_name),
    )
    if answer.truncated:
        return None
    columns = {column.name: column.type for column in answer.columns}
    place = list(columns).index(_TIME)
    rows = sorted(answer.rows(), key=lambda row: _aware(row[place]))
    return ByTime(Results(columns, rows), [_aware(row[place]) for row in rows])


def _aware(instant: datetime) -> datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
