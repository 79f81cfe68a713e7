"""The kinds of content: which resource each is, where it stands in its workspace, and what must be there before it."""

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """Below what a resource stands."""

    WORKSPACE = "workspace"  # …/workspaces/{workspace}/{type}/{name}
    SENTINEL = "sentinel"  # …/workspaces/{workspace}/providers/Microsoft.SecurityInsights/{type}/{name}
    RESOURCE_GROUP = "resource group"  # …/resourceGroups/{group}/providers/{type}/{name}
    ASSIGNED = "assigned"  # …/workspaces/{workspace}/providers/{type}/{name}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of content.

    `type` is what its path has after `scope`; with `parent`, after the parent's path. `version` is the api-version
    that it is read and written with. `title` is the property that people know it by. `folder` is where an export
    puts its files. `order` says when it is applied: lower first; deletions go the other way.
    """

    name: str
    type: str
    scope: Scope
    version: str
    title: str
    folder: str
    order: int
    parent: str = ""


_SENTINEL = "2024-09-01"
_PREVIEW = "2025-01-01-preview"

WATCHLIST = Kind("Watchlist", "watchlists", Scope.SENTINEL, _SENTINEL, "displayName", "Watchlists", 10)
WATCHLIST_ITEM = Kind(
    "WatchlistItem", "watchlistItems", Scope.SENTINEL, _SENTINEL, "watchlistItemId", "Watchlists", 11, "Watchlist"
)
PARSER = Kind("Parser", "savedSearches", Scope.WORKSPACE, "2020-08-01", "displayName", "Parsers", 20)
HUNTING_QUERY = Kind(
    "HuntingQuery", "savedSearches", Scope.WORKSPACE, "2020-08-01", "displayName", "HuntingQueries", 30
)
SAVED_SEARCH = Kind("SavedSearch", "savedSearches", Scope.WORKSPACE, "2020-08-01", "displayName", "SavedSearches", 30)
DATA_CONNECTOR = Kind("DataConnector", "dataConnectors", Scope.SENTINEL, _PREVIEW, "title", "DataConnectors", 35)
SETTING = Kind("Setting", "settings", Scope.SENTINEL, _PREVIEW, "", "Settings", 36)
ALERT_RULE = Kind("AlertRule", "alertRules", Scope.SENTINEL, _PREVIEW, "displayName", "AnalyticsRules", 40)
CONNECTION = Kind(
    "Connection", "Microsoft.Web/connections", Scope.RESOURCE_GROUP, "2016-06-01", "displayName", "Connections", 45
)
PLAYBOOK = Kind("Playbook", "Microsoft.Logic/workflows", Scope.RESOURCE_GROUP, "2019-05-01", "", "Playbooks", 50)
ALERT_RULE_ACTION = Kind("AlertRuleAction", "actions", Scope.SENTINEL, _PREVIEW, "", "AnalyticsRules", 55, "AlertRule")
AUTOMATION_RULE = Kind(
    "AutomationRule", "automationRules", Scope.SENTINEL, _SENTINEL, "displayName", "AutomationRules", 60
)
WORKBOOK = Kind(
    "Workbook", "Microsoft.Insights/workbooks", Scope.RESOURCE_GROUP, "2023-06-01", "displayName", "Workbooks", 70
)
BOOKMARK = Kind("Bookmark", "bookmarks", Scope.SENTINEL, _SENTINEL, "displayName", "Bookmarks", 80)
METADATA = Kind("Metadata", "metadata", Scope.SENTINEL, _PREVIEW, "", "Metadata", 90)
ROLE_ASSIGNMENT = Kind(
    "RoleAssignment",
    "Microsoft.Authorization/roleAssignments",
    Scope.ASSIGNED,
    "2022-04-01",
    "",
    "RoleAssignments",
    95,
)

KINDS = (
    WATCHLIST,
    WATCHLIST_ITEM,
    PARSER,
    HUNTING_QUERY,
    SAVED_SEARCH,
    DATA_CONNECTOR,
    SETTING,
    ALERT_RULE,
    CONNECTION,
    PLAYBOOK,
    ALERT_RULE_ACTION,
    AUTOMATION_RULE,
    WORKBOOK,
    BOOKMARK,
    METADATA,
    ROLE_ASSIGNMENT,
)
"""All of them, in the order in which they are applied."""


def kind_named(name: str) -> Kind | None:
    """The kind of this name, in any case; None where there is none."""
    return next((kind for kind in KINDS if kind.name.casefold() == name.casefold()), None)
