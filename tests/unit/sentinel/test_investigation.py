"""Incidents with alerts: what joins and leaves them, merging, similar ones, the timeline and the graph."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from vedette.access.directory_objects import Kind, document_id
from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.detect.alert import Alert
from vedette.detect.entity import Entity
from vedette.detect.entity_documents import ENTITY
from vedette.detect.incident_merge import merged_into
from vedette.detect.mapped import Mapped
from vedette.detect.raising import Source, raise_alert
from vedette.detect.relations import End, relate
from vedette.detect.rule import IncidentConfiguration, Severity
from vedette.sentinel import incident_graph, incident_similarity

Send = Callable[..., Answer]
Raise = Callable[..., str]

EVE = Entity("Account", {"Name": "eve", "UPNSuffix": "a.example"})
HOST = Entity("Host", {"HostName": "web01"})
FILE = Entity("File", {"Name": "a.exe", "Host": {"HostName": "db01", "Type": "host"}})


@pytest.fixture
def raised(context: Context, sentinel: str, estate: Estate, clock: VirtualClock) -> Raise:
    """Raise an alert; gives the path of its incident, or of the alert where there is no incident for it."""
    numbers = iter(range(1, 1000))

    def raise_one(*entities: Entity, rule: str = "r1", incident: bool = True, **said: Any) -> str:
        number = next(numbers)
        now = clock.now()
        workspace = context.workspaces.by_id(estate.workspace_id)
        assert workspace is not None
        defaults: dict[str, Any] = {
            "display_name": f"Alert {number}",
            "description": "",
            "severity": Severity.Medium,
            "start": now - timedelta(minutes=10),
            "end": now - timedelta(minutes=5),
            "extended": {"Analytic Rule Ids": f'["{rule}"]'},
        }
        alert = Alert(f"alert-{number}", rule, mapped=Mapped(entities), **(defaults | said))
        source = Source(f"{sentinel}/alertRules/{rule}", IncidentConfiguration(create_incident=incident))
        with context.state.transaction() as transaction:
            filed = raise_alert(transaction, workspace, source, alert, now)
        return f"{sentinel}/entities/{alert.id}" if filed is None else filed.incident.id

    return raise_one


def last_row(context: Context, title: str) -> dict[str, Any]:
    tables = [each.row for each in context.state.pending() if each.table == "SecurityIncident"]
    return [row for row in tables if row["Title"] == title][-1]


def test_an_alert_that_joins_brings_what_it_says_and_takes_it_along(
    raised: Raise, send: Send, context: Context, sentinel: str
) -> None:
    incident = raised(EVE, tactics=("Execution",))
    alert = raised(HOST, incident=False, rule="r2", tactics=("Impact",), techniques=("T1496",), product_name="Other")
    before = send("GET", incident).body["properties"]
    relation = f"{incident}/relations/x"
    assert send("PUT", relation, {"properties": {"relatedResourceId": alert}}).status == 201
    properties = send("GET", incident).body["properties"]
    assert properties["additionalData"]["tactics"] == ["Execution", "Impact"]
    assert properties["additionalData"]["techniques"] == ["T1496"]
    assert properties["additionalData"]["alertProductNames"] == ["Azure Sentinel", "Other"]
    assert properties["relatedAnalyticRuleIds"] == [f"{sentinel}/alertRules/{rule}" for rule in ("r1", "r2")]
    assert last_row(context, "Alert 1")["AlertIds"] == ["alert-1", "alert-2"]
    entities = send("POST", f"{incident}/entities").body
    assert [each["kind"] for each in entities["entities"]] == ["Account", "Host"]
    send("DELETE", relation)
    after = send("GET", incident).body["properties"]
    assert {name: after[name] for name in before if name != "lastModifiedTimeUtc"} == {
        name: before[name] for name in before if name != "lastModifiedTimeUtc"
    }


def test_what_a_relation_cannot_be(raised: Raise, send: Send) -> None:
    incident, alert, other = raised(EVE), raised(HOST, incident=False), raised(EVE, incident=False)
    send("PUT", f"{incident}/relations/x", {"properties": {"relatedResourceId": alert}})
    with pytest.raises(InvalidInput, match="'alert-2' already exists in incident"):
        send("PUT", f"{incident}/relations/y", {"properties": {"relatedResourceId": alert}})
    with pytest.raises(Conflict, match="'x' already exists"):
        send("PUT", f"{incident}/relations/x", {"properties": {"relatedResourceId": other}})


def test_the_rows_show_a_task_until_its_deletion(raised: Raise, send: Send, context: Context) -> None:
    task = f"{raised(EVE)}/tasks/t1"
    send("PUT", task, {"properties": {"title": "Call Eve", "status": "New"}})
    done = send("PUT", task, {"properties": {"title": "Call Eve", "status": "Completed"}}).body["properties"]
    assert "lastCompletedTimeUtc" not in done
    (shown,) = last_row(context, "Alert 1")["Tasks"]
    assert (shown["taskId"], shown["status"], shown["lastCompletedTimeUtc"]) == (
        "t1",
        "Completed",
        done["lastModifiedTimeUtc"],
    )
    send("DELETE", task)
    assert [each["status"] for each in last_row(context, "Alert 1")["Tasks"]] == ["Deleted"]
    send("PUT", task.replace("tasks/t1", "comments/c1"), {"properties": {"message": "gone"}})
    assert last_row(context, "Alert 1")["Tasks"] == []


def test_merging(raised: Raise, send: Send, context: Context, sentinel: str, clock: VirtualClock) -> None:
    target, one = raised(EVE), raised(HOST, severity=Severity.High, rule="r2")
    manual = f"{sentinel}/incidents/manual"
    send(
        "PUT",
        manual,
        {"properties": {"title": "By hand", "severity": "Low", "status": "New", "labels": [{"labelName": "red"}]}},
    )
    clock.advance(timedelta(minutes=3))
    merged = send("POST", f"{target}/merge", {"incidentIds": [one, "manual"]}).body["properties"]
    assert (merged["severity"], merged["additionalData"]["alertsCount"]) == ("High", 2)
    assert [label["labelName"] for label in merged["labels"]] == ["red"]
    assert len(merged["relatedAnalyticRuleIds"]) == 2
    source = send("GET", one).body["properties"]
    assert (source["status"], source["classification"]) == ("Closed", "Undetermined")
    assert source["labels"] == [{"labelName": "Redirected", "labelType": "AutoAssigned"}]
    assert source["additionalData"]["mergedIncidentNumber"] == merged["incidentNumber"]
    assert source["additionalData"]["alertsCount"] == 0
    row = last_row(context, "Alert 2")
    assert (row["Status"], row["AlertIds"], row["ClosedTime"]) == ("Closed", [], clock.now())
    assert last_row(context, "Alert 1")["AlertIds"] == ["alert-1", "alert-2"]
    with pytest.raises(Conflict, match="was merged into the incident 1"):
        send("POST", f"{target}/merge", {"incidentIds": [one]})
    with pytest.raises(Conflict, match="was merged into the incident 1"):
        send("POST", f"{one}/merge", {"incidentIds": [target]})


def test_where_a_merged_incident_went_is_known_by_id(
    raised: Raise, send: Send, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, last = raised(EVE), raised(HOST), raised(FILE)
    send("POST", f"{second}/merge", {"incidentIds": [first]})
    send("POST", f"{last}/merge", {"incidentIds": [second]})

    def scanned(*_sent: Any, **_more: Any) -> None:
        pytest.fail("the incidents are searched")

    with context.state.transaction() as transaction:
        monkeypatch.setattr(type(transaction), "list", scanned)
        known = transaction.get(first)
        assert known is not None
        found = merged_into(transaction, known)
        monkeypatch.undo()
        assert found is not None
        assert found.id == last
    send("DELETE", last)
    with context.state.transaction() as transaction:
        assert merged_into(transaction, known) is None


@pytest.mark.parametrize(
    ("ids", "error"),
    [([], InvalidInput), (None, InvalidInput), (["none"], NotFound), (["{self}"], InvalidInput), ([5], InvalidInput)],
)
def test_what_cannot_be_merged(raised: Raise, send: Send, ids: Any, error: type[Exception]) -> None:
    target = raised(EVE)
    sent = [target if each == "{self}" else each for each in ids] if ids else ids
    with pytest.raises(error):
        send("POST", f"{target}/merge", {"incidentIds": sent})


def test_merging_keeps_to_the_limits(raised: Raise, send: Send, context: Context, sentinel: str) -> None:
    target, other = raised(EVE), raised(EVE)
    with context.state.transaction() as transaction:
        for incident in (target, other):
            document = transaction.get(incident)
            assert document is not None
            for number in range(76):
                name = f"{document.name}-{number}"
                body = {"kind": "SecurityAlert", "properties": {}}
                id = f"{sentinel}/entities/{name}"
                alert, _ = transaction.put(id=id, type=ENTITY, scope=sentinel, name=name, body=body)
                relate(transaction, End.of(document), End.of(alert))
    with pytest.raises(InvalidInput, match="154 alerts together; one has 150 at most"):
        send("POST", f"{target}/merge", {"incidentIds": [other]})
    assert len(send("POST", f"{other}/alerts").body["value"]) == 77


def test_similar_incidents_and_why(raised: Raise, send: Send, clock: VirtualClock) -> None:
    old = raised(EVE)
    clock.advance(timedelta(days=15))
    by_entity = raised(EVE, HOST, rule="r2")
    by_rule = raised(rule="r3")
    by_detail = raised(rule="r4", custom_details={"Case": ["4711"]})
    unlike = raised(rule="r5")
    own = raised(EVE, HOST, rule="r3", custom_details={"Case": ["4711", "4712"]})
    later = raised(EVE, end=clock.now() + timedelta(hours=1))
    value = send("POST", f"{own}/similarIncidents").body["value"]
    assert [each["id"] for each in value] == [by_entity, by_rule, by_detail]
    assert not {old, unlike, later} & {each["id"] for each in value}
    reasons = [{each["reason"]: len(each["items"]) for each in one["properties"]["similarityReasons"]} for one in value]
    assert reasons == [
        {"SimilarEntities": 2, "SimilarAlertDetails": 1},
        {"SimilarRule": 1, "SimilarAlertDetails": 1},
        {"SimilarAlertDetails": 2},
    ]


def test_the_timeline_is_in_the_order_of_time(raised: Raise, send: Send, sentinel: str, clock: VirtualClock) -> None:
    incident = raised(EVE, HOST)
    bookmark = {"displayName": "Odd row", "query": "x", "eventTime": "2020-01-01T00:00:00Z"}
    send("PUT", f"{sentinel}/bookmarks/b1", {"properties": bookmark})
    send("PUT", f"{incident}/relations/b", {"properties": {"relatedResourceId": f"{sentinel}/bookmarks/b1"}})
    clock.advance(timedelta(minutes=1))
    send("PUT", f"{incident}/comments/c1", {"properties": {"message": "Seen"}})
    timeline = send("POST", f"{incident}/timeline").body
    assert [each["kind"] for each in timeline["value"]] == ["Bookmark", "SecurityAlert", "IncidentCreated", "Comment"]
    assert timeline["metaData"]["totalCount"] == 4
    alert = timeline["value"][1]
    assert (alert["displayName"], alert["entitiesCount"], len(alert["entityIds"])) == ("Alert 1", 2, 2)
    some = send("POST", f"{incident}/timeline", {"kinds": ["bookmark"], "endTime": "2021-01-01T00:00:00Z"}).body
    assert [each["displayName"] for each in some["value"]] == ["Odd row"]
    with pytest.raises(InvalidInput):
        send("POST", f"{incident}/timeline", {"kinds": ["Weather"]})


def test_the_graph_shows_alerts_entities_and_what_shares_them(raised: Raise, send: Send) -> None:
    incident = raised(EVE, FILE)
    elsewhere = raised(EVE)
    graph = send("POST", f"{incident}/graph").body
    names = {node["id"]: node["friendlyName"] for node in graph["nodes"]}
    edges = {(names[edge["source"]], edge["kind"], names[edge["target"]]) for edge in graph["edges"]}
    assert edges == {
        ("Alert 1", "Alert", "Alert 1"),
        ("Alert 1", "Entity", "eve"),
        ("Alert 1", "Entity", "a.exe"),
        ("a.exe", "PartOf", "db01"),
    }
    wide = send("POST", f"{incident}/graph", {"includeRelatedAlerts": True}).body
    (related,) = [node for node in wide["nodes"] if node.get("isRelated")]
    assert related["friendlyName"] == "Alert 2"
    assert related["incidentNames"] == [elsewhere.rpartition("/")[2]]
    assert [edge["kind"] for edge in wide["edges"] if edge["target"] == related["id"]] == ["RelatedAlert"]


def test_the_graph_shows_the_newest_and_stops_at_its_bound(
    raised: Raise, send: Send, context: Context, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_graph, "MOST_RELATED", 2)
    incident = raised(EVE)
    for _ in range(4):
        clock.advance(timedelta(minutes=1))
        raised(EVE)
    read: list[str] = []
    get = type(context.state).get
    monkeypatch.setattr(type(context.state), "get", lambda self, id: read.append(id) or get(self, id))
    wide = send("POST", f"{incident}/graph", {"includeRelatedAlerts": True}).body
    assert [node["friendlyName"] for node in wide["nodes"] if node.get("isRelated")] == ["Alert 5", "Alert 4"]
    assert not [id for id in read if id.endswith("alert-2")]


def test_similar_incidents_are_those_of_the_newest_alerts(
    raised: Raise, send: Send, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incident_similarity, "_MOST_ALERTS", 2)
    incidents: list[str] = []
    for number in range(3):
        clock.advance(timedelta(minutes=1))
        incidents.append(raised(EVE, rule=f"r{number}"))
    value = send("POST", f"{incidents[-1]}/similarIncidents").body["value"]
    assert [each["id"] for each in value] == [incidents[1]]


def test_an_owner_that_nobody_knows_is_of_type_unknown(raised: Raise, send: Send) -> None:
    incident = raised(EVE)
    properties = send("GET", incident).body["properties"]
    told = send("PUT", incident, {"properties": properties | {"owner": {"email": "x@else.example"}}}).body["properties"]
    assert told["owner"] == {"email": "x@else.example", "ownerType": "Unknown"}
    assert send("PUT", incident, {"properties": properties | {"owner": {}}}).body["properties"]["owner"] == {}


@pytest.mark.parametrize(
    ("kind", "told", "sent", "type"),
    [
        (Kind.GROUP, {"displayName": "Blue"}, "objectId", "Group"),
        (Kind.USER, {"displayName": "Ann", "userPrincipalName": "ann@a.example"}, "objectId", "User"),
        (Kind.USER, {"displayName": "Ann", "userPrincipalName": "ann@a.example"}, "userPrincipalName", "User"),
        (Kind.SERVICE_PRINCIPAL, {"displayName": "Robot"}, "objectId", "Unknown"),
    ],
)
def test_an_owner_is_told_by_the_directory(
    raised: Raise, send: Send, context: Context, estate: Estate, kind: Kind, told: dict[str, Any], sent: str, type: str
) -> None:
    object = {"id": "77", **told}
    folded = {name: str(each).lower() for name, each in told.items()}
    with context.state.transaction() as transaction:
        transaction.put(
            id=document_id(estate.tenant_id, "77"),
            type=kind.document_type,
            scope="",
            name="77",
            body={"object": object, "secrets": {}, "folded": folded},
        )
    incident = raised(EVE)
    properties = send("GET", incident).body["properties"] | {"owner": {sent: object.get(sent, "77")}}
    owner = send("PUT", incident, {"properties": properties}).body["properties"]["owner"]
    assert (owner["objectId"], owner["assignedTo"], owner["ownerType"]) == ("77", told["displayName"], type)
    assert last_row(context, "Alert 1")["Owner"]["ownerType"] == type
