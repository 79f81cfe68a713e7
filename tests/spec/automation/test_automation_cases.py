"""Runs the cases beside this file: workflows, automation rules, events and steps of the clock in; what came of it out.

A case is a TOML file: `about`, `[workflows]` with the JSON of definitions by name, and `[[step]]`s, each with one of

* `run = "NAME"` lets the workflow's first trigger fire with `body` (JSON) as what it is given,
* `call = "PUT PLACE"` is a request to the management API with `body` (JSON), which answers with `status`, 200 or 201 if
  that is left out; a place that does not begin with a slash is of Sentinel's in the first workspace,
* `events = '{"TABLE": [{…}]}'` stores events of now,
* `advance = "PT5M"` moves the clock, and does what is due on the way,
* `runs = "NAME"` looks at the workflow's runs, oldest first: `expect` (JSON) is a list with for each of them the
  `status`, and where they matter `code`, `error`, `outputs`, and `actions`: for each the status, or a list of
  status and outputs, of those in loops by `name/000000`,
* `get = "PLACE"` looks at a resource: `expect` (JSON) is what its body has, and more besides,
* `rows = "QUERY"` looks at the rows that a query gives: `expect` (JSON) is all of them.

`{group}`, `{sentinel}` and `{identity:NAME}` stand for the ids of the resource group and of Sentinel, and for a
workflow's identity. Each case begins without workflows and automation rules; the clock goes on from case to case.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import new_state_url

from vedette.access.addresses import make_addresses
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.api.arm_context import arm_context
from vedette.api.clock import move_by
from vedette.api.own_calls import own_calls
from vedette.api.services import Services
from vedette.automation.workflows.records import ACTION, REPETITION, RUN
from vedette.core.durations import parse_duration
from vedette.core.errors import VedetteError
from vedette.core.settings import Settings
from vedette.server.composition import compose

CASES = sorted(Path(__file__).parent.glob("*.toml"))
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
RULE = "Microsoft.SecurityInsights/automationRules"
WORKFLOW = "Microsoft.Logic/workflows"


class Stage:
    """A whole server without HTTP, on a virtual clock."""

    def __init__(self, services: Services) -> None:
        estate = services.estate
        self.services = services
        self.owner = Principal(estate.client_object_id, estate.client_id, "vedette-owner", estate.tenant_id)
        self.manage = own_calls(lambda: arm_context(services))
        self.sentinel = f"{estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"

    def clear(self) -> None:
        with self.services.state.transaction() as transaction:
            for type in (RULE, WORKFLOW):
                for each in self.services.state.list(type):
                    transaction.delete(each.id)
                    transaction.delete_below(each.id)

    def workflow_id(self, name: str) -> str:
        return f"{self.services.estate.resource_group_id}/providers/{WORKFLOW}/{name}"

    def make(self, name: str, definition: dict[str, Any]) -> None:
        full = {"$schema": SCHEMA, "contentVersion": "1.0.0.0", **definition}
        properties: dict[str, Any] = {"definition": full, "parameters": full.pop("values", {})}
        body = {"location": "local", "identity": {"type": "SystemAssigned"}, "properties": properties}
        self.call("PUT", self.workflow_id(name), body)
        self.services.roles.assign(
            self.services.directory.managed_identity(self.workflow_id(name)),
            OWNER,
            self.services.estate.resource_group_id,
        )

    def call(self, method: str, place: str, body: Any = None) -> Any:
        id = place if place.startswith("/") else f"{self.sentinel}/{place}"
        mark = "&" if "?" in id else "?"
        return self.manage(self.owner, method, f"{id}{mark}api-version=2024-03-01", body)

    def filled(self, text: str) -> str:
        text = text.replace("{group}", self.services.estate.resource_group_id).replace("{sentinel}", self.sentinel)
        text = text.replace("{workspace}", self.services.estate.workspace_id)
        return re.sub(
            r"\{identity:(\w+)\}",
            lambda match: self.services.directory.managed_identity(self.workflow_id(match[1])).object_id,
            text,
        )

    def value(self, text: str | None) -> Any:
        return None if text is None else json.loads(self.filled(text))

    def runs(self, name: str) -> list[dict[str, Any]]:
        state = self.services.state
        found = sorted(state.list(RUN, self.workflow_id(name)), key=lambda each: each.name, reverse=True)
        shown: list[dict[str, Any]] = []
        for run in found:
            properties = run.body["properties"]
            actions: dict[str, Any] = {}
            for each in state.list(ACTION, run.id):
                actions[each.name] = [each.body["properties"]["status"], each.body["kept"].get("outputs")]
            for each in state.list(REPETITION, run.id, below=True):
                outer = each.scope.rpartition("/")[2]
                known = next(name for name in actions if name.lower() == outer)
                key = f"{known}/{each.name}"
                actions[key] = [each.body["properties"]["status"], each.body["kept"]["outputs"]]
            shown.append({**properties, "actions": actions})
        return shown


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Stage]:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    directory = tmp_path_factory.mktemp("automation")
    on_sqlite = request.config.getoption("--state") == "sqlite"
    state = "" if on_sqlite else new_state_url(request, directory, "postgresql")
    settings = Settings(directory, virtual_clock=True, state=state)
    with compose(settings, addresses) as services:
        yield Stage(services)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(stage: Stage, path: Path) -> None:
    case = tomllib.loads(path.read_text())
    stage.clear()
    for name, definition in case.get("workflows", {}).items():
        stage.make(name, json.loads(stage.filled(definition)))
    for number, step in enumerate(case["step"], 1):
        with telling(f"step {number}: {step.get('about', '')}"):
            take(stage, step)


@contextmanager
def telling(where: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(where)
        raise


def take(stage: Stage, step: dict[str, Any]) -> None:
    body, expected = stage.value(step.get("body")), stage.value(step.get("expect"))
    match step:
        case {"run": name}:
            trigger = next(iter(stage.call("GET", f"{stage.workflow_id(name)}/triggers").body["value"]))["name"]
            stage.call("POST", f"{stage.workflow_id(name)}/triggers/{trigger}/run", body)
            stage.services.automation.run_due()
        case {"call": request}:
            called(stage, request, body, step)
            stage.services.automation.run_due()
        case {"events": events}:
            workspace = stage.services.estate.workspace_id
            for table, rows in json.loads(events).items():
                stage.services.logs.append(
                    workspace, table, [{"TimeGenerated": stage.services.clock.now(), **row} for row in rows]
                ).result()
        case {"advance": duration}:
            move_by(stage.services, parse_duration(duration))
        case {"runs": name}:
            found = stage.runs(name)
            assert len(found) == len(expected), [each["status"] for each in found]
            for one, wanted in zip(found, expected, strict=True):
                compare_run(one, wanted)
        case {"get": place}:
            assert_has(stage.call("GET", stage.filled(place)).body, expected, place)
        case {"rows": query}:
            answer = stage.services.logs.query(stage.services.estate.workspace_id, stage.filled(query))
            assert [list(row) for row in answer.rows()] == expected
        case _:
            raise AssertionError(f"a step of no kind: {step}")


def called(stage: Stage, request: str, body: Any, step: dict[str, Any]) -> None:
    method, _, place = request.partition(" ")
    if "code" in step:
        with pytest.raises(VedetteError) as refused:
            stage.call(method, stage.filled(place), body)
        assert refused.value.code == step["code"], refused.value.message
        return
    answer = stage.call(method, stage.filled(place), body)
    assert answer.status in ([step["status"]] if "status" in step else [200, 201, 202, 204])


def compare_run(run: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name, value in wanted.get("actions", {}).items():
        status, outputs = run["actions"].get(name, ["(not there)", None])
        if isinstance(value, str):
            assert (name, status) == (name, value), outputs
        else:
            assert (name, status) == (name, value[0]), outputs
            assert_has(outputs, value[1], name)
    assert_has(run, {name: value for name, value in wanted.items() if name != "actions"}, "run")


def assert_has(found: Any, wanted: Any, place: str) -> None:
    """Objects have what is wanted and may have more; all else is equal; `~text` is contained in a text."""
    if isinstance(wanted, dict):
        assert isinstance(found, dict), f"{place}: {found}"
        for name, value in wanted.items():
            assert name in found, f"{place} has no {name}: {found}"
            assert_has(found[name], value, f"{place}.{name}")
    elif isinstance(wanted, list):
        assert isinstance(found, list), f"{place}: {found}"
        assert len(found) == len(wanted), f"{place}: {found}"
        for at, (one, other) in enumerate(zip(found, wanted, strict=True)):
            assert_has(one, other, f"{place}[{at}]")
    elif isinstance(wanted, str) and wanted.startswith("~"):
        assert wanted[1:] in str(found), f"{place}: {found}"
    else:
        assert found == wanted, place
