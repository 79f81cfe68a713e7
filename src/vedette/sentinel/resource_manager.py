"""The types of Azure Resource Manager itself, and of workbooks and playbooks."""

from vedette.sentinel.connections import CONNECTIONS, MANAGED_APIS, WEB_LOCATIONS
from vedette.sentinel.custom_apis import CUSTOM_APIS
from vedette.sentinel.deployment_scripts import DEPLOYMENT_SCRIPT_LOGS, DEPLOYMENT_SCRIPTS
from vedette.sentinel.deployments.resources import DEPLOYMENT_TYPES
from vedette.sentinel.locks import LOCKS
from vedette.sentinel.management_groups import (
    ENTITIES_OF_TENANT,
    GROUP_DESCENDANTS,
    GROUP_SUBSCRIPTIONS,
    MANAGEMENT_GROUPS,
)
from vedette.sentinel.not_served import NOT_SERVED
from vedette.sentinel.resource_groups import OPERATION_RESULTS_OF_SUBSCRIPTION, RESOURCE_GROUPS
from vedette.sentinel.subscriptions import LOCATIONS, SUBSCRIPTIONS, TENANTS
from vedette.sentinel.template_specs import (
    BUILT_IN_TEMPLATE_SPEC_VERSIONS,
    BUILT_IN_TEMPLATE_SPECS,
    TEMPLATE_SPEC_VERSIONS,
    TEMPLATE_SPECS,
)
from vedette.sentinel.workbooks import MY_WORKBOOKS, WORKBOOK_REVISIONS, WORKBOOK_TEMPLATES, WORKBOOKS
from vedette.sentinel.workflow_runs import TRIGGER_HISTORIES, WORKFLOW_RUN_PARTS, WORKFLOW_RUNS
from vedette.sentinel.workflow_triggers import TRIGGER_SCHEMAS, WORKFLOW_TRIGGERS, WORKFLOW_VERSION_TRIGGERS
from vedette.sentinel.workflows import LOGIC_LOCATIONS, WORKFLOW_VERSIONS, WORKFLOWS, WORKFLOWS_TO_CHECK

RESOURCE_MANAGER_TYPES = (
    TENANTS,
    SUBSCRIPTIONS,
    LOCATIONS,
    RESOURCE_GROUPS,
    OPERATION_RESULTS_OF_SUBSCRIPTION,
    LOCKS,
    *DEPLOYMENT_TYPES,
    DEPLOYMENT_SCRIPTS,
    DEPLOYMENT_SCRIPT_LOGS,
    TEMPLATE_SPECS,
    TEMPLATE_SPEC_VERSIONS,
    BUILT_IN_TEMPLATE_SPECS,
    BUILT_IN_TEMPLATE_SPEC_VERSIONS,
    MANAGEMENT_GROUPS,
    GROUP_DESCENDANTS,
    GROUP_SUBSCRIPTIONS,
    ENTITIES_OF_TENANT,
    WORKBOOKS,
    WORKBOOK_REVISIONS,
    MY_WORKBOOKS,
    WORKBOOK_TEMPLATES,
    WORKFLOWS,
    WORKFLOW_VERSIONS,
    LOGIC_LOCATIONS,
    WORKFLOWS_TO_CHECK,
    WORKFLOW_TRIGGERS,
    WORKFLOW_VERSION_TRIGGERS,
    TRIGGER_SCHEMAS,
    TRIGGER_HISTORIES,
    WORKFLOW_RUNS,
    *WORKFLOW_RUN_PARTS,
    CONNECTIONS,
    CUSTOM_APIS,
    WEB_LOCATIONS,
    MANAGED_APIS,
    *NOT_SERVED,
)
