"""The rows that a query of one of our own kinds of rule finds in a window."""

from dataclasses import dataclass
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.detect.schedule import Window
from vedette.engine.limits import Limits
from vedette.logs.query_record import Caller
from vedette.logs.store import LogStore


@dataclass(frozen=True, slots=True)
class WindowRows:
    """Rows by the names of their columns, and whether there are more than a query reads."""

    rows: list[dict[str, Any]]
    truncated: bool


def window_rows(logs: LogStore, limits: Limits, workspace: Workspace, window: Window, text: str) -> WindowRows:
    """Run a query over a window, by the time of arrival where its rule is. Raises what `LogStore.query` raises."""
    answer = logs.query(
        workspace.id,
        text,
        timespan=(window.start, window.end),
        by_arrival=window.rule.by_arrival,
        limits=limits,
        now=window.end,
        caller=Caller("rule", window.rule.properties.display_name),
    )
    columns = [column.name for column in answer.columns]
    return WindowRows([dict(zip(columns, row, strict=True)) for row in answer.rows()], answer.truncated)
