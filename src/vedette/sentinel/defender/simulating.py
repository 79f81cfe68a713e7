"""Sample alerts: what simulates an attack on a kind of resource, to try out where its alerts go.

https://learn.microsoft.com/rest/api/defenderforcloud/alerts/simulate
"""

from dataclasses import dataclass
from typing import Any, Final, cast

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.core.errors import InvalidInput, NotFound
from vedette.sentinel.defender.alerts import completed
from vedette.sentinel.defender.types import ALERT


@dataclass(frozen=True, slots=True)
class _Sample:
    """An alert of a bundle: what it is called, of which type, how severe, what it is meant to do, and of what."""

    name: str
    type: str
    severity: str
    intent: str
    resource: str


_BUNDLES: Final = {
    "AppServices": _Sample(
        "Phishing content hosted on Azure Webapps",
        "AppServices_PhishingContent",
        "High",
        "Collection",
        "Microsoft.Web/sites",
    ),
    "DNS": _Sample(
        "Communication with suspicious domain",
        "AzureDNS_ThreatIntelSuspectDomain",
        "Medium",
        "InitialAccess",
        "Microsoft.Compute/virtualMachines",
    ),
    "KeyVaults": _Sample(
        "Access from a TOR exit node to a key vault",
        "KV_TORAccess",
        "Medium",
        "CredentialAccess",
        "Microsoft.KeyVault/vaults",
    ),
    "KubernetesService": _Sample(
        "Exposed Kubernetes dashboard detected",
        "K8S_ExposedDashboard",
        "High",
        "InitialAccess",
        "Microsoft.ContainerService/managedClusters",
    ),
    "ResourceManager": _Sample(
        "Suspicious management session detected",
        "ARM_UnusedAccountPersistence",
        "Medium",
        "Persistence",
        "Microsoft.Resources/subscriptions",
    ),
    "SqlServers": _Sample(
        "Potential SQL injection", "SQL.DB_PotentialSqlInjection", "High", "PreAttack", "Microsoft.Sql/servers"
    ),
    "StorageAccounts": _Sample(
        "Access from a Tor exit node to a storage account",
        "Storage.Blob_TorAnomaly",
        "Medium",
        "InitialAccess",
        "Microsoft.Storage/storageAccounts",
    ),
    "VirtualMachines": _Sample(
        "Suspected successful brute force attack",
        "VM_LoginBruteForceSuccess",
        "High",
        "Exploitation",
        "Microsoft.Compute/virtualMachines",
    ),
    "CosmosDbs": _Sample(
        "Access from a Tor exit node to a database account",
        "CosmosDB_TorAnomaly",
        "High",
        "InitialAccess",
        "Microsoft.DocumentDB/databaseAccounts",
    ),
}


def simulate(context: Context, call: Call) -> Answer:
    """POST `alerts/default/simulate`: an alert for each bundle that is asked for, all in one step, so that there is
    nothing left to be polled."""
    if call.path.name.lower() != "default":
        raise NotFound("NotFound", f"There is no simulator '{call.path.name}'; it is called default.")
    subscription = context.estate.subscription_resource_id
    with context.state.transaction() as transaction:
        for bundle, sample in _asked(call.body):
            number = transaction.next_number(subscription, "simulatedAlerts")
            name = f"{number:019d}_{context.new_id()}"
            resource = subscription
            if sample.resource != "Microsoft.Resources/subscriptions":
                resource = f"{subscription}/resourceGroups/Sample-RG/providers/{sample.resource}/Sample-{bundle}"
            properties: dict[str, Any] = {
                "alertDisplayName": f"[SAMPLE ALERT] {sample.name}",
                "alertType": sample.type,
                "severity": sample.severity,
                "intent": sample.intent,
                "description": "THIS IS A SAMPLE ALERT: it shows how an alert of this type arrives.",
                "compromisedEntity": f"Sample-{bundle}",
                "resourceIdentifiers": [{"type": "AzureResource", "azureResourceId": resource}],
                "entities": [{"type": "azure-resource", "resourceId": resource}],
                "remediationSteps": ["Nothing needs to be done about a sample alert."],
            }
            transaction.put(
                id=f"{call.path.parent_id}/alerts/{name}",
                type=ALERT,
                scope=call.path.parent_id,
                name=name,
                body={"properties": completed(properties, name, context.clock.now())},
            )
    return Answer(202)


def _asked(body: Any) -> list[tuple[str, _Sample]]:
    sent = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    properties: Any = sent.get("properties")
    fields = cast("dict[str, Any]", properties) if isinstance(properties, dict) else {}
    if str(fields.get("kind", "")).lower() != "bundles":
        raise InvalidInput("BadRequest", "'properties.kind' is Bundles.", target="properties.kind")
    bundles: Any = fields.get("bundles")
    if not isinstance(bundles, list) or not bundles:
        raise InvalidInput("BadRequest", "'properties.bundles' names what is simulated.", target="properties.bundles")
    known = {name.lower(): name for name in _BUNDLES}
    names: dict[str, None] = {}
    for each in cast("list[Any]", bundles):
        if str(each).lower() not in known:
            raise InvalidInput("BadRequest", f"'properties.bundles' has members among {', '.join(_BUNDLES)}.")
        names[known[str(each).lower()]] = None
    return [(name, _BUNDLES[name]) for name in names]
