"""The composition root: settings → state → logs → engine → services → app, and the life of the process around them."""

import asyncio
import json
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
import uvicorn
import uvloop
from anyio.to_thread import run_sync
from starlette.applications import Starlette

from vedette.access.addresses import Addresses, make_addresses
from vedette.access.certificates import Certificates, ensure_certificates
from vedette.access.data_directory import DataDirectoryLock, make_data_directory, write_whole
from vedette.access.directory import Directory
from vedette.access.estate import Estate, ensure_estate
from vedette.access.role_definitions import MONITORING_METRICS_PUBLISHER, OWNER
from vedette.access.roles import Roles
from vedette.access.tokens import Tokens, ensure_signing_key
from vedette.access.workspaces import StoredWorkspaces, has_first_workspace, make_first_workspace
from vedette.agents.sockets import addresses_of, bind_syslog, syslog_workspace
from vedette.agents.syslog_listener import SyslogListener, SyslogSockets
from vedette.api.app import make_app
from vedette.api.arm import arm_context
from vedette.api.clock import resume
from vedette.api.gauges import add_gauges
from vedette.api.metrics import make_metrics_app
from vedette.api.proxy import Proxy
from vedette.api.query_log import QueryLog
from vedette.api.query_running import QueryRunner
from vedette.api.services import Services
from vedette.arm.operations import Operations
from vedette.core.clock import Clock, SystemClock, VirtualClock
from vedette.core.errors import InvalidInput, NotFound, Unavailable, VedetteError
from vedette.core.ids import new_id
from vedette.core.metrics import Described, Metrics
from vedette.core.periodic import Periodic
from vedette.core.settings import Settings
from vedette.demo.load import load as load_demo
from vedette.detect.engine import Detections
from vedette.engine.duckdb import DuckDBEngine
from vedette.log_management.heartbeat import EVERY as HEARTBEAT_EVERY
from vedette.log_management.heartbeat import Heartbeats
from vedette.log_management.operation import OperationLog
from vedette.log_management.queued_rows import QueuedRows
from vedette.log_management.usage import HOUR, UsageReport
from vedette.logging_setup import set_up_logging
from vedette.logs.collection import Collection
from vedette.logs.retention import EVERY as RETENTION_EVERY
from vedette.logs.retention import apply_retention
from vedette.logs.store import LogStore
from vedette.sentinel.deleted_workspaces import purge_expired
from vedette.sentinel.onboarding_states import onboard
from vedette.sentinel.operations import operation_works
from vedette.state.store import StateStore

READY_NAME = "ready.json"  # in the data directory, for the command line's own use

_LOOPBACK = "127.0.0.1"
_SYSLOG_MESSAGES = Described(
    "syslog_messages", "Messages that came by syslog, by what became of them.", "messages", ("outcome",)
)
_OWN_ROWS_EVERY = timedelta(seconds=10)
_TICK = 1.0  # seconds between looks for work, such as a rule that was made or changed meanwhile
_CLOSING_GRACE = 1.0  # seconds that idle connections are given to end
_PURGING = timedelta(hours=1)  # between looks for deleted workspaces that can no longer be recovered
_GRACE = 1.5  # seconds that queries are given at the end before they are stopped
_QUERIES_GRACE = 0.7  # seconds that stopped queries are waited for
_REQUESTS_GRACE = 3  # seconds that requests are given, answering for a stopped query included
_EXIT_DEADLINE = 4.5  # seconds from the signal; whatever still runs then is cut off, as by kill -9

log = structlog.get_logger("vedette.server")

Ready = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Sockets:
    https: socket.socket
    http: socket.socket
    proxy: socket.socket
    metrics: socket.socket | None
    syslog: SyslogSockets


