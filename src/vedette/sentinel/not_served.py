"""What Azure Resource Manager has and this server does not: refused by name, so that nobody looks for a fault."""

from typing import Final

from vedette.arm.resource import not_served

NOT_MOVED: Final = "logs name resources by their ids, which a move would change"

_INTEGRATION: Final = "there are no integration accounts and environments"
_GROUP: Final = "Microsoft.Resources/subscriptions/resourceGroups"
_ACCOUNT: Final = "Microsoft.Logic/integrationAccounts"
_ENVIRONMENT: Final = "Microsoft.Logic/integrationServiceEnvironments"

_AUTHORIZATION: Final = "Microsoft.Authorization"
_ELIGIBILITY: Final = "roles are held or not held here, and nobody is eligible for one"
_REVIEWS: Final = "there are no access reviews"

_TYPES: Final[dict[str, str]] = {
    f"{_AUTHORIZATION}/elevateAccess": "who owns the server's first client is its owner already",
    f"{_AUTHORIZATION}/roleAssignmentsUsageMetrics": "role assignments are not counted, but listed",
    **{
        f"{_AUTHORIZATION}/{type}": _ELIGIBILITY
        for type in (
            "eligibleChildResources",
            "roleAssignmentApprovals",
            "roleAssignmentApprovals/stages",
            "roleAssignmentScheduleInstances",
            "roleAssignmentScheduleRequests",
            "roleAssignmentSchedules",
            "roleEligibilityScheduleInstances",
            "roleEligibilityScheduleRequests",
            "roleEligibilitySchedules",
            "roleManagementPolicies",
            "roleManagementPolicyAssignments",
        )
    },
    **{
        f"{_AUTHORIZATION}/{type}": _REVIEWS
        for type in (
            "accessReviewHistoryDefinitions",
            "accessReviewScheduleDefinitions",
            "accessReviewScheduleDefinitions/instances",
            "accessReviewScheduleDefinitions/instances/decisions",
            "accessReviewScheduleSettings",
        )
    },
    "Microsoft.Resources/deploymentStacks": "there are deployments, and no stacks of them",
    "Microsoft.Resources/subscriptions/decompileBicep": "Bicep is not decompiled",
    "Microsoft.Resources/decompileBicep": "Bicep is not decompiled",
    "Microsoft.Insights/scheduledQueryRules": "there are no alerts of Azure Monitor, but analytics rules",
    _ACCOUNT: _INTEGRATION,
    **{
        f"{_ACCOUNT}/{part}": _INTEGRATION
        for part in (
            "agreements",
            "assemblies",
            "batchConfigurations",
            "certificates",
            "maps",
            "partners",
            "schemas",
            "sessions",
        )
    },
    _ENVIRONMENT: _INTEGRATION,
    f"{_ENVIRONMENT}/managedApis": _INTEGRATION,
    f"{_ENVIRONMENT}/managedApis/apiOperations": _INTEGRATION,
    f"{_ENVIRONMENT}/skus": _INTEGRATION,
    f"{_ENVIRONMENT}/health": _INTEGRATION,
}

NOT_SERVED: Final = tuple(not_served(type, why) for type, why in _TYPES.items())
