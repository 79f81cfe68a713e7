"""A run that is stopped at one place after another where it is kept, and gone on with each time: the same run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.automation.crash_child import Child, child

from vedette.automation.workflows.records import ACTION, REPETITION, RUN
from vedette.automation.workflows.runs import Playbooks
from vedette.detect.incidents import COMMENT

MOST_STOPS = 300


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Child]:
    with child(tmp_path) as opened:
        yield opened


def test_stopped_at_every_step(made: Child) -> None:
    made.prepare(0)
    made.put(f"{made.sentinel}/incidents/i", {"properties": {"title": "Stop", "severity": "Low", "status": "New"}})
    parts, looks = made.services.automation.playbooks.parts, 0

    def stopping() -> bool:
        """Let one look pass, so that each try comes one step further."""
        nonlocal looks
        looks += 1
        return looks > allowed

    made.services.automation.rules.run_due()
    allowed, stops = 0, 0
    while state_of(made) == "Running":
        allowed, looks = 8, 0  # the loop of the runs looks too
        Playbooks(replace(parts, stopping=stopping)).run_due()
        stops += 1
        assert stops < MOST_STOPS
        made.services.automation.rules.run_due()
    assert stops > 5
    made.services.automation.run_due()
    state = made.services.state
    (run,) = state.list(RUN, made.playbook)
    assert run.body["properties"]["status"] == "Succeeded"
    end = state.get(f"{run.id}/actions/End")
    assert end is not None
    assert end.body["kept"]["outputs"] == 10
    said = [each.body["properties"]["message"] for each in state.list(COMMENT, f"{made.sentinel}/incidents/i")]
    assert sorted(said) == [f"Number {number}" for number in range(10)]
    steps = (*state.list(ACTION, run.id), *state.list(REPETITION, run.id, below=True))
    assert {each.body["properties"]["status"] for each in steps} == {"Succeeded"}


def state_of(made: Child) -> str:
    runs = made.services.state.list(RUN, made.playbook)
    return runs[0].body["properties"]["status"] if runs else "Running"
