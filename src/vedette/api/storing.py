"""Hands the rows that a handler has read to the log store, those of all tables together, and waits until they are
durable."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future

from starlette.requests import Request

from vedette.access.workspaces import Workspace
from vedette.api.services import Services
from vedette.formats.rows import Row, TableRow
from vedette.logs.known_requests import RequestId


def sent_as(request: Request) -> str | None:
    """What the sender calls its request, within its path; None where it has no name."""
    id = request.headers.get("x-ms-client-request-id", "").strip()
    return f"{request.url.path}/{id}" if id else None


def request_id(sent: str | None, body: bytes) -> RequestId | None:
    """The id by which a request that is sent again stores nothing twice; it takes as long as reading the body."""
    return None if sent is None else RequestId.of(sent, body)


def append_rows(
    services: Services, workspace: Workspace, rows: Iterable[TableRow], request: RequestId | None, way: str
) -> Future[None] | None:
    """Hand rows of any tables to the log store, to be stored all or none; None where there are none. Raises what
    `LogStore.append` raises."""
    tables: dict[str, list[Row]] = {}
    for each in rows:
        tables.setdefault(each.table, []).append(each.row)
    return services.logs.append_tables(workspace.id, tables, request_id=request, way=way) if tables else None


async def durable(stored: Future[None] | None) -> None:
    """Return once it is on the disk."""
    if stored is not None:
        await asyncio.wrap_future(stored)
