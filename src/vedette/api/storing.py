"""Hands the rows that a handler has read to the log store, table by table, and waits until they are durable."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial

from starlette.requests import Request

from vedette.access.workspaces import Workspace
from vedette.api.services import Services
from vedette.formats.rows import Row, TableRow
from vedette.logs.known_requests import RequestId


def sent_as(request: Request, body: bytes) -> RequestId | None:
    """The id that the sender gave its request, so that sending it again stores nothing twice."""
    id = request.headers.get("x-ms-client-request-id", "").strip()
    return RequestId.of(f"{request.url.path}/{id}", body) if id else None


def append_rows(
    services: Services, workspace: Workspace, rows: Iterable[TableRow], request_id: RequestId | None, way: str
) -> list[Future[None]]:
    """Hand rows of any tables to the log store. Raises what `LogStore.append` raises."""
    tables: dict[str, list[Row]] = {}
    for each in rows:
        tables.setdefault(each.table, []).append(each.row)
    append = partial(services.logs.append, workspace.id, request_id=request_id, way=way)
    return [append(table, of_table) for table, of_table in tables.items()]


async def durable(stored: Iterable[Future[None]]) -> None:
    """Return once all are on the disk."""
    await asyncio.gather(*(asyncio.wrap_future(each) for each in stored))
