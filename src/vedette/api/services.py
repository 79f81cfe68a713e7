"""What the HTTP edge is given by the composition root."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from secrets import token_urlsafe
from threading import Event

from vedette.access.addresses import Addresses
from vedette.access.directory import Directory
from vedette.access.estate import Estate
from vedette.access.roles import Roles
from vedette.access.sign_ins import SignIns
from vedette.access.tokens import Tokens
from vedette.access.workspaces import Workspaces
from vedette.api.query_running import QueryRunner
from vedette.api.secret_checks import SecretChecks
from vedette.arm.operations import Operations
from vedette.automation.work import Automation
from vedette.core.clock import Clock, SystemClock
from vedette.core.ids import NewId
from vedette.core.metrics import Metrics
from vedette.core.periodic import Periodic
from vedette.core.settings import Settings
from vedette.detect.engine import Detections
from vedette.log_management.audit import Audit
from vedette.log_management.operation import OperationLog
from vedette.log_management.resource_log_routing import ResourceLogRouting
from vedette.logs.collection import Collection
from vedette.logs.store import LogStore
from vedette.sentinel.policies.engine import PolicyEngine
from vedette.state.store import StateStore


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that handlers call; made once, in `server/composition.py`.

    `clock` is what data and rules go by, and may be virtual; `wall_clock` is the machine's, which tokens and
    signatures go by, for the clients that made them have no other; by it the server was `started`. Once `stopping` is
    set, no query is waited for. `identity_header` is what programs of this machine show to be given tokens.
    Programs' secrets wait for one another at `secret_checks`, people's passwords at `password_checks`.
    """

    settings: Settings
    addresses: Addresses
    clock: Clock
    new_id: NewId
    estate: Estate
    state: StateStore
    logs: LogStore
    collection: Collection
    directory: Directory
    tokens: Tokens
    sign_ins: SignIns
    roles: Roles
    workspaces: Workspaces
    detections: Detections
    periodic: Periodic
    metrics: Metrics
    operations: Operations
    audit: Audit
    automation: Automation
    operation_log: OperationLog
    policies: PolicyEngine
    resource_logs: ResourceLogRouting
    wall_clock: Clock = field(default_factory=SystemClock)
    started: datetime = field(default_factory=SystemClock().now)
    stopping: Event = field(default_factory=Event)
    queries: QueryRunner = field(default_factory=QueryRunner)
    secret_checks: SecretChecks = field(default_factory=SecretChecks)
    password_checks: SecretChecks = field(default_factory=SecretChecks)
    identity_header: str = field(default_factory=partial(token_urlsafe, 32), repr=False)
