"""A Scheduled rule's properties, read once into types; everything that is wrong with one is said here."""

import re
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from vedette.core.durations import format_duration
from vedette.detect.arm_fields import Duration, Instant, Part, Texts, absent_as, any_case, invalid
from vedette.detect.entity_types import ENTITY_TYPES, MAPPABLE

MAX_ENTITY_MAPPINGS = 10
MAX_CUSTOM_DETAILS = 20
MAX_PERIOD = timedelta(days=14)
MAX_SUPPRESSION = timedelta(hours=24)
MAX_THRESHOLD = 10_000
MIN_FREQUENCY = timedelta(minutes=1)
MAX_PARAMETERS = 3
"""Of a format: https://learn.microsoft.com/azure/sentinel/customize-alert-details"""

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
"""A column in a format."""


class Severity(Enum):
    """How bad it would be."""

    High = "High"
    Medium = "Medium"
    Low = "Low"
    Informational = "Informational"


class TriggerOperator(Enum):
    """How the number of results is held against the threshold."""

    GreaterThan = "GreaterThan"
    LessThan = "LessThan"
    Equal = "Equal"
    NotEqual = "NotEqual"


class EventGrouping(Enum):
    """One alert for all results of a run, or one for each."""

    SingleAlert = "SingleAlert"
    AlertPerResult = "AlertPerResult"


class MatchingMethod(Enum):
    """What two alerts of a rule must share to be in one incident."""

    AllEntities = "AllEntities"
    AnyAlert = "AnyAlert"
    Selected = "Selected"


class AlertDetail(Enum):
    """A detail of an alert that incidents can be grouped by."""

    DisplayName = "DisplayName"
    Severity = "Severity"


class AlertProperty(Enum):
    """A property of an alert that a column of the result can set."""

    AlertLink = "AlertLink"
    ConfidenceLevel = "ConfidenceLevel"
    ConfidenceScore = "ConfidenceScore"
    ExtendedLinks = "ExtendedLinks"
    ProductName = "ProductName"
    ProviderName = "ProviderName"
    ProductComponentName = "ProductComponentName"
    RemediationSteps = "RemediationSteps"
    Techniques = "Techniques"
    SubTechniques = "SubTechniques"


class Tactic(Enum):
    """A tactic of MITRE ATT&CK, as Sentinel spells it."""

    Reconnaissance = "Reconnaissance"
    ResourceDevelopment = "ResourceDevelopment"
    InitialAccess = "InitialAccess"
    Execution = "Execution"
    Persistence = "Persistence"
    PrivilegeEscalation = "PrivilegeEscalation"
    DefenseEvasion = "DefenseEvasion"
    CredentialAccess = "CredentialAccess"
    Discovery = "Discovery"
    LateralMovement = "LateralMovement"
    Collection = "Collection"
    Exfiltration = "Exfiltration"
    CommandAndControl = "CommandAndControl"
    Impact = "Impact"
    PreAttack = "PreAttack"
    ImpairProcessControl = "ImpairProcessControl"
    InhibitResponseFunction = "InhibitResponseFunction"


