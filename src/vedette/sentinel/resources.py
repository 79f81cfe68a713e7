"""The resource types that this server's management plane serves."""

from vedette.arm.resource import ResourceTypes
from vedette.sentinel.alert_rules import ALERT_RULES
from vedette.sentinel.data_collection_associations import (
    ASSOCIATIONS,
    ASSOCIATIONS_OF_ENDPOINT,
    ASSOCIATIONS_OF_RULE,
)
from vedette.sentinel.data_collection_endpoints import DATA_COLLECTION_ENDPOINTS
from vedette.sentinel.data_collection_rules import DATA_COLLECTION_RULES
from vedette.sentinel.deleted_workspaces import DELETED_WORKSPACES
from vedette.sentinel.diagnostic_settings import DIAGNOSTIC_CATEGORIES, DIAGNOSTIC_SETTINGS
from vedette.sentinel.entities import ENTITIES
from vedette.sentinel.incidents import INCIDENT_RELATIONS, INCIDENTS
from vedette.sentinel.onboarding_states import ONBOARDING_STATES
from vedette.sentinel.resource_groups import RESOURCE_GROUPS
from vedette.sentinel.subscriptions import LOCATIONS, SUBSCRIPTIONS, TENANTS
from vedette.sentinel.workspaces import WORKSPACES

RESOURCE_TYPES = ResourceTypes(
    (
        TENANTS,
        SUBSCRIPTIONS,
        LOCATIONS,
        RESOURCE_GROUPS,
        WORKSPACES,
        DELETED_WORKSPACES,
        ONBOARDING_STATES,
        ALERT_RULES,
        INCIDENTS,
        INCIDENT_RELATIONS,
        ENTITIES,
        DATA_COLLECTION_ENDPOINTS,
        DATA_COLLECTION_RULES,
        ASSOCIATIONS,
        ASSOCIATIONS_OF_RULE,
        ASSOCIATIONS_OF_ENDPOINT,
        DIAGNOSTIC_SETTINGS,
        DIAGNOSTIC_CATEGORIES,
    )
)
