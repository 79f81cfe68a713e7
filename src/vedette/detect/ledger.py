"""What is remembered of a rule's runs, so that each window is run once, across restarts too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vedette.state.store import Transaction


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The runs of one rule so far.

    `created` is the rule's creation time: a rule deleted and made again under its old id begins anew. `last_end` is
    the end of the last window that was run. `paused` says that the rule was seen disabled since. The rule is not run
    before `suppressed_until`. `failures` counts the runs that failed in a row, the last `alike` of them with the
    code `failing`. After `attempts` at the next window that failed for a passing reason it is not tried again before
    `retry_at`. The next window of a rule by arrival begins at `since` where the one before it failed.
    """

    created: datetime
    last_end: datetime | None = None
    paused: bool = False
    suppressed_until: datetime | None = None
    failures: int = 0
    failing: str = ""
    alike: int = 0
    attempts: int = 0
    retry_at: datetime | None = None
    since: datetime | None = None


def read_record(transaction: Transaction, rule_id: str) -> RunRecord | None:
    """The record of a rule; None when it has never been run."""
    value = transaction.get_value(_key(rule_id))
    return None if value is None else _decode(value)


def write_record(transaction: Transaction, rule_id: str, record: RunRecord) -> None:
    """Keep the record of a rule."""
    transaction.set_value(_key(rule_id), _encode(record))


def _key(rule_id: str) -> str:
    return f"runs:{rule_id.lower()}"


def _encode(record: RunRecord) -> dict[str, Any]:
    return {
        "created": record.created.isoformat(),
        "lastEnd": _text(record.last_end),
        "paused": record.paused,
        "suppressedUntil": _text(record.suppressed_until),
        "failures": record.failures,
        "failing": record.failing,
        "alike": record.alike,
        "attempts": record.attempts,
        "retryAt": _text(record.retry_at),
        "since": _text(record.since),
    }


def _decode(value: dict[str, Any]) -> RunRecord:
    return RunRecord(
        created=datetime.fromisoformat(value["created"]),
        last_end=_instant(value["lastEnd"]),
        paused=value["paused"],
        suppressed_until=_instant(value["suppressedUntil"]),
        failures=value["failures"],
        failing=value.get("failing", ""),
        alike=value.get("alike", 0),
        attempts=value.get("attempts", 0),
        retry_at=_instant(value.get("retryAt")),
        since=_instant(value.get("since")),
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
