"""What fails in one of several workspaces is told as its, and changes nothing in the others without their leave."""

from dataclasses import replace

import pytest
from tests.unit.content.memory_endpoint import WORKSPACE, MemoryEndpoint

from vedette.cli.content_targets import Target
from vedette.cli.many_workspaces import carry_out, for_each
from vedette.content.managed import Record
from vedette.content.planning import Plan
from vedette.core.errors import InvalidInput

CLIENT = MemoryEndpoint().client()
TARGETS = [Target(replace(WORKSPACE, label=label), CLIENT) for label in ("eu", "us", "asia")]


def plan(target: Target) -> Plan:
    if target.workspace.title == "us":
        raise InvalidInput("NothingFits", "Nothing is called 'x'.")
    return Plan(target.workspace, Record("", {}, {}), ())


def test_nothing_is_changed_where_one_cannot_be_planned(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        for_each(TARGETS, plan)
    assert "us: Nothing is called 'x'." in capsys.readouterr().err
    plans, failed = for_each(TARGETS, plan, keep_going=True)
    assert ([each.workspace.title for each, _ in plans], failed) == (["eu", "asia"], True)
    with pytest.raises(InvalidInput):
        for_each(TARGETS[1:2], plan)


@pytest.mark.parametrize("keep_going", [False, True])
def test_one_that_fails_is_named(capsys: pytest.CaptureFixture[str], keep_going: bool) -> None:
    done: list[str] = []

    def apply(target: Target, _plan: Plan) -> bool:
        if target.workspace.title == "eu":
            raise InvalidInput("Broken", "It is broken.")
        done.append(target.workspace.title)
        return True

    plans = [(each, Plan(each.workspace, Record("", {}, {}), ())) for each in TARGETS]
    assert not carry_out(plans, apply, keep_going=keep_going)
    told = capsys.readouterr().err
    assert "eu: It is broken." in told
    assert ("Not attempted: us, asia." in told, done) == ((True, []) if not keep_going else (False, ["us", "asia"]))
