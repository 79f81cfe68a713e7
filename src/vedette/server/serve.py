"""The life of the process: lock, listen, say so, work, and stop in order when told to."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack

import structlog
import uvloop
from anyio.to_thread import run_sync

from vedette.access.certificates import Certificates, ensure_certificates
from vedette.access.data_directory import DataDirectoryLock, make_data_directory
from vedette.access.directory_changes import DirectoryChanges
from vedette.agents.sockets import addresses_of
from vedette.api.app import make_app
from vedette.api.arm_context import arm_context
from vedette.api.metrics import make_metrics_app
from vedette.api.proxy import Proxy
from vedette.api.services import Services
from vedette.core.clock import SystemClock
from vedette.core.errors import NotFound, VedetteError
from vedette.core.settings import Settings
from vedette.demo.load import load as load_demo
from vedette.demo.people import add_people
from vedette.logging_setup import set_up_logging
from vedette.server.allocator import give_back_memory, keep_pools_few
from vedette.server.composition import compose
from vedette.server.credential_mode import check_credential_mode
from vedette.server.listeners import make_listener
from vedette.server.own_work import run_automation, run_periodic, run_rules
from vedette.server.ready_files import Ready, check_ready_file, ready_files, ready_of, remove_ready_files
from vedette.server.sockets import Sockets, addresses_of_server, bind_all, upstream_host
from vedette.server.syslog import listen_for_syslog

_GRACE = 1.5  # seconds that queries are given at the end before they are stopped
_QUERIES_GRACE = 0.7  # seconds that stopped queries are waited for
_EXIT_DEADLINE = 4.5  # seconds from the signal; whatever still runs then is cut off, as by kill -9

log = structlog.get_logger("vedette.server")


def serve(settings: Settings, on_ready: Callable[[Ready], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT; call from the main thread. `on_ready` is given what the ready file holds.

    Raises VedetteError for what stops the server from starting: a data directory or port in use, a damaged file.
    """
    keep_pools_few()
    set_up_logging(settings.log_level, settings.log_format)
    os.umask(0o077)  # what the database engines write is its owner's only, as the rest
    check_ready_file(settings.ready_file)
    check_credential_mode(settings)
    make_data_directory(settings.data)
    lock = DataDirectoryLock(settings.data)
    try:
        remove_ready_files(settings)  # those of a server that was killed
        with ExitStack() as sockets, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            bound = bind_all(settings, sockets)
            addresses = addresses_of_server(settings, bound)
            certificates = ensure_certificates(settings.data / "tls", settings.host, SystemClock().now())
            lock.announce(addresses.https)
            with compose(settings, addresses) as services:
                runner.run(_serve(services, bound, certificates, on_ready))
    except BaseExceptionGroup as group:
        told = group.subgroup(VedetteError)
        raise (group if told is None else told.exceptions[0]) from None
    finally:
        lock.release()


async def _serve(
    services: Services, bound: Sockets, certificates: Certificates, on_ready: Callable[[Ready], None] | None
) -> None:
    """Listen, say so, run rules, and stop in order when told to."""
    stop = _stop_on_signals()
    app = make_app(services)
    listeners = [(make_listener(app, certificates), bound.https), (make_listener(app, None), bound.http)]
    if bound.metrics is not None:
        listeners.append((make_listener(make_metrics_app(services.metrics), None), bound.metrics))
    upstream = (upstream_host(services.settings.host), bound.https.getsockname()[1])
    proxy = Proxy(services.addresses, upstream)
    async with asyncio.TaskGroup() as tasks:
        serving = {tasks.create_task(listener.serve(sockets=[sock])) for listener, sock in listeners}
        for listener, _ in listeners:
            await listener.listening.wait()
        await proxy.start(bound.proxy)
        syslog = await listen_for_syslog(services, bound.syslog, certificates)
        people = await run_sync(_load_demo, services) if services.settings.demo else {}
        with ready_files(
            services, ready_of(services, certificates, bound.metrics) | addresses_of(bound.syslog) | people, on_ready
        ):
            returning = (
                run_rules(services, stop),
                run_automation(services, stop),
                run_periodic(services, stop),
                give_back_memory(stop),
            )
            working = {tasks.create_task(each) for each in returning}
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


def _load_demo(services: Services) -> Ready:
    """Put the demo into the workspace as the first principal, and its people into the directory; an earlier start may
    have done so. Gives what the ready file says of it."""
    principal = services.directory.service_principal(services.estate.client_id)
    if principal is None:
        raise NotFound("NotFound", "The first principal is gone from the directory; the demo is loaded in its name.")
    loaded = load_demo(arm_context(services), services.logs, principal)
    if loaded.loaded:
        log.info("demo loaded", events=sum(loaded.events.values()), rules=len(loaded.rules))
    changes = DirectoryChanges(
        services.state, services.directory, services.sign_ins.sessions, services.estate, services.new_id
    )
    people = add_people(changes, services.roles, services.settings.data)
    return {"demo_people": str(people.absolute())}


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
