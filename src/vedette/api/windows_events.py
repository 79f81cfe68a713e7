"""Windows events by HTTP, as JSON or XML; and as much of Elasticsearch as winlogbeat needs.

https://docs.nxlog.co/refman/current/om/http.html
https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
"""

from concurrent.futures import Future
from functools import partial
from typing import Any, Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.json_response import JsonResponse
from vedette.api.senders import sending_workspace
from vedette.api.services import Services
from vedette.api.storing import append_rows, durable, request_id, sent_as
from vedette.api.table_rows import json_rows
from vedette.core.errors import InvalidInput
from vedette.formats.rows import TableRow
from vedette.formats.windows_json import parse_windows_json
from vedette.formats.windows_rows import windows_row
from vedette.formats.windows_xml import parse_windows_xml

BODY_BYTES: Final = 30 * MEGABYTE
VERSION: Final = "8.19.0"
"""The Elasticsearch that beats are told they speak to: they refuse one that is older than themselves."""

_WAY = "windows"
_ELASTIC = {"X-Elastic-Product": "Elasticsearch"}
_BULK_ACTIONS = ("create", "index")

Item = dict[str, dict[str, Any]]


def routes(services: Services) -> list[BaseRoute]:
    """`POST …/windowsEvents`, and `…/elasticsearch` with its `_license` and `_bulk`."""
    working = anyio.CapacityLimiter(2)
    base = "/vedette/workspaces/{workspace_id}"

    async def greet(request: Request) -> Response:
        await sending_workspace(request, services)
        return JsonResponse(_greeting(), headers=_ELASTIC)

    async def license(request: Request) -> Response:
        await sending_workspace(request, services)
        return JsonResponse({"license": {"status": "active", "type": "basic", "mode": "basic"}}, headers=_ELASTIC)

    bulk = partial(post_bulk, services=services, working=working)
    events = partial(post_events, services=services, working=working)
    return [
        Route(f"{base}/windowsEvents", events, methods=["POST"]),
        Route(f"{base}/elasticsearch", greet),
        Route(f"{base}/elasticsearch/_license", license),
        Route(f"{base}/elasticsearch/_bulk", bulk, methods=["POST", "PUT"]),
        Route(f"{base}/elasticsearch/{{index}}/_bulk", bulk, methods=["POST", "PUT"]),
    ]


async def post_events(request: Request, services: Services, working: anyio.CapacityLimiter) -> Response:
    """Store the events of an XML body or of JSON, an array or lines, all or none; then answer with an empty 204.

    Raises Unauthenticated, Forbidden, NotFound, TooLarge, InvalidInput, Unavailable.
    """
    workspace = await sending_workspace(request, services)
    body = await read_body(request, BODY_BYTES)
    work = partial(_append, services, workspace, body, sent_as(request))
    await durable(await anyio.to_thread.run_sync(work, limiter=working))
    return Response(status_code=204)


def _append(services: Services, workspace: Workspace, body: bytes, sent: str | None) -> Future[None] | None:
    received = services.clock.now()
    if body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        events = parse_windows_xml(body, received)
    else:
        events = [parse_windows_json(record, received) for record in json_rows(body)]
    return append_rows(services, workspace, map(windows_row, events), request_id(sent, body), _WAY)


async def post_bulk(request: Request, services: Services, working: anyio.CapacityLimiter) -> Response:
    """Store the documents of a bulk request; the answer says of each whether it is stored, as Elasticsearch's does."""
    workspace = await sending_workspace(request, services)
    body = await read_body(request, BODY_BYTES)
    work = partial(_bulk, services, workspace, body, sent_as(request))
    stored, items = await anyio.to_thread.run_sync(work, limiter=working)
    await durable(stored)
    failed = any(told["status"] >= 300 for item in items for told in item.values())
    return JsonResponse({"took": 0, "errors": failed, "items": items}, headers=_ELASTIC)


def _bulk(
    services: Services, workspace: Workspace, body: bytes, sent: str | None
) -> tuple[Future[None] | None, list[Item]]:
    received = services.clock.now()
    rows: list[TableRow] = []
    items: list[Item] = []
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) % 2:
        raise InvalidInput("InvalidBulkRequest", "A bulk request has two lines for each document: action and source.")
    for action, source in zip(lines[::2], lines[1::2], strict=True):
        name, index = _action(action)
        try:
            rows.append(windows_row(parse_windows_json(_document(source), received)))
            items.append({name: {"_index": index, "status": 201, "result": "created"}})
        except InvalidInput as error:
            reason = {"type": "document_parsing_exception", "reason": error.message}
            items.append({name: {"_index": index, "status": 400, "error": reason}})
    return append_rows(services, workspace, rows, request_id(sent, body), _WAY), items


def _action(line: bytes) -> tuple[str, str]:
    told = _document(line)
    name = next(iter(told), "")
    if name not in _BULK_ACTIONS or not isinstance(told[name], dict):
        raise InvalidInput("InvalidBulkRequest", f"The bulk action '{name[:40]}' is not served; create and index are.")
    return name, str(told[name].get("_index", ""))


def _document(line: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("InvalidBulkRequest", f"A line of the bulk request is not JSON: {error}.") from error
    if not isinstance(told, dict):
        raise InvalidInput("InvalidBulkRequest", "A line of the bulk request is not a JSON object.")
    return told


def _greeting() -> dict[str, Any]:
    version = {
        "number": VERSION,
        "build_flavor": "default",
        "lucene_version": "9.12.0",
        "minimum_wire_compatibility_version": "7.17.0",
        "minimum_index_compatibility_version": "7.0.0",
    }
    return {"name": "vedette", "cluster_name": "vedette", "version": version, "tagline": "You Know, for Search"}
