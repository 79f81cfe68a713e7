from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from vedette.detect.grouping import group_key
from vedette.detect.query_alerts import make_alerts
from vedette.detect.results import Results
from vedette.detect.schedule import Window
from vedette.detect.stored_rule import StoredRule
from vedette.kql.types import ScalarType

START = datetime(2024, 5, 1, 12, tzinfo=UTC)
Make = Callable[..., StoredRule]


def key(make_rule: Make, grouping: dict[str, Any] | None, host: str, user: str, grade: str = "Low") -> str | None:
    configuration = {"enabled": True, "reopenClosedIncident": False, "lookbackDuration": "PT5H"} | (grouping or {})
    rule = make_rule(
        incidentConfiguration={"createIncident": True, "groupingConfiguration": configuration if grouping else None},
        entityMappings=[
            {"entityType": "Host", "fieldMappings": [{"identifier": "HostName", "columnName": "h"}]},
            {"entityType": "Account", "fieldMappings": [{"identifier": "Name", "columnName": "u"}]},
        ],
        customDetails={"User": "u"},
        alertDetailsOverride={"alertSeverityColumnName": "g", "alertDisplayNameFormat": "On {{h}}"},
    )
    columns = dict.fromkeys(("h", "u", "g"), ScalarType.string)
    (alert,) = make_alerts(Window(rule, START), Results(columns, [[host, user, grade]]))
    return group_key(rule.properties.incident_configuration.grouping_configuration, alert)


def test_no_grouping_is_no_key(make_rule: Make) -> None:
    assert key(make_rule, None, "h", "u") is None
    assert key(make_rule, {"enabled": False, "matchingMethod": "AnyAlert"}, "h", "u") is None


def test_any_alert(make_rule: Make) -> None:
    grouping = {"matchingMethod": "AnyAlert"}
    assert key(make_rule, grouping, "a", "b") == key(make_rule, grouping, "", "") is not None


def test_all_entities(make_rule: Make) -> None:
    grouping = {"matchingMethod": "AllEntities"}
    assert key(make_rule, grouping, "web", "ana") == key(make_rule, grouping, "WEB", "Ana")
    assert key(make_rule, grouping, "web", "ana") != key(make_rule, grouping, "web", "ben")
    assert key(make_rule, grouping, "", "") is None


def test_selected_entities(make_rule: Make) -> None:
    grouping = {"matchingMethod": "Selected", "groupByEntities": ["Host"]}
    assert key(make_rule, grouping, "web", "ana") == key(make_rule, grouping, "web", "ben")
    assert key(make_rule, grouping, "web", "ana") != key(make_rule, grouping, "db", "ana")
    assert key(make_rule, grouping, "", "ana") is None


def test_selected_details(make_rule: Make) -> None:
    grouping = {
        "matchingMethod": "Selected",
        "groupByAlertDetails": ["DisplayName", "Severity"],
        "groupByCustomDetails": ["User"],
    }
    one = key(make_rule, grouping, "web", "ana", "High")
    assert one == key(make_rule, grouping, "web", "ana", "high")
    assert one != key(make_rule, grouping, "db", "ana", "High")
    assert one != key(make_rule, grouping, "web", "ben", "High")
    assert one != key(make_rule, grouping, "web", "ana", "Low")


def test_nothing_selected_is_no_key(make_rule: Make) -> None:
    assert key(make_rule, {"matchingMethod": "Selected"}, "web", "ana") is None
