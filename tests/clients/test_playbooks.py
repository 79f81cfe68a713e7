"""azure-mgmt-logic over TLS: workflows with their versions, triggers and signed addresses; nothing runs yet."""

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
            assert (called.status_code, called.json()["error"]["code"]) == (501, "OperationNotSupported")
        assert web.post(url.value.replace("sig=", "sig=x"), json={}).status_code == 401
    assert list(client.workflow_trigger_histories.list(GROUP, NAME, TRIGGER)) == []


def test_what_nothing_has_run(client: LogicManagementClient, workflow: logic.Workflow) -> None:
    assert list(client.workflow_runs.list(GROUP, NAME)) == []
    missing: tuple[Callable[[], object], ...] = (
        lambda: client.workflow_runs.get(GROUP, NAME, "r"),
        lambda: list(client.workflow_run_actions.list(GROUP, NAME, "r")),
        lambda: client.workflow_run_operations.get(GROUP, NAME, "r", "o"),
        lambda: list(client.workflow_run_action_repetitions.list(GROUP, NAME, "r", "a")),
        lambda: list(client.workflow_run_action_scope_repetitions.list(GROUP, NAME, "r", "a")),
        lambda: list(client.workflow_run_action_request_histories.list(GROUP, NAME, "r", "a")),
        lambda: list(client.workflow_run_action_repetitions_request_histories.list(GROUP, NAME, "r", "a", "p")),
        lambda: client.workflow_trigger_histories.get(GROUP, NAME, TRIGGER, "h"),
    )
    for ask in missing:
        with pytest.raises(ResourceNotFoundError):
            ask()


def test_what_is_refused_by_name(client: LogicManagementClient, workflow: logic.Workflow) -> None:
    move = logic.WorkflowReference(id=f"{workflow.id}2")
    state = logic.SetTriggerStateActionDefinition(source=logic.WorkflowTriggerReference(id=workflow.id))
    refused: tuple[Callable[[], object], ...] = (
        lambda: client.workflows.begin_move(GROUP, NAME, move).result(),
        lambda: client.workflows.list_swagger(GROUP, NAME),
        lambda: client.workflow_triggers.run(GROUP, NAME, TRIGGER),
        lambda: client.workflow_triggers.set_state(GROUP, NAME, TRIGGER, state),
        lambda: client.workflow_runs.cancel(GROUP, NAME, "r"),
        lambda: list(client.workflow_run_actions.list_expression_traces(GROUP, NAME, "r", "a")),
        lambda: client.workflow_trigger_histories.resubmit(GROUP, NAME, TRIGGER, "h"),
        lambda: list(client.integration_accounts.list_by_resource_group(GROUP)),
        lambda: list(client.integration_account_maps.list(GROUP, "a")),
        lambda: list(client.integration_service_environments.list_by_resource_group(GROUP)),
    )
    for ask in refused:
        with pytest.raises(HttpResponseError) as error:
            ask()
        assert error.value.status_code == 501
