"""azure-mgmt-securityinsight against a live server: every operation around rules, incidents and entities."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.securityinsight import SecurityInsightsMgmtClient
from tests.clients.sdk import Ready, collect, rows, security_insights

FUSION = "f71aba3d-28fb-450b-b192-4e76a83015c8"
URI = "https://logic.example.org:443/workflows/cd3765391efd/triggers/manual/paths/invoke?sig=secret"

Place = tuple[str, str]


@pytest.fixture(scope="module")
def client(server: Ready) -> SecurityInsightsMgmtClient:
    return security_insights(server)


@pytest.fixture(scope="module")
def place(server: Ready) -> Place:
    return server["resource_group"], server["workspace_name"]


def insights(server: Ready) -> str:
    return (
        f"/subscriptions/{server['subscription_id']}/resourceGroups/{server['resource_group']}/providers"
        f"/Microsoft.OperationalInsights/workspaces/{server['workspace_name']}/providers/Microsoft.SecurityInsights"
    )


def iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def scheduled(**changes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "displayName": "Guessing",
        "enabled": False,
        "severity": "High",
        "query": "Attempts_CL | where outcome_s == 'fail'",
        "queryFrequency": "PT5M",
        "queryPeriod": "PT1H",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": False,
        "tactics": ["CredentialAccess"],
        "entityMappings": [
            {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "columnName": "user_s"}]},
            {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "address_s"}]},
        ],
    }
    return {"kind": "Scheduled", "properties": properties | changes}


@pytest.fixture(scope="module")
def incident(client: SecurityInsightsMgmtClient, place: Place, server: Ready) -> str:
    """The name of the incident that a rule, run at will, has opened."""
    collect(server, "Attempts", [{"user": "eve@contoso.com", "address": "203.0.113.9", "outcome": "fail"}])
    rule = str(uuid4())
    client.alert_rules.create_or_update(*place, rule, scheduled())
    body = {"properties": {"executionTimeUtc": iso(datetime.now(UTC))}}
    client.alert_rule.begin_trigger_rule_run(*place, rule, body).result()
    runs = [each for each in client.get_triggered_analytics_rule_runs.list(*place) if each.properties.rule_id == rule]
    run = client.triggered_analytics_rule_run.get(*place, str(runs[0].name))
    assert run.properties.provisioning_state == "Succeeded"
    told = rows(server, f"SentinelHealth | where SentinelResourceId endswith '{rule}' | project ExtendedProperties")
    assert "Manual" in told[0][0]
    found = [each for each in client.incidents.list(*place) if each.properties and each.properties.title == "Guessing"]
    return str(found[0].name)


def test_rules_of_other_kinds_their_actions_and_templates(
    client: SecurityInsightsMgmtClient, place: Place, server: Ready
) -> None:
    near = {name: each for name, each in scheduled()["properties"].items() if not name.startswith(("query", "trigger"))}
    for name, body in {
        "near": {"kind": "NRT", "properties": near | {"query": "Heartbeat"}},
        "fusion": {"kind": "Fusion", "properties": {"alertRuleTemplateName": FUSION, "enabled": True}},
        "products": {
            "kind": "MicrosoftSecurityIncidentCreation",
            "properties": {"productFilter": "Azure Security Center", "displayName": "x", "enabled": True},
        },
    }.items():
        assert client.alert_rules.create_or_update(*place, name, body).kind == body["kind"]
    assert {"near", "fusion", "products"} <= {each.name for each in client.alert_rules.list(*place)}
    assert FUSION in [each.name for each in client.alert_rule_templates.list(*place)]
    template: Any = client.alert_rule_templates.get(*place, FUSION)
    assert template.properties.alert_rules_created_by_template_count == 1

    workflow = f"/subscriptions/{server['subscription_id']}/resourceGroups/g/providers/Microsoft.Logic/workflows/p"
    sent = {"properties": {"triggerUri": URI, "logicAppResourceId": workflow}}
    made = client.actions.create_or_update(*place, "near", "a1", sent)
    assert made.properties is not None
    assert made.properties.workflow_id == "cd3765391efd"
    assert "secret" not in str(client.actions.get(*place, "near", "a1").as_dict())
    assert [each.name for each in client.actions.list_by_alert_rule(*place, "near")] == ["a1"]
    client.actions.delete(*place, "near", "a1")
    for name in ("near", "fusion", "products"):
        client.alert_rules.delete(*place, name)


def test_automation_rules(client: SecurityInsightsMgmtClient, place: Place) -> None:
    condition = {
        "conditionType": "Property",
        "conditionProperties": {"propertyName": "IncidentTitle", "operator": "Contains", "propertyValues": ["Guess"]},
    }
    action = {"order": 1, "actionType": "AddIncidentTask", "actionConfiguration": {"title": "Reset"}}
    logic = {"isEnabled": True, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": [condition]}
    sent = {"properties": {"displayName": "Task", "order": 1, "triggeringLogic": logic, "actions": [action]}}
    made: Any = client.automation_rules.create_or_update(*place, "a1", sent)
    assert made.properties.created_by.name == "vedette-owner"
    assert client.automation_rules.get(*place, "a1").etag == made.etag
    assert [each.name for each in client.automation_rules.list(*place)] == ["a1"]
    client.automation_rules.delete(*place, "a1")
    with pytest.raises(HttpResponseError, match="order"):
        client.automation_rules.create_or_update(*place, "a1", {"properties": sent["properties"] | {"order": 1001}})


def test_work_on_an_incident(client: SecurityInsightsMgmtClient, place: Place, server: Ready, incident: str) -> None:
    comments, tasks, relations = client.incident_comments, client.incident_tasks, client.incident_relations
    comment: Any = comments.create_or_update(*place, incident, "c1", {"properties": {"message": "Seen"}})
    assert comment.properties.author.name == "vedette-owner"
    assert comments.get(*place, incident, "c1").etag == comment.etag
    assert [each.name for each in comments.list(*place, incident, top=1)] == ["c1"]
    tasks.create_or_update(*place, incident, "t1", {"properties": {"title": "Reset", "status": "New"}})
    assert tasks.get(*place, incident, "t1").name == "t1"
    assert [each.name for each in tasks.list(*place, incident)] == ["t1"]

    mapping = {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "value": "eve@contoso.com"}]}
    bookmark = {"properties": {"displayName": "Odd", "query": "Attempts_CL", "entityMappings": [mapping]}}
    client.bookmarks.create_or_update(*place, "b1", bookmark)
    related = {"properties": {"relatedResourceId": f"{insights(server)}/bookmarks/b1"}}
    relations.create_or_update(*place, incident, "r1", related)
    assert relations.get(*place, incident, "r1").name == "r1"
    assert "r1" in [each.name for each in relations.list(*place, incident)]
    told = rows(
        server,
        f"SecurityIncident | where IncidentName == '{incident}' | top 1 by LastModifiedTime | project"
        " array_length(Comments), tostring(Tasks[0]['title']), tostring(BookmarkIds[0]), array_length(AlertIds)",
    )
    assert told == [[1, "Reset", "b1", 1]]

    alerts: Any = client.incidents.list_alerts(*place, incident).value
    assert alerts[0].properties.alert_display_name == "Guessing"
    bookmarks: Any = client.incidents.list_bookmarks(*place, incident).value
    assert bookmarks[0].properties.display_name == "Odd"
    entities: Any = client.incidents.list_entities(*place, incident)
    assert {str(each.kind).rpartition(".")[2].lower() for each in entities.entities} == {"account", "ip"}

    playbook = f"/subscriptions/{server['subscription_id']}/resourceGroups/g/providers/Microsoft.Logic/workflows/p"
    with pytest.raises(ResourceNotFoundError):
        client.incidents.run_playbook(*place, incident, {"logicAppsResourceId": playbook})
    relations.delete(*place, incident, "r1")
    tasks.delete(*place, incident, "t1")
    comments.delete(*place, incident, "c1")


def test_bookmarks(client: SecurityInsightsMgmtClient, place: Place, server: Ready, incident: str) -> None:
    mapping = {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "value": "198.51.100.7"}]}
    sent = {"properties": {"displayName": "Odd", "query": "Attempts_CL", "entityMappings": [mapping]}}
    client.bookmarks.create_or_update(*place, "b2", sent)
    relations = client.bookmark_relations
    related = {"properties": {"relatedResourceId": f"{insights(server)}/incidents/{incident}"}}
    relations.create_or_update(*place, "b2", "r2", related)
    assert relations.get(*place, "b2", "r2").name == "r2"
    assert [each.name for each in relations.list(*place, "b2")] == ["r2"]
    kept: Any = client.bookmarks.get(*place, "b2")
    assert kept.properties.incident_info.incident_id == incident
    assert "b2" in [each.name for each in client.bookmarks.list(*place)]
    expanded: Any = client.bookmark.expand(*place, "b2", {})
    assert expanded.value.entities[0].properties.address == "198.51.100.7"
    relations.delete(*place, "b2", "r2")
    client.bookmarks.delete(*place, "b2")
    told = rows(server, "HuntingBookmark | where BookmarkId == 'b2' | top 1 by LastUpdatedTime | project SoftDeleted")
    assert told == [[True]]


def test_what_is_known_of_an_entity(client: SecurityInsightsMgmtClient, place: Place, incident: str) -> None:
    found: Any = client.incidents.list_entities(*place, incident).entities
    account = next(each for each in found if str(each.kind).rpartition(".")[2].lower() == "account")
    name = str(account.name)
    assert client.entities.get(*place, name).id == account.id
    assert name in [each.name for each in client.entities.list(*place)]
    now = datetime.now(UTC)
    window: Mapping[str, Any] = {"startTime": iso(now - timedelta(hours=2)), "endTime": iso(now + timedelta(hours=1))}

    activity = {
        "title": "An attempt",
        "content": "{{user_s}} tried from {{address_s}}",
        "queryDefinitions": {"query": "Attempts_CL | where user_s =~ strcat('{{Account_Name}}', '@contoso.com')"},
        "inputEntityType": "Account",
        "requiredInputFieldsSets": [["Account_Name"]],
        "enabled": True,
    }
    client.entity_queries.create_or_update(*place, "q1", {"kind": "Activity", "properties": activity})
    assert client.entity_queries.get(*place, "q1").name == "q1"
    assert [each.name for each in client.entity_queries.list(*place, kind="Activity")] == ["q1"]
    timeline: Any = client.entities_get_timeline.list(*place, name, {**window, "numberOfBucket": 1})
    kinds = {str(each.kind).rpartition(".")[2].replace("_", "").lower(): each for each in timeline.value}
    assert {"securityalert", "activity"} <= set(kinds)
    assert kinds["activity"].content == "eve@contoso.com tried from 203.0.113.9"
    client.entity_queries.delete(*place, "q1")

    expanded: Any = client.entities.expand(*place, name, dict(window))
    assert {str(each.kind).rpartition(".")[2].lower() for each in expanded.value.entities} == {"securityalert", "ip"}
    queries = list(client.entities.queries(*place, name, kind="Insight"))
    insights_found: Any = client.entities.get_insights(*place, name, dict(window))
    assert [each.query_id for each in insights_found.value] == [each.name for each in queries]
    assert insights_found.meta_data.errors == []

    relations = [each.name for each in client.entities_relations.list(*place, name)]
    assert client.entity_relations.get_relation(*place, name, str(relations[0])).name == relations[0]
    templates = list(client.entity_query_templates.list(*place, kind="Activity"))
    assert client.entity_query_templates.get(*place, str(templates[0].name)).name == templates[0].name
    with pytest.raises(HttpResponseError):
        client.entities.run_playbook(*place, name, {"logicAppsResourceId": "/subscriptions/x"})
