"""Workspaces are found by either of their names, as the state store has them at the moment."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.access.estate import Estate, ensure_estate
from vedette.access.workspaces import (
    StoredWorkspaces,
    has_first_workspace,
    make_first_workspace,
    new_shared_key,
    put_shared_keys,
)
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.state.store import StateStore


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2024, 1, 1, tzinfo=UTC))


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return ensure_estate(tmp_path / "estate.json", new_id)


@pytest.fixture
def state(tmp_path: Path, clock: VirtualClock, estate: Estate) -> StateStore:
    store = StateStore(f"sqlite:///{tmp_path}/state.db", clock, new_id)
    assert not has_first_workspace(store)
    make_first_workspace(store, estate, clock)
    return store


def test_lookup_in_any_casing(state: StateStore, estate: Estate) -> None:
    workspaces = StoredWorkspaces(state)
    (workspace,) = workspaces.all()
    assert workspaces.by_id(estate.workspace_id.upper()) == workspace
    assert workspaces.by_resource_id(f"{estate.workspace_resource_id.upper()}/") == workspace
    assert workspaces.by_id(new_id()) is None
    assert workspaces.by_resource_id(f"{estate.workspace_resource_id}x") is None
    assert workspace.primary_key == estate.primary_shared_key


def test_a_change_is_seen_at_once(state: StateStore, estate: Estate) -> None:
    workspaces = StoredWorkspaces(state)
    (before,) = workspaces.all()
    key = new_shared_key()
    with state.transaction() as transaction:
        put_shared_keys(transaction, estate.workspace_resource_id, key, before.secondary_key)
    after = workspaces.by_id(estate.workspace_id)
    assert after is not None
    assert (after.primary_key, after.secondary_key) == (key, before.secondary_key)
    with state.transaction() as transaction:
        transaction.delete(estate.workspace_resource_id)
    assert workspaces.all() == ()


def test_the_first_workspace_is_made_once(state: StateStore, estate: Estate) -> None:
    with state.transaction() as transaction:
        transaction.delete(estate.workspace_resource_id)
    assert has_first_workspace(state)
