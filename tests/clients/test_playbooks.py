"""azure-mgmt-logic over TLS: workflows with their versions, triggers and signed addresses, and their runs."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources import models as rm
from tests.clients import sdk

pytest.importorskip("six", reason="azure-mgmt-logic imports six and does not say so: pip install six")

from azure.mgmt.logic import LogicManagementClient
from azure.mgmt.logic import models as logic

GROUP, NAME, TRIGGER = "playbooks", "playbook", "Microsoft_Sentinel_incident"
SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
DEFINITION: dict[str, Any] = {
    "$schema": SCHEMA,
    "contentVersion": "1.0.0.0",
    "parameters": {"$connections": {"defaultValue": {}, "type": "Object"}},
    "triggers": {TRIGGER: {"type": "ApiConnectionWebhook", "inputs": {"path": "/incident-creation"}}},
    "actions": {},
}


@pytest.fixture(scope="module")
def client(server: sdk.Ready) -> Iterator[LogicManagementClient]:
    groups = sdk.management_client(ResourceManagementClient, server).resource_groups
    groups.create_or_update(GROUP, rm.ResourceGroup(location="eastus"))
    yield sdk.management_client(LogicManagementClient, server)
    groups.begin_delete(GROUP).result()


@pytest.fixture(scope="module")
def workflow(client: LogicManagementClient) -> logic.Workflow:
    identity = logic.ManagedServiceIdentity(type="SystemAssigned")
    wanted = logic.Workflow(location="eastus", identity=identity, definition=DEFINITION, state="Enabled")
    return client.workflows.create_or_update(GROUP, NAME, wanted)


def test_workflows(client: LogicManagementClient, workflow: logic.Workflow) -> None:
    workflows = client.workflows
    assert (workflow.provisioning_state, workflow.definition) == ("Succeeded", DEFINITION)
    assert workflow.identity is not None
    assert workflow.identity.principal_id
    workflows.disable(GROUP, NAME)
    assert workflows.get(GROUP, NAME).state == "Disabled"
    workflows.enable(GROUP, NAME)
    assert workflows.update(GROUP, NAME).state == "Enabled"
    assert [each.name for each in workflows.list_by_resource_group(GROUP)] == [NAME]
    assert NAME in [each.name for each in workflows.list_by_subscription(filter="state eq 'Enabled'")]
    sent = logic.Workflow(location="eastus", definition=DEFINITION)
    workflows.validate_by_resource_group(GROUP, NAME, sent)
    workflows.validate_by_location(GROUP, "eastus", NAME, sent)
    with pytest.raises(HttpResponseError):
        workflows.validate_by_resource_group(GROUP, NAME, logic.Workflow(location="eastus", definition={}))
    upgrade = logic.GenerateUpgradedDefinitionParameters(target_schema_version="2016-06-01")
    assert workflows.generate_upgraded_definition(GROUP, NAME, upgrade) == DEFINITION
    workflows.regenerate_access_key(GROUP, NAME, logic.RegenerateActionParameter(key_type="Primary"))
    assert any(each.name == "Microsoft.Logic/workflows/write" for each in client.operations.list())
    versions = [each.name for each in client.workflow_versions.list(GROUP, NAME)]
    assert len(versions) > 1
    assert client.workflow_versions.get(GROUP, NAME, versions[0]).state == "Enabled"


def test_triggers(server: sdk.Ready, client: LogicManagementClient, workflow: logic.Workflow) -> None:
    triggers = client.workflow_triggers
    assert [each.name for each in triggers.list(GROUP, NAME)] == [TRIGGER]
    assert triggers.get(GROUP, NAME, TRIGGER).state == "Enabled"
    assert triggers.get_schema_json(GROUP, NAME, TRIGGER).content == "{}"
    triggers.reset(GROUP, NAME, TRIGGER)
    url = triggers.list_callback_url(GROUP, NAME, TRIGGER)
    assert url.value is not None
    version = next(iter(client.workflow_versions.list(GROUP, NAME))).name or ""
    of_version = client.workflow_version_triggers.list_callback_url(GROUP, NAME, version, TRIGGER)
    with sdk.web(server) as web:
        for address in (url.value, of_version.value):
            called = web.post(address, json={})
            assert (called.status_code, called.content) == (202, b"")
            wait_for(client, called.headers["x-ms-workflow-run-id"], "Succeeded")
        assert web.post(url.value.replace("sig=", "sig=x"), json={}).status_code == 401
    assert len(list(client.workflow_trigger_histories.list(GROUP, NAME, TRIGGER))) == 2


def wait_for(client: LogicManagementClient, run: str, status: str, workflow: str = NAME) -> logic.WorkflowRun:
    end = time.monotonic() + 20
    while (found := client.workflow_runs.get(GROUP, workflow, run)).status == "Running":
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found.status == status
    return found


ANSWERING: dict[str, Any] = {
    "$schema": SCHEMA,
    "contentVersion": "1.0.0.0",
    "parameters": {"password": {"type": "SecureString"}},
    "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {"type": "object"}}}},
    "actions": {
        "Each": {
            "type": "Foreach",
            "foreach": "@triggerBody()?['names']",
            "actions": {"Greet": {"type": "Compose", "inputs": "Hello @{item()}"}},
        },
        "Secret": {"type": "Compose", "inputs": "@parameters('password')", "runAfter": {"Each": ["Succeeded"]}},
        "Answer": {
            "type": "Response",
            "runAfter": {"Secret": ["Succeeded"]},
            "inputs": {
                "statusCode": 418,
                "headers": {"x-kind": "tea"},
                "body": {"many": "@length(triggerBody().names)"},
            },
        },
        "Out": {
            "type": "Http",
            "runAfter": {"Answer": ["Succeeded"]},
            "inputs": {"method": "GET", "uri": "https://example.com/"},
        },
    },
}


def test_a_run(server: sdk.Ready, client: LogicManagementClient) -> None:
    secret = {"password": logic.WorkflowParameter(type="SecureString", value="not to be seen")}
    made = logic.Workflow(location="eastus", definition=ANSWERING, parameters=secret)
    client.workflows.create_or_update(GROUP, "answering", made)
    url = client.workflow_triggers.list_callback_url(GROUP, "answering", "manual").value or ""
    with sdk.web(server) as web:
        answer = web.post(url, json={"names": ["a", "b"]})
        assert (answer.status_code, answer.headers["x-kind"], answer.json()) == (418, "tea", {"many": 2})
        run = wait_for(client, answer.headers["x-ms-workflow-run-id"], "Failed", "answering")
        name = run.name or ""
        actions = {each.name: each for each in client.workflow_run_actions.list(GROUP, "answering", name)}
        assert {name: str(each.status) for name, each in actions.items()} == {
            "Each": "Succeeded",
            "Greet": "Succeeded",
            "Secret": "Succeeded",
            "Answer": "Succeeded",
            "Out": "Failed",
        }
        assert actions["Out"].error["code"] == "EgressNotAllowed"
        assert actions["Secret"].outputs_link is None
        inputs = actions["Answer"].inputs_link
        assert inputs is not None
        assert web.get(inputs.uri).json()["body"] == {"many": 2}
        assert web.get(inputs.uri.replace("ActionInputs", "ActionOutputs")).status_code == 401
        repetitions = client.workflow_run_action_repetitions
        second = list(repetitions.list(GROUP, "answering", name, "Greet"))[1]
        assert (second.name, second.repetition_indexes[0].item_index) == ("000001", 1)
        outputs = repetitions.get(GROUP, "answering", name, "Greet", "000001").outputs_link
        assert web.get(outputs["uri"] if isinstance(outputs, dict) else outputs.uri).json() == "Hello b"
        scopes = client.workflow_run_action_scope_repetitions.list(GROUP, "answering", name, "Each")
        assert [str(each.status) for each in scopes] == ["Succeeded", "Succeeded"]
        client.workflow_runs.cancel(GROUP, "answering", name)
        (history,) = client.workflow_trigger_histories.list(GROUP, "answering", "manual")
        client.workflow_trigger_histories.resubmit(GROUP, "answering", "manual", history.name or "")
        client.workflow_triggers.run(GROUP, "answering", "manual")
        runs = list(client.workflow_runs.list(GROUP, "answering"))
        assert len(runs) == 3
        assert runs[-1].name == name
        failed = [each.name for each in client.workflow_runs.list(GROUP, "answering", filter="Status eq 'Failed'")]
        assert name in failed
        assert list(client.workflow_runs.list(GROUP, "answering", filter="startTime gt 2999-01-01T00:00:00Z")) == []
    with pytest.raises(ResourceNotFoundError):
        client.workflow_runs.get(GROUP, "answering", "r")


def test_what_is_refused_by_name(client: LogicManagementClient, workflow: logic.Workflow) -> None:
    move = logic.WorkflowReference(id=f"{workflow.id}2")
    state = logic.SetTriggerStateActionDefinition(source=logic.WorkflowTriggerReference(id=workflow.id))
    refused: tuple[Callable[[], object], ...] = (
        lambda: client.workflows.begin_move(GROUP, NAME, move).result(),
        lambda: client.workflows.list_swagger(GROUP, NAME),
        lambda: client.workflow_triggers.set_state(GROUP, NAME, TRIGGER, state),
        lambda: list(client.workflow_run_actions.list_expression_traces(GROUP, NAME, "r", "a")),
        lambda: list(client.integration_accounts.list_by_resource_group(GROUP)),
        lambda: list(client.integration_account_maps.list(GROUP, "a")),
        lambda: list(client.integration_service_environments.list_by_resource_group(GROUP)),
    )
    for ask in refused:
        with pytest.raises(HttpResponseError) as error:
            ask()
        assert error.value.status_code == 501
