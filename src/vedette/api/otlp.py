"""OTLP over HTTP: OpenTelemetry's logs in, as protobuf or JSON.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

import base64
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.bodies import MEGABYTE, read_body
from vedette.api.errors import status_of
from vedette.api.planes import Plane
from vedette.api.senders import WRITE
from vedette.api.services import Services
from vedette.api.storing import append_rows, durable, request_id, sent_as
from vedette.core.errors import InvalidInput, NotFound, Unavailable, VedetteError
from vedette.formats.otlp import TooDeep, otlp_rows

if TYPE_CHECKING:
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

BODY_BYTES: Final = 30 * MEGABYTE
WORKSPACE: Final = "x-vedette-workspace"
"""The header that names the workspace by its id, for a server with several; without it the first is meant."""

PROTOBUF: Final = "application/x-protobuf"
JSON: Final = "application/json"
_WAY = "otlp"
_RETRY_AFTER = "5"
_HEX_FIELDS = ("traceId", "spanId", "trace_id", "span_id")
_RPC_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 413: 3, 503: 14, 504: 4}  # google.rpc.Code by HTTP status


def routes(services: Services) -> list[BaseRoute]:
    """`POST /v1/logs`, where every exporter sends; the other paths under /v1 are the query API's."""
    handler = partial(post_logs, services=services, working=anyio.CapacityLimiter(2))
    return [Route("/v1/logs", handler, methods=["POST"])]


async def post_logs(request: Request, services: Services, working: anyio.CapacityLimiter) -> Response:
    """Store the log records, all or none; the answer goes out when they are on the disk, in the request's encoding.

    All or none are taken, so there is no partial success to tell of.
    """
    principal = await authenticate(request, services)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        workspace = _workspace(request, services)
        authorize(services, principal, action=WRITE, scope=workspace.resource_id, data=True)
        if media not in (PROTOBUF, JSON):
            raise InvalidInput("UnsupportedMediaType", f"The Content-Type must be {PROTOBUF} or {JSON}.")
        body = await read_body(request, BODY_BYTES)
        work = partial(_append, services, workspace, body, media, sent_as(request))
        await durable(await anyio.to_thread.run_sync(work, limiter=working))
    except VedetteError as error:
        request.state.error_code = error.code  # it is counted with those that other handlers raise
        return _refusal(error, media)
    return Response(b"" if media == PROTOBUF else b"{}", media_type=media)


def _append(services: Services, workspace: Workspace, body: bytes, media: str, sent: str | None) -> Future[None] | None:
    try:
        rows = list(otlp_rows(_request(body, media), services.clock.now()))
    except TooDeep as error:
        raise InvalidInput("InvalidDataFormat", str(error)) from error
    return append_rows(services, workspace, rows, request_id(sent, body), _WAY)


def _workspace(request: Request, services: Services) -> Workspace:
    named = request.headers.get(WORKSPACE, "").strip() or services.estate.workspace_id
    workspace = services.workspaces.by_id(named)
    if workspace is None:
        raise NotFound("WorkspaceNotFoundError", f"There is no workspace '{named[:80]}' here.")
    return workspace


def _request(body: bytes, media: str) -> "ExportLogsServiceRequest":
    """Protobuf is loaded when the first logs come: most servers never see any."""
    from google.protobuf.json_format import Parse, ParseError  # noqa: PLC0415
    from google.protobuf.message import DecodeError  # noqa: PLC0415
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2  # noqa: PLC0415

    try:
        if media == PROTOBUF:
            return logs_service_pb2.ExportLogsServiceRequest.FromString(body)
        text = orjson.dumps(_with_base64_ids(orjson.loads(body)))
        return Parse(text, logs_service_pb2.ExportLogsServiceRequest(), ignore_unknown_fields=True)
    except (DecodeError, ParseError, orjson.JSONDecodeError, RecursionError) as error:
        raise InvalidInput("InvalidDataFormat", f"The body is not an OTLP request: {error}.") from error


def _with_base64_ids(told: Any) -> Any:
    """The JSON with ids as protobuf's own mapping has bytes: OTLP writes those of its log records in hexadecimal."""
    for resource in _list(told, "resourceLogs", "resource_logs"):
        for scope in _list(resource, "scopeLogs", "scope_logs"):
            for record in _list(scope, "logRecords", "log_records"):
                for name in _HEX_FIELDS:
                    if isinstance(record, dict) and isinstance(record.get(name), str):
                        record[name] = _base64_of_hex(record[name], name)
    return told


def _base64_of_hex(text: str, name: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(text)).decode()
    except ValueError as error:
        raise InvalidInput("InvalidDataFormat", f"The field {name} is not hexadecimal.") from error


def _list(told: Any, *names: str) -> list[Any]:
    values = (told.get(name) for name in names) if isinstance(told, dict) else ()
    return next((value for value in values if isinstance(value, list)), [])


def _refusal(error: VedetteError, media: str) -> Response:
    """A google.rpc.Status in the request's encoding; by the protocol, only after 503 is the request sent again."""
    status = status_of(Plane.QUERY, error)
    headers = {"Retry-After": _RETRY_AFTER} if isinstance(error, Unavailable) else {}
    code, message = _RPC_CODES.get(status, 2), f"{error.code}: {error.message}"
    if media != PROTOBUF:
        return Response(orjson.dumps({"code": code, "message": message}), status, headers, JSON)
    return Response(_status(code, message), status, headers, PROTOBUF)


def _status(code: int, message: str) -> bytes:
    """`message Status { int32 code = 1; string message = 2; }`, encoded: the one message needs no generated class."""
    text = message.encode()
    return bytes([0x08, code, 0x12]) + _varint(len(text)) + text


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
