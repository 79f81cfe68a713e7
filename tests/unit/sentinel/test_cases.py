"""Cases of 2019-01-01-preview: the incidents, in the words of then."""

from collections.abc import Callable
from typing import Any

import pytest

from vedette.arm.call import Answer
from vedette.core.errors import Conflict, InvalidInput, NotFound

Send = Callable[..., Answer]


def case(**changes: Any) -> dict[str, Any]:
    return {"properties": {"title": "Odd", "severity": "Critical", "status": "InProgress", "labels": ["red"]} | changes}


@pytest.fixture
def put(send: Send, sentinel: str) -> Callable[..., Answer]:
    return lambda body, name="c1": send("PUT", f"{sentinel}/cases/{name}", body)


def test_a_case_is_an_incident(put: Callable[..., Answer], send: Send, sentinel: str) -> None:
    made = put(case(startTimeUtc="2024-01-01T00:00:00Z"))
    assert (made.status, made.body["type"]) == (201, "Microsoft.SecurityInsights/cases")
    shown = made.body["properties"]
    assert (shown["severity"], shown["status"], shown["labels"], shown["caseNumber"]) == (
        "Critical",
        "InProgress",
        ["red"],
        1,
    )
    incident = send("GET", f"{sentinel}/incidents/c1").body["properties"]
    assert (incident["severity"], incident["status"], incident["incidentNumber"]) == ("High", "Active", 1)
    assert incident["labels"] == [{"labelName": "red", "labelType": "User"}]
    assert send("GET", f"{sentinel}/cases/c1").body == made.body
    send("DELETE", f"{sentinel}/cases/c1")
    with pytest.raises(NotFound):
        send("GET", f"{sentinel}/incidents/c1")


@pytest.mark.parametrize(
    ("reason", "classification", "shown"),
    [
        ("Resolved", "Undetermined", "Resolved"),
        ("Other", "Undetermined", "Other"),
        ("Dismissed", "BenignPositive", "Dismissed"),
        ("TruePositive", "TruePositive", "TruePositive"),
    ],
)
def test_a_case_is_closed_with_a_reason(
    put: Callable[..., Answer], send: Send, sentinel: str, reason: str, classification: str, shown: str
) -> None:
    closed = put(case(status="Closed", closeReason=reason, closedReasonText="done")).body["properties"]
    assert (closed["closeReason"], closed["closedReasonText"]) == (shown, "done")
    incident = send("GET", f"{sentinel}/incidents/c1").body["properties"]
    assert (incident["classification"], incident["classificationComment"]) == (classification, "done")


def test_what_an_incident_became_is_told_and_not_what_the_case_said(
    put: Callable[..., Answer], send: Send, sentinel: str
) -> None:
    put(case())
    changed = {"properties": {"title": "Odd", "severity": "Low", "status": "New"}}
    send("PUT", f"{sentinel}/incidents/c1", changed)
    shown = send("GET", f"{sentinel}/cases/c1").body["properties"]
    assert (shown["severity"], shown["status"]) == ("Low", "New")


def test_cases_are_listed_filtered_and_ordered_by_their_own_names(
    put: Callable[..., Answer], send: Send, sentinel: str
) -> None:
    put(case())
    put(case(title="properties/caseNumber"), "c2")
    listed = send("GET", f"{sentinel}/cases", orderby="properties/caseNumber desc", top="1").body
    assert [each["properties"]["caseNumber"] for each in listed["value"]] == [2]
    assert "/cases?" in listed["nextLink"]
    found = send("GET", f"{sentinel}/cases", filter="properties/title eq 'properties/caseNumber'").body
    assert [each["name"] for each in found["value"]] == ["c2"]


def test_a_stale_case(put: Callable[..., Answer]) -> None:
    made = put(case())
    put(case(title="Newer"))
    with pytest.raises(Conflict):
        put(case() | {"etag": made.body["etag"]})
    with pytest.raises(InvalidInput, match="severity"):
        put(case(severity="Whim"))


def test_names_in_another_letter_case(put: Callable[..., Answer]) -> None:
    made = put({"PROPERTIES": {name.upper(): each for name, each in case()["properties"].items()}})
    shown = made.body["properties"]
    assert (made.status, shown["title"], shown["severity"], shown["labels"]) == (201, "Odd", "Critical", ["red"])
    with pytest.raises(Conflict):
        put({"Properties": case()["properties"], "ETag": '"stale"'})


@pytest.mark.parametrize("body", [None, [], "x", {}, {"properties": None}, {"Properties": []}])
def test_a_case_without_properties(put: Callable[..., Answer], body: Any) -> None:
    with pytest.raises(InvalidInput, match="'properties'"):
        put(body)


@pytest.mark.parametrize("labels", ["red", [1], [None]])
def test_labels_are_texts(put: Callable[..., Answer], labels: Any) -> None:
    with pytest.raises(InvalidInput, match=r"properties\.labels"):
        put(case(labels=labels))


def test_comments_and_relations_of_a_case(put: Callable[..., Answer], send: Send, sentinel: str) -> None:
    put(case())
    comment = f"{sentinel}/cases/c1/comments/x"
    for message in ("One", "Two"):
        made = send("PUT", comment, {"properties": {"message": message}})
        assert (made.status, made.body["properties"]["userInfo"]["name"]) == (201, "vedette")
    assert send("GET", comment).body == made.body
    assert send("GET", f"{sentinel}/cases/c1/comments").body["value"] == [made.body]
    shown = send("GET", f"{sentinel}/cases/c1").body["properties"]
    assert (shown["totalComments"], shown["lastComment"]) == (1, "Two")

    send("PUT", f"{sentinel}/bookmarks/b1", {"properties": {"displayName": "Row", "query": "T"}})
    relation = f"{sentinel}/cases/c1/relations/r"
    nodes = {"sourceRelationNode": {"relationNodeId": "c1"}, "targetRelationNode": {"relationNodeId": "b1"}}
    related = send("PUT", relation, {"properties": nodes}).body
    assert (related["kind"], related["properties"]) == (
        "CasesToBookmarks",
        {"relationName": "r", "caseIdentifier": "c1", "bookmarkId": "b1", "bookmarkName": "Row"},
    )
    assert send("GET", relation).body == related
    assert send("GET", f"{sentinel}/cases/c1/relations").body["value"] == [related]
    assert send("GET", f"{sentinel}/incidents/c1/relations/r").body["properties"]["relatedResourceName"] == "b1"
    assert send("DELETE", relation).status == 200


def test_cases_are_counted(put: Callable[..., Answer], send: Send, sentinel: str) -> None:
    put(case())
    put(case(status="Closed", closeReason="FalsePositive"), "c2")
    counted = send("GET", f"{sentinel}/aggregations/Cases").body["properties"]
    assert counted["aggregationBySeverity"]["totalHighSeverity"] == 1
    assert counted["aggregationByStatus"] == {
        "totalNewStatus": 0,
        "totalInProgressStatus": 1,
        "totalResolvedStatus": 0,
        "totalDismissedStatus": 0,
        "totalTruePositiveStatus": 0,
        "totalFalsePositiveStatus": 1,
    }
    with pytest.raises(NotFound):
        send("GET", f"{sentinel}/aggregations/Other")
