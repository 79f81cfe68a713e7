"""What the resource machine and its resources may call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vedette.access.estate import Estate
from vedette.access.roles import Roles
from vedette.access.workspaces import Workspaces
from vedette.arm.operations import Operations
from vedette.core.clock import Clock
from vedette.core.ids import NewId
from vedette.core.settings import EgressSettings
from vedette.kql.catalog import Catalog
from vedette.logs.store import LogStore
from vedette.state.store import StateStore

if TYPE_CHECKING:
    from vedette.arm.management import Management
    from vedette.arm.policies import Policies


@dataclass(frozen=True, slots=True)
class Context:
    """The parts, made once; `catalog` gives what a query may name in the workspace of this GUID, `logs` are the tables
    of all workspaces. With `strict_api_version` a version that is not known is refused. `egress` says where requests to
    other servers may go; `management` is None where nothing is deployed, `policies` where
    none are held against requests."""

    clock: Clock
    new_id: NewId
    state: StateStore
    estate: Estate
    workspaces: Workspaces
    roles: Roles
    catalog: Callable[[str], Catalog]
    logs: LogStore
    operations: Operations
    strict_api_version: bool = False
    egress: EgressSettings = field(default_factory=EgressSettings)
    management: "Management | None" = None
    policies: "Policies | None" = None
