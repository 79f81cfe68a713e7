"""The properties of alert rules under their own names: clients write them in PowerShell's casing, `DisplayName`."""

from collections.abc import Mapping
from typing import Any, Final, cast

_NAMES: Final = {
    each.lower(): each
    for each in (
        *("displayName", "description", "enabled", "severity", "query", "queryFrequency", "queryPeriod"),
        *("triggerOperator", "triggerThreshold", "suppressionDuration", "suppressionEnabled", "startTimeUtc"),
        *("tactics", "techniques", "subTechniques", "alertRuleTemplateName", "templateVersion"),
        *("eventGroupingSettings", "aggregationKind", "customDetails", "entityMappings", "entityType"),
        *("fieldMappings", "identifier", "columnName", "sentinelEntitiesMappings", "alertDetailsOverride"),
        *("alertDisplayNameFormat", "alertDescriptionFormat", "alertTacticsColumnName", "alertSeverityColumnName"),
        *("alertDynamicProperties", "alertProperty", "value", "incidentConfiguration", "createIncident"),
        *("groupingConfiguration", "reopenClosedIncident", "lookbackDuration", "matchingMethod"),
        *("entitiesMatchingMethod", "groupByEntities", "groupByAlertDetails", "groupByCustomDetails"),
        *("productFilter", "severitiesFilter", "displayNamesFilter", "displayNamesExcludeFilter"),
        *("sourceSettings", "scenarioExclusionPatterns", "anomalySettings"),
    )
}
_NAMED_BY_USERS: Final = frozenset({"customDetails", "sourceSettings", "scenarioExclusionPatterns", "anomalySettings"})
"""What is in these has names of users', or of shapes of their own."""


def with_own_names(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties, and what is in them, under the names that they are published with."""
    named = {_NAMES.get(name.lower(), name): each for name, each in properties.items()}
    return {name: each if name in _NAMED_BY_USERS else _inside(each) for name, each in named.items()}


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return with_own_names(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [_inside(each) for each in cast("list[Any]", value)]
    return value
