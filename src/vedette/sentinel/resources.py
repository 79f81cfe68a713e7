"""The resource types that this server's management plane serves."""

from vedette.arm.resource import ResourceTypes
from vedette.sentinel.access_checks import CHECK_ACCESS, CLASSIC_ADMINISTRATORS, PERMISSIONS
from vedette.sentinel.alert_rule_actions import ALERT_RULE_ACTIONS
from vedette.sentinel.alert_rule_templates import ALERT_RULE_TEMPLATES
from vedette.sentinel.alert_rules import ALERT_RULES
from vedette.sentinel.automation_rules import AUTOMATION_RULES
from vedette.sentinel.bookmarks import BOOKMARKS
from vedette.sentinel.case_aggregations import CASE_AGGREGATIONS
from vedette.sentinel.case_children import CASE_COMMENTS, CASE_RELATIONS
from vedette.sentinel.cases import CASES
from vedette.sentinel.clusters import CLUSTERS
from vedette.sentinel.content_types import CONTENT_TYPES
from vedette.sentinel.data_collection_associations import (
    ASSOCIATIONS,
    ASSOCIATIONS_OF_ENDPOINT,
    ASSOCIATIONS_OF_RULE,
)
from vedette.sentinel.data_collection_endpoints import DATA_COLLECTION_ENDPOINTS
from vedette.sentinel.data_collection_rules import DATA_COLLECTION_RULES
from vedette.sentinel.defender.resources import DEFENDER_TYPES
from vedette.sentinel.deleted_workspaces import DELETED_WORKSPACES
from vedette.sentinel.deny_assignments import DENY_ASSIGNMENTS
from vedette.sentinel.diagnostic_settings import DIAGNOSTIC_CATEGORIES, DIAGNOSTIC_SETTINGS
from vedette.sentinel.entities import ENTITIES
from vedette.sentinel.entity_insights import ENTITY_INSIGHT_QUERIES
from vedette.sentinel.entity_queries import ENTITY_QUERIES, ENTITY_QUERY_TEMPLATES
from vedette.sentinel.incident_comments import INCIDENT_COMMENTS
from vedette.sentinel.incident_tasks import INCIDENT_TASKS
from vedette.sentinel.incidents import INCIDENTS
from vedette.sentinel.intelligence_packs import INTELLIGENCE_PACKS
from vedette.sentinel.onboarding_states import ONBOARDING_STATES
from vedette.sentinel.operation_statuses import OPERATION_RESULTS, OPERATION_STATUSES, PROVIDER_LOCATIONS
from vedette.sentinel.other_resources import other_resource
from vedette.sentinel.policies.resources import POLICY_TYPES
from vedette.sentinel.provider_operations import provider_operations
from vedette.sentinel.providers import provider_resources
from vedette.sentinel.purge import PURGE_STATUSES, with_purge
from vedette.sentinel.query_packs import QUERIES, QUERY_PACKS
from vedette.sentinel.relations import BOOKMARK_RELATIONS, ENTITY_RELATIONS, INCIDENT_RELATIONS
from vedette.sentinel.resource_lists import resource_lists
from vedette.sentinel.resource_manager import RESOURCE_MANAGER_TYPES
from vedette.sentinel.role_assignments import ROLE_ASSIGNMENTS
from vedette.sentinel.role_definitions import ROLE_DEFINITIONS
from vedette.sentinel.rule_runs import RULE_RUNS
from vedette.sentinel.saved_searches import SAVED_SEARCHES
from vedette.sentinel.solutions import SOLUTIONS
from vedette.sentinel.summary_rules import SUMMARY_RULES
from vedette.sentinel.tables import TABLES
from vedette.sentinel.tag_names import tag_name_resources
from vedette.sentinel.tags import tags_resource
from vedette.sentinel.user_assigned_identities import USER_ASSIGNED_IDENTITIES
from vedette.sentinel.workspace_facts import AVAILABLE_SERVICE_TIERS, MANAGEMENT_GROUPS_OF_WORKSPACE, SCHEMA, USAGES
from vedette.sentinel.workspace_links import (
    DATA_EXPORTS,
    DATA_SOURCES,
    GATEWAYS,
    LINKED_SERVICES,
    LINKED_STORAGE_ACCOUNTS,
    STORAGE_INSIGHT_CONFIGS,
)
from vedette.sentinel.workspaces import WORKSPACES

_SERVED = (
    *RESOURCE_MANAGER_TYPES,
    *POLICY_TYPES,
    *DEFENDER_TYPES,
    USER_ASSIGNED_IDENTITIES,
    with_purge(WORKSPACES),
    DELETED_WORKSPACES,
    TABLES,
    PURGE_STATUSES,
    PROVIDER_LOCATIONS,
    OPERATION_STATUSES,
    OPERATION_RESULTS,
    ONBOARDING_STATES,
    ALERT_RULES,
    ALERT_RULE_ACTIONS,
    ALERT_RULE_TEMPLATES,
    RULE_RUNS,
    AUTOMATION_RULES,
    INCIDENTS,
    INCIDENT_RELATIONS,
    INCIDENT_COMMENTS,
    INCIDENT_TASKS,
    CASES,
    CASE_COMMENTS,
    CASE_RELATIONS,
    CASE_AGGREGATIONS,
    BOOKMARKS,
    BOOKMARK_RELATIONS,
    ENTITIES,
    *CONTENT_TYPES,
    ENTITY_RELATIONS,
    ENTITY_INSIGHT_QUERIES,
    ENTITY_QUERIES,
    ENTITY_QUERY_TEMPLATES,
    DATA_COLLECTION_ENDPOINTS,
    DATA_COLLECTION_RULES,
    ASSOCIATIONS,
    ASSOCIATIONS_OF_RULE,
    ASSOCIATIONS_OF_ENDPOINT,
    DIAGNOSTIC_SETTINGS,
    DIAGNOSTIC_CATEGORIES,
    SAVED_SEARCHES,
    SUMMARY_RULES,
    DATA_SOURCES,
    LINKED_SERVICES,
    LINKED_STORAGE_ACCOUNTS,
    DATA_EXPORTS,
    STORAGE_INSIGHT_CONFIGS,
    GATEWAYS,
    SCHEMA,
    USAGES,
    AVAILABLE_SERVICE_TIERS,
    MANAGEMENT_GROUPS_OF_WORKSPACE,
    INTELLIGENCE_PACKS,
    CLUSTERS,
    QUERY_PACKS,
    QUERIES,
    SOLUTIONS,
    ROLE_DEFINITIONS,
    ROLE_ASSIGNMENTS,
    DENY_ASSIGNMENTS,
    PERMISSIONS,
    CHECK_ACCESS,
    CLASSIC_ADMINISTRATORS,
)

_WITH_LISTS = (*_SERVED, *resource_lists(_SERVED), tags_resource(_SERVED), *tag_name_resources(_SERVED))

RESOURCE_TYPES = ResourceTypes(
    (*_WITH_LISTS, *provider_resources(_WITH_LISTS), provider_operations(_WITH_LISTS)), other_resource
)
