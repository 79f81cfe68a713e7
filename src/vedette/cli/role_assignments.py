"""Roles given over the management API, in the resource group of the server's first workspace."""

from typing import Any
from uuid import uuid4

from vedette.cli.client import Client
from vedette.core.errors import NotFound

_AUTHORIZATION = "providers/Microsoft.Authorization"
_VERSION = {"api-version": "2022-04-01"}


def role_named(client: Client, name: str) -> dict[str, Any]:
    """The role definition of a name, as it is shown. Raises NotFound."""
    text = name.replace("'", "''")
    query = {**_VERSION, "$filter": f"roleName eq '{text}'"}
    found = client.get(f"{_scope(client)}/{_AUTHORIZATION}/roleDefinitions", query)["value"]
    if not found:
        raise NotFound("NotFound", f"There is no role '{name}'. One that there is: Microsoft Sentinel Responder.")
    return found[0]


def give_role(client: Client, role: dict[str, Any], user_id: str) -> None:
    """Give a user a role."""
    path = f"{_scope(client)}/{_AUTHORIZATION}/roleAssignments/{uuid4()}?api-version={_VERSION['api-version']}"
    properties = {"roleDefinitionId": role["id"], "principalId": user_id, "principalType": "User"}
    client.send("PUT", path, {"properties": properties})


def _scope(client: Client) -> str:
    return f"/subscriptions/{client.server.subscription_id}/resourceGroups/{client.server.resource_group}"
