from typing import Any

import pytest

from vedette.content.differences import differences
from vedette.content.item import Item
from vedette.content.kinds import ALERT_RULE, AUTOMATION_RULE, DATA_CONNECTOR, HUNTING_QUERY, PLAYBOOK, Kind
from vedette.content.managed import digest
from vedette.content.normal_form import normal_form


def item(properties: dict[str, Any], kind: Kind = ALERT_RULE) -> Item:
    told = {"kind": "Scheduled"} if kind is ALERT_RULE else {}
    return Item(kind, "name", {**told, "properties": properties})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"queryFrequency": "PT60M"}, {"queryFrequency": "PT1H"}),
        ({"queryPeriod": "P1D"}, {"queryPeriod": "PT24H"}),
        ({"severity": "high"}, {"severity": "High"}),
        ({"tactics": ["Impact", "Execution"]}, {"tactics": ["Execution", "impact"]}),
        ({"enabled": "true", "triggerThreshold": "5"}, {"enabled": True, "triggerThreshold": 5}),
        ({"description": ""}, {}),
        ({"customDetails": {}, "entityMappings": None}, {}),
        ({"lastModifiedUtc": "2024-01-01T00:00:00Z"}, {}),
        ({}, {"eventGroupingSettings": {"aggregationKind": "SingleAlert"}}),
        ({}, {"incidentConfiguration": {"createIncident": True}}),
        (
            {"incidentConfiguration": {"groupingConfiguration": {"entitiesMatchingMethod": "All"}}},
            {"incidentConfiguration": {"groupingConfiguration": {"matchingMethod": "AllEntities"}}},
        ),
        ({"startTimeUtc": "2024-01-01T00:00:00.0000000Z"}, {"startTimeUtc": "2024-01-01T00:00:00Z"}),
    ],
)
def test_two_ways_to_say_the_same_are_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert normal_form(item(one)) == normal_form(item(other))
    assert digest(normal_form(item(one))) == digest(normal_form(item(other)))
    assert not list(differences(normal_form(item(one)), normal_form(item(other))))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"query": "T | where A == 'x'"}, {"query": "T | where A == 'X'"}),
        ({"displayName": "Rule"}, {"displayName": "rule"}),
        ({"customDetails": {"Account": "a"}}, {"customDetails": {"account": "a"}}),
        ({"entityMappings": [{"entityType": "IP"}]}, {}),
        ({"incidentConfiguration": {"createIncident": False}}, {}),
        ({"eventGroupingSettings": {"aggregationKind": "AlertPerResult"}}, {}),
        ({"enabled": False}, {"enabled": True}),
        ({"triggerThreshold": 0}, {"triggerThreshold": 1}),
        ({"suppressionDuration": "PT1H"}, {"suppressionDuration": "PT5H"}),
    ],
)
def test_what_means_something_else_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert normal_form(item(one)) != normal_form(item(other))
    assert digest(normal_form(item(one))) != digest(normal_form(item(other)))


def test_a_fusion_rule_says_only_what_is_its_own() -> None:
    shown = {"enabled": True, "alertRuleTemplateName": "x", "displayName": "Advanced", "severity": "High"}
    sent = {"enabled": True, "alertRuleTemplateName": "x"}
    one, other = (Item(ALERT_RULE, "x", {"kind": "Fusion", "properties": each}) for each in (shown, sent))
    assert normal_form(one) == normal_form(other)


def test_older_versions_write_saved_searches_with_capitals() -> None:
    old = {"Category": "Hunting Queries", "Query": "T", "Tags": [{"Name": "tactics", "Value": "Impact"}]}
    new = {"category": "Hunting Queries", "query": "T", "tags": [{"name": "tactics", "value": "Impact"}], "version": 2}
    assert normal_form(item(old, HUNTING_QUERY)) == normal_form(item(new, HUNTING_QUERY))


def test_actions_go_by_their_order() -> None:
    actions = [{"order": 2, "actionType": "RunPlaybook"}, {"order": 1, "actionType": "ModifyProperties"}]
    one, other = item({"actions": actions}, AUTOMATION_RULE), item({"actions": actions[::-1]}, AUTOMATION_RULE)
    assert normal_form(one) == normal_form(other)


def test_differences_name_the_place_and_keep_the_spelling() -> None:
    before = normal_form(item({"severity": "Low", "entityMappings": [{"entityType": "IP"}, {"entityType": "Host"}]}))
    after = normal_form(item({"severity": "High", "entityMappings": [{"entityType": "IP"}, {"entityType": "Account"}]}))
    told = {each.place: (each.before, each.after) for each in differences(before, after)}
    assert told == {
        "properties.severity": ("Low", "High"),
        "properties.entityMappings[1].entityType": ("Host", "Account"),
    }


def test_a_playbook_is_a_program_in_which_everything_counts() -> None:
    def form(body: Any) -> dict[str, Any]:
        action = {"type": "Http", "inputs": {"method": "POST", "uri": "https://x.example/api", "body": body}}
        return normal_form(item({"state": "enabled", "definition": {"actions": {"close": action}}}, PLAYBOOK))

    one = {"status": "Closed", "tactics": ["b", "a"], "enabled": "true", "order": "5", "note": ""}
    for name, other in {"status": "closed", "tactics": ["a", "b"], "enabled": True, "order": 5, "note": None}.items():
        assert form(one) != form({**one, name: other})
    assert form(one) == form(dict(reversed(one.items())))
    assert normal_form(item({"definition": {}, "state": "Enabled"}, PLAYBOOK)) == normal_form(item({}, PLAYBOOK))


def test_what_a_connector_asks_for_counts_to_the_letter() -> None:
    def form(status: str) -> dict[str, Any]:
        request = {"queryParameters": {"status": status}, "apiEndpoint": "https://x.example"}
        return normal_form(item({"pollingConfig": {"request": request}, "request": request}, DATA_CONNECTOR))

    assert form("Closed") != form("closed")
