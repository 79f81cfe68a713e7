"""Why a resource complies with policies or not, condition by condition, for `vedette policy explain`: an API of
Vedette's own."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.arm_context import arm_context
from vedette.api.authentication import authenticate, authorize
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput

_MAY: Final = "Microsoft.PolicyInsights/policyStates/read"


def routes(services: Services) -> list[BaseRoute]:
    """`GET /vedette/policy/explain?resource=ID`, perhaps with `assignment=ID`: `{resource, explanations}`, each
    `{assignmentId, definitionId, effect, state, reason, rule, related?}`, of all that is assigned over a resource;
    those that are not about it too where an assignment is named. Whoever may read its states may ask; an assignment
    that is not over the resource must be theirs to read, and resources beside it are told where they may ask too."""

    async def explain(request: Request) -> Response:
        principal = await authenticate(request, services)
        id = request.query_params.get("resource", "")
        if not id.startswith("/"):
            raise InvalidInput("InvalidInput", "The parameter 'resource' is the id of a resource.")
        path = parse_id(id)
        authorize(services, principal, action=_MAY, scope=path.id)
        assignment = request.query_params.get("assignment", "")
        told = partial(_told, services, path.id, assignment, services.roles.access(principal).allows)
        return JsonResponse(await run_in_threadpool(told), 200)

    return [Route("/vedette/policy/explain", explain, methods=["GET"])]


def _told(services: Services, id: str, assignment: str, allows: Callable[[str, str], bool]) -> dict[str, Any]:
    return import_module("vedette.sentinel.policies.explaining").explain(arm_context(services), id, assignment, allows)
