"""The HTTP Data Collector API: signed JSON records in, one custom log table per Log-Type.

https://learn.microsoft.com/azure/azure-monitor/logs/data-collector-api
"""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import anyio
import pyarrow as pa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.services import Services
from vedette.api.shared_key import SharedKey, check_date, check_signature, parse_shared_key, refused
from vedette.core.errors import InvalidInput, Throttled
from vedette.core.rate_limit import RateLimit
from vedette.log_management.operation import OperationLog
from vedette.logs.custom_log import (
    STANDARD_COLUMNS,
    TABLE_COLUMNS,
    VALUE_BYTES,
    TypedRows,
    generated_at,
    type_rows,
)
from vedette.logs.custom_log_columns import type_columns
from vedette.logs.known_requests import RequestId
from vedette.logs.store import Placed
from vedette.sentinel.deleted_workspaces import is_deleted

API_VERSION: Final = "2016-04-01"
POST_BYTES: Final = 30 * MEGABYTE
BYTES_PER_MINUTE: Final = 6 * 1024 * MEGABYTE
"""Most bytes of one workspace, as unpacked.
https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#data-ingestion-volume-rate"""

POLICIES_SECONDS: Final = 5.0
"""How long records in the name of a resource wait for what policies deploy for it: it may have been made just now."""

_LOG_TYPE = re.compile(r"[A-Za-z0-9_]{1,100}")


@dataclass(frozen=True, slots=True)
class Post:
    """A post whose headers are in order: where its records go and what its headers say about them."""

    workspace: Workspace
    table: str
    time_field: str | None
    resource_id: str | None
    request_id: str | None


def routes(services: Services) -> list[BaseRoute]:
    """`POST /api/logs`. It has no bearer token: the SharedKey signature is its authorization."""
    volume = RateLimit(BYTES_PER_MINUTE, timedelta(minutes=1))
    handler = partial(post_records, services=services, volume=volume, typing=anyio.CapacityLimiter(2))
    return [Route("/api/logs", handler, methods=["POST"])]


async def post_records(
    request: Request, services: Services, volume: RateLimit, typing: anyio.CapacityLimiter
) -> Response:
    """Store the posted records, all or none; the empty 200 goes out when they are on the disk.

    Raises the documented codes: Forbidden for InvalidAuthorization, TooLarge, Throttled, Unavailable, InvalidInput for
    the rest.
    """
    _check_version(request)
    key, workspace = _authorization(request, services)
    post = _post(request, workspace)
    body = await _signed_body(request, key, workspace)
    wait = volume.take(workspace.id, len(body), services.wall_clock.now())
    if wait > 0:
        services.operation_log.rate_exceeded(workspace.id)
        raise Throttled(
            "TooManyRequests",
            "The workspace is sent more than it takes in a minute. Send again after Retry-After.",
            wait,
        )
    append = partial(append_records, services, post, body)
    try:
        stored = await anyio.to_thread.run_sync(append, limiter=typing)
    except InvalidInput as error:
        services.operation_log.rows_refused(workspace.id, post.table, error.code, error.message)
        raise
    if stored is not None:
        await asyncio.wrap_future(stored)
    return Response(status_code=200)


def append_records(services: Services, post: Post, body: bytes) -> Future[None] | None:
    """Hand the body's records to the log store; the future resolves when they are on the disk. What was cut or found no
    column is said in Operation. Records of a resource go where its diagnostic settings say too, or none of them go.

    None for an empty array: there is nothing to wait for. Raises InvalidInput (InvalidDataFormat), and what
    `LogStore.append` raises.
    """
    logs, now = services.logs, services.clock.now()
    records = _records(body)
    if not records:
        return None
    table = logs.catalog(post.workspace.id).table(post.table)
    existing = {column.name: column.type for column in table.columns} if table is not None else {}
    sent = _without_time(records, post.time_field)
    request_id = None if post.request_id is None else RequestId.of(post.request_id, body)
    beside = _routed(services, post, records)
    alike = type_columns(sent, {**STANDARD_COLUMNS, **existing})
    if alike is not None:
        return logs.append_arrow(
            post.workspace.id,
            post.table,
            _with_post_columns(alike.rows, records, post, now),
            columns={**STANDARD_COLUMNS, **alike.columns},
            request_id=request_id,
            way="collector",
            beside=beside,
        )
    typed = type_rows(sent, {**STANDARD_COLUMNS, **existing})
    _report(services.operation_log, post, typed)
    standard = _standard_values(post)
    for record, row in zip(records, typed.rows, strict=True):
        row |= standard
        if post.time_field is not None:
            row["TimeGenerated"] = generated_at(record, post.time_field, now)
    return logs.append(
        post.workspace.id,
        post.table,
        typed.rows,
        columns={**STANDARD_COLUMNS, **typed.columns},
        request_id=request_id,
        way="collector",
        beside=beside,
    )


def _routed(services: Services, post: Post, records: list[Any]) -> Sequence[Placed]:
    """Where the resource's own diagnostic settings have the records go. The key of a workspace speaks for the resources
    of its subscription, and for no others."""
    resource_id = post.resource_id
    if resource_id is None or not _is_beside(resource_id, post.workspace) or not all(map(_is_object, records)):
        return ()
    services.policies.settle(resource_id, POLICIES_SECONDS)
    return services.resource_logs.placed(resource_id, records, post.table.removesuffix("_CL"))


