from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.arm.published_body import _Enough, _Reading, published_body  # pyright: ignore[reportPrivateUsage]
from vedette.arm.published_shapes import Schema, nearest
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"
RULE = parse_id(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/alertRules/r")
WATCHLIST = parse_id(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/watchlists/l")
METADATA = parse_id(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/metadata/m")
AUTOMATION = parse_id(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/automationRules/a")
INDICATORS = parse_id(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/threatIntelligence/main/queryIndicators")
STABLE, PREVIEW = "2024-03-01", "2024-01-01-preview"

PROPERTIES: dict[str, Any] = {
    "displayName": "One",
    "enabled": True,
    "query": "Heartbeat",
    "queryFrequency": "PT1H",
    "queryPeriod": "PT1H",
    "severity": "High",
    "suppressionDuration": "PT1H",
    "suppressionEnabled": False,
    "triggerOperator": "GreaterThan",
    "triggerThreshold": 0,
}


def rule(kind: str = "Scheduled", **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "properties": PROPERTIES | changes}


def test_a_published_body_is_kept() -> None:
    assert published_body(RULE, "PUT", STABLE, rule()) == rule()


def test_names_members_and_texts_are_brought_into_the_published_form() -> None:
    properties = {name.upper(): value for name, value in PROPERTIES.items()}
    sent = {
        "KIND": "scheduled",
        "properties": properties
        | {"ENABLED": "True", "TRIGGERTHRESHOLD": "5", "SEVERITY": "hIGH", "DISPLAYNAME": 7, "customdetails": {"a": 1}},
    }
    kept = published_body(RULE, "PUT", STABLE, sent)
    assert kept == rule(triggerThreshold=5, displayName="7", customDetails={"a": "1"})


def test_what_is_unknown_stays_and_what_is_the_servers_goes() -> None:
    sent = rule(lastModifiedUtc="2020-01-01T00:00:00Z", newest={"Any": [None, 1]}, description=None)
    assert published_body(RULE, "PUT", STABLE, sent) == rule(newest={"Any": [None, 1]})


def test_one_keyword_stands_for_a_list_of_one_and_no_other_text_does() -> None:
    kept = published_body(INDICATORS, "POST", STABLE, {"keywords": "scanner", "pageSize": 2})
    assert kept == {"keywords": ["scanner"], "pageSize": 2}
    with pytest.raises(InvalidInput, match="'sources' is a list"):
        published_body(INDICATORS, "POST", STABLE, {"sources": "Contoso"})


def test_every_problem_is_told_at_once() -> None:
    sent = rule(severity="Dire", queryPeriod="an hour", triggerThreshold="many")
    del sent["properties"]["query"]
    with pytest.raises(InvalidInput) as caught:
        published_body(RULE, "PUT", STABLE, sent)
    details = caught.value.details["details"]
    assert [each["target"] for each in details] == [
        "properties.queryPeriod",
        "properties.severity",
        "properties.triggerThreshold",
        "properties.query",
    ]
    assert caught.value.details["target"] == "properties.queryPeriod"
    assert "'properties.severity' is one of High, Medium, Low, Informational, not 'Dire'" in caught.value.message


def test_a_kind_of_another_version_has_its_shape() -> None:
    kept = published_body(RULE, "PUT", STABLE, {"kind": "nrt", "properties": {**PROPERTIES, "severity": "low"}})
    assert (kept["kind"], kept["properties"]["severity"]) == ("NRT", "Low")
    with pytest.raises(InvalidInput, match=r"'kind' is one of .*NRT.*, not 'Whim'"):
        published_body(RULE, "PUT", STABLE, rule("Whim"))


def test_a_kind_that_later_versions_have_keeps_what_is_sent() -> None:
    connector = parse_id(f"{WORKSPACE}/providers/Microsoft.SecurityInsights/dataConnectors/c")
    kept = published_body(connector, "PUT", STABLE, {"kind": "purviewaudit", "properties": {"request": {"a": None}}})
    assert kept == {"kind": "PurviewAudit", "properties": {"request": {"a": None}}}


def test_a_missing_kind_is_told() -> None:
    with pytest.raises(InvalidInput, match="'kind' is missing"):
        published_body(RULE, "PUT", STABLE, {"properties": PROPERTIES})


def test_kinds_inside_lists() -> None:
    condition = {"conditionType": "property", "conditionProperties": {"operator": "contains", "propertyName": "x"}}
    sent = {
        "properties": {
            "displayName": "a",
            "order": "1",
            "triggeringLogic": {
                "isEnabled": "true",
                "triggersOn": "incidents",
                "triggersWhen": "created",
                "conditions": [condition],
            },
            "actions": [{"order": 1, "actionType": "modifyproperties", "actionConfiguration": {"severity": "wild"}}],
        }
    }
    with pytest.raises(InvalidInput) as caught:
        published_body(AUTOMATION, "PUT", STABLE, sent)
    assert [each["target"] for each in caught.value.details["details"]] == [
        "properties.triggeringLogic.conditions[0].conditionProperties.propertyName",
        "properties.actions[0].actionConfiguration.severity",
    ]


def test_a_patch_needs_nothing_and_keeps_nulls() -> None:
    sent = {"properties": {"Source": {"kind": "community"}, "parentid": None}}
    kept = {"properties": {"source": {"kind": "Community"}, "parentId": None}}
    assert published_body(METADATA, "PATCH", STABLE, sent) == kept


def test_actions_are_checked_too() -> None:
    kept = published_body(INDICATORS, "POST", STABLE, {"PageSize": "10", "sortBy": [{"sortOrder": "ASCENDING"}]})
    assert kept == {"pageSize": 10, "sortBy": [{"sortOrder": "ascending"}]}


def test_empty_texts_are_no_numbers_and_no_members() -> None:
    with pytest.raises(InvalidInput, match=r"'properties.severity' is missing; .*triggerThreshold' is missing"):
        published_body(RULE, "PUT", STABLE, rule(severity="", triggerThreshold=""))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("2024-03-01T12:00:00Z", True),
        ("2024-03-01T12:00:00.1234567+02:00", True),
        ("2024-03-01", True),
        ("2024-02-30T00:00:00Z", False),
        ("yesterday", False),
    ],
)
def test_dates_and_times(text: str, holds: bool) -> None:
    sent = {"properties": {"displayName": "l", "provider": "p", "itemsSearchKey": "k", "created": text}}
    if holds:
        assert published_body(WATCHLIST, "PUT", PREVIEW, sent)["properties"]["created"] == text
        return
    with pytest.raises(InvalidInput, match=r"'properties.created' is a date and time"):
        published_body(WATCHLIST, "PUT", PREVIEW, sent)


def test_defaults_of_the_service_are_filled_in() -> None:
    template = parse_id("/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/p")
    kept = published_body(template, "PUT", "2024-05-01", {"properties": {}})
    assert kept["properties"]["enforcementMode"] == "Default"
    assert published_body(template, "PATCH", "2024-05-01", {"properties": {}}) == {"properties": {}}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["High", "PT1H"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "a", *PROPERTIES, "tactics", "properties"]), inner, max_size=4)
    ),
    max_leaves=12,
)
BODIES = VALUES | st.builds(
    lambda changes, kind: {"kind": kind, "properties": {**PROPERTIES, **changes}},
    st.dictionaries(st.sampled_from([*PROPERTIES, "tactics", "entityMappings", "incidentConfiguration"]), VALUES),
    st.sampled_from(["Scheduled", "Fusion", "nrt", 1, None]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=BODIES, method=st.sampled_from(["PUT", "PATCH"]), version=st.sampled_from([STABLE, PREVIEW]))
def test_any_value_is_refused_or_kept_as_it_stays(body: Any, method: str, version: str) -> None:
    for path in (RULE, METADATA if method == "PATCH" else AUTOMATION):
        try:
            kept = published_body(path, method, version, body)
        except InvalidInput:
            continue
        assert published_body(path, method, version, kept) == kept


def test_reading_ends_where_enough_is_wrong() -> None:
    sent = {"kind": "Scheduled", "properties": PROPERTIES | {"tactics": ["Wrong"] * 100_000}}
    with pytest.raises(InvalidInput) as caught:
        published_body(RULE, "PUT", STABLE, sent)
    assert len(caught.value.details["details"]) == 20
    reading = _Reading(next(iter(nearest(RULE.namespace, STABLE))), "PUT", STABLE)
    with pytest.raises(_Enough):
        reading.value(Schema(kind="array", items=Schema(kind="boolean")), "x", [1] * 100_000)
    assert len(reading.problems) == 20


def test_a_list_of_a_wrong_length_is_one_problem() -> None:
    reading = _Reading(next(iter(nearest(RULE.namespace, STABLE))), "PUT", STABLE)
    reading.value(Schema(kind="array", items=Schema(kind="boolean"), most=3), "x", [1] * 10)
    assert reading.problems == [("x", "has at most 3 items; here are 10")]
