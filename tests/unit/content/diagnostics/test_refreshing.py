"""The types of a tenant: asked once for each type, kinds kept where they differ, tables those of this release."""

from collections.abc import Mapping
from typing import Any, cast

from vedette.content.diagnostics.refreshing import refreshed, subscriptions_below, tenant_types
from vedette.content.management_client import ManagementClient
from vedette.content.refused import Refused
from vedette.log_management.resource_log_types import known_types, parse_types, text_of_types

GROUP = "/subscriptions/s/resourceGroups/g/providers"
SERVER = f"{GROUP}/Microsoft.Sql/servers/x/databases"


def resource(id: str, type: str, kind: str = "") -> dict[str, Any]:
    return {"id": id, "type": type, "name": id.rpartition("/")[2], "location": "eastus"} | (
        {"kind": kind} if kind else {}
    )


def categories(*logs: str, metrics: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [
        *({"name": each, "properties": {"categoryType": "Logs", "categoryGroups": ["allLogs"]}} for each in logs),
        *({"name": each, "properties": {"categoryType": "Metrics"}} for each in metrics),
    ]


class Tenant:
    """Answers lists by what their path ends with; a type that is not there is refused as Azure refuses it."""

    def __init__(self, answers: Mapping[str, list[dict[str, Any]]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def all(self, path: str, _parameters: Mapping[str, str]) -> list[dict[str, Any]]:
        path = path.removesuffix("/providers/Microsoft.Insights/diagnosticSettingsCategories")
        self.asked.append(path)
        if path not in self._answers:
            raise Refused(400, "ResourceTypeNotSupported", "It is not supported.", {})
        return self._answers[path]


def client(tenant: Tenant) -> ManagementClient:
    return cast("ManagementClient", tenant)


def test_the_types_of_a_tenant() -> None:
    vault, other, nothing = (
        f"{GROUP}/{each}" for each in ("Microsoft.KeyVault/vaults/a", "New.Thing/things/t", "No/no/n")
    )
    tenant = Tenant(
        {
            "/subscriptions/s/resources": [
                resource(vault, "Microsoft.KeyVault/vaults"),
                resource(f"{GROUP}/Microsoft.KeyVault/vaults/b", "Microsoft.KeyVault/vaults"),
                resource(other, "New.Thing/things"),
                resource(nothing, "No/no"),
                resource(f"{SERVER}/db", "Microsoft.Sql/servers/databases", "v12.0,user"),
                resource(f"{SERVER}/dw", "Microsoft.Sql/servers/databases", "v12.0,user,datawarehouse"),
                resource(
                    f"{GROUP}/Microsoft.Storage/storageAccounts/st", "Microsoft.Storage/storageAccounts", "StorageV2"
                ),
            ],
            vault: categories("AuditEvent", "Brand New", metrics=("AllMetrics",)),
            other: categories("Things"),
            f"{SERVER}/db": categories("Errors"),
            f"{SERVER}/dw": categories("DmsWorkers"),
            f"{GROUP}/Microsoft.Storage/storageAccounts/st/blobServices/default": categories("StorageRead"),
        }
    )
    found = tenant_types(client(tenant), ["s"], lambda _each: True)
    by_key = {each.key: each for each in found}
    assert set(by_key) == {
        ("microsoft.keyvault/vaults", ""),
        ("new.thing/things", ""),
        ("microsoft.sql/servers/databases", "v12.0,user"),
        ("microsoft.sql/servers/databases", "v12.0,user,datawarehouse"),
        ("microsoft.storage/storageaccounts/blobservices", ""),
    }
    vaults = by_key["microsoft.keyvault/vaults", ""]
    assert [(each.name, each.table) for each in vaults.logs] == [("AuditEvent", "AZKVAuditLogs"), ("Brand New", "")]
    assert vaults.metrics == ("AllMetrics",)
    assert not by_key["microsoft.storage/storageaccounts/blobservices", ""].located
    assert f"{GROUP}/Microsoft.KeyVault/vaults/b" not in tenant.asked
    every = refreshed(found, known_types())
    assert len(every) == len(known_types()) + 2  # one that is new, and a second kind of databases
    assert parse_types(text_of_types(every).encode(), "x") == sorted(every, key=lambda each: each.key)


def test_the_subscriptions_below() -> None:
    place = "/providers/Microsoft.Management/managementGroups/corp/descendants"
    tenant = Tenant(
        {
            place: [
                {"name": "inner", "type": "Microsoft.Management/managementGroups"},
                {"name": "s1", "type": "Microsoft.Management/managementGroups/subscriptions"},
            ],
            "/subscriptions": [{"subscriptionId": "s1"}, {"subscriptionId": "s2"}],
        }
    )
    assert subscriptions_below(client(tenant), "s", "") == ["s"]
    assert subscriptions_below(client(tenant), "", "corp") == ["s1"]
    assert subscriptions_below(client(tenant), "", "") == ["s1", "s2"]
