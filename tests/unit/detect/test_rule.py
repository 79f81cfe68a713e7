from datetime import timedelta
from typing import Any

import pytest

from vedette.core.errors import InvalidInput
from vedette.detect.rule import MatchingMethod, Severity, TriggerOperator, is_triggered, parse_rule

PROPERTIES: dict[str, Any] = {
    "displayName": "A rule",
    "enabled": "true",
    "severity": "high",
    "query": "Heartbeat",
    "queryFrequency": "PT5M",
    "queryPeriod": "P1D",
    "triggerOperator": "greaterthan",
    "triggerThreshold": "3",
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
}


def test_values_are_read_leniently() -> None:
    rule = parse_rule(PROPERTIES)
    assert rule.enabled is True
    assert rule.severity is Severity.High
    assert rule.trigger_operator is TriggerOperator.GreaterThan
    assert rule.trigger_threshold == 3
    assert rule.query_period == timedelta(days=1)


def test_null_is_absent() -> None:
    nothing = dict.fromkeys(
        (
            "description",
            "tactics",
            "techniques",
            "customDetails",
            "entityMappings",
            "alertDetailsOverride",
            "incidentConfiguration",
            "eventGroupingSettings",
            "startTimeUtc",
        )
    )
    rule = parse_rule(PROPERTIES | nothing)
    assert rule.entity_mappings == ()
    assert rule.custom_details == {}
    assert rule.incident_configuration.create_incident


def test_grouping_is_read() -> None:
    grouping = {
        "enabled": True,
        "reopenClosedIncident": False,
        "lookbackDuration": "PT5H",
        "matchingMethod": "selected",
        "groupByEntities": ["host"],
        "groupByAlertDetails": None,
    }
    rule = parse_rule(
        PROPERTIES | {"incidentConfiguration": {"createIncident": True, "groupingConfiguration": grouping}}
    )
    read = rule.incident_configuration.grouping_configuration
    assert read is not None
    assert read.matching_method is MatchingMethod.Selected
    assert read.group_by_entities == ("Host",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"query": ""}, "'properties.query'"),
        ({"queryFrequency": "5 minutes"}, "'properties.queryFrequency': '5 minutes' is not an ISO 8601 duration"),
        ({"queryFrequency": "PT2H", "queryPeriod": "PT1H"}, "must not be shorter"),
        ({"queryPeriod": "P15D"}, "'properties.queryPeriod'"),
        ({"severity": "Awful"}, "'properties.severity'"),
        ({"triggerThreshold": -1}, "'properties.triggerThreshold'"),
        ({"customDetails": {str(number): "c" for number in range(21)}}, "'properties.customDetails'"),
        ({"tactics": ["Gardening"]}, "'properties.tactics.0'"),
        (
            {"entityMappings": [{"entityType": "Ghost", "fieldMappings": [{"identifier": "x", "columnName": "y"}]}]},
            "'properties.entityMappings.0.entityType': 'Ghost' is not an entity type",
        ),
        (
            {"entityMappings": [{"entityType": "IP", "fieldMappings": [{"identifier": "Name", "columnName": "y"}]}]},
            "'properties.entityMappings.0': 'Name' does not identify an entity of type IP",
        ),
        ({"entityMappings": [{"entityType": "IP", "fieldMappings": []}]}, "fieldMappings"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_rule(PROPERTIES | change)
    assert told in caught.value.message


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"'properties\.queryPeriod' is missing"):
        parse_rule({name: value for name, value in PROPERTIES.items() if name != "queryPeriod"})


@pytest.mark.parametrize(
    ("operator", "triggering"),
    [
        (TriggerOperator.GreaterThan, [3]),
        (TriggerOperator.LessThan, [0, 1]),
        (TriggerOperator.Equal, [2]),
        (TriggerOperator.NotEqual, [0, 1, 3]),
    ],
)
def test_triggers(operator: TriggerOperator, triggering: list[int]) -> None:
    assert [results for results in range(4) if is_triggered(operator, 2, results)] == triggering


def test_a_format_has_at_most_three_parameters() -> None:
    few, many = "{{a}} {{b}} {{c}} {{ a }}", "{{a}} {{b}} {{c}} {{d}}"
    parse_rule(PROPERTIES | {"alertDetailsOverride": {"alertDisplayNameFormat": few}})
    with pytest.raises(InvalidInput, match="alertDescriptionFormat': it has 4 parameters; 3 are allowed"):
        parse_rule(PROPERTIES | {"alertDetailsOverride": {"alertDescriptionFormat": many}})