def _entity_type(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    named = next((name for name in MAPPABLE if name.lower() == value.lower()), None)
    if named is None:
        raise PydanticCustomError(
            "entity_type", "'{type}' is not an entity type; there are {known}", {"type": value, "known": _known()}
        )
    return named


def _known() -> str:
    return ", ".join(MAPPABLE)


EntityTypeName = Annotated[str, BeforeValidator(_entity_type)]
Details = Annotated[dict[str, str], absent_as({})]
Severities = Annotated[Severity, any_case(Severity)]
Tactics = Annotated[tuple[Annotated[Tactic, any_case(Tactic)], ...], absent_as(())]


class FieldMapping(Part):
    """An identifier of an entity and the column that holds it."""

    identifier: str
    column_name: str


class EntityMapping(Part):
    """An entity in each result: its type and the columns that identify it."""

    entity_type: EntityTypeName
    field_mappings: Annotated[tuple[FieldMapping, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _identifiers_exist(self) -> "EntityMapping":
        known = ENTITY_TYPES[self.entity_type].identifiers
        for mapping in self.field_mappings:
            if mapping.identifier.lower() not in {name.lower() for name in known}:
                raise PydanticCustomError(
                    "identifier",
                    "'{identifier}' does not identify an entity of type {type}; there are {known}",
                    {"identifier": mapping.identifier, "type": self.entity_type, "known": ", ".join(known)},
                )
        return self


class SentinelEntitiesMapping(Part):
    """A column whose value is an array of entities already."""

    column_name: str


def _few_parameters(value: str) -> str:
    columns = set(PLACEHOLDER.findall(value))
    if len(columns) > MAX_PARAMETERS:
        raise PydanticCustomError(
            "parameters",
            "it has {number} parameters; {most} are allowed",
            {"number": len(columns), "most": MAX_PARAMETERS},
        )
    return value


Format = Annotated[str, AfterValidator(_few_parameters)]


class DynamicProperty(Part):
    """A property of the alert and the column that sets it."""

    alert_property: Annotated[AlertProperty, any_case(AlertProperty)]
    value: str


class AlertDetailsOverride(Part):
    """What of an alert comes from its results; `{{column}}` in a format stands for the first result's value."""

    alert_display_name_format: Format | None = None
    alert_description_format: Format | None = None
    alert_tactics_column_name: str | None = None
    alert_severity_column_name: str | None = None
    alert_dynamic_properties: Annotated[tuple[DynamicProperty, ...], absent_as(())] = ()


class GroupingConfiguration(Part):
    """Which alerts of a rule become one incident."""

    enabled: bool
    reopen_closed_incident: bool
    lookback_duration: Duration
    matching_method: Annotated[MatchingMethod, any_case(MatchingMethod)]
    group_by_entities: Annotated[tuple[EntityTypeName, ...], absent_as(())] = ()
    group_by_alert_details: Annotated[tuple[Annotated[AlertDetail, any_case(AlertDetail)], ...], absent_as(())] = ()
    group_by_custom_details: Texts = ()


class IncidentConfiguration(Part):
    """Whether alerts make incidents, and how they are grouped into them."""

    create_incident: bool = True
    grouping_configuration: GroupingConfiguration | None = None


class EventGroupingSettings(Part):
    """How results become alerts."""

    aggregation_kind: Annotated[EventGrouping, any_case(EventGrouping)] = EventGrouping.SingleAlert


class ScheduledRule(Part):
    """The properties of an alert rule of kind Scheduled.

    https://learn.microsoft.com/rest/api/securityinsights/alert-rules/create-or-update
    """

    display_name: Annotated[str, Field(min_length=1)]
    description: Annotated[str, absent_as("")] = ""
    enabled: bool
    severity: Severities
    query: Annotated[str, Field(min_length=1)]
    query_frequency: Annotated[Duration, Field(ge=MIN_FREQUENCY, le=MAX_PERIOD)]
    query_period: Annotated[Duration, Field(ge=MIN_FREQUENCY, le=MAX_PERIOD)]
    trigger_operator: Annotated[TriggerOperator, any_case(TriggerOperator)]
    trigger_threshold: Annotated[int, Field(ge=0, le=MAX_THRESHOLD)]
    suppression_duration: Annotated[Duration, Field(ge=timedelta(0), le=MAX_SUPPRESSION)]
    suppression_enabled: bool
    start_time_utc: Instant | None = None
    tactics: Tactics = ()
    techniques: Texts = ()
    sub_techniques: Texts = ()
    alert_rule_template_name: str | None = None
    template_version: str | None = None
    event_grouping_settings: Annotated[EventGroupingSettings, absent_as({})] = EventGroupingSettings()
    custom_details: Annotated[Details, Field(max_length=MAX_CUSTOM_DETAILS, default_factory=dict)]
    entity_mappings: Annotated[tuple[EntityMapping, ...], absent_as(()), Field(max_length=MAX_ENTITY_MAPPINGS)] = ()
    sentinel_entities_mappings: Annotated[tuple[SentinelEntitiesMapping, ...], absent_as(())] = ()
    alert_details_override: Annotated[AlertDetailsOverride, absent_as({})] = AlertDetailsOverride()
    incident_configuration: Annotated[IncidentConfiguration, absent_as({})] = IncidentConfiguration()

    @model_validator(mode="after")
    def _period_covers_frequency(self) -> "ScheduledRule":
        if self.query_period < self.query_frequency:
            raise PydanticCustomError(
                "period",
                "queryPeriod ({period}) must not be shorter than queryFrequency ({frequency}), or events are missed",
                {"period": format_duration(self.query_period), "frequency": format_duration(self.query_frequency)},
            )
        return self


def parse_rule(properties: dict[str, Any]) -> ScheduledRule:
    """The `properties` of a Scheduled rule, checked.

    Raises InvalidInput (code BadRequest) whose message names each wrong property by its path.
    """
    try:
        return ScheduledRule.model_validate(properties)
    except ValidationError as error:
        raise invalid("alert rule", error) from error


_EVERY_MINUTE: dict[str, Any] = {
    "queryFrequency": "PT1M",
    "queryPeriod": "PT1M",
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
}


def parse_nrt_rule(properties: dict[str, Any]) -> ScheduledRule:
    """The `properties` of a rule of kind NRT, checked: a query that runs every minute over what that minute brought.

    https://learn.microsoft.com/azure/sentinel/near-real-time-rules. Raises InvalidInput as `parse_rule` does.
    """
    return parse_rule({name: each for name, each in properties.items() if name not in _EVERY_MINUTE} | _EVERY_MINUTE)


def is_triggered(operator: TriggerOperator, threshold: int, results: int) -> bool:
    """Whether a run with this many results raises an alert."""
    match operator:
        case TriggerOperator.GreaterThan:
            return results > threshold
        case TriggerOperator.LessThan:
            return results < threshold
        case TriggerOperator.Equal:
            return results == threshold
        case TriggerOperator.NotEqual:
            return results != threshold