def serve(settings: Settings, on_ready: Callable[[Ready], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT; call from the main thread. `on_ready` is given what the ready file holds.

    Raises VedetteError for what stops the server from starting: a data directory or port in use, a damaged file.
    """
    set_up_logging(settings.log_level, settings.log_format)
    os.umask(0o077)  # what the database engines write is its owner's only, as the rest
    _check_ready_file(settings.ready_file)
    make_data_directory(settings.data)
    lock = DataDirectoryLock(settings.data)
    try:
        _remove_ready_files(settings)  # those of a server that was killed
        with ExitStack() as sockets, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            bound = _bind_all(settings, sockets)
            addresses = _addresses(settings, bound)
            certificates = ensure_certificates(settings.data / "tls", settings.host, SystemClock().now())
            lock.announce(addresses.https)
            with compose(settings, addresses) as services:
                runner.run(_serve(services, bound, certificates, on_ready))
    except BaseExceptionGroup as group:
        told = group.subgroup(VedetteError)
        raise (group if told is None else told.exceptions[0]) from None
    finally:
        lock.release()


@contextmanager
def compose(settings: Settings, addresses: Addresses) -> Iterator[Services]:
    """Every part of the server over one data directory, wired; closed again in the opposite order."""
    system = SystemClock()
    clock: Clock = VirtualClock(system.now()) if settings.virtual_clock else system
    estate = ensure_estate(settings.data / "estate.json", new_id)
    metrics = Metrics()
    with ExitStack() as parts:
        state = StateStore(f"sqlite:///{(settings.data / 'state.db').absolute()}", clock, new_id)
        parts.callback(state.close)
        if isinstance(clock, VirtualClock):
            resume(clock, state)
        engine = DuckDBEngine(
            settings.data / "logs.duckdb",
            ip_database=settings.ip_database,
            checkpoint_took=metrics.checkpoint_seconds.observe,
        )
        parts.callback(engine.close)
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
        directory, roles = Directory(state, estate.tenant_id, system), Roles(state)
        _ensure_first_client(estate, directory, roles)
        operations = Operations(state, clock, new_id)
        parts.callback(operations.stop)
        periodic, own_rows = Periodic(clock), QueuedRows(logs, metrics)
        parts.callback(own_rows.flush)
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
                ensure_signing_key(settings.data / "tokens.key"), estate.tenant_id, system, new_id, addresses
            ),
            roles=roles,
            workspaces=workspaces,
            detections=Detections(state, logs, clock, workspaces, metrics),
            periodic=periodic,
            metrics=metrics,
            operations=operations,
            operation_log=OperationLog(own_rows, clock),
            wall_clock=system,
            queries=QueryRunner(settings.query_rate),
        )
        add_gauges(services)
        services.periodic.add(
            "delete expired workspaces", _PURGING, lambda now: purge_expired(arm_context(services), now)
        )
        operations.serve(operation_works(arm_context(services)))
        services.periodic.add("retention", RETENTION_EVERY, partial(apply_retention, logs))
        services.periodic.add("forget operations", timedelta(days=1), operations.forget)
        _keep_own_tables(services, own_rows)
        yield services


def _keep_own_tables(services: Services, rows: QueuedRows) -> None:
    """Have the tables filled that the server fills of its own account. What a minute brings is stored in one go."""
    usage = UsageReport(services.logs, services.workspaces)
    heartbeats = Heartbeats(rows, services.workspaces, services.settings.host)
    services.periodic.add("heartbeat", HEARTBEAT_EVERY, heartbeats.beat)
    services.periodic.add("own rows", _OWN_ROWS_EVERY, lambda _at: rows.flush())
    services.periodic.add("usage", HOUR, usage.report)
    if services.settings.query_log:
        services.logs.queries.on_end = QueryLog(rows, services.workspaces).ended


def _ensure_first_client(estate: Estate, directory: Directory, roles: Roles) -> None:
    principal = directory.ensure_service_principal(
        application_id=estate.client_id,
        object_id=estate.client_object_id,
        name="vedette-owner",
        secret=estate.client_secret,
    )
    roles.assign(principal, OWNER, estate.subscription_resource_id)
    roles.assign(principal, MONITORING_METRICS_PUBLISHER, estate.subscription_resource_id)  # Owner has no data actions


async def _serve(
    services: Services, bound: _Sockets, certificates: Certificates, on_ready: Callable[[Ready], None] | None
) -> None:
    """Listen, say so, run rules, and stop in order when told to."""
    stop = _stop_on_signals()
    app = make_app(services)
    listeners = [(_listener(app, certificates), bound.https), (_listener(app, None), bound.http)]
    if bound.metrics is not None:
        listeners.append((_listener(make_metrics_app(services.metrics), None), bound.metrics))
    upstream = (_upstream_host(services.settings.host), bound.https.getsockname()[1])
    proxy = Proxy(services.addresses, upstream)
    async with asyncio.TaskGroup() as tasks:
        serving = {tasks.create_task(listener.serve(sockets=[sock])) for listener, sock in listeners}
        for listener, _ in listeners:
            await listener.listening.wait()
        await proxy.start(bound.proxy)
        syslog = await _listen_for_syslog(services, bound.syslog, certificates)
        if services.settings.demo:
            await run_sync(_load_demo, services)
        with _ready_files(
            services, _ready(services, certificates, bound.metrics) | addresses_of(bound.syslog), on_ready
        ):
            working = {tasks.create_task(_run_rules(services, stop)), tasks.create_task(_run_periodic(services, stop))}
            await stop.wait()
            log.info("stopping")
        proxy.stop_listening()
        for listener, _ in listeners:
            listener.should_exit = True
        if syslog is not None:
            await syslog.stop()
        await asyncio.wait({*working, *serving}, timeout=_GRACE)
        services.operations.halt()
        services.logs.stop_queries()
        await asyncio.wait(serving, timeout=_QUERIES_GRACE)
        services.stopping.set()
        await asyncio.wait(serving)
        await proxy.close()
        for task in working:
            task.cancel()


async def _listen_for_syslog(
    services: Services, sockets: SyslogSockets, certificates: Certificates
) -> SyslogListener | None:
    """The listener, started; None where no syslog is asked for."""
    settings = services.settings.syslog
    if not (settings.address or settings.tls_address):
        return None
    workspace = syslog_workspace(settings, services.workspaces, services.estate.workspace_id)
    listener = SyslogListener(
        partial(services.logs.append, workspace.id, way="syslog"), services.clock, settings.resource_id
    )
    await listener.start(sockets, _tls_context(certificates, settings.client_ca))
    listener.add_periodic(services.periodic)
    services.metrics.gauge(_SYSLOG_MESSAGES, listener.outcomes, grows=True)
    return listener


def _load_demo(services: Services) -> None:
    """Put the demo into the workspace as the first principal; an earlier start may have done so."""
    principal = services.directory.service_principal(services.estate.client_id)
    if principal is None:
        raise NotFound("NotFound", "The first principal is gone from the directory; the demo is loaded in its name.")
    loaded = load_demo(arm_context(services), services.logs, principal)
    if loaded.loaded:
        log.info("demo loaded", events=sum(loaded.events.values()), rules=len(loaded.rules))


class _Listener(uvicorn.Server):
    """A uvicorn server that leaves signals alone, for two of them share this process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: `_stop_on_signals` has them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle and wait for requests; a client that does not answer the closing is left behind."""
        asyncio.get_running_loop().call_later(_CLOSING_GRACE, self._abort_idle)
        await super().shutdown(sockets)

    def _abort_idle(self) -> None:
        """Over TLS the other side has to agree to an end, which one that only keeps a connection open never does."""
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is None or cycle.response_complete:
                connection.transport.abort()


def _listener(app: Starlette, certificates: Certificates | None) -> _Listener:
    context = None if certificates is None else _https_context(certificates)
    return _Listener(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_REQUESTS_GRACE,
            ssl_context_factory=None if context is None else lambda _config, _default: context,
        )
    )


def _https_context(certificates: Certificates) -> ssl.SSLContext:
    context = _tls_context(certificates, client_ca=None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _tls_context(certificates: Certificates, client_ca: Path | None) -> ssl.SSLContext:
    """Raises InvalidInput for a `client_ca` that holds no certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificates.certificate, certificates.key)
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except OSError as error:
            raise InvalidInput("InvalidCertificates", f"'{client_ca}' holds no certificates: {error}.") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()

    def begin_to_stop() -> None:
        if not stop.is_set():
            _start_exit_deadline()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, begin_to_stop)
    return stop


