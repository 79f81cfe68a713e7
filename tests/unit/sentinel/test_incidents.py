from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from vedette.access.estate import Estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import READER
from vedette.access.roles import ROLE_ASSIGNMENT
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, Forbidden, InvalidInput, NotFound, Unsupported

Send = Callable[..., Answer]


def incident(**changes: Any) -> dict[str, Any]:
    return {"properties": {"title": "Odd sign-in", "severity": "High", "status": "New"} | changes}


@pytest.fixture
def put(send: Send, sentinel: str) -> Callable[..., Answer]:
    return lambda body, name="i1": send("PUT", f"{sentinel}/incidents/{name}", body)


def rows(context: Context, table: str = "SecurityIncident") -> list[dict[str, Any]]:
    return [each.row for each in context.state.pending() if each.table == table]


def test_an_incident_of_ones_own(
    put: Callable[..., Answer], send: Send, sentinel: str, context: Context, estate: Estate
) -> None:
    created = put(incident(labels=[{"labelName": "red"}]))
    assert created.status == 201
    properties = created.body["properties"]
    assert (properties["incidentNumber"], properties["additionalData"]["alertsCount"]) == (1, 0)
    assert properties["labels"] == [{"labelName": "red", "labelType": "User"}]
    assert put(incident(), "i2").body["properties"]["incidentNumber"] == 2
    assert send("GET", f"{sentinel}/incidents/i1").body == created.body
    assert send("POST", f"{sentinel}/incidents/i1/alerts").body == {"value": []}
    assert send("POST", f"{sentinel}/incidents/i1/bookmarks").body == {"value": []}
    assert send("POST", f"{sentinel}/incidents/i1/entities").body == {"entities": [], "metaData": []}
    assert [(row["IncidentNumber"], row["Status"], row["ModifiedBy"]) for row in rows(context)] == [
        (1, "New", "vedette"),
        (2, "New", "vedette"),
    ]
    assert {each.workspace_id for each in context.state.pending()} == {estate.workspace_id}


