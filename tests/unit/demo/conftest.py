"""A server's parts over one directory, with an onboarded workspace and its owner, as the demo needs them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from vedette.access.estate import ensure_estate
from vedette.access.principals import Principal
from vedette.access.role_definitions import OWNER
from vedette.access.roles import Roles
from vedette.access.workspaces import StoredWorkspaces, make_first_workspace
from vedette.arm.context import Context
from vedette.arm.operations import Operations
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.detect.engine import Detections
from vedette.engine.duckdb import DuckDBEngine
from vedette.logs.store import LogStore
from vedette.sentinel.onboarding_states import onboard
from vedette.state.store import StateStore


@dataclass(frozen=True, slots=True)
class Parts:
    """What the demo is loaded into, and what runs its rules."""

    context: Context
    clock: VirtualClock
    logs: LogStore
    owner: Principal
    detections: Detections

    @property
    def workspace_id(self) -> str:
        return self.context.estate.workspace_id


Assemble = Callable[[datetime], Parts]


@pytest.fixture
def assemble(tmp_path: Path) -> Iterator[Assemble]:
    with ExitStack() as open_parts:

        def parts(now: datetime) -> Parts:
            clock = VirtualClock(now)
            estate = ensure_estate(tmp_path / "estate.json", new_id)
            state = StateStore(f"sqlite:///{tmp_path}/{new_id()}.db", clock, new_id)
            open_parts.callback(state.close)
            engine = DuckDBEngine(None)
            open_parts.callback(engine.close)
            logs = LogStore(engine, clock, state)
            open_parts.callback(logs.close)
            make_first_workspace(state, estate, clock)
            workspaces = StoredWorkspaces(state)
            logs.create_workspace(estate.workspace_id, estate.workspace_name)
            state.deliver = logs.apply_outbox
            onboard(state, estate.workspace_resource_id)
            operations = Operations(state, clock, new_id)
            open_parts.callback(operations.stop)
            context = Context(clock, new_id, state, estate, workspaces, Roles(state), logs.catalog, logs, operations)
            owner = Principal(estate.client_object_id, estate.client_id, "owner", estate.tenant_id)
            context.roles.assign(owner, OWNER, estate.subscription_resource_id)
            return Parts(context, clock, logs, owner, Detections(state, logs, clock, workspaces))

        yield parts
