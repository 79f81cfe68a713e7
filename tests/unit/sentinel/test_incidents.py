from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from vedette.access.estate import Estate
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput, NotFound

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
