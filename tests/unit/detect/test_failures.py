from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from vedette.core.errors import InvalidInput, NotFound, TimedOut, Unavailable, VedetteError
from vedette.detect.failures import DISABLED_AFTER, after_failure, after_success, disabled_body, failed, is_to_disable
from vedette.detect.ledger import RunRecord
from vedette.detect.rule_kind import Failed
from vedette.detect.stored_rule import StoredRule

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
Make = Callable[..., StoredRule]
PASSES, STAYS = Failed("Timeout", "It took too long.", transient=True), Failed("SEM0100", "No such table.")


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (TimedOut("Timeout", "It took too long."), True),
        (Unavailable("Unavailable", "Try later."), True),
        (VedetteError("Unknown", "Nobody knows."), True),
        (InvalidInput("SYN0001", "No query."), False),
        (NotFound("WorkspaceNotFoundError", "Gone."), False),
    ],
)
def test_which_failures_pass(error: VedetteError, passes: bool) -> None:
    assert failed(error) == Failed(error.code, error.message, transient=passes)


def pauses(rule: StoredRule, tries: int) -> list[float | None]:
    record, now, found = RunRecord(rule.created, last_end=START - timedelta(hours=1)), START, []
    for _ in range(tries):
        record = after_failure(rule, record, PASSES, START, now)
        found.append(None if record.retry_at is None else (record.retry_at - now) / timedelta(minutes=1))
        now = record.retry_at or now
    return found


def test_pauses_grow_until_the_next_window(make_rule: Make) -> None:
    assert pauses(make_rule(queryFrequency="PT5M"), 3) == [1, 2, None]
    assert pauses(make_rule(queryFrequency="PT1H"), 7) == [1, 2, 4, 8, 16, None, 1]
    assert pauses(make_rule(queryFrequency="P1D", queryPeriod="P1D"), 6) == [1, 2, 4, 8, 16, None]


def test_a_window_that_was_given_up_is_over(make_rule: Make) -> None:
    rule = make_rule(queryFrequency="PT5M")
    record = RunRecord(rule.created, last_end=START - timedelta(minutes=5))
    for _ in range(2):
        record = after_failure(rule, record, PASSES, START, START)
        assert record.last_end == START - timedelta(minutes=5)
    record = after_failure(rule, record, PASSES, START, START)
    assert (record.last_end, record.attempts, record.retry_at, record.failures) == (START, 0, None, 3)


def test_the_first_window_stays_the_one_it_was(make_rule: Make) -> None:
    record = after_failure(make_rule(), RunRecord(START), PASSES, START, START)
    assert record.last_end == START - timedelta(minutes=5)


def test_only_the_same_lasting_reason_disables(make_rule: Make) -> None:
    rule, record = make_rule(), RunRecord(START)
    for number in range(1, DISABLED_AFTER + 1):
        record = after_failure(rule, record, STAYS, START, START)
        assert is_to_disable(record) == (number == DISABLED_AFTER)
    assert not is_to_disable(after_failure(rule, record, Failed("SEM0101", "Another."), START, START))
    assert not is_to_disable(after_failure(rule, record, PASSES, START, START))
    assert not is_to_disable(after_success(record))


def test_a_disabled_rule_says_why() -> None:
    body = {"kind": "Scheduled", "properties": {"displayName": "Beats", "description": "Counts.", "enabled": True}}
    properties = disabled_body(body, STAYS, START)["properties"]
    assert (properties["displayName"], properties["enabled"]) == ("AUTO DISABLED Beats", False)
    assert properties["description"].startswith("AUTO DISABLED on 2024-05-01 12:00 UTC")
    assert properties["description"].endswith("SEM0100. No such table.\n\nCounts.")
    assert body["properties"]["enabled"]
