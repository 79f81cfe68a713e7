"""When a rule runs next, and why not before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vedette.core.durations import format_duration
from vedette.core.instants import arm_time
from vedette.detect.agenda import record_of
from vedette.detect.failures import AUTO_DISABLED
from vedette.detect.ledger import RunRecord
from vedette.detect.schedule import NO_DELAY, next_end, ready_at
from vedette.detect.stored_rule import StoredRule


@dataclass(frozen=True, slots=True)
class NextRun:
    """`at` is when, None for never as things stand; `end` is the end of its window; `reason` is why then, in words."""

    at: datetime | None
    end: datetime | None
    reason: str


def next_run(rule: StoredRule, record: RunRecord | None, now: datetime, delay: timedelta = NO_DELAY) -> NextRun:
    """The next run of a rule by its schedule."""
    if not rule.properties.enabled:
        by_itself = rule.properties.display_name.startswith(AUTO_DISABLED)
        told = "It was disabled because its runs failed; its description says why." if by_itself else "It is disabled."
        return NextRun(None, None, told)
    delay = NO_DELAY if rule.by_arrival else delay
    at, end = ready_at(rule, record, now, delay), next_end(rule, record, now - delay)
    return NextRun(at, end, " ".join(_reasons(rule, record_of(rule, record), now, delay, at)))


def _reasons(rule: StoredRule, record: RunRecord, now: datetime, delay: timedelta, at: datetime | None) -> list[str]:
    frequency = rule.properties.query_frequency
    told = [f"It runs every {format_duration(frequency)}."]
    if record.last_end is None:
        told = ["It has not run since it was made or enabled."]
        if rule.properties.start_time_utc is not None and rule.may_start > now:
            told.append(f"It begins at its startTimeUtc, {arm_time(rule.may_start)}.")
    if record.retry_at is not None and record.retry_at > now:
        told.append(
            f"Its last run failed for a reason that may pass; this is attempt {record.attempts + 1} at the window."
        )
    elif record.failures:
        told.append(f"Its last {record.failures} runs failed.")
    until = record.suppressed_until
    if rule.properties.suppression_enabled and until is not None and until > now:
        told.append(f"After an alert it rests until {arm_time(until)}.")
    if delay:
        told.append(f"Each window is run {format_duration(delay)} after its end.")
    if at is not None and at <= now:
        told.append(
            "It is due now and waits for its turn."
            if not rule.by_arrival
            else "It is due as soon as all that arrived is stored."
        )
    return told
