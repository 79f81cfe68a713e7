"""When which rule runs over which window: a pure function of the rules, their records and the time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vedette.core.instants import arm_time
from vedette.detect.ledger import RunRecord
from vedette.detect.stored_rule import StoredRule

MAX_CATCH_UP = 24
"""How many windows of one rule are made up for after a standstill; older ones are given up and reported."""


@dataclass(frozen=True, slots=True)
class Window:
    """One run of a rule: over its query period up to `end`. `missed` windows before it were given up.

    `asked_for` names a run that somebody asked for besides the schedule; it is empty for one of the schedule. A window
    `since` an instant takes in those that were missed before it, for a rule by arrival gives up nothing that arrived.
    """

    rule: StoredRule
    end: datetime
    missed: int = 0
    asked_for: str = ""
    since: datetime | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """What is the same whenever this run is repeated, and in no other run."""
        parts = (self.rule.id.lower(), arm_time(self.rule.created), arm_time(self.end))
        return (*parts, self.asked_for) if self.asked_for else parts

    @property
    def start(self) -> datetime:
        """Where the period begins that the query reads."""
        return self.since or self.end - self.rule.properties.query_period


def due(
    rules: Iterable[StoredRule],
    ledger: Mapping[str, RunRecord | None],
    now: datetime,
    settled: datetime | None = None,
) -> list[Window]:
    """Every window that is due and not yet run, oldest first; rules with the same window in order of creation.

    Rows that were received before `settled` are all stored: windows of arrival that end later wait, by default none.
    """
    arrived = now if settled is None else min(now, settled)
    windows = [
        window
        for rule in rules
        for window in _due_windows(rule, ledger.get(rule.id), arrived if rule.by_arrival else now)
    ]
    return sorted(windows, key=lambda window: (window.end, window.rule.created, window.rule.id.lower()))


def next_due(rules: Iterable[StoredRule], ledger: Mapping[str, RunRecord | None], now: datetime) -> datetime | None:
    """The earliest instant at which there is something to do; None when there never is."""
    ends = [_next(rule, ledger.get(rule.id), now) for rule in rules]
    return min((end for end in ends if end is not None), default=None)


def is_to_pause(rule: StoredRule, record: RunRecord | None) -> bool:
    """Whether the rule is disabled and its record does not say so yet.

    The windows that pass while a rule is disabled are not missed: when it is enabled it begins anew.
    """
    return not rule.properties.enabled and (_is_new(rule, record) or record is None or not record.paused)


def next_end(rule: StoredRule, record: RunRecord | None, now: datetime) -> datetime | None:
    """The end of the rule's next window; None while it is disabled.

    The first run is at once, or at startTimeUtc; then one run every queryFrequency, on the beat of the first, save
    those that fall into the time after an alert for which the rule is suppressed.
    """
    if not rule.properties.enabled:
        return None
    if record is None or _is_new(rule, record):
        return rule.may_start
    if record.paused or record.last_end is None:
        return max(now, rule.may_start)
    return _after(record.last_end, rule, record)


def is_suppressed(rule: StoredRule, record: RunRecord | None, end: datetime) -> bool:
    """Whether the window that ends at `end` is left out because of an earlier alert."""
    if record is None or record.suppressed_until is None or _is_new(rule, record):
        return False
    return rule.properties.suppression_enabled and end < record.suppressed_until


def is_run(rule: StoredRule, record: RunRecord | None, end: datetime) -> bool:
    """Whether the window that ends at `end` has been run."""
    if record is None or record.last_end is None or _is_new(rule, record):
        return False
    return end <= record.last_end


def _next(rule: StoredRule, record: RunRecord | None, now: datetime) -> datetime | None:
    return now if is_to_pause(rule, record) else next_end(rule, record, now)


def _due_windows(rule: StoredRule, record: RunRecord | None, now: datetime) -> list[Window]:
    first = next_end(rule, record, now)
    if first is None or first > now:
        return []
    frequency = rule.properties.query_frequency
    count = (now - first) // frequency + 1
    missed = max(0, count - MAX_CATCH_UP)
    ends = [first + frequency * number for number in range(missed, count)]
    since = first - frequency if rule.by_arrival and missed else None
    return [Window(rule, ends[0], missed, since=since), *(Window(rule, end) for end in ends[1:])]


def _after(last_end: datetime, rule: StoredRule, record: RunRecord) -> datetime:
    frequency = rule.properties.query_frequency
    end = last_end + frequency
    until = record.suppressed_until
    if until is None or not is_suppressed(rule, record, end):
        return end
    return end - (end - until) // frequency * frequency  # the first beat at or after `until`


def _is_new(rule: StoredRule, record: RunRecord | None) -> bool:
    return record is not None and record.created != rule.created
