"""Intelligence packs, the oldest way to switch something on in a workspace; of them, SecurityInsights is Sentinel.

https://learn.microsoft.com/rest/api/loganalytics/intelligence-packs
"""

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.resource import Resource, Source
from vedette.arm.resource_ids import ResourcePath
from vedette.sentinel.onboarding_states import is_onboarded, offboard_in, onboard_in
from vedette.sentinel.workspaces import WORKSPACE, workspace_above
from vedette.state.documents import Document

INTELLIGENCE_PACK = f"{WORKSPACE}/intelligencePacks"
_SENTINEL = "SecurityInsights"
_ALWAYS = frozenset({"LogManagement", "AzureResources"})
_PACKS = {
    "ADAssessment": "AD Assessment",
    "ADReplication": "AD Replication Status",
    "AgentHealthAssessment": "Agent Health",
    "AntiMalware": "Antimalware Assessment",
    "ApplicationInsights": "Application Insights",
    "AzureActivity": "Activity Log Analytics",
    "AzureAutomation": "Azure Automation",
    "AzureResources": "Azure Resources",
    "AzureSQLAnalytics": "Azure SQL Analytics",
    "Backup": "Backup",
    "CapacityPerformance": "Capacity and Performance",
    "ChangeTracking": "Change Tracking",
    "Containers": "Container Monitoring Solution",
    "DnsAnalytics": "DNS Analytics",
    "InternalWindowsEvent": "Windows Event",
    "KeyVaultAnalytics": "Key Vault Analytics",
    "LogManagement": "Log Management",
    "NetworkMonitoring": "Network Performance Monitor",
    "Office365": "Office 365",
    "Security": "Security and Audit",
    "SecurityCenterFree": "Security Center Free",
    _SENTINEL: "Microsoft Sentinel",
    "ServiceMap": "Service Map",
    "SiteRecovery": "Azure Site Recovery",
    "SQLAssessment": "SQL Assessment",
    "Updates": "Update Management",
    "VMInsights": "VM Insights",
    "WindowsDefenderATP": "Windows Defender ATP",
    "WindowsFirewall": "Windows Firewall",
    "WireData2": "Wire Data 2.0",
}
"""What may be switched on, with the name that people are shown. All but Sentinel change nothing but themselves here."""


def _find(context: Context, path: ResourcePath) -> Document | None:
    name = next((each for each in _PACKS if each.lower() == path.name.lower()), None)
    if name is None:
        return None
    now = context.clock.now()
    id = f"{path.parent_id}/intelligencePacks/{name}"
    return Document(id, INTELLIGENCE_PACK, path.parent_id.lower(), name, "", {}, now, now)


def _list(context: Context, call: Call) -> Answer:
    """A bare list, without the envelope of other resources."""
    workspace = workspace_above(context, call.path)
    switched = {each.name for each in context.state.list(INTELLIGENCE_PACK, workspace.resource_id)} | _ALWAYS
    if is_onboarded(context.state, workspace.resource_id):
        switched |= {_SENTINEL}
    return Answer(
        200,
        [
            {"name": name, "enabled": name in switched, "displayName": displayed}
            for name, displayed in sorted(_PACKS.items(), key=lambda pair: pair[0].lower())
        ],
    )


def _enable(context: Context, call: Call, document: Document) -> Answer:
    workspace = workspace_above(context, call.path)
    with context.state.transaction() as transaction:
        if document.name == _SENTINEL:
            onboard_in(transaction, workspace.resource_id)
        else:
            transaction.put(
                id=document.id, type=INTELLIGENCE_PACK, scope=workspace.resource_id, name=document.name, body={}
            )
    return Answer(200)


def _disable(context: Context, call: Call, document: Document) -> Answer:
    workspace = workspace_above(context, call.path)
    with context.state.transaction() as transaction:
        if document.name == _SENTINEL:
            offboard_in(transaction, workspace.resource_id)
        else:
            transaction.delete(document.id)
    return Answer(200)


INTELLIGENCE_PACKS = Resource(
    INTELLIGENCE_PACK,
    key="intelligencePackName",
    parent=WORKSPACE,
    methods=frozenset({"LIST"}),
    source=Source(find=_find, list=lambda _context, _path: []),
    handlers={"LIST": _list},
    actions={"Enable": _enable, "Disable": _disable},
)