def _start_exit_deadline() -> None:
    """Cut the process off if threads that cannot be interrupted hold it up; what was acknowledged is on disk."""

    def cut_off() -> None:
        log.warning("stopped without waiting for work in progress")
        os._exit(0)

    deadline = threading.Timer(_EXIT_DEADLINE, cut_off)
    deadline.daemon = True
    deadline.start()


async def _run_rules(services: Services, stop: asyncio.Event) -> None:
    """Run the rules as they fall due until `stop`; a virtual clock runs them when it is moved."""
    while not stop.is_set() and not isinstance(services.clock, VirtualClock):
        try:
            due = await run_sync(_run_due_rules, services, abandon_on_cancel=True)
        except Exception:
            log.exception("running the rules failed; it is tried again")
            due = None
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _until(due, services.clock.now()))


async def _run_periodic(services: Services, stop: asyncio.Event) -> None:
    """Do the server's own periodic work until `stop`; a virtual clock does it when it is moved."""
    while not stop.is_set() and not isinstance(services.clock, VirtualClock):
        now = services.clock.now()
        due = services.periodic.next_due()
        if due is not None and due <= now:
            await run_sync(services.periodic.run_due, now, abandon_on_cancel=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _TICK)


def _run_due_rules(services: Services) -> datetime | None:
    """Run what is due now, and say when the next rule is."""
    now = services.clock.now()
    due = services.detections.next_due()
    if due is None or due > now:
        return due
    services.detections.run_due(now)
    return services.detections.next_due()


