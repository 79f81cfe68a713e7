"""When which rule runs over which window: a pure function of the rules, their records and the time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vedette.core.instants import arm_time
from vedette.detect.ledger import RunRecord
from vedette.detect.stored_rule import StoredRule

MAX_CATCH_UP = 24
"""How many windows of one rule are made up for after a standstill; older ones are given up and reported."""

LONGEST_SINCE = timedelta(days=1)
"""How far back a window of a rule by arrival takes in those before it that failed."""

NO_DELAY = timedelta(0)


@dataclass(frozen=True, slots=True)
class Window:
    """One run of a rule: over its query period up to `end`. `missed` windows before it were given up.

    `asked_for` names a run that somebody asked for besides the schedule; it is empty for one of the schedule. A window
    `since` an instant takes in those that were missed before it: a rule by arrival gives up nothing that arrived.
    One that is `early` ends before its time because rows have arrived: where it finds nothing it was not run.
    """

    rule: StoredRule
    end: datetime
    missed: int = 0
    asked_for: str = ""
    since: datetime | None = None
    early: bool = False

    @property
    def identity(self) -> tuple[str, ...]:
        """What is the same whenever this run is repeated, and in no other run."""
        parts = (self.rule.id.lower(), arm_time(self.rule.created), arm_time(self.end))
        return (*parts, self.asked_for) if self.asked_for else parts

    @property
    def start(self) -> datetime:
        """Where the period begins that the query reads."""
        return self.since or self.end - self.rule.properties.query_period


@dataclass(frozen=True, slots=True)
class Present:
    """The present as the schedule sees it. A window is run `delay` after its end, so that late events are in it.

    Rows that were received before `settled` are all stored: windows of arrival that end later wait.
    """

    now: datetime
    settled: datetime
    delay: timedelta = NO_DELAY

    def past(self, rule: StoredRule) -> datetime:
        """The instant up to which windows of the rule have ended for good."""
        return min(self.now, self.settled) if rule.by_arrival else self.now - self.delay


def due(rules: Iterable[StoredRule], ledger: Mapping[str, RunRecord | None], at: datetime | Present) -> list[Window]:
    """Every window that is due and not yet run, oldest first; rules with the same window in order of creation."""
    present = at if isinstance(at, Present) else Present(at, at)
    windows = [window for rule in rules for window in due_windows(rule, ledger.get(rule.id), present)]
    return sorted(windows, key=lambda window: (window.end, window.rule.created, window.rule.id.lower()))


def next_due(
    rules: Iterable[StoredRule], ledger: Mapping[str, RunRecord | None], now: datetime, delay: timedelta = NO_DELAY
) -> datetime | None:
    """The earliest instant at which there is something to do; None when there never is."""
    instants = [ready_at(rule, ledger.get(rule.id), now, delay) for rule in rules]
    return min((instant for instant in instants if instant is not None), default=None)


def ready_at(rule: StoredRule, record: RunRecord | None, now: datetime, delay: timedelta = NO_DELAY) -> datetime | None:
    """When there is something to do for one rule, which may be in the past; None while it is disabled."""
    if is_to_pause(rule, record):
        return now
    delay = NO_DELAY if rule.by_arrival else delay
    end = next_end(rule, record, now - delay)
    if end is None:
        return None
    retry = None if record is None or _is_new(rule, record) else record.retry_at
    return end + delay if retry is None else max(end + delay, retry)


def is_to_pause(rule: StoredRule, record: RunRecord | None) -> bool:
    """Whether the rule is disabled and its record does not say so yet.

    The windows that pass while a rule is disabled are not missed: when it is enabled it begins anew.
    """
    return not rule.properties.enabled and (_is_new(rule, record) or record is None or not record.paused)


def next_end(rule: StoredRule, record: RunRecord | None, past: datetime) -> datetime | None:
    """The end of the rule's next window; None while it is disabled. `past` is up to when windows can have ended.

    The first run is at once, or at startTimeUtc; then one run every queryFrequency, on the beat of the first, save
    those that fall into the time after an alert for which the rule is suppressed.
    """
    if not rule.properties.enabled:
        return None
    if record is None or _is_new(rule, record):
        return rule.may_start
    if record.last_end is None or (record.paused and record.last_end < past):
        return max(past, rule.may_start)
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


def due_windows(rule: StoredRule, record: RunRecord | None, present: Present) -> list[Window]:
    """The windows of one rule that are due and not yet run, oldest first."""
    past = present.past(rule)
    first = next_end(rule, record, past)
    if first is None or first > past:
        return []
    if record is not None and not _is_new(rule, record) and record.retry_at and record.retry_at > present.now:
        return []
    frequency = rule.properties.query_frequency
    count = (past - first) // frequency + 1
    missed = max(0, count - MAX_CATCH_UP)
    ends = [first + frequency * number for number in range(missed, count)]
    since = _since(rule, record, first, missed) if rule.by_arrival else None
    return [Window(rule, ends[0], missed, since=since), *(Window(rule, end) for end in ends[1:])]


def _since(rule: StoredRule, record: RunRecord | None, first: datetime, missed: int) -> datetime | None:
    """Where the next window of a rule by arrival begins; None where that is a period before its end."""
    period = rule.properties.query_period
    if record is not None and not _is_new(rule, record):
        if record.paused and record.last_end is not None:
            return record.last_end if record.last_end > first - period else None
        if record.since is not None:
            return max(record.since, first - LONGEST_SINCE)
    return first - period if missed else None


def _after(last_end: datetime, rule: StoredRule, record: RunRecord) -> datetime:
    frequency = rule.properties.query_frequency
    end = last_end + frequency
    until = record.suppressed_until
    if until is None or not is_suppressed(rule, record, end):
        return end
    return end - (end - until) // frequency * frequency  # the first beat at or after `until`


def _is_new(rule: StoredRule, record: RunRecord | None) -> bool:
    return record is not None and record.created != rule.created
