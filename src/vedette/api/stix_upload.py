"""The APIs that STIX objects are uploaded by: the legacy one of indicators, and the newer one of objects of all types.

https://learn.microsoft.com/azure/sentinel/stix-objects-api and …/upload-indicators-api. In Azure they are at
`api.ti.sentinel.azure.com` and `sentinelus.azure-api.net`; here at any name of this server.
"""

from datetime import timedelta
from functools import partial
from typing import Any, Final, cast

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.authentication import authenticate, authorize
from vedette.api.bodies import read_body
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.arm.json_reader import LARGEST, read_json
from vedette.core.errors import InvalidInput, NotFound, Throttled
from vedette.core.rate_limit import RateLimit
from vedette.intelligence.importing import Feed, Imported, import_objects
from vedette.intelligence.indicator_documents import SOURCE, Origin, Place
from vedette.intelligence.stix_objects import INDICATOR, TYPES
from vedette.sentinel.indicators import INDICATOR as INDICATOR_TYPE
from vedette.sentinel.onboarding_states import is_onboarded
from vedette.sentinel.user_info import user_info

ACTION: Final = f"{INDICATOR_TYPE}/write"
"""What one needs in the workspace; Sentinel Contributor has it."""

MOST_OBJECTS: Final = 100
REQUESTS_PER_MINUTE: Final = 100
"""Of one caller: https://learn.microsoft.com/azure/sentinel/stix-objects-api#throttling-limits-for-the-api"""


_LONGEST_SOURCE: Final = 256
_INDICATORS: Final = ("indicators", "value")
_OBJECTS: Final = ("stixobjects",)
_METHODS: Final = {_INDICATORS: "Upload Indicators API", _OBJECTS: "Upload API"}


def routes(services: Services) -> list[BaseRoute]:
    """The three addresses; each needs `ACTION` on the workspace."""
    rate, working = RateLimit(REQUESTS_PER_MINUTE, timedelta(minutes=1)), anyio.CapacityLimiter(2)
    legacy = partial(_upload, services=services, rate=rate, working=working, lists=_INDICATORS, types=(INDICATOR,))
    newer = partial(_upload, services=services, rate=rate, working=working, lists=_OBJECTS, types=TYPES)
    return [
        Route("/workspaces/{workspace_id}/threatintelligenceindicators:upload", legacy, methods=["POST"]),
        Route("/workspaces/{workspace_id}/threatintelligence:upload-indicators", legacy, methods=["POST"]),
        Route("/{workspace_id}/threatintelligence:upload-indicators", legacy, methods=["POST"]),
        Route("/workspaces/{workspace_id}/threat-intelligence-stix-objects:upload", newer, methods=["POST"]),
    ]


async def _upload(
    request: Request,
    services: Services,
    rate: RateLimit,
    working: anyio.CapacityLimiter,
    lists: tuple[str, ...],
    types: tuple[str, ...],
) -> Response:
    principal = await authenticate(request, services)
    seconds = rate.take(principal.object_id, 1, services.wall_clock.now())
    if seconds > 0:
        throttled = Throttled("TooManyRequests", "", seconds)
        throttled.message = f"Rate limit is exceeded. Try again in {throttled.seconds} seconds."
        raise throttled
    if not request.query_params.get("api-version"):
        raise InvalidInput("MissingApiVersionParameter", "The query parameter 'api-version' is missing.")
    workspace = services.workspaces.by_id(request.path_params["workspace_id"].strip("{}"))
    if workspace is None:
        raise NotFound("WorkspaceNotFound", "There is no such workspace here.")
    authorize(services, principal, action=ACTION, scope=workspace.resource_id)
    body = await run_sync(read_json, await read_body(request, LARGEST))
    source, objects = _read(body, lists)
    feed = Feed(source, Origin(_METHODS[lists], user_info(principal)), types)
    return await run_sync(_stored, services, workspace, feed, objects, limiter=working)


def _stored(services: Services, workspace: Workspace, feed: Feed, objects: list[Any]) -> Response:
    if not is_onboarded(services.state, workspace.resource_id):
        raise InvalidInput("BadRequest", f"Workspace '{workspace.name}' is not onboarded to Microsoft Sentinel.")
    place = Place(workspace, services.estate.tenant_id)
    imported = import_objects(services.state, services.clock, place, feed, objects)
    return _answer(imported, len(objects))


def _answer(imported: Imported, sent: int) -> Response:
    """200 where at least one object is right. The published specification and the published article name the messages
    differently, and there are clients of both."""
    errors = [
        {"recordIndex": at, "errorMessages": list(found), "validationErrorMessages": list(found)}
        for at, found in imported.errors.items()
    ]
    if imported.accepted or not sent:
        return JsonResponse({"errors": errors})
    message = "None of the objects is valid. See 'errors' for what is wrong with each."
    return JsonResponse({"error": {"code": "BadRequest", "message": message}, "errors": errors}, 400)


def _read(body: Any, lists: tuple[str, ...]) -> tuple[str, list[Any]]:
    if not isinstance(body, dict):
        raise InvalidInput("BadRequest", "The body must be a JSON object.")
    sent = {name.lower(): value for name, value in cast("dict[str, Any]", body).items()}
    source = sent.get("sourcesystem")
    if not isinstance(source, str) or not source.strip():
        raise InvalidInput("BadRequest", "'sourcesystem' is missing: the name of the source of the objects.")
    if source.strip().lower() == SOURCE.lower():
        raise InvalidInput("BadRequest", f"'sourcesystem' must not be '{SOURCE}'.")
    if len(source) > _LONGEST_SOURCE:
        raise InvalidInput("BadRequest", f"'sourcesystem' is longer than {_LONGEST_SOURCE} characters.")
    objects = next((sent[name] for name in lists if name in sent), None)
    if not isinstance(objects, list):
        raise InvalidInput("BadRequest", f"'{lists[0]}' is missing: an array of STIX objects.")
    found = cast("list[Any]", objects)
    if len(found) > MOST_OBJECTS:
        raise InvalidInput("BadRequest", f"A request has at most {MOST_OBJECTS} objects, not {len(found)}.")
    return source.strip(), found
