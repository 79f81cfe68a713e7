from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.core.errors import InvalidInput
from vedette.detect.ledger import RunRecord
from vedette.detect.rule import ScheduledRule
from vedette.detect.schedule import MAX_CATCH_UP, Present, due, due_windows, is_to_pause, next_due
from vedette.detect.stored_rule import StoredRule, query_rule

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
Make = Callable[..., StoredRule]


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def ends(rule: StoredRule, record: RunRecord | None, now: datetime) -> list[float]:
    return [(window.end - START) / timedelta(minutes=1) for window in due([rule], {rule.id: record}, now)]


def test_the_first_run_is_at_once(make_rule: Make) -> None:
    assert ends(make_rule(), None, START) == [0]


def test_the_window_reaches_back_by_the_period(make_rule: Make) -> None:
    (window,) = due([make_rule()], {}, START)
    assert (window.start, window.end) == (after(-60), START)


def test_a_start_time_postpones_the_first_run(make_rule: Make) -> None:
    rule = make_rule(startTimeUtc="2024-05-01T12:10:00Z")
    assert ends(rule, None, after(9)) == []
    assert ends(rule, None, after(16)) == [10, 15]
    assert next_due([rule], {}, START) == after(10)


def test_a_start_time_in_the_past_does_not(make_rule: Make) -> None:
    assert ends(make_rule(startTimeUtc="2024-04-01T00:00:00Z"), None, START) == [0]


def test_then_every_frequency_on_the_first_runs_beat(make_rule: Make) -> None:
    record = RunRecord(START, last_end=START)
    assert ends(make_rule(), record, after(4.9)) == []
    assert ends(make_rule(), record, after(16)) == [5, 10, 15]


def test_catching_up_is_bounded_and_says_what_it_leaves_out(make_rule: Make) -> None:
    rule = make_rule()
    windows = due([rule], {rule.id: RunRecord(START, last_end=START)}, after(5 * 100))
    assert len(windows) == MAX_CATCH_UP
    assert windows[0].missed == 100 - MAX_CATCH_UP
    assert windows[-1].end == after(500)
    assert [window.missed for window in windows[1:]] == [0] * (MAX_CATCH_UP - 1)


def test_rules_are_run_oldest_window_first(make_rule: Make) -> None:
    often, seldom = make_rule("often"), make_rule("seldom", created=after(3), queryFrequency="PT10M")
    windows = due([seldom, often], {}, after(14))
    assert [(window.rule.name, window.end) for window in windows] == [
        ("often", START),
        ("seldom", after(3)),
        ("often", after(5)),
        ("often", after(10)),
        ("seldom", after(13)),
    ]


def test_a_disabled_rule_is_not_run_and_is_to_be_paused_once(make_rule: Make) -> None:
    rule = make_rule(enabled=False)
    assert ends(rule, None, after(60)) == []
    assert is_to_pause(rule, None)
    assert next_due([rule], {}, after(60)) == after(60)
    paused = RunRecord(START, paused=True)
    assert not is_to_pause(rule, paused)
    assert next_due([rule], {rule.id: paused}, after(60)) is None


def test_a_rule_that_is_enabled_again_begins_at_once_and_makes_up_for_nothing(make_rule: Make) -> None:
    record = RunRecord(START, last_end=START, paused=True)
    assert ends(make_rule(), record, after(61)) == [61]


def test_a_rule_made_again_under_its_old_id_begins_anew(make_rule: Make) -> None:
    record = RunRecord(START - timedelta(days=3), last_end=after(300))
    assert ends(make_rule(), record, after(2)) == [0]


def test_windows_after_an_alert_are_left_out_while_the_rule_is_suppressed(make_rule: Make) -> None:
    record = RunRecord(START, last_end=START, suppressed_until=after(12))
    assert ends(make_rule(suppressionEnabled=True), record, after(14)) == []
    assert ends(make_rule(suppressionEnabled=True), record, after(21)) == [15, 20]
    assert ends(make_rule(suppressionEnabled=False), record, after(11)) == [5, 10]
    until_a_beat = RunRecord(START, last_end=START, suppressed_until=after(10))
    assert ends(make_rule(suppressionEnabled=True), until_a_beat, after(11)) == [10]


def test_the_next_due_is_the_earliest(make_rule: Make) -> None:
    one, other = make_rule("one"), make_rule("other")
    ledger = {one.id: RunRecord(START, last_end=after(20)), other.id: RunRecord(START, last_end=after(10))}
    assert next_due([one, other], ledger, after(12)) == after(15)
    assert next_due([], {}, START) is None


def by_arrival(rule: StoredRule) -> StoredRule:
    minute = timedelta(minutes=1)
    properties = replace_part(rule, query_frequency=minute, query_period=minute)
    return replace(rule, properties=properties, kind="NRT", by_arrival=True)


def replace_part(rule: StoredRule, **changes: Any) -> ScheduledRule:
    return query_rule(rule).model_copy(update=changes)


def test_a_rule_by_arrival_that_was_off_for_a_moment_sees_nothing_twice(make_rule: Make) -> None:
    rule = by_arrival(make_rule())
    record = RunRecord(START, last_end=after(2), paused=True)
    (window,) = due_windows(rule, record, Present(after(2.5), after(2.5)))
    assert (window.start, window.end) == (after(2), after(2.5))
    (window,) = due_windows(rule, record, Present(after(30), after(30)))
    assert (window.start, window.end) == (after(29), after(30))


def test_a_rule_by_arrival_takes_up_the_window_that_failed(make_rule: Make) -> None:
    rule = by_arrival(make_rule())
    (window,) = due_windows(rule, RunRecord(START, last_end=after(2), since=after(1)), Present(after(3), after(3)))
    assert (window.start, window.end) == (after(1), after(3))


def test_a_start_for_which_there_is_no_time_after_is_refused(make_rule: Make) -> None:
    with pytest.raises(InvalidInput, match="startTimeUtc"):
        make_rule(startTimeUtc="9999-12-31T23:59:59Z")
