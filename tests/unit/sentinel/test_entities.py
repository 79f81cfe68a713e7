"""What is known of an entity: its alerts and bookmarks, its neighbours, its activities and insights."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from vedette.access.principals import Principal
from vedette.access.workspaces import Workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import Forbidden, InvalidInput, NotFound
from vedette.detect.entities import Entity
from vedette.detect.entity_documents import ENTITY, put_entity
from vedette.detect.relations import End, relate
from vedette.sentinel.built_in_entity_queries import INSIGHTS, RELATED_ALERTS
from vedette.sentinel.entity_facts import filled_in, is_satisfied, passes
from vedette.sentinel.resources import RESOURCE_TYPES

Send = Callable[..., Answer]
WINDOW = {"startTime": "2024-01-01T00:00:00Z", "endTime": "2024-01-02T00:00:00Z"}


@pytest.fixture
def workspace(context: Context) -> Workspace:
    return context.workspaces.all()[0]


@pytest.fixture
def account(context: Context, workspace: Workspace) -> str:
    """The id of an account that was in an alert with a host, at noon, and in another one the year before."""
    with context.state.transaction() as transaction:
        eve = put_entity(transaction, workspace, Entity("Account", {"Name": "eve", "UPNSuffix": "contoso.com"}))
        host = put_entity(transaction, workspace, Entity("Host", {"HostName": "web01"}))
        for name, instant in (("a1", "2024-01-01T12:00:00Z"), ("a0", "2023-01-01T12:00:00Z")):
            alert, _ = transaction.put(
                id=f"{workspace.resource_id}/providers/{ENTITY}/{name}",
                type=ENTITY,
                scope=workspace.resource_id,
                name=name,
                body={
                    "kind": "SecurityAlert",
                    "properties": {
                        "alertDisplayName": name,
                        "severity": "High",
                        "alertType": "t",
                        "tactics": ["Discovery"],
                        "startTimeUtc": instant,
                        "endTimeUtc": instant,
                        "timeGenerated": instant,
                    },
                },
            )
            relate(transaction, End.of(alert), End.of(eve))
            relate(transaction, End.of(alert), End.of(host))
    return eve.id


def test_the_timeline_has_alerts_and_bookmarks_of_the_window(send: Send, sentinel: str, account: str) -> None:
    mapping = {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "value": "eve@contoso.com"}]}
    for name, event in (("b1", "2024-01-01T11:00:00Z"), ("b0", "2022-01-01T11:00:00Z")):
        body = {"displayName": name, "query": "T", "eventTime": event, "entityMappings": [mapping]}
        send("PUT", f"{sentinel}/bookmarks/{name}", {"properties": body})
    told = send("POST", f"{account}/getTimeline", WINDOW).body
    assert [(each["kind"], each["displayName"]) for each in told["value"]] == [
        ("SecurityAlert", "a1"),
        ("Bookmark", "b1"),
    ]
    assert told["metaData"]["totalCount"] == 2
    only = send("POST", f"{account}/getTimeline", WINDOW | {"kinds": ["bookmark"]}).body
    assert [each["kind"] for each in only["value"]] == ["Bookmark"]
    send("DELETE", f"{sentinel}/bookmarks/b1")
    assert send("POST", f"{account}/getTimeline", WINDOW | {"kinds": ["Bookmark"]}).body["value"] == []
    with pytest.raises(InvalidInput, match="endTime"):
        send("POST", f"{account}/getTimeline", {"startTime": WINDOW["startTime"]})


def test_an_entity_is_expanded_through_its_alerts(send: Send, account: str) -> None:
    every = send("POST", f"{account}/expand", WINDOW).body
    assert [each["kind"] for each in every["value"]["entities"]] == ["SecurityAlert", "Host"]
    assert every["value"]["edges"][0]["additionalData"]["FirstSeen"] == "2024-01-01T12:00:00Z"
    alerts = send("POST", f"{account}/expand", {"expansionId": RELATED_ALERTS}).body["value"]["entities"]
    assert [each["name"] for each in alerts] == ["a0", "a1"]
    back = send("POST", f"{account.rpartition('/')[0]}/a1/expand", {}).body["value"]["entities"]
    assert {each["kind"] for each in back} == {"Account", "Host"}
    with pytest.raises(NotFound, match="no expansion"):
        send("POST", f"{account}/expand", {"expansionId": "a0000000-0000-4000-8000-000000000000"})


def activity(**changes: Any) -> dict[str, Any]:
    query = "print TimeGenerated = datetime(2024-01-01 10:00), Who = strcat('{{Account_Name}}', '!')"
    properties = {
        "title": "Seen",
        "content": "{{Who}} was seen",
        "queryDefinitions": {"query": query},
        "inputEntityType": "Account",
        "requiredInputFieldsSets": [["Account_Name", "Account_UPNSuffix"], ["Account_Sid"]],
    }
    return {"kind": "Activity", "properties": properties | changes}


def test_activities_stand_in_the_timeline_by_buckets(send: Send, sentinel: str, account: str) -> None:
    made = send("PUT", f"{sentinel}/entityQueries/q1", activity())
    assert (made.status, made.body["properties"]["enabled"]) == (201, True)
    found = send("POST", f"{account}/getTimeline", WINDOW | {"kinds": ["Activity"], "numberOfBucket": 4}).body
    assert [each["content"] for each in found["value"]] == ["eve! was seen"]
    assert found["value"][0]["bucketStartTimeUTC"] == "2024-01-01T06:00:00Z"
    assert found["value"][0]["bucketEndTimeUTC"] == "2024-01-01T12:00:00Z"
    for changes in (
        {"enabled": False},
        {"inputEntityType": "Host"},
        {"requiredInputFieldsSets": [["Account_Sid"]]},
        {"entitiesFilter": {"Account_Name": ["ann"]}},
    ):
        send("PUT", f"{sentinel}/entityQueries/q1", activity(**changes))
        assert send("POST", f"{account}/getTimeline", WINDOW | {"kinds": ["Activity"]}).body["value"] == []


def test_an_activity_that_fails_is_told(send: Send, sentinel: str, account: str) -> None:
    query = {"query": "print TimeGenerated = now() | where toint('{{Account_Name}}') == 1 | evaluate nothing()"}
    with pytest.raises(InvalidInput):
        send("PUT", f"{sentinel}/entityQueries/q1", activity(queryDefinitions=query))
    with pytest.raises(InvalidInput):
        send("PUT", f"{sentinel}/entityQueries/q1", activity() | {"kind": "Expansion"})


def test_insights_read_what_their_caller_may_read(
    send: Send, sentinel: str, account: str, context: Context, owner: Principal
) -> None:
    listed = send("GET", f"{account}/queries").body["value"]
    assert [each["name"] for each in listed] == [INSIGHTS[0].id]
    assert "strcat('eve', '@', 'contoso.com')" in listed[0]["properties"]["baseQuery"]
    found = send("POST", f"{account}/getInsights", WINDOW).body
    assert [each["queryId"] for each in found["value"]] == [INSIGHTS[0].id]
    assert found["value"][0]["tableQueryResults"]["columns"][0] == {"name": "Outcome", "type": "string"}
    other = "cae8d0aa-aa45-4d53-8d88-17dd64ffd4e4"
    asked = send("POST", f"{account}/getInsights", WINDOW | {"insightQueryIds": [other]}).body
    assert (asked["value"], asked["metaData"]["errors"][0]["queryId"]) == ([], other)
    assert owner.name
    stranger = Principal("0", None, "stranger", owner.tenant_id)
    call = Call("POST", parse_id(f"{account}/getInsights"), stranger, {"api-version": "2024-01-01-preview"}, "", WINDOW)
    with pytest.raises(Forbidden):
        answer(context, RESOURCE_TYPES, call)


def test_queries_and_templates_are_listed_by_kind(send: Send, sentinel: str) -> None:
    send("PUT", f"{sentinel}/entityQueries/q1", activity())
    names = [each["kind"] for each in send("GET", f"{sentinel}/entityQueries").body["value"]]
    assert names == ["Expansion", "Expansion", "Activity"]
    templates = send("GET", f"{sentinel}/entityQueryTemplates").body["value"]
    assert {each["kind"] for each in templates} == {"Activity"}
    assert send("GET", f"{sentinel}/entityQueryTemplates/{templates[0]['name']}").body == templates[0]


@pytest.mark.parametrize("value", ["it's", 'say "x"', "a\\b", "a`b", "two\nlines"])
def test_a_value_cannot_end_the_string_that_it_stands_in(value: str) -> None:
    filled = filled_in("T | where Name == '{{Account_Name}}'", {"Account_Name": value})
    inside = filled.removeprefix("T | where Name == '").removesuffix("'")
    assert not set(inside) & set("'\"`\n")


def test_placeholders_sets_and_filters() -> None:
    assert filled_in("{{a}} {{ B }} {{c}} {{d", {"A": "1", "b": "2"}) == "1 2  {{d"
    assert is_satisfied([["a", "b"], ["C"]], {"c": "1"})
    assert not is_satisfied([["a", "b"]], {"a": "1"})
    assert passes({"Host_OSFamily": ["windows"]}, {"host_osfamily": "Windows"})
    assert not passes({"Host_OSFamily": ["windows"]}, {})


def test_a_window_that_runs_backwards(send: Send, account: str) -> None:
    late = datetime(2025, 1, 1, tzinfo=UTC).isoformat()
    with pytest.raises(InvalidInput, match="after"):
        send("POST", f"{account}/expand", {"startTime": late, "endTime": WINDOW["endTime"]})
