"""What becomes of a rule whose runs fail: tried again after ever longer pauses, or disabled where nothing will help.

Which failures pass and which stay: https://learn.microsoft.com/azure/sentinel/troubleshoot-analytics-rules
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from vedette.core.errors import InvalidInput, NotFound, Unsupported, VedetteError
from vedette.detect.ledger import RunRecord
from vedette.detect.rule_kind import Evaluation, Failed
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.kql.diagnostics import KqlError

DISABLED_AFTER: Final = 10
"""Runs that fail in a row, each for the same reason that stays, before the rule is disabled."""

AUTO_DISABLED: Final = "AUTO DISABLED"

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_TRYING: Final = timedelta(hours=1)
_TRYING_BY_ARRIVAL: Final = timedelta(minutes=15)


def failed(error: VedetteError) -> Failed:
    """The failure of a run. What the query is, or what it names, stays as it is until somebody changes something; time
    and room that lack, and whatever is not known to stay, may pass."""
    stays = isinstance(error, KqlError | NotFound | InvalidInput | Unsupported)
    return Failed(error.code, error.message, transient=not stays)


def after_failure(rule: StoredRule, record: RunRecord, failure: Failed, end: datetime, now: datetime) -> RunRecord:
    """The record once a run over the window that ends at `end` has failed.

    A passing failure leaves the window to be tried again, first after a minute and each time after twice as long, as
    long as all that is less than until the next window; then the window is given up. So is it at once after any other.
    """
    failures = record.failures + 1
    if failure.transient:
        pause = _FIRST_PAUSE * 2**record.attempts
        longest = _TRYING_BY_ARRIVAL if rule.by_arrival else min(rule.properties.query_frequency, _LONGEST_TRYING)
        if 2 * pause - _FIRST_PAUSE <= longest:  # the pauses so far and this one
            first = record.paused or record.last_end is None  # then nothing else says which window it was
            last_end = end - rule.properties.query_frequency if first else record.last_end
            tried = replace(record, last_end=last_end, paused=False, failures=failures, failing="", alike=0)
            return replace(tried, attempts=record.attempts + 1, retry_at=now + pause)
    alike = 0 if failure.transient else record.alike + 1 if record.failing == failure.code else 1
    code = "" if failure.transient else failure.code
    ended = replace(record, last_end=end, paused=False, attempts=0, retry_at=None)
    return replace(ended, failures=failures, failing=code, alike=alike)


def after_run(record: RunRecord, window: Window, run: Evaluation, now: datetime) -> RunRecord:
    """The record of a window's rule once the window was run; after alerts the rule rests if it says so."""
    rule = window.rule
    if run.failure is not None:
        failed = after_failure(rule, record, run.failure, window.end, now)
        return replace(failed, since=window.start if rule.by_arrival else None)
    rests = run.alerts and rule.properties.suppression_enabled
    until = window.end + rule.properties.suppression_duration if rests else record.suppressed_until
    return replace(after_success(record), last_end=window.end, suppressed_until=until)


def after_success(record: RunRecord) -> RunRecord:
    """The record once a run has come about: all failures are forgotten."""
    return replace(record, failures=0, failing="", alike=0, attempts=0, retry_at=None, since=None)


def is_to_disable(record: RunRecord) -> bool:
    """Whether enough runs in a row have failed for the same reason that stays."""
    return record.alike >= DISABLED_AFTER


def disabled_body(body: dict[str, Any], failure: Failed, now: datetime) -> dict[str, Any]:
    """The rule's document, disabled: said before its name, and with the reason in its description, as Sentinel does."""
    properties: dict[str, Any] = body["properties"]
    name, description = str(properties.get("displayName", "")), str(properties.get("description", ""))
    if not name.startswith(AUTO_DISABLED):
        name = f"{AUTO_DISABLED} {name}"
    reason = (
        f"{AUTO_DISABLED} on {now:%Y-%m-%d %H:%M} UTC: the last {DISABLED_AFTER} runs failed with {failure.code}. "
        f"{failure.reason}"
    )
    told = f"{reason}\n\n{description}" if description else reason
    return {**body, "properties": {**properties, "enabled": False, "displayName": name, "description": told}}
