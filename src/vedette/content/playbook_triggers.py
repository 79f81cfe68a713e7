"""The address at which an analytics rule starts a playbook: asked for when it is needed, for it is a secret.

https://learn.microsoft.com/rest/api/logic/workflow-triggers/list-callback-url
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from vedette.content.bodies import as_mapping, properties_of
from vedette.content.item import Item
from vedette.content.kinds import PLAYBOOK
from vedette.content.management_client import ManagementClient
from vedette.content.workspace import Workspace
from vedette.core.errors import InvalidInput, Unavailable

_VERSION = "2019-05-01"
_KNOWN = (
    "When_a_response_to_an_Azure_Sentinel_alert_is_triggered",
    "Microsoft_Sentinel_alert",
)
"""What the designer calls a trigger on an alert, formerly and now."""


def with_trigger_address(
    action: Item, client: ManagementClient, trigger_client: Callable[[str], ManagementClient] | None = None
) -> Item:
    """An action with the address of its playbook's trigger; as it is where it has one. Raises InvalidInput."""
    properties: Mapping[str, Any] = action.body["properties"]
    if properties.get("triggerUri"):
        return action
    playbook = str(properties.get("logicAppResourceId") or "")
    if not playbook:
        raise InvalidInput("NoPlaybook", "The action names no playbook: 'properties.logicAppResourceId' is missing.")
    asked = trigger_client(playbook) if trigger_client else client
    told = {**properties, "triggerUri": trigger_address(asked, playbook)}
    return replace(action, body={**action.body, "properties": told})


def playbook_id(client: ManagementClient, workspace: Workspace, playbook: str) -> str:
    """The id of a playbook that is named: in the workspace's group if it is there, else the one of its subscription.

    Raises InvalidInput where there is none, or several.
    """
    if playbook.startswith("/"):
        return playbook
    found = client.all(f"/subscriptions/{workspace.subscription}/providers/{PLAYBOOK.type}", {"api-version": _VERSION})
    ids = [str(each["id"]) for each in found if str(each.get("name", "")).casefold() == playbook.casefold()]
    own = workspace.path(PLAYBOOK, playbook).casefold()
    near = [each for each in ids if each.casefold() == own] or ids
    if len(near) != 1:
        what = "There is no playbook" if not near else f"{len(near)} playbooks are called"
        raise InvalidInput("NoPlaybook", f"{what} '{playbook}' in the subscription; say its whole id.")
    return near[0]


def trigger_address(client: ManagementClient, playbook: str, trigger: str = "") -> str:
    """Where a playbook of that ARM id is started with an alert, by its trigger of that name or the one on alerts.

    Raises InvalidInput where it has none, and Refused.
    """
    workflow = client.ask("GET", playbook, {"api-version": _VERSION})
    definition = as_mapping(properties_of(workflow).get("definition"))
    name = trigger or _alert_trigger(playbook, as_mapping(definition.get("triggers")))
    told = client.ask("POST", f"{playbook}/triggers/{name}/listCallbackUrl", {"api-version": _VERSION})
    address = str(told.get("value") or "")
    if not address:
        raise Unavailable("NoTriggerAddress", f"{playbook}: no address was given for the trigger '{name}'.")
    return address


def _alert_trigger(playbook: str, triggers: Mapping[str, Any]) -> str:
    """The trigger that an alert starts: the one of Sentinel's connector at `/subscribe`, or the only one."""
    by_path = [name for name, each in triggers.items() if _path(each) == "/subscribe"]
    known = [name for name in _KNOWN if name in triggers]
    chosen = by_path or known or list(triggers)
    if len(chosen) != 1:
        count = f"{len(triggers)} triggers, none of them on an alert" if triggers else "no trigger"
        raise InvalidInput("NoAlertTrigger", f"The playbook {playbook} has {count}. Name the trigger.")
    return chosen[0]


def _path(trigger: Any) -> str:
    return str(as_mapping(as_mapping(trigger).get("inputs")).get("path", ""))
