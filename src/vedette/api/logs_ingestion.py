"""The Logs Ingestion API: records of a stream in, through a data collection rule, into tables.

https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.principals import Principal
from vedette.api.authentication import authenticate
from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.ingest import POLICIES_SECONDS
from vedette.api.services import Services
from vedette.core.errors import Forbidden, InvalidInput, Throttled, TooLarge
from vedette.core.rate_limit import RateLimit
from vedette.logs.collection import ActiveRule
from vedette.logs.known_requests import RequestId
from vedette.logs.store import Placed

API_VERSIONS: Final = ("2023-01-01", "2021-11-01-preview")
BODY_BYTES: Final = 1 * MEGABYTE
"""Most bytes of a call, as sent and as unpacked. Between records there may be two more each: SDKs fill their calls by
what the records take, and write the brackets and commas besides."""

REQUESTS_PER_MINUTE: Final = 12_000
BYTES_PER_MINUTE: Final = 2 * 1024 * MEGABYTE
"""Most calls and most bytes, as unpacked, of one rule.
https://learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#logs-ingestion-api"""

PERMISSIONS: Final = ("Microsoft.Insights/Telemetry/Write", "Microsoft.Insights/Metrics/Write")
_MINUTE = timedelta(minutes=1)
_BETWEEN_RECORDS = 2
_READ_BYTES = 2 * BODY_BYTES + _BETWEEN_RECORDS  # of one million empty records, which nobody sends


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules may take in a minute: calls, and bytes."""

    requests: RateLimit
    bytes: RateLimit

    def check(self, what: str, limit: RateLimit, rule: ActiveRule, amount: float, now: datetime) -> None:
        """Raises Throttled (TooManyRequests) where a rule has had its share."""
        seconds = limit.take(rule.immutable_id, amount, now)
        if seconds > 0:
            raise Throttled(
                "TooManyRequests",
                f"The data collection rule '{rule.immutable_id}' has had as many {what} as it takes in a minute. "
                "Send again after the time that Retry-After says.",
                seconds,
            )


def routes(services: Services) -> list[BaseRoute]:
    """`POST /dataCollectionRules/{immutable id}/streams/{stream}`, authorized by a data action on the rule."""
    limits = Limits(RateLimit(REQUESTS_PER_MINUTE, _MINUTE), RateLimit(BYTES_PER_MINUTE, _MINUTE))
    handler = partial(post_records, services=services, limits=limits, working=anyio.CapacityLimiter(2))
    return [Route("/dataCollectionRules/{immutable_id}/streams/{stream}", handler, methods=["POST"])]


async def post_records(
    request: Request, services: Services, limits: Limits, working: anyio.CapacityLimiter
) -> Response:
    """Store the records, all or none; the empty 204 goes out when they are on the disk.

    Raises NotFound for an unknown rule or stream, Forbidden, TooLarge, Throttled, InvalidInput, Unavailable.
    """
    principal = await authenticate(request, services)
    _check_version(request)
    rule = services.collection.rule(request.path_params["immutable_id"])
    _authorize(services, principal, rule)
    _check_content_type(request)
    limits.check("requests", limits.requests, rule, 1, services.wall_clock.now())
    body = await _body(request)
    limits.check("data", limits.bytes, rule, len(body), services.wall_clock.now())
    stream = request.path_params["stream"]
    sent_as = request.headers.get("x-ms-client-request-id", "").strip()
    resource = request.headers.get("x-ms-azureresourceid", "").strip()
    if resource:
        _authorize_resource(services, principal, resource)
    stored = await anyio.to_thread.run_sync(
        partial(append_records, services, rule, stream, body, sent_as, resource), limiter=working
    )
    if stored is not None:
        await asyncio.wrap_future(stored)
    return Response(status_code=204)


def append_records(
    services: Services, rule: ActiveRule, stream: str, body: bytes, sent_as: str, resource: str = ""
) -> Future[None] | None:
    """Hand the body's records to the rule; the future resolves when they are on the disk, None means that there is
    nothing to wait for. A body that is sent again as the same request (`sent_as`) to the same stream is stored once.
    Records in the name of a `resource` go where its diagnostic settings say too, or none of them go."""
    request_id = RequestId.of(f"{rule.immutable_id}/{stream}/{sent_as}", body) if sent_as else None
    records = _records(body)
    category = stream.partition("-")[2].removesuffix("_CL")
    beside: Sequence[Placed] = ()
    if resource and records:
        services.policies.settle(resource, POLICIES_SECONDS)
        beside = services.resource_logs.placed(resource, records, category)
    return services.collection.append(rule, stream, records, request_id, beside)


def _check_version(request: Request) -> None:
    version = request.query_params.get("api-version", "")
    if not version:
        raise InvalidInput("MissingApiVersionParameter", "The query parameter 'api-version' is missing.")
    if version not in API_VERSIONS:
        raise InvalidInput(
            "InvalidApiVersion", f"The api-version '{version[:40]}' is not served. Use {' or '.join(API_VERSIONS)}."
        )


def _authorize(services: Services, principal: Principal, rule: ActiveRule) -> None:
    if not any(services.roles.allows(principal, action, rule.resource_id, data=True) for action in PERMISSIONS):
        raise Forbidden(
            "OperationFailed",
            "The authentication token provided does not have access to ingest data for the data collection rule with "
            f"immutable Id '{rule.immutable_id}'. The role 'Monitoring Metrics Publisher' on the rule gives it.",
        )


def _authorize_resource(services: Services, principal: Principal, resource: str) -> None:
    """Raises Forbidden where the caller may not send in the resource's name."""
    if not any(services.roles.allows(principal, action, resource, data=True) for action in PERMISSIONS):
        raise Forbidden(
            "OperationFailed",
            f"The authentication token provided does not have access to ingest data for the resource '{resource}'. The "
            "role 'Monitoring Metrics Publisher' on the resource gives it.",
        )


def _check_content_type(request: Request) -> None:
    content_type = request.headers.get("content-type", "application/json")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise InvalidInput("InvalidContentType", "The Content-Type must be application/json.")


async def _body(request: Request) -> bytes:
    """The body, unpacked. What is sent packed must not be larger than what may be sent plain."""
    declared = request.headers.get("content-length", "")
    if request.headers.get("content-encoding") and declared.isdecimal() and int(declared[:18]) > BODY_BYTES:
        raise _too_large()
    try:
        return await read_body(request, _READ_BYTES)
    except TooLarge as error:
        raise _too_large() from error


def _records(body: bytes) -> list[dict[str, Any]]:
    try:
        parsed = parse_json(body)
    except InvalidInput as error:
        raise InvalidInput("InvalidPayload", error.message) from error
    if not isinstance(parsed, list):
        raise InvalidInput("InvalidPayload", "The body must be a JSON array of records.")
    records = cast("list[Any]", parsed)
    odd = next((index for index, record in enumerate(records) if not isinstance(record, dict)), None)
    if odd is not None:
        raise InvalidInput("InvalidPayload", f"Record {odd} is not a JSON object.")
    if len(body) - _BETWEEN_RECORDS * (len(records) + 1) > BODY_BYTES:
        raise _too_large()
    return records


def _too_large() -> TooLarge:
    return TooLarge("ContentLengthLimitExceeded", f"Maximum allowed content length: {BODY_BYTES} bytes (1 MB).")
