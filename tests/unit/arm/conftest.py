"""A context over a real state store, with an owner and a reader of one subscription."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.access.estate import Estate, ensure_estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER, READER
from vedette.access.roles import Roles
from vedette.access.workspaces import StoredWorkspaces, make_first_workspace
from vedette.arm.context import Context
from vedette.arm.operations import Operations
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.kql.catalog import Catalog
from vedette.logs.store import LogStore
from vedette.state.store import StateStore


def no_catalog(workspace_id: str) -> Catalog:
    raise AssertionError(f"no test here reads a catalog, not even that of {workspace_id}")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return ensure_estate(tmp_path / "estate.json", new_id)


@pytest.fixture(scope="session")
def logs() -> Iterator[LogStore]:
    engine = DuckDBEngine(None)
    store = LogStore(engine, VirtualClock(datetime(2024, 1, 1, tzinfo=UTC)), None)
    yield store
    store.close()
    engine.close()


@pytest.fixture
def context(state_url: str, estate: Estate, logs: LogStore) -> Iterator[Context]:
    clock = VirtualClock(datetime(2024, 1, 1, tzinfo=UTC))
    state = StateStore(state_url, clock, new_id)
    make_first_workspace(state, estate, clock)
    operations = Operations(state, clock, new_id)
    workspaces = StoredWorkspaces(state)
    yield Context(clock, new_id, state, estate, workspaces, Roles(state), no_catalog, logs, operations)
    operations.stop()
    state.close()


@pytest.fixture
def owner(context: Context) -> Principal:
    principal = Principal("11111111-1111-1111-1111-111111111111", None, "owner", context.estate.tenant_id)
    context.roles.assign(principal, OWNER, context.estate.subscription_resource_id)
    return principal


@pytest.fixture
def reader(context: Context) -> Principal:
    principal = Principal("22222222-2222-2222-2222-222222222222", None, "reader", context.estate.tenant_id)
    context.roles.assign(principal, READER, context.estate.subscription_resource_id)
    return principal
