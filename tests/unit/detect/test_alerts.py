import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vedette.access.workspaces import Workspace
from vedette.detect.alert import Alert, alert_properties, alert_row
from vedette.detect.query_alerts import make_alerts
from vedette.detect.results import Results
from vedette.detect.rule import Severity
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.kql.types import ScalarType

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
Make = Callable[..., StoredRule]


def results(*rows: list[Any], **columns: str) -> Results:
    return Results({name: ScalarType[type] for name, type in columns.items()}, rows)


def alerts(rule: StoredRule, found: Results) -> list[Alert]:
    return make_alerts(Window(rule, START), found)


def _count(alert: Alert) -> str:
    return alert.extended["Search Query Results Overall Count"]


def test_one_alert_for_all_results(make_rule: Make) -> None:
    (alert,) = alerts(make_rule(), results(["a"], ["b"], x="string"))
    assert (alert.display_name, alert.severity, _count(alert)) == ("A rule", Severity.Medium, "2")
    assert (alert.start, alert.end) == (START - timedelta(hours=1), START)


def test_an_alert_without_results(make_rule: Make) -> None:
    (alert,) = alerts(make_rule(alertDetailsOverride={"alertDisplayNameFormat": "{{x}}"}), results(x="string"))
    assert (alert.display_name, _count(alert)) == ("A rule", "0")


def test_one_alert_for_each_result(make_rule: Make) -> None:
    rule = make_rule(eventGroupingSettings={"aggregationKind": "AlertPerResult"})
    made = alerts(rule, results(*([number] for number in range(150)), x="long"))
    assert len(made) == len({alert.id for alert in made}) == 150


