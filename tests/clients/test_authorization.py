"""azure-mgmt-authorization over TLS, each of its groups that is served, and the requests of `az role`."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization import models as rbac
from tests.clients import sdk

from vedette.access.role_definitions import built_in_roles

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
PRINCIPAL = "11111111-2222-3333-4444-555555555555"


@pytest.fixture(scope="module")
def client(server: sdk.Ready) -> AuthorizationManagementClient:
    return sdk.management_client(AuthorizationManagementClient, server)


@pytest.fixture(scope="module")
def subscription(server: sdk.Ready) -> str:
    return f"/subscriptions/{server['subscription_id']}"


@pytest.fixture(scope="module")
def group(server: sdk.Ready) -> Iterator[str]:
    with sdk.web(server) as web:
        path = f"/subscriptions/{server['subscription_id']}/resourceGroups/roles-group"
        assert web.put(
            f"{path}?api-version=2024-11-01", json={"location": "local"}, headers=sdk.bearer(server)
        ).is_success
        yield path


def role_id(subscription: str, guid: str) -> str:
    return f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{guid}"


def wanted(subscription: str, guid: str = READER) -> rbac.RoleAssignmentCreateParameters:
    return rbac.RoleAssignmentCreateParameters(
        role_definition_id=role_id(subscription, guid), principal_id=PRINCIPAL, principal_type="User"
    )


def test_the_life_of_a_role_assignment(client: AuthorizationManagementClient, subscription: str, group: str) -> None:
    name, assignments = str(uuid4()), client.role_assignments
    made = assignments.create(group, name, wanted(subscription))
    assert (made.name, made.scope, made.principal_type) == (name, group, "User")
    assert made.role_definition_id == role_id(subscription, READER)
    assert made.created_on is not None
    assert made.created_by
    with pytest.raises(ResourceExistsError) as twice:
        assignments.create(group, str(uuid4()), wanted(subscription))
    assert twice.value.error is not None
    assert twice.value.error.code == "RoleAssignmentExists"
    assert assignments.get(group, name).id == made.id
    assert assignments.get_by_id(str(made.id)).name == name
    of_principal = f"principalId eq '{PRINCIPAL}'"
    assert [each.name for each in assignments.list_for_subscription(filter=of_principal)] == [name]
    assert name in [each.name for each in assignments.list_for_resource_group("roles-group", filter="atScope()")]
    assert name in [each.name for each in assignments.list_for_scope(group)]
    machine = ("roles-group", "Microsoft.Compute", "virtualMachines", "vm")
    assert name in [each.name for each in assignments.list_for_resource(*machine)]
    deleted = assignments.delete(group, name)
    assert deleted is not None
    assert deleted.id == made.id
    assert assignments.delete(group, name) is None
    with pytest.raises(ResourceNotFoundError):
        assignments.get(group, name)
    by_id = assignments.create_by_id(
        f"{group}/providers/Microsoft.Authorization/roleAssignments/{name}", wanted(subscription)
    )
    assert by_id.name == name
    assert assignments.delete_by_id(str(by_id.id)).name == name


def test_the_life_of_a_custom_role(client: AuthorizationManagementClient, subscription: str, group: str) -> None:
    guid, definitions = str(uuid4()), client.role_definitions
    permission = rbac.Permission(actions=["Microsoft.SecurityInsights/incidents/*"], not_actions=["*/delete"])
    definition = rbac.RoleDefinition(
        role_name="Incident hand",
        description="d",
        role_type="CustomRole",
        permissions=[permission],
        assignable_scopes=[subscription],
    )
    made = definitions.create_or_update(subscription, guid, definition)
    assert (made.name, made.role_name, made.role_type) == (guid, "Incident hand", "CustomRole")
    assert made.permissions[0].actions == ["Microsoft.SecurityInsights/incidents/*"]
    assert definitions.create_or_update(subscription, guid, definition).id == made.id
    with pytest.raises(ResourceExistsError):
        definitions.create_or_update(subscription, str(uuid4()), definition)
    assert definitions.get(group, guid).role_name == "Incident hand"
    assert definitions.get_by_id(str(made.id)).name == guid
    found = [each.name for each in definitions.list(group, filter="roleName eq 'Incident hand'")]
    assert found == [guid]
    built_in = [*definitions.list(subscription, filter="type eq 'BuiltInRole'")]
    assert {each.name for each in built_in} == set(built_in_roles())
    assignment = client.role_assignments.create(group, str(uuid4()), wanted(subscription, guid))
    with pytest.raises(HttpResponseError) as refused:
        definitions.delete(subscription, guid)
    assert refused.value.error is not None
    assert refused.value.error.code == "RoleDefinitionHasAssignments"
    client.role_assignments.delete_by_id(str(assignment.id))
    deleted = definitions.delete(subscription, guid)
    assert deleted is not None
    assert deleted.name == guid


def test_deny_assignments(
    client: AuthorizationManagementClient, server: sdk.Ready, subscription: str, group: str
) -> None:
    name = str(uuid4())
    path = f"{group}/providers/Microsoft.Authorization/denyAssignments/{name}"
    properties = {
        "denyAssignmentName": "no deletion",
        "permissions": [{"actions": ["*/delete"], "notActions": []}],
        "principals": [{"id": PRINCIPAL, "type": "User"}],
    }
    version = {"api-version": "2024-07-01-preview"}
    with sdk.web(server) as web:
        made = web.put(path, params=version, json={"properties": properties}, headers=sdk.bearer(server))
        assert made.status_code == 201, made.text
        assert client.deny_assignments.get(group, name).deny_assignment_name == "no deletion"
        assert client.deny_assignments.get_by_id(path).is_system_protected is False
        assert [each.name for each in client.deny_assignments.list()] == [name]
        assert [each.name for each in client.deny_assignments.list_for_resource_group("roles-group")] == [name]
        assert [each.name for each in client.deny_assignments.list_for_scope(group, filter="atScope()")] == [name]
        machine = ("roles-group", "Microsoft.Compute", "", "virtualMachines", "vm")
        assert [each.name for each in client.deny_assignments.list_for_resource(*machine)] == [name]
        assert web.delete(path, params=version, headers=sdk.bearer(server)).status_code == 200
    assert [*client.deny_assignments.list()] == []


def test_permissions_and_what_there_is_to_grant(client: AuthorizationManagementClient) -> None:
    permissions = [*client.permissions.list_for_resource_group("vedette")]
    assert ["*"] in [each.actions for each in permissions]
    machine = ("vedette", "Microsoft.Compute", "", "virtualMachines", "vm")
    assert ["*"] in [each.actions for each in client.permissions.list_for_resource(*machine)]
    every = {each.name for each in client.provider_operations_metadata.list()}
    assert {"Microsoft.SecurityInsights", "Microsoft.OperationalInsights"} <= every
    told = client.provider_operations_metadata.get("Microsoft.SecurityInsights")
    names = {operation.name for each in told.resource_types or [] for operation in each.operations or []}
    assert "Microsoft.SecurityInsights/incidents/write" in names
    assert [*client.classic_administrators.list()] == []


def test_a_role_works_for_the_next_token_holder_and_not_after(server: sdk.Ready, subscription: str) -> None:
    """What `az role assignment create`, `list` and `delete` send, with a caller beside whose rights come and go."""
    headers = sdk.bearer(server)
    with sdk.web(server) as web:

        def az(method: str, path: str, body: Any = None, **query: str) -> Any:
            parameters = {"api-version": "2022-04-01"} | {f"${name}": value for name, value in query.items()}
            reply = web.request(method, path, params=parameters, json=body, headers=headers)
            assert reply.is_success, reply.text
            return reply.json()

        definitions = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions"
        (reader,) = az("GET", definitions, filter="roleName eq 'Reader'")["value"]
        assignments = f"{subscription}/providers/Microsoft.Authorization/roleAssignments"
        body = {"properties": {"roleDefinitionId": reader["id"], "principalId": PRINCIPAL, "principalType": "User"}}
        made = az("PUT", f"{assignments}/{uuid4()}", body)
        listed = az("GET", assignments, filter="atScope()")["value"]
        mine = [each for each in listed if each["properties"]["principalId"] == PRINCIPAL]
        assert [each["properties"]["roleDefinitionId"] for each in mine] == [reader["id"]]
        subject = {"Subject": {"Attributes": {"ObjectId": PRINCIPAL}}, "Actions": [{"Id": "A.B/c/read"}]}
        check = f"{subscription}/providers/Microsoft.Authorization/checkAccess"
        assert az("POST", check, subject)[0]["accessDecision"] == "Allowed"
        assert az("DELETE", made["id"])["id"] == made["id"]
        assert az("POST", check, subject)[0]["accessDecision"] == "NotAllowed"


@pytest.mark.parametrize("version", ["2015-07-01", "2018-09-01-preview", "2020-04-01-preview", "2022-04-01"])
def test_clients_of_older_versions(server: sdk.Ready, subscription: str, group: str, version: str) -> None:
    def of(version: str) -> AuthorizationManagementClient:
        return sdk.management_client(partial(AuthorizationManagementClient, api_version=version), server)

    older, name = of(version), str(uuid4())
    models = older.models(version)
    fields: dict[str, Any] = {"role_definition_id": role_id(subscription, READER), "principal_id": PRINCIPAL}
    if version == "2015-07-01":
        sent = models.RoleAssignmentCreateParameters(properties=models.RoleAssignmentProperties(**fields))
        with pytest.raises(HttpResponseError, match="PrincipalNotFound"):
            older.role_assignments.create(group, name, sent)
        fields["principal_id"] = next(iter(older.role_assignments.list_for_scope(subscription))).properties.principal_id
        sent = models.RoleAssignmentCreateParameters(properties=models.RoleAssignmentProperties(**fields))
    else:
        sent = models.RoleAssignmentCreateParameters(**fields, principal_type="User")
    made = older.role_assignments.create(group, name, sent)
    assert made.name == name
    assert name in [each.name for each in older.role_assignments.list_for_scope(group)]
    definitions = of("2018-01-01-preview" if version.endswith("preview") else version).role_definitions
    assert definitions.get_by_id(role_id(subscription, READER)).name == READER
    assert older.role_assignments.delete(group, name) is not None
