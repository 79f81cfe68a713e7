"""Real playbooks run from their first step to their last, on an incident or an alert of this server.

Nothing of theirs is connected but Sentinel itself: a run ends, each step that is another service's fails by its name,
and no step fails because of the language.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.corpus.api_examples import EXAMPLES
from tests.spec.automation.test_automation_cases import Stage
from vedette.access.addresses import make_addresses
from vedette.api.clock import move_by
from vedette.automation.trigger_bodies import alert_outputs, incident_outputs
from vedette.automation.workflows.records import ACTION, REPETITION, RUN
from vedette.automation.workflows.starting import Started, start_run
from vedette.core.settings import Settings
from vedette.server.composition import compose
from vedette.state.documents import Document

TEMPLATES = EXAMPLES.parent.parent / "arm"
MOST_LANGUAGE_FAILURES = 3
"""Steps that fail for what nobody gave: parameters of the template that are not filled in here, an alert's details."""

pytestmark = pytest.mark.skipif(not TEMPLATES.is_dir(), reason=f"no templates at {TEMPLATES}; set VEDETTE_CORPUS")


def definitions() -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for path in sorted(TEMPLATES.glob("*/*.json")) if TEMPLATES.is_dir() else []:
        for number, definition in enumerate(held(json.loads(path.read_text(encoding="utf-8-sig")))):
            found.append((f"{path.stem[:60]}-{number}", definition))
    return found


def held(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        properties = value.get("properties")
        if isinstance(properties, dict) and isinstance(properties.get("definition"), dict):
            yield {**properties["definition"], "given": properties.get("parameters", {})}
        else:
            for each in value.values():
                yield from held(each)
    elif isinstance(value, list):
        for each in value:
            yield from held(each)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    addresses = make_addresses("127.0.0.1", https_port=8443, http_port=8080, proxy_port=3128)
    settings = Settings(tmp_path_factory.mktemp("playbooks"), virtual_clock=True)
    with compose(settings, addresses) as services:
        yield Stage(services)


def test_real_playbooks_run(stage: Stage) -> None:
    state, workspace = stage.services.state, stage.services.workspaces.all()[0]
    stage.call("PUT", "incidents/real", {"properties": {"title": "Real", "severity": "Low", "status": "New"}})
    incident = state.get(f"{stage.sentinel}/incidents/real")
    assert incident is not None
    statuses: Counter[str] = Counter()
    failures: list[str] = []
    ran = 0
    for number, (name, definition) in enumerate(definitions()):
        id = stage.workflow_id(f"real-{number}")
        connections = {"value": connected(definition.pop("given"))}
        body = {
            "location": "local",
            "identity": {"type": "SystemAssigned"},
            "properties": {"definition": definition, "parameters": {"$connections": connections}},
        }
        stage.call("PUT", id, body)
        workflow = state.get(id)
        assert workflow is not None
        trigger, kind = next(iter(definition["triggers"].items()))
        path = str((kind.get("inputs") or {}).get("path", ""))
        if path == "/incident-creation":
            outputs = incident_outputs(state, workspace, incident, "Create", "e")
        elif path == "/subscribe":
            outputs = alert_outputs(state, workspace, alert(stage))
        else:
            outputs = None  # time starts it
        if outputs is not None:
            with state.transaction() as transaction:
                start_run(transaction, stage.services.clock.now(), workflow, trigger, outputs, Started(by="a test"))
        stage.services.automation.run_due()
        move_by(stage.services, timedelta(hours=2))
        run = state.list(RUN, id)[0]
        ran += 1
        statuses[run.body["properties"]["status"]] += 1
        assert run.body["properties"].get("code") != "InternalServerError", name
        for step in (*state.list(ACTION, run.id), *state.list(REPETITION, run.id, below=True)):
            properties = step.body["properties"]
            if properties["status"] == "Failed" and (properties.get("error") or {}).get("code") == "InvalidTemplate":
                failures.append(f"{name} {step.name}: {properties['error']['message'][:300]}")
    assert ran > 30
    assert statuses.keys() <= {"Succeeded", "Failed"}
    assert len(failures) <= MOST_LANGUAGE_FAILURES, "\n".join(failures)


def connected(given: Any) -> dict[str, Any]:
    known = given.get("$connections", {}).get("value", {}) if isinstance(given, dict) else {}
    msi = {"authentication": {"type": "ManagedServiceIdentity"}}
    return {
        alias: {"connectionId": f"/c/{alias}", "id": str(each.get("id", "")).split("/")[-1].strip("')]"),
                "connectionProperties": msi}
        for alias, each in (known.items() if isinstance(known, dict) else ())
    }  # fmt: skip


def alert(stage: Stage) -> Document:
    with stage.services.state.transaction() as transaction:
        document, _ = transaction.put(
            id=f"{stage.sentinel}/entities/real-alert",
            type="Microsoft.SecurityInsights/entities",
            scope=stage.services.estate.workspace_resource_id,
            name="real-alert",
            body={
                "kind": "SecurityAlert",
                "properties": {"systemAlertId": "real-alert", "alertDisplayName": "Real", "tactics": ["Discovery"]},
            },
        )
    return document
