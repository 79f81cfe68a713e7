"""The resource types of a workspace's content: watchlists, threat intelligence, connectors, packages and the like."""

from vedette.sentinel.content_hub import (
    CONTENT_PACKAGES,
    CONTENT_PRODUCT_PACKAGES,
    CONTENT_PRODUCT_TEMPLATES,
    CONTENT_TEMPLATES,
)
from vedette.sentinel.data_connectors import CHECK_REQUIREMENTS, DATA_CONNECTOR_DEFINITIONS, DATA_CONNECTORS
from vedette.sentinel.enrichment import ENRICHMENT, ENRICHMENT_GEODATA, ENRICHMENT_WHOIS
from vedette.sentinel.file_imports import FILE_IMPORTS
from vedette.sentinel.further_resources import (
    BILLING_STATISTICS,
    METADATA,
    OFFICE_CONSENTS,
    RECOMMENDATIONS,
    SECURITY_ML_ANALYTICS_SETTINGS,
)
from vedette.sentinel.hunts import HUNT_COMMENTS, HUNT_RELATIONS, HUNTS
from vedette.sentinel.indicators import INDICATORS
from vedette.sentinel.settings import SETTINGS
from vedette.sentinel.source_controls import LIST_REPOSITORIES, SOURCE_CONTROLS
from vedette.sentinel.threat_intelligence import THREAT_INTELLIGENCE, THREAT_INTELLIGENCE_LISTS
from vedette.sentinel.watchlist_items import WATCHLIST_ITEMS
from vedette.sentinel.watchlists import WATCHLISTS
from vedette.sentinel.workspace_manager import (
    WORKSPACE_MANAGER_ASSIGNMENTS,
    WORKSPACE_MANAGER_CONFIGURATIONS,
    WORKSPACE_MANAGER_GROUPS,
    WORKSPACE_MANAGER_JOBS,
    WORKSPACE_MANAGER_MEMBERS,
)

CONTENT_TYPES = (
    WATCHLISTS,
    WATCHLIST_ITEMS,
    THREAT_INTELLIGENCE,
    INDICATORS,
    *THREAT_INTELLIGENCE_LISTS,
    DATA_CONNECTORS,
    CHECK_REQUIREMENTS,
    DATA_CONNECTOR_DEFINITIONS,
    SETTINGS,
    METADATA,
    CONTENT_PACKAGES,
    CONTENT_TEMPLATES,
    CONTENT_PRODUCT_PACKAGES,
    CONTENT_PRODUCT_TEMPLATES,
    SOURCE_CONTROLS,
    LIST_REPOSITORIES,
    HUNTS,
    HUNT_RELATIONS,
    HUNT_COMMENTS,
    SECURITY_ML_ANALYTICS_SETTINGS,
    OFFICE_CONSENTS,
    RECOMMENDATIONS,
    BILLING_STATISTICS,
    FILE_IMPORTS,
    ENRICHMENT,
    ENRICHMENT_GEODATA,
    ENRICHMENT_WHOIS,
    WORKSPACE_MANAGER_CONFIGURATIONS,
    WORKSPACE_MANAGER_GROUPS,
    WORKSPACE_MANAGER_MEMBERS,
    WORKSPACE_MANAGER_ASSIGNMENTS,
    WORKSPACE_MANAGER_JOBS,
)
"""What `resources` serves of it."""
