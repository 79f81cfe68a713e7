"""The conditions of automation rules, one kind after another."""

from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.automation.rule_conditions import Subject, conditions_hold
from vedette.state.documents import Document

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def document(kind: str, properties: dict[str, Any]) -> Document:
    return Document("/x", "t", "", "x", "e", {"kind": kind, "properties": properties}, NOW, NOW)


INCIDENT = {
    "title": "Brute Force against host",
    "severity": "Medium",
    "status": "Active",
    "providerName": "Azure Sentinel",
    "labels": [{"labelName": "vip"}, {"labelName": "prod-1"}],
    "relatedAnalyticRuleIds": ["/ws/alertRules/r1", "/ws/alertRules/r2"],
    "additionalData": {"tactics": ["InitialAccess"]},
}
ENTITIES = [
    document("Account", {"accountName": "ana", "upnSuffix": "contoso.com"}),
    document("Ip", {"address": "10.0.0.7"}),
    document("AzureResource", {"resourceId": "/subscriptions/s1/resourceGroups/g"}),
]
ALERTS = [
    document("SecurityAlert", {"alertDisplayName": "A", "productName": "Sentinel",
                               "additionalData": {"Custom Details": '{"Port": ["22", "3389"], "Team": ["blue"]}'}}),
    document("SecurityAlert", {"alertDisplayName": "B", "additionalData": {"Custom Details": "no JSON"}}),
]  # fmt: skip
CHANGES = {
    "severity": ["Low", "Medium"],
    "owner": [{"objectId": None}, {"objectId": "o-1", "userPrincipalName": "ana@contoso.com"}],
    "labels": [[{"labelName": "vip"}], [{"labelName": "vip"}, {"labelName": "prod-1"}]],
    "commentsCount": [2, 1],
    "alertsCount": [1, 2],
}


def holds(*conditions: dict[str, Any]) -> bool:
    note = {"changes": CHANGES, "source": "User"}
    subject = Subject(document("", INCIDENT), note, lambda: ALERTS, lambda: ENTITIES)
    return conditions_hold(conditions, subject)


def of(name: str, operator: str, *values: str) -> dict[str, Any]:
    properties = {"propertyName": name, "operator": operator, "propertyValues": list(values)}
    return {"conditionType": "Property", "conditionProperties": properties}


def array(kind: str, how: str, *conditions: dict[str, Any]) -> dict[str, Any]:
    properties = {"arrayType": kind, "arrayConditionType": how, "itemConditions": list(conditions)}
    return {"conditionType": "PropertyArray", "conditionProperties": properties}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (of("IncidentTitle", "Equals", "x", "brute force against HOST"), True),
        (of("IncidentTitle", "NotEquals", "x"), True),
        (of("IncidentTitle", "Contains", "force"), True),
        (of("IncidentTitle", "NotContains", "x", "force"), False),
        (of("IncidentTitle", "StartsWith", "force", "brute"), True),
        (of("IncidentTitle", "NotStartsWith", "brute"), False),
        (of("IncidentTitle", "EndsWith", "host"), True),
        (of("IncidentTitle", "NotEndsWith", "host", "x"), False),
        (of("IncidentTitle", "Resembles", "host"), False),
        (of("IncidentDescription", "Contains", "x"), False),
        (of("IncidentDescription", "NotContains", "x"), True),
        (of("IncidentSeverity", "Equals", "High", "Medium"), True),
        (of("IncidentRelatedAnalyticRuleIds", "Contains", "/ws/alertRules/R2"), True),
        (of("IncidentTactics", "Contains", "Persistence"), False),
        (of("IncidentLabel", "Equals", "VIP"), True),
        (of("IncidentProviderName", "Equals", "Azure Sentinel"), True),
        (of("IncidentUpdatedBySource", "NotEquals", "Playbook"), True),
        (of("IncidentAlertTitle", "Equals", "B"), True),
        (of("AlertProductNames", "Equals", "Sentinel"), True),
        (of("AccountName", "Equals", "ANA"), True),
        (of("AccountUPNSuffix", "EndsWith", "fabrikam.com"), False),
        (of("IPAddress", "StartsWith", "10."), True),
        (of("HostName", "Equals", "h"), False),
        (of("HostName", "NotEquals", "h"), True),
        (of("AzureResourceSubscriptionId", "Equals", "s1"), True),
        (of("NoSuchProperty", "Equals", "x"), False),
        (array("IncidentLabels", "AnyItem", of("IncidentLabel", "StartsWith", "prod")), True),
        (array("IncidentLabels", "AllItems", of("IncidentLabel", "StartsWith", "prod")), False),
        (array("CustomDetails", "AnyItem", of("IncidentCustomDetailsKey", "Equals", "Port")), True),
        (
            array("CustomDetails", "AnyItem", of("IncidentCustomDetailsKey", "Equals", "Port"),
                  array("CustomDetailValues", "AnyItem", of("IncidentCustomDetailsValue", "Equals", "3389"))),
            True,
        ),
        (
            array("CustomDetails", "AnyItem", of("IncidentCustomDetailsKey", "Equals", "Team"),
                  array("CustomDetailValues", "AnyItem", of("IncidentCustomDetailsValue", "Equals", "3389"))),
            False,
        ),
        (
            array("CustomDetails", "AnyItem", of("IncidentCustomDetailsKey", "Equals", "Port"),
                  array("CustomDetailValues", "AllItems", of("IncidentCustomDetailsValue", "Equals", "22"))),
            False,
        ),
    ],
)  # fmt: skip
def test_properties_and_arrays(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition) is expected


def boolean(operator: str, *inner: dict[str, Any]) -> dict[str, Any]:
    return {"conditionType": "Boolean", "conditionProperties": {"operator": operator, "innerConditions": list(inner)}}


def test_booleans_inside_booleans() -> None:
    yes, no = of("IncidentSeverity", "Equals", "Medium"), of("IncidentSeverity", "Equals", "High")
    assert holds(boolean("Or", no, boolean("And", yes, yes)))
    assert not holds(boolean("And", yes, boolean("Or", no, no)))
    assert not holds(yes, no)
    assert holds()


def changed(name: str, kind: str | None, *values: str) -> dict[str, Any]:
    properties = {"propertyName": name, "changeType": kind, "operator": "Equals", "propertyValues": list(values)}
    return {"conditionType": "PropertyChanged", "conditionProperties": properties}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (changed("IncidentSeverity", None), True),
        (changed("IncidentStatus", None), False),
        (changed("IncidentSeverity", "ChangedFrom", "Low"), True),
        (changed("IncidentSeverity", "ChangedTo", "Low"), False),
        (changed("IncidentOwner", "ChangedTo", "ana@contoso.com"), True),
        (changed("IncidentOwner", "ChangedFrom", "ana@contoso.com"), False),
    ],
)
def test_changes(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition) is expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("Labels", True), ("Alerts", True), ("Comments", False), ("Tactics", False)]
)
def test_additions(kind: str, expected: bool) -> None:
    properties = {"arrayType": kind, "changeType": "Added"}
    assert holds({"conditionType": "PropertyArrayChanged", "conditionProperties": properties}) is expected
