"""One run of a rule: its query over one window, and whether the results trigger it."""

from dataclasses import dataclass

from vedette.core.errors import VedetteError
from vedette.detect.results import Results
from vedette.detect.rule import is_triggered
from vedette.detect.schedule import Window
from vedette.logs.query_record import Caller
from vedette.logs.store import LogStore


@dataclass(frozen=True, slots=True)
class Ran:
    """The query ran: its results, whether the rule is triggered, and whether a limit cut the results short."""

    results: Results
    triggered: bool
    truncated: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """The query did not run: an error code and the reason in words."""

    code: str
    reason: str


def run_window(logs: LogStore, workspace_id: str, window: Window) -> Ran | Failed:
    """Run the rule's query with the window's end as now().

    The window takes in its start and leaves out its end: an event belongs to one of two adjoining windows, and one
    that arrives at the very instant of a run, after it, to the next.
    """
    rule = window.rule.properties
    try:
        answer = logs.query(
            workspace_id,
            rule.query,
            timespan=(window.start, window.end),
            now=window.end,
            caller=Caller("rule", rule.display_name),
        )
        rows = answer.rows()
    except VedetteError as error:
        return Failed(error.code, error.message)
    results = Results({column.name: column.type for column in answer.columns}, rows)
    triggered = is_triggered(rule.trigger_operator, rule.trigger_threshold, len(rows))
    return Ran(results, triggered, answer.truncated)
