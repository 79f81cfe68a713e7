"""Runs summary rules: each bin of time once, its results into the rule's table, and what came of it into LASummaryLogs.

A bin's results are committed together with the note that they are there, so that whenever the server stops, none is
summarized twice.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Final

import pyarrow as pa
import structlog

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.errors import InvalidInput, TooLarge, VedetteError
from vedette.kql.catalog import Table
from vedette.log_management.summary_rule import (
    BIN_COLUMNS,
    MOST_SKIPPED,
    SUMMARY_RULE,
    SummaryRule,
    read_progress,
    result_names,
    write_progress,
)
from vedette.logs.query_record import Caller
from vedette.logs.result import QueryResult
from vedette.logs.standard_names import TIME_GENERATED
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

EVERY: Final = timedelta(minutes=1)
TABLE: Final = "LASummaryLogs"

_MOST_BINS = 500  # of a rule that was left behind, at one look
_SYSTEM = "Vedette"

_log = structlog.get_logger(__name__)


class Summaries:
    """All rules of all workspaces."""

    def __init__(self, state: StateStore, logs: LogStore, workspaces: Workspaces) -> None:
        self._state = state
        self._logs = logs
        self._workspaces = workspaces

    def run_due(self, at: datetime) -> None:
        """Run the bins that are due, oldest first; each is asked as it would have been when it fell due."""
        for document in self._state.list(SUMMARY_RULE):
            for _ in range(_MOST_BINS):
                if not self._run_next(document.id, at):
                    break

    def retry(self, rule_id: str, start: datetime, at: datetime) -> None:
        """Run a bin that was given up. Raises InvalidInput (InvalidOperation) where it was not, and what its run
        raises."""
        document, progress = self._state.get(rule_id), read_progress(self._state, rule_id)
        if document is None or progress is None or start not in progress.failed:
            raise InvalidInput("InvalidOperation", f"No run of the bin {start.isoformat()} has failed for good.")
        rule = SummaryRule.of(document)
        workspace = self._workspaces.by_resource_id(rule.workspace_resource_id)
        if workspace is None:
            return
        error = self._summarize(workspace, rule, start, at, f"{_fact(rule)}:{start.isoformat()}")
        if error is not None:
            raise error
        with self._state.transaction() as transaction:
            now = read_progress(transaction, rule_id)
            if now is not None:
                kept = tuple(each for each in now.failed if each != start)
                write_progress(transaction, rule_id, replace(now, failed=kept))

    def _run_next(self, rule_id: str, at: datetime) -> bool:
        """Run the rule's next bin if it is due, and say whether it was."""
        document, progress = self._state.get(rule_id), read_progress(self._state, rule_id)
        if document is None or progress is None:
            return False
        rule = SummaryRule.of(document)
        workspace = self._workspaces.by_resource_id(rule.workspace_resource_id)
        due = progress.due(rule)
        if not rule.active or workspace is None or due > at:
            return False
        error = self._summarize(workspace, rule, progress.next, due, _fact(rule))
        after = progress.done(rule) if error is None else progress.missed(rule, due)
        with self._state.transaction() as transaction:
            current = transaction.get(rule_id)
            if current is None or current.etag != document.etag or read_progress(transaction, rule_id) != progress:
                return True  # it was changed meanwhile, which says itself where to go on
            write_progress(transaction, rule_id, after)
            if after.skipped >= MOST_SKIPPED:
                stopped = {**current.body["properties"], "isActive": False, "statusCode": "DataPlaneError"}
                transaction.change(current, {**current.body, "properties": stopped})
        return True

    def _summarize(
        self, workspace: Workspace, rule: SummaryRule, start: datetime, at: datetime, fact: str
    ) -> VedetteError | None:
        """Run a bin and store its results with the fact that they are there; gives what went wrong."""
        mark = f"{start.isoformat()} {rule.size}"
        if self._logs.fact(fact) == mark:
            return None  # an earlier run was cut off after its results were stored
        self._tell(workspace, rule, start, at, "Started")
        began = perf_counter()
        try:
            result = self._logs.query(
                workspace.id,
                rule.query,
                timespan=(start, start + rule.size),
                now=at,
                caller=Caller("server", f"summary rule {rule.name}"),
            )
            message = self._store(workspace, rule, start, at, result, {fact: mark})
        except VedetteError as error:
            self._tell(workspace, rule, start, at, "Failed", error.message, perf_counter() - began)
            return error
        self._tell(workspace, rule, start, at, "Succeeded", message, perf_counter() - began, result.statistics.rows)
        return None

    def _store(
        self,
        workspace: Workspace,
        rule: SummaryRule,
        start: datetime,
        at: datetime,
        result: QueryResult,
        facts: Mapping[str, str],
    ) -> str:
        """Store the results in the columns that the destination has; gives what is to be said of the rest."""
        if result.truncated:
            raise TooLarge(
                "SummaryTooLarge", "The query gives more than a bin may have. Summarize more, or smaller bins."
            )
        table = self._destination(workspace, rule)
        if table is None:
            return f"The table {rule.destination} is gone. What the rule finds is not kept."
        if not result.statistics.rows:
            return ""
        stored = {column.name: column.type for column in table.columns}
        names = result_names([column.name for column in result.columns])
        rows = pa.Table.from_batches(list(result.batches)).rename_columns(names)
        types = {name: column.type for name, column in zip(names, result.columns, strict=True)}
        fitting = [name for name in names if stored.get(name) is types[name]]
        rows = _with_bin(rows.select(fitting), rule, start, at)
        columns = {**{name: types[name] for name in fitting}, **BIN_COLUMNS}
        self._logs.append_arrow(workspace.id, rule.destination, rows, columns=columns, facts=facts).result()
        lost = [name for name in names if name not in fitting]
        return f"The table has no columns of these names and types: {', '.join(lost)}." if lost else ""

    def _destination(self, workspace: Workspace, rule: SummaryRule) -> Table | None:
        """The table of the results. One that is declared and was not made, for the server was cut off, is made now."""
        table = self._logs.tables.stored(workspace.id, rule.destination)
        if table is None and self._state.get(f"{workspace.resource_id}/tables/{rule.destination}") is not None:
            self._logs.tables.create(workspace.id, rule.destination, rule.columns)
            return self._logs.tables.stored(workspace.id, rule.destination)
        return table

    def _tell(
        self,
        workspace: Workspace,
        rule: SummaryRule,
        start: datetime,
        at: datetime,
        status: str,
        message: str = "",
        seconds: float = 0.0,
        rows: int = 0,
    ) -> None:
        row: dict[str, Any] = {
            "TimeGenerated": at,
            "RuleName": rule.name,
            "RuleLastModifiedTime": rule.modified,
            "BinStartTime": start,
            "BinSize": rule.size // timedelta(minutes=1),
            "Status": status,
            "Message": message,
            "QueryDurationMs": round(seconds * 1000),
            "ResultsRecordCount": rows,
            "SourceSystem": _SYSTEM,
            "_ResourceId": workspace.resource_id.lower(),
        }
        try:
            self._logs.append(workspace.id, TABLE, [row]).result()
        except VedetteError as error:  # the run itself stands or falls without it
            _log.error("a summary rule's run was not written down", rule=rule.id, reason=error.message)


def _with_bin(rows: pa.Table, rule: SummaryRule, start: datetime, at: datetime) -> pa.Table:
    values: dict[str, tuple[Any, pa.DataType]] = {
        TIME_GENERATED: (at, _TIME),
        "_RuleName": (rule.name, pa.string()),
        "_RuleLastModifiedTime": (rule.modified, _TIME),
        "_BinSize": (rule.size // timedelta(minutes=1), pa.int32()),
        "_BinStartTime": (start, _TIME),
    }
    for name, (value, type) in values.items():
        rows = rows.append_column(name, pa.array([value] * rows.num_rows, type))
    return rows


def _fact(rule: SummaryRule) -> str:
    """What the last stored bin is noted under, of this rule and not of an earlier one that had its id."""
    return f"summary:{rule.id.lower()}:{rule.created.isoformat()}"


_TIME: Final = pa.timestamp("us", "UTC")