def _until(due: datetime | None, now: datetime) -> float:
    seconds = _TICK if due is None else (due - now).total_seconds()
    return min(max(seconds, 0.05), _TICK)


@contextmanager
def _ready_files(services: Services, ready: Ready, on_ready: Callable[[Ready], None] | None) -> Iterator[None]:
    """The ready files, there for exactly as long as the server answers."""
    try:
        for path in _ready_paths(services.settings):
            write_whole(path, json.dumps(ready, indent=2).encode())
        if on_ready is not None:
            on_ready(ready)
        yield
    finally:
        _remove_ready_files(services.settings)


def _ready_paths(settings: Settings) -> list[Path]:
    named = [] if settings.ready_file is None else [settings.ready_file]
    return [settings.data / READY_NAME, *named]


def _remove_ready_files(settings: Settings) -> None:
    for path in _ready_paths(settings):
        path.unlink(missing_ok=True)


def _ready(services: Services, certificates: Certificates, metrics: socket.socket | None) -> Ready:
    estate = services.estate
    first = services.workspaces.by_resource_id(estate.workspace_resource_id)
    return {
        "https": services.addresses.https,
        "http": services.addresses.http,
        "proxy": services.addresses.proxy,
        "ca": str(certificates.ca.absolute()),
        "tenant_id": estate.tenant_id,
        "subscription_id": estate.subscription_id,
        "resource_group": estate.resource_group,
        "workspace_name": estate.workspace_name,
        "workspace_id": estate.workspace_id,
        "primary_shared_key": first.primary_key if first else "",
        "secondary_shared_key": first.secondary_key if first else "",
        "client_id": estate.client_id,
        "client_secret": estate.client_secret,
        **({} if metrics is None else {"metrics": _metrics_url(metrics)}),
    }


def _metrics_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"


def _check_ready_file(path: Path | None) -> None:
    """Raises InvalidInput where the ready file could not be written, before anything is started."""
    if path is not None and not os.access(path.parent, os.W_OK | os.X_OK):
        raise InvalidInput(
            "ReadyFileUnwritable",
            f"The ready file '{path}' cannot be written: '{path.parent}' is no writable directory.",
        )


def _bind_all(settings: Settings, sockets: ExitStack) -> _Sockets:
    """The three listeners' sockets, bound and not yet listening, so that nobody connects before there is an answer."""
    return _Sockets(
        https=sockets.enter_context(_bind(settings.host, settings.port)),
        http=sockets.enter_context(_bind(_LOOPBACK, 0)),
        proxy=sockets.enter_context(_bind(_LOOPBACK, 0)),
        metrics=None if settings.metrics is None else sockets.enter_context(_bind(*settings.metrics)),
        syslog=bind_syslog(settings.syslog, sockets),
    )


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise Unavailable("AddressUnknown", f"'{host}' is not an address of this machine: {error.strerror}.") from error
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise Unavailable(
            "AddressInUse",
            f"Cannot listen on {host} port {port}: {error.strerror}. "
            "Choose another with --host and --port (0 picks a free port).",
        ) from error
    return bound


def _addresses(settings: Settings, bound: _Sockets) -> Addresses:
    return make_addresses(
        settings.host,
        https_port=bound.https.getsockname()[1],
        http_port=bound.http.getsockname()[1],
        proxy_port=bound.proxy.getsockname()[1],
    )


def _upstream_host(host: str) -> str:
    """Where the proxy finds the TLS listener."""
    return {"0.0.0.0": _LOOPBACK, "::": "::1"}.get(host, host.strip("[]"))
