"""Work for a client that may go away: it is given up when the connection closes."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import anyio
from starlette.requests import ClientDisconnect, Request

from vedette.engine.cancellation import Cancellation

T = TypeVar("T")


async def while_connected(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    """The result of `work`, which is cancelled when the client leaves; then ClientDisconnect is raised. The request's
    body must have been read."""
    outcome: list[T] = []
    failure: list[Exception] = []
    async with anyio.create_task_group() as group:
        group.start_soon(_until_gone, request, group.cancel_scope)
        try:
            outcome.append(await work())
        except Exception as error:  # carried out of the task group, which would wrap it
            failure.append(error)
        group.cancel_scope.cancel()
    if failure:
        raise failure[0]
    if not outcome:
        raise ClientDisconnect
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
