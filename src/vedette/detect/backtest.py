"""What a rule would have done: each window of a time in the past, evaluated as its kind does; nothing is stored."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Final

from vedette.access.workspaces import Workspace
from vedette.core.errors import InvalidInput, TimedOut, Unavailable
from vedette.detect.alert import Alert
from vedette.detect.backtest_series import Point, Series
from vedette.detect.grouping import group_key
from vedette.detect.incident_of_alerts import gravest
from vedette.detect.incidents import MAX_ALERTS
from vedette.detect.one_pass import ByTime, one_pass
from vedette.detect.query_kinds import QueryKind
from vedette.detect.rule_kind import Evaluation, Failed, RuleKind
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.engine.cancellation import Cancellation

MAX_WINDOWS: Final = 50_000
LISTED: Final = 10_000
"""Alerts, and incidents, that a backtest keeps; the rest it counts."""

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
    """An incident that there would have been: when it would have been opened, how many alerts it would have, and the
    first and last activity of them."""

    opened: datetime
    title: str
    severity: str
    alerts_count: int
    first: datetime
    last: datetime

    def add(self, alert: Alert) -> None:
        """Take up an alert."""
        self.severity = gravest(self.severity, alert.severity.value)
        self.alerts_count += 1
        self.first, self.last = min(self.first, alert.start), max(self.last, alert.end)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of it; of alerts and incidents the first `LISTED`, and how many there are. `suppressed` windows would
    not have been run; `one_pass` says that one query over all of the time took the place of one for each window."""

    windows: int
    suppressed: int
    failures: Sequence[tuple[datetime, Failed]]
    alerts: Sequence[WouldBeAlert]
    alerts_count: int
    incidents: Sequence[WouldBeIncident]
    incidents_count: int
    one_pass: bool
    seconds: float
    series: Sequence[Point] = ()


def backtest(
    kind: RuleKind,
    workspace: Workspace,
    rule: StoredRule,
    start: datetime,
    end: datetime,
    workers: int,
    cancellation: Cancellation,
    beat: datetime | None = None,
    points: int = 0,
) -> Backtest:
    """Evaluate the windows that end after `start` and not after `end`, every queryFrequency: on the beat of the window
    that ends at `beat`, which may be anywhere, or without one from `start` on. The series of what came of it has at
    most so many `points`.

    A rule by arrival is taken as if each event had arrived when it happened. Raises InvalidInput for a time without a
    window or with too many, and where the query cannot run at all; TimedOut where it takes longer than ten minutes,
    Unavailable once it is cancelled.
    """
    if not isinstance(kind, QueryKind):
        raise InvalidInput("BadRequest", f"A rule of kind {kind.name} is no query, and has no backtest.")
    watch = _Watch(cancellation)
    kind = replace(kind, cancellation=cancellation)
    rule = replace(rule, by_arrival=False)
    windows = _windows(rule, start, end, beat or start)
    known = one_pass(kind.logs, kind.limits, workspace, windows, cancellation)
    if known is not None:
        found = _dealt(kind, known, windows, watch)
    else:
        found = _evaluated(partial(kind.evaluate, workspace), windows, workers, watch)
    return _summed(rule, found, Series(len(windows), points), len(windows), watch, is_one_pass=known is not None)


class _Watch:
    """Ends a backtest that takes too long, or that nobody waits for any more."""

    def __init__(self, cancellation: Cancellation) -> None:
        self._began = perf_counter()
        self._cancellation = cancellation

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return perf_counter() - self._began

    def check(self) -> None:
        """Return if the next window may be looked at. Raises TimedOut and Unavailable (QueryCancelled)."""
        if self._cancellation.is_cancelled:
            raise Unavailable("QueryCancelled", "The backtest was stopped.")
        if self.seconds > _LONGEST.total_seconds():
            raise TimedOut("Timeout", f"The windows take longer than {_LONGEST}. Choose a shorter time.")


