"""The composition root: settings → state → logs → engine → services, wired; nothing is global."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from threading import Event

from vedette.access.addresses import Addresses
from vedette.access.app_roles import ensure_graph, has_graph
from vedette.access.directory import Directory
from vedette.access.directory_objects import time_text
from vedette.access.directory_upgrade import upgrade_directory
from vedette.access.estate import Estate, ensure_estate
from vedette.access.external_issuers import ExternalIssuers
from vedette.access.local_identities import ensure_local_identities
from vedette.access.role_definitions import MONITORING_METRICS_PUBLISHER, OWNER
from vedette.access.roles import Roles
from vedette.access.sessions import Sessions
from vedette.access.sign_ins import SignIns
from vedette.access.signing_keys import SigningKeys
from vedette.access.tokens import Tokens
from vedette.access.workspaces import StoredWorkspaces, has_first_workspace, make_first_workspace
from vedette.api.arm_context import arm_context
from vedette.api.clock import resume
from vedette.api.gauges import add_gauges
from vedette.api.graph_subscriptions import reach_of
from vedette.api.own_calls import own_calls
from vedette.api.query_log import QueryLog
from vedette.api.query_running import QueryRunner
from vedette.api.services import Services
from vedette.arm.operations import Operations
from vedette.automation.work import Automation
from vedette.automation.workflows.effects import Parts as AutomationParts
from vedette.core.clock import Clock, SystemClock, VirtualClock
from vedette.core.ids import new_id
from vedette.core.metrics import Metrics
from vedette.core.periodic import Periodic
from vedette.core.settings import Settings
from vedette.detect.behavior_analytics import BehaviorAnalytics
from vedette.detect.engine import Detections
from vedette.detect.fusion import Fusion
from vedette.detect.product_alerts import ProductAlerts
from vedette.detect.rule_kind import RuleKind
from vedette.engine.duckdb import DuckDBEngine
from vedette.engine.limits import Limits
from vedette.graph_security.delivery import Delivery
from vedette.graph_security.notices import Notices
from vedette.intelligence.matching import Matching
from vedette.intelligence.taxii_polling import TaxiiPolling
from vedette.intelligence.upkeep import EXPIRY_EVERY, REFRESH_EVERY, Upkeep
from vedette.log_management.audit import Audit
from vedette.log_management.checkpoints import CHECKPOINT_FILE, Checkpoints
from vedette.log_management.heartbeat import EVERY as HEARTBEAT_EVERY
from vedette.log_management.heartbeat import Heartbeats
from vedette.log_management.operation import OperationLog
from vedette.log_management.queued_rows import QueuedRows
from vedette.log_management.resource_log_routing import ResourceLogRouting
from vedette.log_management.summaries import EVERY as SUMMARIES_EVERY
from vedette.log_management.summaries import Summaries
from vedette.log_management.usage import HOUR, UsageReport
from vedette.logs.collection import Collection
from vedette.logs.retention import EVERY as RETENTION_EVERY
from vedette.logs.retention import apply_retention
from vedette.logs.store import LogStore
from vedette.sentinel.defender.exports import CALLS_EVERY, Exports
from vedette.sentinel.defender.exports import EVERY as EXPORTS_EVERY
from vedette.sentinel.deleted_workspaces import purge_expired
from vedette.sentinel.deployment_scripts import forget_scripts
from vedette.sentinel.kept_secrets import secrets_of
from vedette.sentinel.onboarding_states import onboard
from vedette.sentinel.operations import APART, operation_works
from vedette.sentinel.policies.engine import EVERY as POLICIES_EVERY
from vedette.sentinel.policies.engine import LANES, PolicyEngine
from vedette.sentinel.rule_runs import rule_run_works
from vedette.sentinel.watchlist_work import EVERY as WATCHLISTS_EVERY
from vedette.sentinel.watchlist_work import refresh as refresh_watchlists
from vedette.server.state_place import open_state
from vedette.state.audit_chain import AuditChain
from vedette.state.audit_key import KEY_FILE, ensure_audit_key
from vedette.state.store import StateStore, Transaction

_OWN_ROWS_EVERY = timedelta(seconds=10)
_CAPS_EVERY = timedelta(minutes=1)
_PURGING = timedelta(hours=1)  # between looks for deleted workspaces that can no longer be recovered


@contextmanager
def compose(settings: Settings, addresses: Addresses) -> Iterator[Services]:
    """Every part of the server over one data directory, wired; closed again in the opposite order."""
    system = SystemClock()
    clock: Clock = VirtualClock(system.now()) if settings.virtual_clock else system
    estate = ensure_estate(settings.data / "estate.json", new_id)
    metrics = Metrics()
    with ExitStack() as parts:
        state = open_state(settings, clock, new_id)
        parts.callback(state.close)
        if isinstance(clock, VirtualClock):
            resume(clock, state)
        engine = DuckDBEngine(
            settings.data / "logs.duckdb",
            memory_limit=settings.memory_limit,
            ip_database=settings.ip_database,
            checkpoint_took=metrics.checkpoint_seconds.observe,
        )
        parts.callback(engine.close)
        chain = AuditChain(ensure_audit_key(settings.data / KEY_FILE))
        checkpoint = settings.data / CHECKPOINT_FILE
        checkpoints = Checkpoints(checkpoint, state, chain)
        parts.callback(checkpoints.note)
        audit = Audit(state, chain, clock, StoredWorkspaces(state), checkpoint)
        state.committing = audit.committing
        logs = LogStore(
            engine,
            clock,
            state,
            has_ip_database=settings.ip_database is not None,
            external=settings.external_data,
            metrics=metrics,
        )
        parts.callback(logs.close)
        if not has_first_workspace(state):
            onboard(state, estate.workspace_resource_id)
            make_first_workspace(state, estate, clock)
        workspaces = StoredWorkspaces(state)
        for workspace in workspaces.all():
            logs.create_workspace(workspace.id, workspace.name, workspace.resource_id)
        logs.apply_outbox()
        state.deliver = logs.apply_outbox
        notices = Notices(workspaces, estate.workspace_id, clock, new_id)
        state.committing = partial(_committing, None, None, notices, audit)
        directory = Directory(state, estate.tenant_id, system)
        roles = Roles(state, groups_of=directory.groups_of, type_of=directory.principal_type)
        upgrade_directory(state, directory)
        _ensure_first_client(estate, state, directory, roles)
        ensure_local_identities(directory, roles, estate)
        anybody = estate.client_object_id if settings.identity.accept_any_credential else ""
        operations = Operations(state, clock, new_id)
        parts.callback(operations.stop)
        periodic, own_rows = Periodic(clock), QueuedRows(logs, metrics)
        parts.callback(own_rows.flush)
        stopping = Event()
        made: list[Services] = []
        automation = Automation(
            AutomationParts(
                state=state,
                logs=logs,
                clock=clock,
                new_id=new_id,
                tenant_id=estate.tenant_id,
                workspaces=workspaces,
                directory=directory,
                roles=roles,
                manage=own_calls(lambda: arm_context(made[0])),
                egress=settings.egress,
                stopping=stopping.is_set,
            )
        )
        parts.callback(automation.close)
        policies = PolicyEngine(state, directory, lambda: arm_context(made[0]))
        parts.callback(policies.stop)
        exports = Exports(state, lambda: arm_context(made[0]))
        limits = Limits(timeout=settings.rules.timeout)
        kinds: list[RuleKind] = [
            Matching(logs),
            ProductAlerts(logs, limits),
            Fusion(logs, state, limits),
            BehaviorAnalytics(logs, limits),
        ]
        detections = Detections(state, logs, clock, workspaces, metrics, kinds=kinds, settings=settings.rules)
        parts.callback(detections.close)
        services = Services(
            settings=settings,
            addresses=addresses,
            clock=clock,
            new_id=new_id,
            estate=estate,
            state=state,
            logs=logs,
            collection=Collection(state, engine, logs, workspaces.id_of, clock),
            directory=directory,
            tokens=Tokens(
                SigningKeys(settings.data / "tokens.key", system),
                directory,
                ExternalIssuers(settings.identity.trusted_issuers, state, directory),
                new_id,
                addresses,
                anybody,
            ),
            sign_ins=SignIns(directory, Sessions(state, estate.tenant_id, system, new_id), anybody),
            roles=roles,
            workspaces=workspaces,
            detections=detections,
            periodic=periodic,
            metrics=metrics,
            operations=operations,
            audit=audit,
            automation=automation,
            operation_log=OperationLog(own_rows, clock),
            policies=policies,
            resource_logs=ResourceLogRouting(state, logs, workspaces, clock),
            wall_clock=system,
            queries=QueryRunner(settings.query_rate),
            stopping=stopping,
        )
        made.append(services)
        state.committing = partial(_committing, exports, policies, notices, audit)
        add_gauges(services)
        services.periodic.add(
            "delete expired workspaces", _PURGING, lambda now: purge_expired(arm_context(services), now)
        )
        services.periodic.add(
            "refresh watchlists", WATCHLISTS_EVERY, lambda now: refresh_watchlists(arm_context(services), now)
        )
        context = arm_context(services)
        works = operation_works(context) | rule_run_works(context, services.detections) | policies.works()
        operations.serve(works, {**APART, **LANES})
        policies.start()
        services.periodic.add("policies", POLICIES_EVERY, policies.sweep)
        services.periodic.add("export snapshots", EXPORTS_EVERY, exports.snapshot)
        services.periodic.add("export calls", CALLS_EVERY, exports.call_again)
        services.periodic.add("forget sessions", timedelta(days=1), services.sign_ins.sessions.forget)
        services.periodic.add("retention", RETENTION_EVERY, partial(apply_retention, logs))
        services.periodic.add(
            "forget deployment scripts", timedelta(hours=1), lambda now: forget_scripts(arm_context(services), now)
        )
        services.periodic.add("forget operations", timedelta(days=1), operations.forget)
        services.periodic.add("audit checkpoint", timedelta(seconds=10), lambda _at: checkpoints.note())
        services.periodic.add("prune the audit", timedelta(days=1), audit.prune)
        services.periodic.add("waiting rows", timedelta(seconds=1), lambda _at: logs.apply_waiting())
        reach = partial(reach_of, services)
        delivery = Delivery(state, settings.egress, clock, new_id, estate.tenant_id, reach)
        parts.callback(delivery.stop)
        services.periodic.add("change notifications", timedelta(seconds=1), delivery.look)
        _keep_own_tables(services, own_rows)
        parts.callback(_keep_intelligence(services).stop)
        yield services


def _committing(
    exports: Exports | None, policies: PolicyEngine | None, notices: Notices, audit: Audit, transaction: Transaction
) -> None:
    """What each transaction does last: export its changes, note what policies look at and whom its changes are told,
    and record them."""
    if exports is not None:
        exports.committing(transaction)
    if policies is not None:
        policies.committing(transaction)
    notices.committing(transaction)
    audit.committing(transaction)


def _keep_own_tables(services: Services, rows: QueuedRows) -> None:
    """Have the tables filled that the server fills of its own account. What a minute brings is stored in one go."""
    usage = UsageReport(services.logs, services.workspaces)
    heartbeats = Heartbeats(rows, services.workspaces, services.settings.host)
    services.periodic.add("heartbeat", HEARTBEAT_EVERY, heartbeats.beat)
    services.periodic.add("own rows", _OWN_ROWS_EVERY, lambda _at: rows.flush())
    summaries = Summaries(services.state, services.logs, services.workspaces)
    services.periodic.add("summary rules", SUMMARIES_EVERY, summaries.run_due)
    services.periodic.add("usage", HOUR, usage.report)
    services.logs.tell_refusals(services.operation_log.rows_refused)
    services.logs.daily_caps.on_change = services.operation_log.collection_turned
    services.periodic.add("daily caps", _CAPS_EVERY, services.logs.daily_caps.look)
    if services.settings.query_log:
        services.logs.queries.on_end = QueryLog(rows, services.workspaces, services.resource_logs).ended


def _keep_intelligence(services: Services) -> TaxiiPolling:
    """Have indicators expire, and feeds polled; what is given must be stopped."""
    state, logs, workspaces = services.state, services.logs, services.workspaces
    upkeep = Upkeep(state, logs, workspaces, services.estate.tenant_id)
    services.periodic.add("expire indicators", EXPIRY_EVERY, upkeep.expire)
    services.periodic.add("refresh indicators", REFRESH_EVERY, upkeep.refresh)
    polling = TaxiiPolling(
        state,
        services.clock,
        workspaces,
        services.estate.tenant_id,
        partial(secrets_of, state),
        services.settings.egress,
        services.new_id,
    )
    services.periodic.add("poll TAXII servers", timedelta(minutes=1), polling.start)
    return polling


def _ensure_first_client(estate: Estate, state: StateStore, directory: Directory, roles: Roles) -> None:
    """Make it once in the life of the data directory: a role that is taken from it stays taken, and where an earlier
    release let it be removed, it stays so. That Graph is there, which is made last and which nobody can remove, says
    that it was made."""
    if has_graph(state, estate.tenant_id):
        return
    principal = directory.ensure_service_principal(
        application_id=estate.client_id,
        object_id=estate.client_object_id,
        name="vedette-owner",
        secret=estate.client_secret,
    )
    roles.assign(principal, OWNER, estate.subscription_resource_id)
    roles.assign(principal, MONITORING_METRICS_PUBLISHER, estate.subscription_resource_id)  # Owner has no data actions
    first = directory.get(principal.object_id)
    if first is not None:
        ensure_graph(state, estate.tenant_id, first, time_text(directory.clock.now()))
