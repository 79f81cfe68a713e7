"""The virtual clock over HTTP: read it, move it, and have the rules that fall due on the way run before the reply."""

from datetime import UTC, datetime, timedelta

import orjson
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.authentication import authenticate, authorize
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.core.clock import VirtualClock
from vedette.core.durations import parse_duration
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.state.store import StateStore

_STOOD = "virtual clock"  # the fact that says where the clock stood


def routes(services: Services) -> list[BaseRoute]:
    """GET reads the clock, which any caller may; POST moves it. Both exist only under --virtual-clock. One move waits
    for the one before."""
    moving = CapacityLimiter(1)

    async def read(request: Request) -> Response:
        await authenticate(request, services)
        return _told(_virtual(services))

    async def move(request: Request) -> Response:
        principal = await authenticate(request, services)
        authorize(services, principal, action="Vedette/clock/write", scope=services.estate.subscription_resource_id)
        clock = _virtual(services)
        body = await read_body(request, MEGABYTE)
        await run_sync(_move, services, clock, body, limiter=moving)
        return _told(clock)

    return [
        Route("/vedette/clock", read, methods=["GET"]),
        Route("/vedette/clock", move, methods=["POST"]),
    ]


def resume(clock: VirtualClock, state: StateStore) -> None:
    """Take the clock to where it stood when the server last stopped, if that is later."""
    with state.transaction() as transaction:
        stood = transaction.get_value(_STOOD)
    if stood is not None:
        clock.set(datetime.fromisoformat(stood))


def _move(services: Services, clock: VirtualClock, body: bytes) -> None:
    _advance(services, clock, moved(body, clock.now()))
    services.periodic.run_due(clock.now())
    with services.state.transaction() as transaction:
        transaction.set_value(_STOOD, clock.now().isoformat())


def move_by(services: Services, step: timedelta) -> None:
    """Move a virtual clock, and do on the way what falls due."""
    clock = _virtual(services)
    _advance(services, clock, clock.now() + step)
    services.periodic.run_due(clock.now())


def _advance(services: Services, clock: VirtualClock, target: datetime) -> None:
    """Go to `target` by way of every instant at which a rule or a playbook is due, doing there what is."""
    while True:
        services.automation.run_due()
        own = services.automation.next_due()
        if own is not None and own <= clock.now():
            own = None  # it was tried just now, and goes on in another thread or not at all
        instants = (services.detections.next_due(), own)
        due = min((each for each in instants if each is not None and each <= target), default=None)
        services.detections.advance_to(clock, target if due is None else max(due, clock.now()))
        if due is None:
            services.automation.run_due()
            return


def moved(body: bytes, now: datetime) -> datetime:
    """Where `{"advance": "PT5M"}` or `{"set": "2024-01-01T00:00:00Z"}` moves the clock from `now`.

    Raises InvalidInput for anything else, and for an instant in the past: the clock does not run backwards.
    """
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidRequestContent", f"The body is not JSON: {error}.") from error
    match told:
        case {"advance": str(duration), **rest} if not rest:
            return _later(now, duration)
        case {"set": str(instant), **rest} if not rest:
            return _not_before(now, instant)
        case _:
            raise InvalidInput(
                "InvalidRequestContent",
                'The body must be {"advance": "<ISO 8601 duration>"} or {"set": "<ISO 8601 instant>"}.',
            )


def _later(now: datetime, duration: str) -> datetime:
    try:
        return now + parse_duration(duration)
    except OverflowError as error:
        raise InvalidInput("InvalidDuration", f"The duration '{duration}' leads past the end of time.") from error


def _not_before(now: datetime, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("InvalidInstant", f"'{text}' is not an ISO 8601 instant.") from error
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    if instant < now:
        raise InvalidInput("InvalidInstant", f"The clock is at {now.isoformat()} and does not run backwards.")
    return instant


def _virtual(services: Services) -> VirtualClock:
    if not isinstance(services.clock, VirtualClock):
        raise NotFound(
            "NotFound", "The clock can be read and moved only when the server is started with --virtual-clock."
        )
    return services.clock


def _told(clock: VirtualClock) -> Response:
    return JsonResponse({"now": arm_time(clock.now())})
