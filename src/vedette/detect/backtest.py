"""What a rule would have done: each window of a time in the past, evaluated as its kind does; nothing is stored."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import perf_counter
from typing import Final

from vedette.access.workspaces import Workspace
from vedette.core.errors import InvalidInput, TimedOut
from vedette.detect.alert import Alert
from vedette.detect.grouping import group_key
from vedette.detect.incident_of_alerts import gravest
from vedette.detect.incidents import MAX_ALERTS
from vedette.detect.one_pass import one_pass
from vedette.detect.query_kinds import QueryKind
from vedette.detect.rule_kind import Evaluation, Failed, RuleKind
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule

MAX_WINDOWS: Final = 50_000
_LONGEST: Final = timedelta(minutes=10)
_AT_A_TIME: Final = 64

Evaluate = Callable[[Window], Evaluation]


@dataclass(frozen=True, slots=True)
class WouldBeAlert:
    """An alert that there would have been, and the end of the window that would have raised it."""

    alert: Alert
    end: datetime


@dataclass(slots=True)
class WouldBeIncident:
    """An incident that there would have been: when it would have been opened, and its alerts."""

    opened: datetime
    title: str
    severity: str
    alerts: list[WouldBeAlert] = field(default_factory=list[WouldBeAlert])


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it. `suppressed` windows would not have been run; `passes` says that one query over all of the time
    took the place of one for each window."""

    windows: int
    suppressed: int
    failures: Sequence[tuple[datetime, Failed]]
    alerts: Sequence[WouldBeAlert]
    incidents: Sequence[WouldBeIncident]
    one_pass: bool
    seconds: float


def backtest(
    kind: RuleKind, workspace: Workspace, rule: StoredRule, start: datetime, end: datetime, workers: int
) -> Backtest:
    """Evaluate the windows that end after `start` and not after `end`, every queryFrequency from `start` on.

    A rule by arrival is taken as if each event had arrived when it happened. Raises InvalidInput for a time without a
    window or with too many, and where the query cannot run at all; TimedOut where it takes longer than ten minutes.
    """
    began = perf_counter()
    if not isinstance(kind, QueryKind):
        raise InvalidInput("BadRequest", f"A rule of kind {kind.name} is no query, and has no backtest.")
    rule = replace(rule, by_arrival=False)
    windows = _windows(rule, start, end)
    known = one_pass(kind.logs, kind.limits, workspace, windows)
    if known is not None:
        found: Iterable[tuple[Window, Evaluation]] = ((each, kind.judge(each, known.of(each))) for each in windows)
    else:
        found = _evaluated(lambda window: kind.evaluate(workspace, window), windows, workers, began)
    return _summed(rule, found, len(windows), began, is_one_pass=known is not None)


def _windows(rule: StoredRule, start: datetime, end: datetime) -> list[Window]:
    frequency = rule.properties.query_frequency
    count = (end - start) // frequency
    if count < 1:
        raise InvalidInput(
            "BadRequest", f"There is no window between 'from' and 'to': the rule runs every {frequency}."
        )
    if count > MAX_WINDOWS:
        raise InvalidInput(
            "BadRequest", f"There are {count} windows between 'from' and 'to'; {MAX_WINDOWS} are allowed."
        )
    return [Window(rule, start + frequency * number) for number in range(1, count + 1)]


def _evaluated(
    evaluate: Evaluate, windows: Sequence[Window], workers: int, began: float
) -> Iterator[tuple[Window, Evaluation]]:
    """Each window with what it holds, in order; several are evaluated at a time."""
    with ThreadPoolExecutor(workers, thread_name_prefix="backtest") as pool:
        for first in range(0, len(windows), _AT_A_TIME):
            if perf_counter() - began > _LONGEST.total_seconds():
                raise TimedOut("Timeout", f"{first} of {len(windows)} windows took {_LONGEST}. Choose a shorter time.")
            some = windows[first : first + _AT_A_TIME]
            yield from zip(some, pool.map(evaluate, some), strict=True)


def _summed(
    rule: StoredRule, found: Iterable[tuple[Window, Evaluation]], count: int, began: float, *, is_one_pass: bool
) -> Backtest:
    failures: list[tuple[datetime, Failed]] = []
    alerts: list[WouldBeAlert] = []
    suppressed, until = 0, None
    for window, run in found:
        if until is not None and window.end < until:
            suppressed += 1
            continue
        if run.failure is not None:
            if not run.failure.transient:
                raise InvalidInput(run.failure.code, run.failure.reason)
            failures.append((window.end, run.failure))
        alerts += [WouldBeAlert(alert, window.end) for alert in run.alerts]
        if run.alerts and rule.properties.suppression_enabled:
            until = window.end + rule.properties.suppression_duration
    incidents = list(_incidents(rule, alerts))
    return Backtest(count, suppressed, failures, alerts, incidents, is_one_pass, perf_counter() - began)


def _incidents(rule: StoredRule, alerts: Sequence[WouldBeAlert]) -> Iterator[WouldBeIncident]:
    """The incidents of alerts, grouped as the rule says; none of them is ever closed by anybody."""
    configuration = rule.properties.incident_configuration
    if not configuration.create_incident:
        return
    grouping = configuration.grouping_configuration
    standing: dict[str, WouldBeIncident] = {}
    for each in alerts:
        key = group_key(grouping, each.alert)
        known = None if key is None else standing.get(key)
        stands = known is not None and grouping is not None and known.opened >= each.end - grouping.lookback_duration
        if known is not None and stands and len(known.alerts) < MAX_ALERTS:
            known.alerts.append(each)
            known.severity = gravest(known.severity, each.alert.severity.value)
            continue
        title, severity = each.alert.display_name, each.alert.severity.value
        if known is not None and stands:  # it is full, and another one goes on with it
            title, severity = known.title, gravest(known.severity, severity)
        incident = WouldBeIncident(each.end, title, severity, [each])
        if key is not None:
            standing[key] = incident
        yield incident
