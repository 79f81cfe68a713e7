"""One workflow, or one part of automation, that fails keeps no other from its turn."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.automation.crash_child import SCHEMA, Child, child

from vedette.api.clock import move_by
from vedette.automation.workflows import recurring
from vedette.automation.workflows.records import RUN


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Child]:
    with child(tmp_path) as opened:
        yield opened


def make(made: Child, name: str) -> str:
    id = f"{made.services.estate.resource_group_id}/providers/Microsoft.Logic/workflows/{name}"
    recurrence = {"type": "Recurrence", "recurrence": {"frequency": "Minute", "interval": 10}}
    definition = {"$schema": SCHEMA, "triggers": {"r": recurrence}, "actions": {}}
    made.put(id, {"location": "local", "properties": {"definition": definition}})
    return id


def test_a_workflow_that_fails_is_left_out_until_it_is_changed(made: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, right = make(made, "a-wrong"), make(made, "b-right")
    fire, tried = recurring.fire, list[str]()

    def failing(transaction: Any, clock: Any, new_id: Any, workflow: Any, *rest: Any) -> Any:
        if workflow.name == "a-wrong":
            tried.append(workflow.id)
            raise RuntimeError("wrong")
        return fire(transaction, clock, new_id, workflow, *rest)

    monkeypatch.setattr(recurring, "fire", failing)
    move_by(made.services, timedelta(minutes=25))
    assert len(made.services.state.list(RUN, right)) == 3
    assert len(tried) == 1
    make(made, "a-wrong")
    move_by(made.services, timedelta(minutes=1))
    assert len(tried) == 2
    monkeypatch.undo()
    make(made, "a-wrong")
    move_by(made.services, timedelta(minutes=1))
    assert len(made.services.state.list(RUN, wrong)) == 1


def test_a_part_that_fails_stops_no_other(made: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    id = make(made, "works")

    def failing() -> Any:
        raise RuntimeError("wrong")

    monkeypatch.setattr(made.services.automation.rules, "next_due", failing)
    monkeypatch.setattr(made.services.automation.rules, "run_due", failing)
    move_by(made.services, timedelta(minutes=15))
    assert len(made.services.state.list(RUN, id)) == 2