def _is_beside(resource_id: str, workspace: Workspace) -> bool:
    own = workspace.resource_id.lower().split("/")[:3]
    return resource_id.lower().split("/")[:3] == own


def _is_object(record: Any) -> bool:
    return isinstance(record, dict)


def _with_post_columns(rows: pa.Table, records: list[Any], post: Post, now: datetime) -> pa.Table:
    """The rows with what the post says of all of them, and the times that its header asks for."""
    for name, value in _standard_values(post).items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value, pa.string()), len(records)))
    if post.time_field is None:
        return rows
    times = [generated_at(record, post.time_field, now).replace(tzinfo=None) for record in records]
    return rows.append_column("TimeGenerated", pa.array(times, pa.timestamp("us")))


def _report(operations: OperationLog, post: Post, typed: TypedRows) -> None:
    for field in typed.cut:
        operations.values_cut(post.workspace.id, post.table, field, VALUE_BYTES)
    if typed.full:
        operations.columns_full(post.workspace.id, post.table, TABLE_COLUMNS)


def _check_version(request: Request) -> None:
    version = request.query_params.get("api-version", "")
    if not version:
        raise InvalidInput("MissingApiVersion", f"The query parameter api-version is missing. Use {API_VERSION}.")
    if version != API_VERSION:
        raise InvalidInput("InvalidApiVersion", f"The api-version '{version[:40]}' is not served. Use {API_VERSION}.")


def _authorization(request: Request, services: Services) -> tuple[SharedKey, Workspace]:
    header = request.headers.get("authorization", "")
    if not header.strip():
        raise refused("The Authorization header is missing.")
    key = parse_shared_key(header, request.headers.get("host", ""))
    check_date(request.headers.get("x-ms-date", ""), services.wall_clock.now())
    workspace = services.workspaces.by_id(key.workspace_id)
    if workspace is None and is_deleted(services.state, key.workspace_id):
        raise InvalidInput("InactiveCustomer", f"The workspace '{key.workspace_id}' is deleted.")
    if workspace is None:
        raise InvalidInput("InvalidCustomerId", f"There is no workspace '{key.workspace_id}' here.")
    return key, workspace


def _post(request: Request, workspace: Workspace) -> Post:
    """What the headers say; an empty header is an absent one, for clients send both."""
    content_type = request.headers.get("content-type", "")
    if not content_type.strip():
        raise InvalidInput("MissingContentType", "The Content-Type header is missing. Use application/json.")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise InvalidInput("UnsupportedContentType", "The Content-Type must be application/json.")
    log_type = request.headers.get("log-type", "").strip()
    if not log_type:
        raise InvalidInput("MissingLogType", "The Log-Type header is missing. It names the table, without '_CL'.")
    if _LOG_TYPE.fullmatch(log_type) is None:
        raise InvalidInput(
            "InvalidLogType", "The Log-Type header must be 1 to 100 letters, digits and underscores, all of them ASCII."
        )
    return Post(
        workspace=workspace,
        table=f"{log_type}_CL",
        time_field=request.headers.get("time-generated-field", "").strip() or None,
        resource_id=request.headers.get("x-ms-azureresourceid", "").strip() or None,
        request_id=request.headers.get("x-ms-client-request-id", "").strip() or None,
    )


async def _signed_body(request: Request, key: SharedKey, workspace: Workspace) -> bytes:
    """The body, its signature checked before it is read where its length is declared, else after."""
    check = partial(
        check_signature,
        key,
        workspace,
        content_type=request.headers.get("content-type", ""),
        date=request.headers.get("x-ms-date", ""),
    )
    declared = request.headers.get("content-length")
    if declared is not None:
        check(length=_length(declared))
    body = await read_body(request, POST_BYTES)
    if declared is None:
        check(length=len(body))
    return body


def _length(declared: str) -> int:
    if not declared.isdecimal() or len(declared) > 18:
        raise refused("The Content-Length header is not a number of bytes.")
    return int(declared)


def _records(body: bytes) -> list[Any]:
    if not body.strip():
        raise InvalidInput("InvalidDataFormat", "The body is empty. It must be a JSON array of records.")
    try:
        parsed = parse_json(body)
    except InvalidInput as error:
        raise InvalidInput("InvalidDataFormat", error.message) from error
    records = [parsed] if isinstance(parsed, dict) else parsed
    if not isinstance(records, list):
        raise InvalidInput("InvalidDataFormat", "The body must be a JSON array of records.")
    return records


def _without_time(records: list[Any], field: str | None) -> list[Any]:
    """The records without `TimeGenerated` where the header names that very field: the column is filled from it."""
    if field != "TimeGenerated":
        return records
    return [
        {name: value for name, value in record.items() if name != field} if isinstance(record, dict) else record
        for record in records
    ]


def _standard_values(post: Post) -> dict[str, str]:
    values = {"SourceSystem": "RestAPI"}
    if post.resource_id is not None:
        values["_ResourceId"] = post.resource_id.lower()
    return values