def _windows(rule: StoredRule, start: datetime, end: datetime, beat: datetime) -> list[Window]:
    frequency = rule.properties.query_frequency
    before = start - (start - beat) % frequency  # the last window that ends before all of them
    count = (end - before) // frequency
    if count < 1:
        raise InvalidInput(
            "BadRequest", f"There is no window between 'from' and 'to': the rule runs every {frequency}."
        )
    if count > MAX_WINDOWS:
        raise InvalidInput(
            "BadRequest", f"There are {count} windows between 'from' and 'to'; {MAX_WINDOWS} are allowed."
        )
    return [Window(rule, before + frequency * number) for number in range(1, count + 1)]


def _dealt(
    kind: QueryKind, known: ByTime, windows: Sequence[Window], watch: _Watch
) -> Iterator[tuple[Window, Evaluation]]:
    """Each window with what it holds of the results of all."""
    for window in windows:
        watch.check()
        yield window, kind.judge(window, known.of(window))


def _evaluated(
    evaluate: Evaluate, windows: Sequence[Window], workers: int, watch: _Watch
) -> Iterator[tuple[Window, Evaluation]]:
    """Each window with what it holds, in order; several are evaluated at a time."""

    def watched(window: Window) -> Evaluation:
        watch.check()
        return evaluate(window)

    with ThreadPoolExecutor(workers, thread_name_prefix="backtest") as pool:
        for first in range(0, len(windows), _AT_A_TIME):
            some = windows[first : first + _AT_A_TIME]
            yield from zip(some, pool.map(watched, some), strict=True)


def _summed(
    rule: StoredRule,
    found: Iterator[tuple[Window, Evaluation]],
    series: Series,
    count: int,
    watch: _Watch,
    *,
    is_one_pass: bool,
) -> Backtest:
    failures: list[tuple[datetime, Failed]] = []
    alerts: list[WouldBeAlert] = []
    incidents = _Incidents(rule)
    suppressed, alerts_count, until = 0, 0, None
    for window, run in found:
        if until is not None and window.end < until:
            suppressed += 1
            series.add(window.end, suppressed=True)
            continue
        if run.failure is not None:
            watch.check()
            if not run.failure.transient:
                raise InvalidInput(run.failure.code, run.failure.reason)
            failures.append((window.end, run.failure))
        raised = [WouldBeAlert(alert, window.end) for alert in run.alerts]
        series.add(window.end, results=run.results, alerts=len(raised), failed=run.failure is not None)
        alerts += raised[: LISTED - len(alerts)]
        alerts_count += len(raised)
        for each in raised:
            incidents.file(each)
        if raised and rule.properties.suppression_enabled:
            until = window.end + rule.properties.suppression_duration
    return Backtest(
        count,
        suppressed,
        failures,
        alerts,
        alerts_count,
        incidents.listed,
        incidents.count,
        is_one_pass,
        watch.seconds,
        series.points,
    )


def would_be_incidents(rule: StoredRule, alerts: Sequence[Alert], end: datetime) -> Sequence[WouldBeIncident]:
    """The incidents that the alerts of one run would become, if there were none before."""
    incidents = _Incidents(rule)
    for alert in alerts:
        incidents.file(WouldBeAlert(alert, end))
    return incidents.listed


class _Incidents:
    """The incidents of alerts, grouped as the rule says; none of them is ever closed by anybody."""

    def __init__(self, rule: StoredRule) -> None:
        self._configuration = rule.properties.incident_configuration
        self._standing: dict[str, WouldBeIncident] = {}
        self.listed: list[WouldBeIncident] = []
        self.count = 0

    def file(self, each: WouldBeAlert) -> None:
        """Put an alert into the incident where it belongs."""
        if not self._configuration.create_incident:
            return
        grouping, alert = self._configuration.grouping_configuration, each.alert
        key = group_key(grouping, alert)
        known = None if key is None else self._standing.get(key)
        stands = known is not None and grouping is not None and known.opened >= each.end - grouping.lookback_duration
        if known is not None and stands and known.alerts_count < MAX_ALERTS:
            known.add(alert)
            return
        title, severity = alert.display_name, alert.severity.value
        if known is not None and stands:  # it is full, and another one goes on with it
            title, severity = known.title, gravest(known.severity, severity)
        incident = WouldBeIncident(each.end, title, severity, 1, alert.start, alert.end)
        if key is not None:
            self._standing[key] = incident
        if self.count < LISTED:
            self.listed.append(incident)
        self.count += 1