def test_work_on_an_incident(put: Callable[..., Answer], context: Context, clock: VirtualClock) -> None:
    etag = put(incident()).body["etag"]
    clock.advance(timedelta(minutes=10))
    owner = {"assignedTo": "Ann", "email": "ann@example.com", "objectId": "5", "userPrincipalName": "ann@example.com"}
    active = put(incident(status="Active", owner=owner, severity="Low") | {"etag": etag})
    assert active.status == 200
    properties = active.body["properties"]
    assert (properties["status"], properties["severity"], properties["owner"]["assignedTo"]) == ("Active", "Low", "Ann")
    assert properties["createdTimeUtc"] < properties["lastModifiedTimeUtc"]
    with pytest.raises(Conflict, match="Newer instance of incident 'i1'"):
        put(incident(status="Active") | {"etag": etag})
    closed = put(incident(status="Closed", classification="TruePositive", classificationReason="SuspiciousActivity"))
    assert closed.body["properties"]["classification"] == "TruePositive"
    assert [row["Status"] for row in rows(context)] == ["New", "Active", "Closed"]
    assert rows(context)[-1]["ClosedTime"] == clock.now()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "Closed"}, "'properties.classification' is missing"),
        ({"status": "Open"}, "properties.status"),
        ({"severity": "Dire"}, "properties.severity"),
        ({"title": ""}, "properties.title"),
        ({"classification": "FalsePositive", "classificationReason": "SuspiciousActivity"}, "does not go with"),
        ({"labels": [{"labelType": "User"}]}, "properties.labels.0.labelName"),
    ],
)
def test_what_is_refused_by_its_path(
    put: Callable[..., Answer], context: Context, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        put(incident(**changes))
    assert refused.value.code == "BadRequest"
    assert said in refused.value.message
    assert rows(context) == []


def test_lists_are_filtered_ordered_and_paged(
    put: Callable[..., Answer], send: Send, sentinel: str, clock: VirtualClock
) -> None:
    for index in range(1, 61):
        status = {"status": "Closed", "classification": "Undetermined"} if index % 2 else {"status": "New"}
        put(incident(title=f"number {index}", labels=[{"labelName": f"l{index}"}], **status), f"i{index}")
        clock.advance(timedelta(seconds=1))

    def listed(**query: str) -> list[int]:
        return [
            each["properties"]["incidentNumber"] for each in send("GET", f"{sentinel}/incidents", **query).body["value"]
        ]

    assert listed() == list(range(1, 51))
    assert listed(top="1000") == list(range(1, 61))
    assert listed(orderby="properties/createdTimeUtc desc", top="2") == [60, 59]
    assert listed(filter="properties/status eq 'New'", top="2") == [2, 4]
    assert listed(filter="properties/incidentNumber eq 5") == [5]
    assert listed(filter="properties/labels/any(l: l/labelName eq 'l7')") == [7]
    assert listed(filter="properties/createdTimeUtc ge 2024-01-01T00:00:58Z") == [59, 60]
    assert listed(filter="contains(properties/title,'number 6')") == [6, 60]


def test_a_deleted_incident_is_gone_and_its_last_row_says_closed(
    put: Callable[..., Answer], send: Send, sentinel: str, context: Context
) -> None:
    put(incident())
    assert send("DELETE", f"{sentinel}/incidents/i1").status == 200
    assert send("DELETE", f"{sentinel}/incidents/i1").status == 204
    with pytest.raises(NotFound):
        send("POST", f"{sentinel}/incidents/i1/alerts")
    assert [row["Status"] for row in rows(context)] == ["New", "Closed"]
    assert put(incident()).body["properties"]["incidentNumber"] == 2


def last_row(context: Context, table: str = "SecurityIncident") -> dict[str, Any]:
    return rows(context, table)[-1]


def test_comments_are_counted_and_stand_in_the_row(
    put: Callable[..., Answer], send: Send, sentinel: str, context: Context, clock: VirtualClock
) -> None:
    put(incident())
    comment = f"{sentinel}/incidents/i1/comments/c1"
    made = send("PUT", comment, {"properties": {"message": "Seen", "author": {"name": "somebody else"}}})
    assert made.status == 201
    assert made.body["properties"]["author"]["name"] == "vedette"
    assert last_row(context)["Comments"][0]["message"] == "Seen"
    assert send("GET", f"{sentinel}/incidents/i1").body["properties"]["additionalData"]["commentsCount"] == 1
    clock.advance(timedelta(minutes=1))
    edited = send("PUT", comment, {"properties": {"message": "Seen twice"}}).body["properties"]
    assert edited["createdTimeUtc"] == made.body["properties"]["createdTimeUtc"] < edited["lastModifiedTimeUtc"]
    send("DELETE", comment)
    assert last_row(context)["Comments"] == []
    assert send("GET", f"{sentinel}/incidents/i1").body["properties"]["additionalData"]["commentsCount"] == 0


def test_limits_of_comments_and_tasks(put: Callable[..., Answer], send: Send, sentinel: str) -> None:
    put(incident())
    with pytest.raises(InvalidInput, match="30001 characters"):
        send("PUT", f"{sentinel}/incidents/i1/comments/c", {"properties": {"message": "x" * 30_001}})
    for number in range(100):
        send("PUT", f"{sentinel}/incidents/i1/comments/{number}", {"properties": {"message": "x"}})
    with pytest.raises(InvalidInput, match="100 comments already"):
        send("PUT", f"{sentinel}/incidents/i1/comments/one-more", {"properties": {"message": "x"}})
    for number in range(40):
        send("PUT", f"{sentinel}/incidents/i1/tasks/{number}", {"properties": {"title": "x", "status": "New"}})
    with pytest.raises(InvalidInput, match="40 tasks already"):
        send("PUT", f"{sentinel}/incidents/i1/tasks/one-more", {"properties": {"title": "x", "status": "New"}})


def test_tasks_stand_in_the_row(put: Callable[..., Answer], send: Send, sentinel: str, context: Context) -> None:
    put(incident())
    task = f"{sentinel}/incidents/i1/tasks/t1"
    send("PUT", task, {"properties": {"title": "Reset", "status": "New"}})
    done = send("PUT", task, {"properties": {"title": "Reset", "status": "completed"}}).body["properties"]
    assert (done["status"], done["createdBy"]["name"]) == ("Completed", "vedette")
    assert [each["status"] for each in last_row(context)["Tasks"]] == ["Completed"]


@pytest.fixture
def bookmark(send: Send, sentinel: str) -> Callable[..., Answer]:
    def put(name: str = "b1", **changes: Any) -> Answer:
        properties = {"displayName": "Odd row", "query": "SigninLogs", "queryResult": "{}"} | changes
        return send("PUT", f"{sentinel}/bookmarks/{name}", {"properties": properties})

    return put


def test_a_bookmark_and_its_rows(
    bookmark: Callable[..., Answer], send: Send, sentinel: str, context: Context, clock: VirtualClock
) -> None:
    mapping = {"entityType": "account", "fieldMappings": [{"identifier": "fullname", "value": "eve@contoso.com"}]}
    made = bookmark(notes="Look", labels=["red"], entityMappings=[mapping], createdBy={"objectId": "not me"})
    assert made.status == 201
    assert made.body["properties"]["createdBy"]["name"] == "vedette"
    row = last_row(context, "HuntingBookmark")
    assert (row["BookmarkName"], row["Tags"], row["SoftDeleted"]) == ("Odd row", '["red"]', False)
    assert '"UPNSuffix":"contoso.com"' in row["Entities"]
    clock.advance(timedelta(minutes=1))
    bookmark(displayName="Changed")
    assert last_row(context, "HuntingBookmark")["BookmarkName"] == "Changed"
    send("DELETE", f"{sentinel}/bookmarks/b1")
    assert last_row(context, "HuntingBookmark")["SoftDeleted"] is True
    assert last_row(context, "HuntingBookmark")["LastUpdatedTime"] == clock.now()
    assert len(rows(context, "HuntingBookmark")) == 3


def test_what_hangs_on_a_bookmark_goes_with_it(
    bookmark: Callable[..., Answer], send: Send, sentinel: str, context: Context, owner: Principal
) -> None:
    bookmark()
    bookmark("b10")
    for name in ("b1", "b10"):
        context.roles.assign(owner, READER, f"{sentinel}/bookmarks/{name}")
    send("DELETE", f"{sentinel}/bookmarks/b1")
    left = [context.state.count(ROLE_ASSIGNMENT, f"{sentinel}/bookmarks/{name}") for name in ("b1", "b10")]
    assert left == [0, 1]


def test_a_bookmark_is_expanded_to_its_entities(bookmark: Callable[..., Answer], send: Send, sentinel: str) -> None:
    bookmark(
        entityMappings=[
            {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "value": "203.0.113.9"}]},
            {"entityType": "Whim", "fieldMappings": [{"identifier": "Address", "value": "x"}]},
        ]
    )
    shown = send("POST", f"{sentinel}/bookmarks/b1/expand", {"startTime": "2024-01-01T00:00:00Z"}).body
    assert [each["properties"]["friendlyName"] for each in shown["value"]["entities"]] == ["203.0.113.9"]
    assert shown["metaData"] == {"aggregations": [{"entityKind": "Ip", "count": 1}]}


