"""What the server does while it serves: rules as they fall due, and its own periodic work."""

import asyncio
import threading
from contextlib import suppress

import structlog
from anyio.to_thread import run_sync

from vedette.api.services import Services
from vedette.core.clock import VirtualClock

_LOOK = 0.2  # seconds between looks for playbooks that were started
_TICK = 1.0  # seconds between looks for work

log = structlog.get_logger("vedette.server")


async def run_rules(services: Services, stop: asyncio.Event) -> None:
    """Run the rules as they fall due until `stop`; a virtual clock runs them when it is moved."""
    if isinstance(services.clock, VirtualClock):
        return
    ended = threading.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_sync(services.detections.serve, ended, abandon_on_cancel=True))
        try:
            await stop.wait()
        finally:
            ended.set()


async def run_periodic(services: Services, stop: asyncio.Event) -> None:
    """Do the server's own periodic work until `stop`; a virtual clock does it when it is moved."""
    while not stop.is_set() and not isinstance(services.clock, VirtualClock):
        now = services.clock.now()
        due = services.periodic.next_due()
        if due is not None and due <= now:
            await run_sync(services.periodic.run_due, now, abandon_on_cancel=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _TICK)


def _go_on_with_automation(services: Services) -> None:
    due = services.automation.next_due()
    if due is not None and due <= services.clock.now():
        services.automation.run_due(wait=False)


async def run_automation(services: Services, stop: asyncio.Event) -> None:
    """Carry out automation rules and playbooks as they fall due until `stop`, under a virtual clock too."""
    while not stop.is_set():
        try:
            await run_sync(_go_on_with_automation, services, abandon_on_cancel=True)
        except Exception:
            log.exception("automation failed; it is tried again")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK)
