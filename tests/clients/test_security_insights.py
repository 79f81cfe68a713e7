"""azure-mgmt-securityinsight against a live server: rules are kept, a rule fires, its incident is worked on."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.securityinsight import SecurityInsightsMgmtClient
from azure.mgmt.securityinsight.models import (
    EntityMapping,
    FieldMapping,
    Incident,
    IncidentOwnerInfo,
    IncidentProperties,
    ScheduledAlertRule,
    ScheduledAlertRuleProperties,
)
from tests.clients.sdk import Ready, bearer, collect, rows, security_insights, web


def place(ready: Ready) -> tuple[str, str]:
    return ready["resource_group"], ready["workspace_name"]


def scheduled(display_name: str, query: str, **more: Any) -> ScheduledAlertRule:
    properties: dict[str, Any] = {
        "display_name": display_name,
        "enabled": True,
        "suppression_duration": timedelta(hours=1),
        "suppression_enabled": False,
        "query": query,
        "query_frequency": timedelta(minutes=5),
        "query_period": timedelta(hours=1),
        "severity": "High",
        "trigger_operator": "GreaterThan",
        "trigger_threshold": 0,
    }
    rule = ScheduledAlertRule(properties=ScheduledAlertRuleProperties(**(properties | more)))
    rule["kind"] = "Scheduled"  # this release of the SDK does not fill in the discriminator by itself
    return rule


def advance(ready: Ready, duration: str) -> str:
    with web(ready) as client:
        answer = client.post("/vedette/clock", json={"advance": duration}, headers=bearer(ready))
    assert answer.status_code == 200, answer.text
    return answer.json()["now"]


@pytest.fixture
def client(server: Ready) -> SecurityInsightsMgmtClient:
    return security_insights(server)


def test_a_rule_is_made_read_listed_changed_and_deleted(client: SecurityInsightsMgmtClient, server: Ready) -> None:
    rule_id = str(uuid4())
    rule = scheduled("Kept", "SigninLogs | where ResultType != '0'", tactics=["InitialAccess"], enabled=False)
    made = client.alert_rules.create_or_update(*place(server), rule_id, rule)
    assert isinstance(made, ScheduledAlertRule)
    assert made.name == rule_id
    assert made.etag
    assert made.properties is not None
    assert made.properties.query_frequency == timedelta(minutes=5)
    assert made.properties.last_modified_utc is not None

    read = client.alert_rules.get(*place(server), rule_id)
    assert read.as_dict() == made.as_dict()
    assert rule_id in [each.name for each in client.alert_rules.list(*place(server))]

    made.properties.display_name = "Changed"
    changed = client.alert_rules.create_or_update(*place(server), rule_id, made)
    assert isinstance(changed, ScheduledAlertRule)
    assert changed.properties is not None
    assert changed.properties.display_name == "Changed"
    assert changed.etag != made.etag

    client.alert_rules.delete(*place(server), rule_id)
    client.alert_rules.delete(*place(server), rule_id)  # 204, which the SDK takes for done
    with pytest.raises(ResourceNotFoundError):
        client.alert_rules.get(*place(server), rule_id)


def test_a_stale_etag_is_refused_and_changes_nothing(client: SecurityInsightsMgmtClient, server: Ready) -> None:
    rule_id = str(uuid4())
    first = client.alert_rules.create_or_update(*place(server), rule_id, scheduled("One", "Heartbeat", enabled=False))
    client.alert_rules.create_or_update(*place(server), rule_id, scheduled("Two", "Heartbeat", enabled=False))
    with pytest.raises(HttpResponseError) as raised:
        client.alert_rules.create_or_update(*place(server), rule_id, first)
    assert raised.value.status_code in (409, 412)
    kept = client.alert_rules.get(*place(server), rule_id)
    assert isinstance(kept, ScheduledAlertRule)
    assert kept.properties is not None
    assert kept.properties.display_name == "Two"
    client.alert_rules.delete(*place(server), rule_id)


def test_a_rule_whose_query_does_not_bind_is_refused_and_not_kept(
    client: SecurityInsightsMgmtClient, server: Ready
) -> None:
    rule_id = str(uuid4())
    with pytest.raises(HttpResponseError, match="NoSuchColumn") as raised:
        client.alert_rules.create_or_update(
            *place(server), rule_id, scheduled("Wrong", "SigninLogs | where NoSuchColumn == 1")
        )
    assert raised.value.status_code == 400
    assert raised.value.error is not None
    with pytest.raises(ResourceNotFoundError):
        client.alert_rules.get(*place(server), rule_id)


def test_a_rule_fires_and_its_incident_is_worked_on(virtual_server: Ready) -> None:
    ready = virtual_server
    client = security_insights(ready)
    attacks = [{"user": "eve", "address": "203.0.113.9", "outcome": "fail"} for _ in range(3)]
    collect(ready, "Logon", [*attacks, {"user": "ann", "address": "198.51.100.1", "outcome": "ok"}])
    rule_id = str(uuid4())
    query = "Logon_CL | where outcome_s == 'fail' | summarize Failures = count() by user_s, address_s"
    mappings = [
        EntityMapping(entity_type="Account", field_mappings=[FieldMapping(identifier="Name", column_name="user_s")]),
        EntityMapping(entity_type="IP", field_mappings=[FieldMapping(identifier="Address", column_name="address_s")]),
    ]
    client.alert_rules.create_or_update(
        *place(ready), rule_id, scheduled("Password guessing", query, entity_mappings=mappings)
    )
    advance(ready, "PT5M")

    alerts = rows(ready, "SecurityAlert | project AlertName, AlertSeverity, Entities")
    assert alerts
    assert alerts[0][:2] == ["Password guessing", "High"]
    assert "203.0.113.9" in alerts[0][2]

    incidents = list(client.incidents.list(*place(ready), filter="properties/status eq 'New'"))
    assert incidents
    incident = client.incidents.get(*place(ready), str(incidents[0].name))
    assert incident.title == "Password guessing"
    assert incident.properties is not None
    entities = client.incidents.list_entities(*place(ready), str(incident.name))
    assert {str(entity.kind).rpartition(".")[2].lower() for entity in entities.entities or []} >= {"account", "ip"}

    advance(ready, "PT1M")
    changed = client.incidents.create_or_update(
        *place(ready),
        str(incident.name),
        Incident(
            etag=incident.etag,
            properties=IncidentProperties(
                title=incident.properties.title,
                severity="Medium",
                status="Closed",
                classification="TruePositive",
                classification_reason="SuspiciousActivity",
                owner=IncidentOwnerInfo(assigned_to="Ann", user_principal_name="ann@example.com"),
            ),
        ),
    )
    assert changed.status == "Closed"
    assert changed.etag != incident.etag
    told = rows(
        ready,
        f"SecurityIncident | where IncidentName == '{incident.name}' | summarize arg_max(LastModifiedTime, *) "
        "by IncidentName | project Status, Severity, Classification, tostring(Owner.assignedTo)",
    )
    assert told == [["Closed", "Medium", "TruePositive", "Ann"]]

    with pytest.raises(HttpResponseError) as raised:
        client.incidents.create_or_update(*place(ready), str(incident.name), incident)
    assert raised.value.status_code in (409, 412)


def test_a_quiet_rule_opens_nothing(virtual_server: Ready) -> None:
    client = security_insights(virtual_server)
    client.alert_rules.create_or_update(
        *place(virtual_server), str(uuid4()), scheduled("Quiet", "SigninLogs | where ResultType == 'never'")
    )
    advance(virtual_server, "PT1H")
    assert list(client.incidents.list(*place(virtual_server))) == []
    assert rows(virtual_server, "SecurityAlert | count") == [[0]]
