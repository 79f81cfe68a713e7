"""Entities as documents: one for each entity, by whichever of its identifiers an alert tells it."""

from datetime import timedelta
from typing import Any

from vedette.access.workspaces import Workspace
from vedette.core.clock import VirtualClock
from vedette.detect.entity import Entity
from vedette.detect.entity_documents import ENTITY, ENTITY_RELATION, find_entity, put_entity
from vedette.detect.relations import End, mention, relate, related_names
from vedette.state.documents import Document
from vedette.state.store import StateStore


def account(**fields: Any) -> Entity:
    return Entity("Account", fields)


def put(state: StateStore, workspace: Workspace, *entities: Entity) -> list[Document]:
    with state.transaction() as transaction:
        return [put_entity(transaction, workspace, each) for each in entities]


def test_an_entity_is_found_by_any_of_its_strong_identifiers(state: StateStore, workspace: Workspace) -> None:
    both = account(Name="ana", UPNSuffix="a.example", AadUserId="1")
    one, *others = put(state, workspace, both, account(AadUserId="1"), account(Name="ANA", UPNSuffix="a.example"))
    assert [each.id for each in others] == [one.id, one.id]
    assert len(state.list(ENTITY)) == 1


def test_what_is_new_of_a_known_entity_is_taken_up(state: StateStore, workspace: Workspace) -> None:
    put(state, workspace, account(AadUserId="1"), account(AadUserId="1", DisplayName="Ana", PUID="2"))
    (found,) = state.list(ENTITY)
    assert found.body["properties"] == {
        "aadUserId": "1",
        "displayName": "Ana",
        "puid": "2",
        "friendlyName": "1",
    }
    assert find_entity(state, workspace, account(PUID="2")) == found


def test_weak_identifiers_are_entities_of_their_own(state: StateStore, workspace: Workspace) -> None:
    put(state, workspace, account(Name="ana"), account(Name="ana", UPNSuffix="a.example"), account(Name="Ana"))
    assert len(state.list(ENTITY)) == 2


def test_two_that_turn_out_to_be_one_become_one(state: StateStore, workspace: Workspace, clock: VirtualClock) -> None:
    (one,) = put(state, workspace, account(AadUserId="1"))
    clock.advance(timedelta(seconds=1))
    (other,) = put(state, workspace, account(Name="ana", UPNSuffix="a.example"))
    with state.transaction() as transaction:
        alert, _ = transaction.put(
            id=f"{workspace.resource_id}/x/a", type=ENTITY, scope="", name="a", body={"kind": "SecurityAlert"}
        )
        bookmark, _ = transaction.put(id=f"{workspace.resource_id}/x/b", type="b", scope="", name="b", body={})
        relate(transaction, End.of(alert), End.of(other))
        mention(transaction, End.of(other), End.of(bookmark, "Bookmark"))
    linking = account(AadUserId="1", Name="ana", UPNSuffix="a.example")
    (kept,) = put(state, workspace, linking)
    assert kept.id == one.id
    assert state.get(other.id) is None
    assert related_names(state, kept.id, ENTITY_RELATION) == {"SecurityAlert": ["a"], "Bookmark": ["b"]}
    assert related_names(state, alert.id, ENTITY_RELATION) == {"Account": [kept.name]}
    assert find_entity(state, workspace, account(Name="ana", UPNSuffix="a.example")) == kept


def test_entities_within_an_entity_are_entities_too(state: StateStore, workspace: Workspace) -> None:
    file = Entity(
        "File",
        {
            "Name": "a.exe",
            "Host": {"HostName": "web01", "Type": "host"},
            "FileHashes": [{"Algorithm": "SHA256", "Value": "ab", "Type": "filehash"}, {"Type": "unheard-of"}],
        },
    )
    (document,) = put(state, workspace, file)
    properties = document.body["properties"]
    host, hash = state.get(properties["hostEntityId"]), state.get(properties["fileHashEntityIds"][0])
    assert host is not None
    assert hash is not None
    assert (host.body["kind"], hash.body["properties"]["hashValue"]) == ("Host", "ab")
    assert len(properties["fileHashEntityIds"]) == 1
