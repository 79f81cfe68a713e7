"""The built-in roles: their published ids and permissions, as data.

Facts: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleDefinition:
    """A role: patterns of the operations it grants, less those it excludes; `data_*` are for data operations."""

    id: str
    name: str
    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()


_CONFIDENTIAL_WATCHLISTS = (
    "Microsoft.SecurityInsights/ConfidentialWatchlists/*",
    "Microsoft.OperationalInsights/workspaces/query/ConfidentialWatchlist/*",
)

# What all three Sentinel roles may do around Sentinel itself.
_AROUND_SENTINEL = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Insights/myworkbooks/read",
    "Microsoft.OperationalInsights/querypacks/*/read",
    "Microsoft.OperationalInsights/workspaces/*/read",
    "Microsoft.OperationalInsights/workspaces/analytics/query/action",
    "Microsoft.OperationalInsights/workspaces/dataSources/read",
    "Microsoft.OperationalInsights/workspaces/query/*/read",
    "Microsoft.OperationalInsights/workspaces/query/read",
    "Microsoft.OperationsManagement/solutions/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)

_READ_SENTINEL = (
    "Microsoft.Insights/workbooks/read",
    "Microsoft.OperationalInsights/workspaces/savedSearches/read",
    "Microsoft.SecurityInsights/*/read",
    "Microsoft.SecurityInsights/dataConnectorsCheckRequirements/action",
    "Microsoft.SecurityInsights/threatIntelligence/indicators/query/action",
    "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action",
)

OWNER = RoleDefinition("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", actions=("*",))

CONTRIBUTOR = RoleDefinition(
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Contributor",
    actions=("*",),
    not_actions=(
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
        "Microsoft.Blueprint/blueprintAssignments/delete",
        "Microsoft.Blueprint/blueprintAssignments/write",
        "Microsoft.Compute/galleries/share/action",
        "Microsoft.Purview/consents/delete",
        "Microsoft.Purview/consents/write",
        "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
        "Microsoft.Subscription/cancel/action",
        "Microsoft.Subscription/enable/action",
    ),
)

READER = RoleDefinition("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", actions=("*/read",))

SENTINEL_READER = RoleDefinition(
    "8d289c81-5878-46d4-8554-54e1e3d8b5cb",
    "Microsoft Sentinel Reader",
    actions=(
        *_AROUND_SENTINEL,
        *_READ_SENTINEL,
        "Microsoft.OperationalInsights/workspaces/LinkedServices/read",
        "Microsoft.Resources/templateSpecs/*/read",
    ),
    not_actions=_CONFIDENTIAL_WATCHLISTS,
)

SENTINEL_RESPONDER = RoleDefinition(
    "3e150937-b8fe-4cfb-8069-0eaf05ecd056",
    "Microsoft Sentinel Responder",
    actions=(
        *_AROUND_SENTINEL,
        *_READ_SENTINEL,
        "Microsoft.SecurityInsights/automationRules/*",
        "Microsoft.SecurityInsights/businessApplicationAgents/systems/undoAction/action",
        "Microsoft.SecurityInsights/cases/*",
        "Microsoft.SecurityInsights/entities/runPlaybook/action",
        "Microsoft.SecurityInsights/incidents/*",
        "Microsoft.SecurityInsights/threatIntelligence/bulkTag/action",
        "Microsoft.SecurityInsights/threatIntelligence/indicators/appendTags/action",
        "Microsoft.SecurityInsights/threatIntelligence/indicators/replaceTags/action",
    ),
    not_actions=(
        *_CONFIDENTIAL_WATCHLISTS,
        "Microsoft.SecurityInsights/cases/*/Delete",
        "Microsoft.SecurityInsights/incidents/*/Delete",
    ),
)

SENTINEL_CONTRIBUTOR = RoleDefinition(
    "ab8e14d6-4a74-4a29-9ba8-549422addade",
    "Microsoft Sentinel Contributor",
    actions=(
        *_AROUND_SENTINEL,
        "Microsoft.Insights/workbooks/*",
        "Microsoft.OperationalInsights/workspaces/savedSearches/*",
        "Microsoft.SecurityInsights/*",
    ),
    not_actions=_CONFIDENTIAL_WATCHLISTS,
)

LOG_ANALYTICS_READER = RoleDefinition(
    "73c42c96-874c-492b-b04d-ab87d138a893",
    "Log Analytics Reader",
    actions=(
        "*/read",
        "Microsoft.OperationalInsights/workspaces/analytics/query/action",
        "Microsoft.OperationalInsights/workspaces/search/action",
        "Microsoft.Support/*",
    ),
    not_actions=("Microsoft.OperationalInsights/workspaces/sharedKeys/read",),
    data_actions=("Microsoft.OperationalInsights/workspaces/jobs/export/action",),
)

LOG_ANALYTICS_CONTRIBUTOR = RoleDefinition(
    "92aaf0da-9dab-42b6-94a3-d43ce8d16293",
    "Log Analytics Contributor",
    actions=(
        "*/read",
        "Microsoft.ClassicCompute/virtualMachines/extensions/*",
        "Microsoft.ClassicStorage/storageAccounts/listKeys/action",
        "Microsoft.Compute/virtualMachines/extensions/*",
        "Microsoft.HybridCompute/machines/extensions/write",
        "Microsoft.Insights/alertRules/*",
        "Microsoft.Insights/diagnosticSettings/*",
        "Microsoft.OperationalInsights/*",
        "Microsoft.OperationsManagement/*",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Resources/subscriptions/resourcegroups/deployments/*",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.Support/*",
    ),
    data_actions=("Microsoft.OperationalInsights/workspaces/jobs/export/action",),
)

LOG_ANALYTICS_DATA_READER = RoleDefinition(
    "3b03c2da-16b3-4a49-8834-0f8130efdd3b",
    "Log Analytics Data Reader",
    actions=(
        "Microsoft.OperationalInsights/workspaces/query/read",
        "Microsoft.OperationalInsights/workspaces/read",
    ),
    data_actions=("Microsoft.OperationalInsights/workspaces/tables/data/read",),
)

MONITORING_METRICS_PUBLISHER = RoleDefinition(
    "3913510d-42f4-4e42-8a64-420c390055eb",
    "Monitoring Metrics Publisher",
    actions=(
        "Microsoft.Insights/Register/Action",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Support/*",
    ),
    data_actions=("Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"),
)

BUILT_IN_ROLES = (
    OWNER,
    CONTRIBUTOR,
    READER,
    SENTINEL_READER,
    SENTINEL_RESPONDER,
    SENTINEL_CONTRIBUTOR,
    LOG_ANALYTICS_READER,
    LOG_ANALYTICS_CONTRIBUTOR,
    LOG_ANALYTICS_DATA_READER,
    MONITORING_METRICS_PUBLISHER,
)