def test_the_150th_of_more_stands_for_all(make_rule: Make) -> None:
    rule = make_rule(
        eventGroupingSettings={"aggregationKind": "AlertPerResult"},
        entityMappings=[{"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "x"}]}],
    )
    made = alerts(rule, results(*([str(number)] for number in range(151)), x="string"))
    assert len(made) == 150
    assert [len(alert.entities) for alert in made] == [1] * 149 + [151]


def test_ids_are_the_same_for_the_same_window_only(make_rule: Make) -> None:
    found = results(["a"], x="string")
    (first,), (again,) = alerts(make_rule(), found), alerts(make_rule(), found)
    (later,) = make_alerts(Window(make_rule(), START + timedelta(minutes=5)), found)
    (remade,) = alerts(make_rule(created=START + timedelta(seconds=1)), found)
    assert first.id == again.id
    assert len({first.id, later.id, remade.id}) == 3


def test_the_times_are_those_of_the_results(make_rule: Make) -> None:
    early, late = START - timedelta(minutes=50), START - timedelta(minutes=10)
    (alert,) = alerts(make_rule(), results([late], [early], [None], TimeGenerated="datetime"))
    assert (alert.start, alert.end) == (early, late)


def test_details_come_from_the_first_result(make_rule: Make) -> None:
    override = {
        "alertDisplayNameFormat": "{{ Host }} took {{Span}} at {{When}}",
        "alertDescriptionFormat": "missing {{Nothing}}",
        "alertSeverityColumnName": "Grade",
        "alertTacticsColumnName": "Tactics",
        "alertDynamicProperties": [
            {"alertProperty": "ProductName", "value": "Product"},
            {"alertProperty": "Techniques", "value": "Techniques"},
            {"alertProperty": "AlertLink", "value": "Nothing"},
        ],
    }
    rule = make_rule(description="As told", alertDetailsOverride=override, techniques=["T1000"])
    found = results(
        ["web01", 600_000_000, START, "high", "Execution, Impact", "Other", ["T1059"]],
        ["web02", 0, START, "low", "", "", []],
        Host="string",
        Span="timespan",
        When="datetime",
        Grade="string",
        Tactics="string",
        Product="string",
        Techniques="dynamic",
    )
    (alert,) = alerts(rule, found)
    assert alert.display_name == "web01 took 00:01:00 at 2024-05-01T12:00:00.0000000Z"
    assert alert.description == "As told"
    assert alert.severity is Severity.High
    assert alert.tactics == ("Execution", "Impact")
    assert alert.techniques == ("T1059",)
    assert (alert.product_name, alert.provider_name, alert.link) == ("Other", "ASI Scheduled Alerts", "")


@pytest.mark.parametrize("value", ["", "awful", None])
def test_a_severity_that_is_none_leaves_the_rules_own(make_rule: Make, value: str | None) -> None:
    rule = make_rule(alertDetailsOverride={"alertSeverityColumnName": "Grade"})
    (alert,) = alerts(rule, results([value], Grade="string"))
    assert alert.severity is Severity.Medium


def test_names_and_descriptions_are_cut(make_rule: Make) -> None:
    override = {"alertDisplayNameFormat": "{{x}}", "alertDescriptionFormat": "{{x}}"}
    (alert,) = alerts(make_rule(alertDetailsOverride=override), results(["y" * 9000], x="string"))
    assert (len(alert.display_name), len(alert.description)) == (256, 5000)


def test_custom_details_are_distinct_texts_within_bounds(make_rule: Make) -> None:
    rule = make_rule(customDetails={"Names": "n", "Set": "s", "Gone": "gone"})
    (alert,) = alerts(rule, results(["a", ["x", 1]], ["a", ["x"]], ["", None], n="string", s="dynamic"))
    assert alert.custom_details == {"Names": ["a"], "Set": ["x", "1"]}
    many = results(*([str(number)] for number in range(60)), n="string")
    assert len(alerts(rule, many)[0].custom_details["Names"]) == 50
    large = results(*([str(number) * 16_000] for number in range(9)), n="string")
    assert len(alerts(rule, large)[0].custom_details["Names"]) == 4


def test_the_row_is_sentinels(make_rule: Make, workspace: Workspace) -> None:
    rule = make_rule(
        tactics=["Execution", "Impact"],
        techniques=["T1059"],
        entityMappings=[{"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "a"}]}],
        customDetails={"Address": "a"},
    )
    window = Window(rule, START)
    (alert,) = make_alerts(window, results(["10.0.0.1"], a="string"))
    row = alert_row(alert, workspace, START)
    assert (row["AlertName"], row["DisplayName"], row["AlertSeverity"]) == ("A rule", "A rule", "Medium")
    assert (row["ProviderName"], row["ProductName"], row["VendorName"]) == (
        "ASI Scheduled Alerts",
        "Azure Sentinel",
        "Microsoft",
    )
    assert (row["Tactics"], json.loads(row["Techniques"])) == ("Execution, Impact", ["T1059"])
    assert json.loads(row["Entities"]) == [{"$id": "1", "Address": "10.0.0.1", "Type": "ip"}]
    assert row["AlertType"] == f"{workspace.id}_r1"
    assert row["WorkspaceSubscriptionId"] == "aaaaaaaa-0000-4000-8000-000000000001"
    assert row["WorkspaceResourceGroup"] == "rg"
    extended = json.loads(row["ExtendedProperties"])
    assert all(isinstance(value, str) for value in extended.values())
    assert extended["Query Period"] == "01:00:00"
    assert extended["Trigger Operator"] == "GreaterThan"
    assert json.loads(extended["Custom Details"]) == {"Address": ["10.0.0.1"]}


def test_the_arm_resource_says_the_same(make_rule: Make, workspace: Workspace) -> None:
    window = Window(make_rule(), START)
    (alert,) = make_alerts(window, results(["a"], x="string"))
    properties = alert_properties(alert, workspace, START)
    assert properties["systemAlertId"] == alert.id
    assert properties["startTimeUtc"] == "2024-05-01T11:00:00Z"
    assert properties["severity"] == "Medium"
    assert properties["resourceIdentifiers"][0]["workspaceId"] == workspace.id
