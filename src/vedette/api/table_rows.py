"""Rows into any table, built-in ones too, and lines into custom ones: what `vedette ingest` and `vedette tail` use."""

import re
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
from vedette.api.storing import durable, request_id, sent_as
from vedette.core.errors import InvalidInput, NotFound
from vedette.formats.rows import text_of
from vedette.kql.types import ScalarType
from vedette.logs.stream_records import stream_table

BODY_BYTES: Final = 30 * MEGABYTE
_WAY = "rows"
_CUSTOM_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}_CL", re.ASCII)
_ORIGIN = ("FilePath", "Computer")
_LINE_COLUMNS = {"RawData": ScalarType.string, "FilePath": ScalarType.string, "Computer": ScalarType.string}


def routes(services: Services) -> list[BaseRoute]:
    """`POST /vedette/workspaces/{workspace_id}/tables/{table}/rows`, and `…/lines`."""
    working = anyio.CapacityLimiter(2)
    base = "/vedette/workspaces/{workspace_id}/tables/{table}"
    return [
        Route(f"{base}/rows", partial(post_rows, services=services, working=working), methods=["POST"]),
        Route(f"{base}/lines", partial(post_lines, services=services, working=working), methods=["POST"]),
    ]


async def post_rows(request: Request, services: Services, working: anyio.CapacityLimiter) -> Response:
    """Store the rows of a JSON array or of JSON Lines, all or none; the empty 204 goes out when they are on the disk.

    Raises Unauthenticated, Forbidden, NotFound for an unknown table, TooLarge, Unavailable, and InvalidInput for what
    is no row and for a field that the table has no column for.
    """
    workspace = await sending_workspace(request, services)
    body = await read_body(request, BODY_BYTES)
    work = partial(append, services, workspace, request.path_params["table"], body, sent_as(request))
    await durable(await anyio.to_thread.run_sync(work, limiter=working))
    return Response(status_code=204)


async def post_lines(request: Request, services: Services, working: anyio.CapacityLimiter) -> Response:
    """Store each line of a text as RawData of a custom table, as Azure's agent does; then answer with an empty 204.

    https://learn.microsoft.com/azure/azure-monitor/vm/data-collection-log-text
    The query's FilePath and Computer say where the lines come from. A table that is not there is made. Raises
    Unauthenticated, Forbidden, NotFound, TooLarge, InvalidInput for a name that no custom table has, Unavailable.
    """
    workspace = await sending_workspace(request, services)
    table = request.path_params["table"]
    if _CUSTOM_TABLE.fullmatch(table) is None:
        raise InvalidInput(
            "InvalidTableName", "Lines go into custom tables: letters, digits and underscores, then _CL."
        )
    body = await read_body(request, BODY_BYTES)
    origin = {name: request.query_params[name] for name in _ORIGIN if request.query_params.get(name)}
    work = partial(append_lines, services, workspace, table, body, origin, sent_as(request))
    await durable(await anyio.to_thread.run_sync(work, limiter=working))
    return Response(status_code=204)


def append(services: Services, workspace: Workspace, name: str, body: bytes, sent: str | None) -> Future[None] | None:
    """Hand the body's rows to the log store; None where there are none."""
    table = services.logs.catalog(workspace.id).table(name)
    if table is None:
        raise NotFound("TableNotFound", f"The workspace has no table '{name[:100]}'.")
    rows = json_rows(body)
    if not rows:
        return None
    columns = {column.name: column.type for column in table.columns}
    _check_fields(rows, columns, name)
    used = dict.fromkeys(field for row in rows for field in row)
    typed = stream_table(rows, {column: columns[column] for column in used})
    return services.logs.append_arrow(workspace.id, table.name, typed, request_id=request_id(sent, body), way=_WAY)


def append_lines(
    services: Services, workspace: Workspace, table: str, body: bytes, origin: dict[str, str], sent: str | None
) -> Future[None] | None:
    """Hand the body's lines to the log store; None where there are none."""
    lines = (line.removesuffix("\r") for line in text_of(body).split("\n"))
    rows = [{"RawData": line} | origin for line in lines if line]
    if not rows:
        return None
    return services.logs.append(
        workspace.id, table, rows, columns=_LINE_COLUMNS, request_id=request_id(sent, body), way=_WAY
    )


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
