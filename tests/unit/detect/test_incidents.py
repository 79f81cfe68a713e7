from datetime import datetime, timedelta
from typing import Any

import pytest

from vedette.access.workspaces import Workspace
from vedette.core.clock import VirtualClock
from vedette.core.errors import Conflict, InvalidInput
from vedette.detect.incidents import (
    COMMENT,
    INCIDENT,
    change_incident,
    create_incident,
    delete_incident,
    update_incident,
)
from vedette.state.documents import Document
from vedette.state.store import StateStore

PROPERTIES = {"title": "Odd", "severity": "high", "status": "new"}


@pytest.fixture(autouse=True)
def _nothing_is_delivered(state: StateStore) -> None:
    state.deliver = None


def create(state: StateStore, workspace: Workspace, clock: VirtualClock, **changes: Any) -> Document:
    with state.transaction() as transaction:
        return create_incident(
            transaction,
            workspace,
            id=f"{workspace.resource_id}/providers/{INCIDENT}/i1",
            name="i1",
            properties=PROPERTIES | changes,
            modified_by="ana",
            now=clock.now(),
        )


def update(
    state: StateStore,
    workspace: Workspace,
    clock: VirtualClock,
    document: Document,
    etag: str | None = None,
    **changes: Any,
) -> Document:
    with state.transaction() as transaction:
        return update_incident(
            transaction,
            workspace,
            document,
            PROPERTIES | changes,
            modified_by="ben",
            now=clock.now(),
            etag=etag,
        )


def rows(state: StateStore) -> list[dict[str, Any]]:
    return [each.row for each in state.pending() if each.table == "SecurityIncident"]


def test_a_new_incident(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    properties = create(state, workspace, clock).body["properties"]
    assert properties["incidentNumber"] == 1
    assert (properties["severity"], properties["status"]) == ("High", "New")
    assert properties["createdTimeUtc"] == properties["lastModifiedTimeUtc"] == "2024-05-01T12:00:00Z"
    assert properties["labels"] == []
    assert properties["owner"] == dict.fromkeys(("objectId", "email", "assignedTo", "userPrincipalName", "ownerType"))
    assert properties["additionalData"]["alertsCount"] == 0
    assert properties["providerIncidentId"] == "1"


def test_each_change_is_a_row(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    start = clock.now()
    document = create(state, workspace, clock, labels=[{"labelName": "vip"}])
    clock.advance(timedelta(minutes=1))
    document = update(state, workspace, clock, document, status="Active", owner={"assignedTo": "Ben"})
    clock.advance(timedelta(minutes=1))
    closed = {"status": "Closed", "classification": "truepositive", "classificationReason": "SuspiciousActivity"}
    document = update(state, workspace, clock, document, **closed)
    clock.advance(timedelta(minutes=1))
    update(state, workspace, clock, document, **closed, classificationComment="seen")
    first, second, third, fourth = rows(state)
    assert (first["Status"], first["ModifiedBy"], first["FirstModifiedTime"], first["ClosedTime"]) == (
        "New",
        "ana",
        None,
        None,
    )
    assert first["Labels"] == [{"labelName": "vip", "labelType": "User"}]
    assert (second["Status"], second["ModifiedBy"], second["Owner"]["assignedTo"]) == ("Active", "ben", "Ben")
    assert second["Labels"] == []
    assert second["FirstModifiedTime"] == third["FirstModifiedTime"] == start + timedelta(minutes=1)
    assert (third["Classification"], third["ClassificationReason"]) == ("TruePositive", "SuspiciousActivity")
    assert third["ClosedTime"] == fourth["ClosedTime"] == start + timedelta(minutes=2)
    assert fourth["ClassificationComment"] == "seen"
    assert {row["IncidentNumber"] for row in rows(state)} == {1}


def test_what_only_the_server_knows_stays(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    document = create(state, workspace, clock, firstActivityTimeUtc="2024-01-01T00:00:00Z")
    clock.advance(timedelta(minutes=1))
    sent = {"incidentNumber": 99, "createdTimeUtc": "1999-01-01T00:00:00Z", "additionalData": {}}
    properties = update(state, workspace, clock, document, **sent).body["properties"]
    assert properties["incidentNumber"] == 1
    assert properties["createdTimeUtc"] == "2024-05-01T12:00:00Z"
    assert properties["lastModifiedTimeUtc"] == "2024-05-01T12:01:00Z"
    assert properties["firstActivityTimeUtc"] == "2024-01-01T00:00:00Z"
    assert properties["additionalData"]["alertsCount"] == 0


def test_a_stale_etag_changes_nothing(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    document = create(state, workspace, clock)
    update(state, workspace, clock, document, etag=document.etag, title="Newer")
    with pytest.raises(Conflict):
        update(state, workspace, clock, document, etag=document.etag, title="Newest")
    assert [row["Title"] for row in rows(state)] == ["Odd", "Newer"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title": ""}, "'properties.title'"),
        ({"status": "Sleeping"}, "'properties.status'"),
        ({"description": "x" * 5001}, "'properties.description'"),
        ({"labels": [{}]}, "'properties.labels.0.labelName' is missing"),
        ({"owner": {"ownerType": "Robot"}}, "'properties.owner.ownerType'"),
        ({"classification": "Perhaps"}, "'properties.classification'"),
        (
            {"classification": "TruePositive", "classificationReason": "InaccurateData"},
            "does not go with classification 'TruePositive'; there is SuspiciousActivity",
        ),
        (
            {"classification": "Undetermined", "classificationReason": "InaccurateData"},
            "it takes none",
        ),
        ({"classificationReason": "InaccurateData"}, "it takes none"),
    ],
)
def test_what_is_wrong_is_named(
    state: StateStore, workspace: Workspace, clock: VirtualClock, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        create(state, workspace, clock, **change)
    assert told in caught.value.message
    assert rows(state) == []
    assert create(state, workspace, clock).body["properties"]["incidentNumber"] == 1


def test_comments_are_counted_and_told(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    document = create(state, workspace, clock)
    with state.transaction() as transaction:
        body = {"properties": {"message": "Looking"}}
        transaction.put(id=f"{document.id}/comments/c1", type=COMMENT, scope=document.id, name="c1", body=body)
        changed = change_incident(transaction, workspace, document, {}, modified_by="ana", now=clock.now())
    assert changed.body["properties"]["additionalData"]["commentsCount"] == 1
    assert rows(state)[-1]["Comments"] == [{"name": "c1", "message": "Looking"}]


def test_a_deleted_incident_is_closed_in_the_log(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    document = create(state, workspace, clock)
    clock.advance(timedelta(minutes=1))
    with state.transaction() as transaction:
        delete_incident(transaction, workspace, document, modified_by="ben", now=clock.now())
    assert state.get(document.id) is None
    last = rows(state)[-1]
    assert (last["Status"], last["ClosedTime"], last["ModifiedBy"]) == ("Closed", clock.now(), "ben")
    assert last["AdditionalData"]["deleted"] is True
    assert isinstance(last["LastModifiedTime"], datetime)
