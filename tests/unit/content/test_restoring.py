"""A restore breaks nothing that another workspace uses, and overwrites no secret with nothing."""

from dataclasses import replace
from typing import Any

from vedette.content.backup import configuration
from vedette.content.backup_files import Origin
from vedette.content.item import Item
from vedette.content.kinds import CONNECTION, PLAYBOOK
from vedette.content.planning import Action, make_plan
from vedette.content.restoring import places_of_secrets, restored

from .memory_endpoint import ADDRESS, WORKSPACE, MemoryEndpoint

SOC = Origin(ADDRESS, "t", "s", "g", "soc", "c", "northeurope")


def playbook(**more: Any) -> Item:
    return Item(PLAYBOOK, "block", {"location": "x", "properties": {"definition": {"actions": {}, **more}}})


def test_what_another_workspace_of_the_group_uses_is_left_as_it_is() -> None:
    endpoint = MemoryEndpoint()
    other = replace(WORKSPACE, name="soc2")
    endpoint.keep(WORKSPACE.path(PLAYBOOK, "block"), {"properties": {"definition": {"actions": {"a": {}}}}})
    made = make_plan(endpoint.client(), other, [playbook(), replace(playbook(), name="new")], set="default")
    restore = restored(made, SOC, replace(SOC, name="soc2"))
    assert [each.action for each in restore.plan.changes] == [Action.NONE, Action.CREATE]
    assert restore.left == (
        "Playbook 'block' differs and is left as it is: it is the resource group's, and 'soc' uses it",
    )
    assert [each.action for each in restored(made, SOC, SOC).plan.changes] == [Action.UPDATE, Action.CREATE]


def test_what_came_without_its_secrets_overwrites_nothing() -> None:
    endpoint = MemoryEndpoint()
    secure = playbook(parameters={"k": {"type": "SecureString"}})
    connection = Item(CONNECTION, "c", {"location": "x", "properties": {"api": {"id": "/a"}}})
    for each in (secure, connection):
        endpoint.keep(WORKSPACE.path_of(each), {"properties": {"definition": {}, "api": {"id": "/b"}}})
    made = make_plan(endpoint.client(), WORKSPACE, [secure, connection, replace(secure, name="new")], set="default")
    restore = restored(made, SOC, SOC)
    assert [each.action for each in restore.plan.changes] == [Action.NONE, Action.NONE, Action.CREATE]
    assert [each.rpartition(": ")[2] for each in restore.left] == ["the backup has it without its secrets"] * 2
    assert restore.lacking == ("Playbook 'new'",)


def test_a_backup_has_no_secrets_of_playbooks() -> None:
    endpoint = MemoryEndpoint()
    inputs = {
        "headers": {"Authorization": "Bearer abc", "X-Api-Key": "k", "Accept": "text/plain"},
        "authentication": {"type": "Raw", "value": "hush", "username": "ann", "password": "@parameters('p')"},
        "uri": "https://x.example/run?sp=r&sig=abcdef",
        "queries": {"token": "@{parameters('t')}"},
        "body": {"value": "kept"},
    }
    told = {"properties": {"definition": {"actions": {"q": {"inputs": inputs}}}}}
    endpoint.keep(WORKSPACE.path(PLAYBOOK, "block"), told)
    (item,) = configuration(endpoint.client(), WORKSPACE, [PLAYBOOK])
    assert item.body["properties"]["definition"]["actions"]["q"]["inputs"] == {
        "headers": {"Authorization": "***", "X-Api-Key": "***", "Accept": "text/plain"},
        "authentication": {"type": "Raw", "value": "***", "username": "ann", "password": "@parameters('p')"},
        "uri": "https://x.example/run?sp=r&sig=***",
        "queries": {"token": "@{parameters('t')}"},
        "body": {"value": "kept"},
    }
    places = [each.removeprefix("properties.definition.actions.q.inputs.") for each in places_of_secrets(item.body)]
    assert places == ["headers.Authorization", "headers.X-Api-Key", "authentication.value", "uri"]
