"""The management plane without HTTP: an onboarded workspace, its owner, and a way to send calls."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vedette.access.estate import Estate, ensure_estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.access.roles import Roles
from vedette.access.workspaces import StoredWorkspaces, make_first_workspace
from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.controller import answer
from vedette.arm.operations import Operations
from vedette.arm.resource_ids import parse_id
from vedette.core.clock import SystemClock, VirtualClock
from vedette.core.ids import new_id
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.sentinel.onboarding_states import onboard
from vedette.sentinel.operations import operation_works
from vedette.sentinel.resources import RESOURCE_TYPES
from vedette.state.store import StateStore

Send = Callable[..., Answer]
PLAIN = frozenset({"force", "includebody", "category", "sourceId", "tags", "canFetchContent"})
"""Query parameters whose names have no dollar sign."""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2024, 1, 1, tzinfo=UTC))


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return ensure_estate(tmp_path / "estate.json", new_id)


@pytest.fixture(scope="session")
def logs() -> Iterator[LogStore]:
    engine = DuckDBEngine(None)
    store = LogStore(engine, SystemClock(), None)
    yield store
    store.close()
    engine.close()


@pytest.fixture
def context(state_url: str, estate: Estate, clock: VirtualClock, logs: LogStore) -> Iterator[Context]:
    state = StateStore(state_url, clock, new_id)
    logs.create_workspace(estate.workspace_id, estate.workspace_name)
    onboard(state, estate.workspace_resource_id)
    make_first_workspace(state, estate, clock)
    operations = Operations(state, clock, new_id)
    workspaces = StoredWorkspaces(state)
    made = Context(clock, new_id, state, estate, workspaces, Roles(state), logs.catalog, logs, operations)
    operations.serve(operation_works(made))
    yield made
    operations.stop()
    state.close()


@pytest.fixture
def owner(context: Context, estate: Estate) -> Principal:
    principal = Principal(estate.client_object_id, estate.client_id, "vedette", estate.tenant_id)
    context.roles.assign(principal, OWNER, estate.subscription_resource_id)
    return principal


@pytest.fixture
def send(context: Context, owner: Principal) -> Send:
    def send(method: str, id: str, body: Any = None, **query: str) -> Answer:
        named = {name.lower() if name in PLAIN else f"${name}": value for name, value in query.items()}
        parameters = {"api-version": "2024-03-01", **named}
        call = Call(method, parse_id(id), owner, parameters, "https://localhost:8443", body)
        return answer(context, RESOURCE_TYPES, call)

    return send


@pytest.fixture
def finish(context: Context) -> Callable[[Answer], None]:
    """Wait for the end of the operation that a 202 began."""

    def finish(begun: Answer) -> None:
        assert begun.status == 202
        name = begun.headers["Location"].partition("?")[0].rpartition("/")[2]
        assert context.operations.wait(name, 10)

    return finish


@pytest.fixture
def sentinel(estate: Estate) -> str:
    return f"{estate.workspace_resource_id}/providers/Microsoft.SecurityInsights"