@pytest.mark.parametrize(("here", "there"), [("incidents/i1", "bookmarks/b1"), ("bookmarks/b1", "incidents/i1")])
def test_a_relation_stands_on_both_sides(
    put: Callable[..., Answer],
    bookmark: Callable[..., Answer],
    send: Send,
    sentinel: str,
    context: Context,
    here: str,
    there: str,
) -> None:
    put(incident())
    bookmark()
    relation = {"properties": {"relatedResourceId": f"{sentinel}/{there}"}}
    made = send("PUT", f"{sentinel}/{here}/relations/x", relation)
    assert made.status == 201
    assert made.body["properties"]["relatedResourceName"] == there[-2:]
    assert send("PUT", f"{sentinel}/{here}/relations/x", relation).status == 200
    with pytest.raises(InvalidInput, match="already exists in incident 'i1'"):
        send("PUT", f"{sentinel}/{here}/relations/y", relation)
    other = send("GET", f"{sentinel}/{there}/relations").body["value"][0]["properties"]
    assert other["relatedResourceId"] == f"{sentinel}/{here}"
    info = send("GET", f"{sentinel}/bookmarks/b1").body["properties"]["incidentInfo"]
    assert info == {"incidentId": "i1", "severity": "High", "title": "Odd sign-in", "relationName": "x"}
    assert last_row(context)["BookmarkIds"] == ["b1"]
    listed = send("POST", f"{sentinel}/incidents/i1/bookmarks").body["value"]
    assert [(each["kind"], each["properties"]["friendlyName"]) for each in listed] == [("Bookmark", "Odd row")]
    send("DELETE", f"{sentinel}/{there}/relations/x")
    assert send("GET", f"{sentinel}/{here}/relations").body["value"] == []
    assert last_row(context)["BookmarkIds"] == []


