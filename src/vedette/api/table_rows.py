"""Rows into any table of a workspace, built-in ones too, typed by its schema: what `vedette ingest` and `tail` use."""

from collections.abc import Container
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.senders import sending_workspace
from vedette.api.services import Services
from vedette.api.storing import durable, sent_as
from vedette.core.errors import InvalidInput, NotFound
from vedette.logs.known_requests import RequestId
from vedette.logs.stream_records import stream_table

BODY_BYTES: Final = 30 * MEGABYTE
_WAY = "rows"


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/workspaces/{workspace_id}/tables/{table}/rows`."""
    handler = partial(post_rows, services=services, working=anyio.CapacityLimiter(2))
    return [Route("/vedette/workspaces/{workspace_id}/tables/{table}/rows", handler, methods=["POST"])]


async def post_rows(request: Request, services: Services, working: anyio.CapacityLimiter) -> Response:
    """Store the rows of a JSON array or of JSON Lines, all or none; the empty 204 goes out when they are on the disk.

    Raises Unauthenticated, Forbidden, NotFound for an unknown table, TooLarge, Unavailable, and InvalidInput for what
    is no row and for a field that the table has no column for.
    """
    workspace = await sending_workspace(request, services)
    body = await read_body(request, BODY_BYTES)
    work = partial(append, services, workspace, request.path_params["table"], body, sent_as(request, body))
    await durable(await anyio.to_thread.run_sync(work, limiter=working))
    return Response(status_code=204)


def append(
    services: Services, workspace: Workspace, name: str, body: bytes, request_id: RequestId | None
) -> list[Future[None]]:
    """Hand the body's rows to the log store."""
    table = services.logs.catalog(workspace.id).table(name)
    if table is None:
        raise NotFound("TableNotFound", f"The workspace has no table '{name[:100]}'.")
    rows = json_rows(body)
    if not rows:
        return []
    columns = {column.name: column.type for column in table.columns}
    _check_fields(rows, columns, name)
    used = dict.fromkeys(field for row in rows for field in row)
    typed = stream_table(rows, {column: columns[column] for column in used})
    return [services.logs.append_arrow(workspace.id, table.name, typed, request_id=request_id, way=_WAY)]


def json_rows(body: bytes) -> list[dict[str, Any]]:
    """The objects of a JSON array, of one object, or of JSON Lines. Raises InvalidInput (InvalidJsonBody)."""
    plain = body.removeprefix(b"\xef\xbb\xbf").strip()
    if plain.startswith(b"{"):
        rows = [_line(line, number) for number, line in enumerate(plain.split(b"\n"), 1) if line.strip()]
    else:
        told = parse_json(plain) if plain else []
        rows = told if isinstance(told, list) else [told]
    odd = next((number for number, row in enumerate(rows, 1) if not isinstance(row, dict)), None)
    if odd is not None:
        raise InvalidInput("InvalidJsonBody", f"Row {odd} is not a JSON object.")
    return rows


def _line(line: bytes, number: int) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidJsonBody", f"Line {number} is not JSON: {error}.") from error


def _check_fields(rows: list[dict[str, Any]], columns: Container[str], table: str) -> None:
    for number, row in enumerate(rows, 1):
        for name in row:
            if name not in columns:
                raise InvalidInput(
                    "InvalidDataFormat", f"Row {number} has the field '{name[:100]}'; '{table}' has no such column."
                )
