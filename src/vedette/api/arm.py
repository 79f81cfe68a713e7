"""The management plane on the wire: one handler for every resource type, which reads a call and writes its answer."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.acts import recorded
from vedette.api.arm_context import arm_context
from vedette.api.authentication import authenticate
from vedette.api.bodies import read_body
from vedette.api.json_response import JsonResponse
from vedette.api.request_addresses import base_of
from vedette.api.services import Services
from vedette.api.setting_changes import report_change
from vedette.arm.call import Answer, Call
from vedette.arm.controller import MethodNotAllowed, answer
from vedette.arm.json_reader import LARGEST, read_json
from vedette.arm.resource_ids import parse_id
from vedette.core.errors import InvalidInput
from vedette.sentinel.resources import RESOURCE_TYPES

_METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]
_SETTLES = 3.0  # seconds that who makes a resource waits for what policies deploy beside it
_WITH_BODY = frozenset({"PUT", "PATCH", "POST"})


def routes(services: Services) -> list[BaseRoute]:
    """Everything under /subscriptions, /providers and /tenants. Each call is authorized by `arm.controller.answer`."""
    context = arm_context(services)

    async def handle(request: Request) -> Response:
        call = await _call(request, services)
        try:
            reply = await run_in_threadpool(
                recorded, services.audit, RESOURCE_TYPES, call, partial(answer, context, RESOURCE_TYPES, call)
            )
        except MethodNotAllowed as error:
            raise HTTPException(405, error.message, {"Allow": ", ".join(error.allowed)}) from error
        report_change(services, call, reply.status)
        if call.method in ("PUT", "PATCH") and services.policies.deploys_for(call.path.type):
            await run_in_threadpool(services.policies.settle, call.path.id, _SETTLES)
        return _response(reply)

    paths = (
        "/providers",
        "/subscriptions",
        "/subscriptions/{path:path}",
        "/providers/{path:path}",
        "/tenants",
        "/tenants/{path:path}",
    )
    return [Route(path, handle, methods=_METHODS) for path in paths]


async def _call(request: Request, services: Services) -> Call:
    principal = await authenticate(request, services)
    path = parse_id(request.scope["path"])
    text = await read_body(request, LARGEST) if request.method in _WITH_BODY else b""
    return Call(
        method=request.method,
        path=path,
        principal=principal,
        query=query_parameters(request),
        base=base_of(request, services),
        body=await run_in_threadpool(read_json, text) if text.strip() else None,
        if_match=request.headers.get("if-match"),
        if_none_match=request.headers.get("if-none-match"),
        text=text,
    )


def query_parameters(request: Request) -> dict[str, str]:
    """The parameters by lower-case name. Raises InvalidInput for one that is there twice with two values."""
    parameters: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if parameters.setdefault(name.lower(), value) != value:
            raise InvalidInput("InvalidQueryParameter", f"The query parameter '{name}' is there twice.")
    return parameters


def _response(reply: Answer) -> Response:
    if reply.body is None:
        return Response(status_code=reply.status, headers=dict(reply.headers))
    return JsonResponse(reply.body, reply.status, reply.headers)