def test_a_deleted_bookmark_leaves_its_incident(
    put: Callable[..., Answer], bookmark: Callable[..., Answer], send: Send, sentinel: str, context: Context
) -> None:
    put(incident())
    bookmark()
    send(
        "PUT", f"{sentinel}/incidents/i1/relations/x", {"properties": {"relatedResourceId": f"{sentinel}/bookmarks/b1"}}
    )
    send("DELETE", f"{sentinel}/bookmarks/b1")
    assert last_row(context)["BookmarkIds"] == []
    assert send("GET", f"{sentinel}/incidents/i1/relations").body["value"] == []


def test_nothing_of_elsewhere_is_related(put: Callable[..., Answer], send: Send, sentinel: str) -> None:
    put(incident())
    put(incident(), "i2")
    elsewhere = sentinel.replace("/workspaces/", "/workspaces/x")
    for related, error in [
        (f"{elsewhere}/bookmarks/b1", InvalidInput),
        (f"{sentinel}/bookmarks/none", NotFound),
        (f"{sentinel}/incidents/i2", InvalidInput),
    ]:
        with pytest.raises(error):
            send("PUT", f"{sentinel}/incidents/i1/relations/x", {"properties": {"relatedResourceId": related}})


def test_what_cannot_be_done_is_refused_by_name(
    put: Callable[..., Answer], send: Send, sentinel: str, context: Context, estate: Estate
) -> None:
    put(incident())
    group = f"{estate.subscription_resource_id}/resourceGroups/{estate.resource_group}"
    playbook = f"{group}/providers/Microsoft.Logic/workflows/p"
    body = {"logicAppsResourceId": playbook}
    with pytest.raises(Unsupported, match="Microsoft Teams"):
        send("POST", f"{sentinel}/incidents/i1/createTeam", {"teamName": "x"})
    with pytest.raises(NotFound, match="playbook"):
        send("POST", f"{sentinel}/incidents/i1/runPlaybook", body)
    with pytest.raises(Forbidden):
        send(
            "POST", f"{sentinel}/incidents/i1/runPlaybook", {"logicAppsResourceId": "/subscriptions/x" + playbook[50:]}
        )
    with context.state.transaction() as transaction:
        properties = {"definition": {"triggers": {"manual": {"type": "Request"}}}}
        transaction.put(
            id=playbook, type="Microsoft.Logic/workflows", scope=group, name="p", body={"properties": properties}
        )
    with pytest.raises(InvalidInput, match="'p' does not begin with an incident"):
        send("POST", f"{sentinel}/incidents/i1/runPlaybook", body)
