"""When a request that failed is made again. https://learn.microsoft.com/azure/logic-apps/error-exception-handling#retry-policies"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette.automation.workflows.definition import part
from vedette.automation.workflows.outcomes import Done, Later, failed
from vedette.automation.workflows.records import Record
from vedette.automation.workflows.waits import duration
from vedette.core.instants import arm_time
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import text_of

_INTERRUPTED = "The server stopped while the request was under way; whether it was carried out is not known."
RETRIED = frozenset({408, 429, *range(500, 600)})
_MOST = 90
_SHORTEST, _LONGEST = timedelta(seconds=5), timedelta(days=1)
_DEFAULT_COUNT, _DEFAULT_INTERVAL = 4, timedelta(seconds=7)
_DEFAULT_LEAST, _DEFAULT_MOST = timedelta(seconds=5), timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a request is made again, and after how long."""

    count: int
    interval: timedelta
    grows: bool
    least: timedelta = _DEFAULT_LEAST
    most: timedelta = _DEFAULT_MOST

    def pause(self, failures: int) -> timedelta | None:
        """How long to wait after so many failures; None when it is not tried again."""
        if failures > self.count:
            return None
        if not self.grows:
            return self.interval
        return min(max(self.interval * 2 ** min(failures - 1, 20), self.least), self.most)


def again(record: Record, policy: RetryPolicy, now: datetime, code: str, message: str, outputs: Any) -> Done | Later:
    """The outcome of a try that failed in passing: the next one, or the failure once the policy allows none."""
    record.attempts += 1
    pause = policy.pause(record.attempts)
    if pause is None:
        return failed(code, message, outputs)
    failure = {
        "startTime": arm_time(now, "microseconds"),
        "endTime": arm_time(now, "microseconds"),
        "code": code,
        "error": {"error": {"code": code, "message": message}},
    }
    state = {name: value for name, value in record.state.items() if name != "interrupted"}
    return Later(now + pause, state, failure)


def again_interrupted(record: Record, now: datetime) -> Done | Later:
    """The outcome of a request that was under way when the server stopped. Raises ExpressionError."""
    policy = read_policy(part(record.inputs).get("retryPolicy"))
    return again(record, policy, now, "ActionInterrupted", _INTERRUPTED, None)


def read_policy(given: Any) -> RetryPolicy:
    """The policy of an action's inputs. Raises ExpressionError."""
    policy = part(given)
    kind = text_of(policy.get("type") or "").lower()
    match kind:
        case "none":
            return RetryPolicy(0, _SHORTEST, grows=False)
        case "" | "fixed" | "exponential":
            pass
        case _:
            raise ExpressionError(f"The retry policy '{kind[:40]}' is not one of none, fixed and exponential.")
    if not kind:
        return RetryPolicy(_DEFAULT_COUNT, _DEFAULT_INTERVAL, grows=True)
    count = policy.get("count", _DEFAULT_COUNT)
    if not isinstance(count, int) or not 1 <= count <= _MOST:
        raise ExpressionError(f"The 'count' of a retry policy is from 1 to {_MOST}.")
    interval = duration(policy.get("interval"), _DEFAULT_INTERVAL)
    if not _SHORTEST <= interval <= _LONGEST:
        raise ExpressionError("The 'interval' of a retry policy is from 5 seconds to 1 day.")
    least = duration(policy.get("minimumInterval"), _DEFAULT_LEAST)
    most = duration(policy.get("maximumInterval"), _LONGEST)
    return RetryPolicy(count, interval, kind == "exponential", least, most)
