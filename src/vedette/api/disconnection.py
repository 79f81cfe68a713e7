"""Work for a client that may go away: it is given up when the connection closes."""

from collections.abc import Awaitable, Callable
from functools import partial
from threading import Event
from typing import TypeVar

import anyio
from starlette.requests import ClientDisconnect, Request

from vedette.core.errors import Unavailable
from vedette.engine.cancellation import Cancellation

_NOTICED_WITHIN = 0.1  # seconds

T = TypeVar("T")


async def while_connected(request: Request, stopping: Event, work: Callable[[], Awaitable[T]]) -> T:
    """The result of `work`, which is cancelled when the client leaves; then ClientDisconnect is raised. The request's
    body must have been read. Raises Unavailable (QueryCancelled) once the server no longer waits for queries: an engine
    may take longer to notice that it is interrupted than a server has time to stop."""
    outcome: list[T] = []
    failure: list[Exception] = []
    async with anyio.create_task_group() as group:
        group.start_soon(_until_gone, request, group.cancel_scope)
        group.start_soon(_until_stopping, stopping, group.cancel_scope)
        try:
            outcome.append(await work())
        except Exception as error:  # carried out of the task group, which would wrap it
            failure.append(error)
        group.cancel_scope.cancel()
    if failure:
        raise failure[0]
    if not outcome:
        raise Unavailable("QueryCancelled", "The server is stopping.") if stopping.is_set() else ClientDisconnect
    return outcome[0]


async def in_thread(work: Callable[[Cancellation], T], limiter: anyio.CapacityLimiter) -> T:
    """Run `work` in a worker thread; when the task is cancelled, so is the query that runs there."""
    cancellation = Cancellation()
    try:
        return await anyio.to_thread.run_sync(partial(work, cancellation), limiter=limiter, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        cancellation.cancel()
        raise


async def _until_gone(request: Request, scope: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _until_stopping(stopping: Event, scope: anyio.CancelScope) -> None:
    while not stopping.is_set():
        await anyio.sleep(_NOTICED_WITHIN)
    scope.cancel()
