from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.detect.turns import next_turns

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
Make = Callable[..., StoredRule]


def windows(make_rule: Make, workspace: str, *minutes: int) -> list[Window]:
    rules = [replace(make_rule(f"{workspace}{minute}"), workspace_id=workspace) for minute in minutes]
    ends = [START + timedelta(minutes=minute) for minute in minutes]
    return [Window(rule, end) for rule, end in zip(rules, ends, strict=True)]


def names(turns: list[Window]) -> list[str]:
    return [window.rule.name for window in turns]


def test_the_oldest_come_first(make_rule: Make) -> None:
    assert names(next_turns(windows(make_rule, "a", 3, 1, 2), {}, 2)) == ["a1", "a2"]


def test_workspaces_take_turns(make_rule: Make) -> None:
    waiting = windows(make_rule, "a", 1, 2, 3, 4) + windows(make_rule, "b", 9)
    assert names(next_turns(waiting, {}, 3, workspaces=2)) == ["a1", "b9", "a2"]


def test_one_workspace_leaves_a_worker_to_the_others(make_rule: Make) -> None:
    waiting = windows(make_rule, "a", *range(10))
    assert len(next_turns(waiting, {}, 4, workspaces=2)) == 3
    assert len(next_turns(waiting, {}, 4, workspaces=1)) == 4
    assert len(next_turns(waiting, Counter({"a": 3}), 4, workspaces=2)) == 0
    assert names(next_turns(waiting + windows(make_rule, "b", 99), Counter({"a": 3}), 4, workspaces=2)) == ["b99"]


def test_a_single_worker_is_for_all(make_rule: Make) -> None:
    assert len(next_turns(windows(make_rule, "a", 1, 2), {}, 1, workspaces=2)) == 1
