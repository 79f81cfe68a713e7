"""The addresses at which workflows are called, and at which what their steps gave is read; signed in place of a token.

https://learn.microsoft.com/azure/logic-apps/logic-apps-http-endpoint
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from anyio import sleep
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.api.bodies import read_body
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.automation.workflows.definition import all_actions, kind_of, part
from vedette.automation.workflows.http_bodies import received, sent_body
from vedette.automation.workflows.records import FINAL
from vedette.automation.workflows.schema_check import problems
from vedette.automation.workflows.starting import Started, fire
from vedette.core.errors import InvalidInput, NotFound, TimedOut
from vedette.sentinel.workflow_keys import check_signature, workflow_of_address
from vedette.sentinel.workflow_runs import content_of
from vedette.state.documents import Document

_LARGEST = 10_000_000  # bytes of a request
_SECONDS = 120.0  # for which a caller waits: https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config
_LOOK = 0.02
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_OWN = frozenset({"transfer-encoding", "content-length", "connection", "host", "set-cookie", "authorization"})


def routes(services: Services) -> list[BaseRoute]:
    """Open: the signature in the address says what it is good for."""

    async def call(request: Request) -> Response:
        place = "".join(
            f"/{kind}/{request.path_params[name]}"
            for kind, name in (("versions", "version"), ("triggers", "trigger"))
            if name in request.path_params
        )
        await run_in_threadpool(_check, services, request, place, "run")
        body = await read_body(request, _LARGEST)
        run, waits = await run_in_threadpool(_start, services, request, body)
        return await _response(services, run) if waits and run is not None else _accepted(run)

    async def content(request: Request) -> Response:
        params = request.path_params
        place = f"/runs/{params['run']}/{params['below']}"
        await run_in_threadpool(_check, services, request, place, "read")
        return JsonResponse(await run_in_threadpool(_content, services, params["workflow"], place))

    paths = (
        "/workflows/{workflow}/triggers/{trigger}/paths/invoke",
        "/workflows/{workflow}/triggers/{trigger}/paths/invoke/{rest:path}",
        "/workflows/{workflow}/versions/{version}/triggers/{trigger}/paths/invoke",
    )
    return [
        *(Route(path, call, methods=_METHODS) for path in paths),
        Route("/workflows/{workflow}/runs/{run}/{below:path}", content, methods=["GET"]),
    ]


def _check(services: Services, request: Request, place: str, verb: str) -> None:
    workflow, queries = request.path_params["workflow"], dict(request.query_params)
    check_signature(services.state, services.clock.now(), workflow, place, queries, verb=verb)


def _start(services: Services, request: Request, body: bytes) -> tuple[Document | None, bool]:
    """Begin a run; and whether its response is waited for."""
    workflow = workflow_of_address(services.state, request.path_params["workflow"])
    if workflow is None:
        raise NotFound("WorkflowNotFound", "The workflow could not be found.")
    version = request.path_params.get("version", "")
    called = services.state.get(f"{workflow.id}/versions/{version}") if version else workflow
    if called is None:
        raise NotFound("WorkflowVersionNotFound", f"The workflow has no version '{version[:40]}'.")
    definition = part(called.body["properties"].get("definition"))
    trigger = request.path_params["trigger"]
    given = next(
        (part(each) for name, each in part(definition.get("triggers")).items() if name.lower() == trigger.lower()), {}
    )
    outputs = _outputs(request, body, given)
    _check_body(given, outputs)
    waits = any(kind_of(each) == "response" for _, each in all_actions(part(definition.get("actions"))))
    origin = Started(
        by="a request",
        is_asked=waits and kind_of(given) == "request",
        version=version,
        client_tracking_id=request.headers.get("x-ms-client-tracking-id", "")[:100],
    )
    fired = workflow if not version else _as(workflow, called)
    with services.state.transaction() as transaction:
        runs = fire(transaction, services.clock, services.new_id, fired, trigger, outputs, origin)
    return (runs[0] if runs else None), origin.is_asked


def _as(workflow: Document, version: Document) -> Document:
    """The workflow as a version has it, but for whether it is enabled."""
    state = workflow.body["properties"].get("state")
    body = version.body | {"properties": version.body["properties"] | {"state": state}}
    return Document(
        workflow.id,
        workflow.type,
        workflow.scope,
        workflow.name,
        workflow.etag,
        body,
        workflow.created,
        workflow.modified,
    )


def _outputs(request: Request, body: bytes, trigger: Mapping[str, Any]) -> dict[str, Any]:
    headers = {name.title(): value for name, value in request.headers.items() if name not in _OWN}
    signed = ("api-version", "se", "sp", "sv", "sig")
    outputs: dict[str, Any] = {
        "headers": headers,
        "queries": {name: value for name, value in request.query_params.items() if name not in signed},
        "body": received(body, request.headers),
    }
    if not outputs["queries"]:
        del outputs["queries"]
    inputs = part(trigger.get("inputs"))
    wanted = str(inputs.get("method") or "POST").upper()
    if wanted != request.method:
        raise InvalidInput(
            "TriggerRequestMethodNotValid",
            f"The HTTP method for this trigger is not valid. Expected method is '{wanted}' and actual method is "
            f"'{request.method}'.",
        )
    relative = inputs.get("relativePath")
    if isinstance(relative, str):
        outputs["relativePathParameters"] = _path_parameters(relative, request.path_params.get("rest", ""))
    return outputs


def _path_parameters(pattern: str, path: str) -> dict[str, str]:
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    names = [each for each in wanted if each.startswith("{") and each.endswith("}")]
    fits = len(wanted) == len(given) and all(
        one == other or one in names for one, other in zip(wanted, given, strict=True)
    )
    if not fits:
        raise NotFound("WorkflowTriggerNotFound", f"The trigger is called at the relative path '{pattern[:200]}'.")
    return {one[1:-1]: other for one, other in zip(wanted, given, strict=True) if one in names}


def _check_body(trigger: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    """Hold the body against the trigger's schema, where the trigger says so."""
    if "enableschemavalidation" not in str(trigger.get("operationOptions") or "").lower():
        return
    wrong = problems(outputs.get("body"), part(trigger.get("inputs")).get("schema"))
    if wrong:
        raise InvalidInput(
            "TriggerInputSchemaMismatch", f"The input body does not match the schema: {wrong[0]['message']}"
        )


def _accepted(run: Document | None) -> Response:
    return Response(status_code=202, headers={"x-ms-workflow-run-id": run.name} if run else {})


async def _response(services: Services, run: Document) -> Response:
    """What the run's Response action gives, for which the caller waits."""
    end = monotonic() + _SECONDS
    while monotonic() < end and not services.stopping.is_set():
        found = await run_in_threadpool(services.state.get, run.id)
        if found is None:
            break
        response = found.body["kept"].get("response")
        if response is not None:
            return _answer(run, response)
        if found.body["properties"]["status"] in FINAL:
            error = "The server did not receive a response from the run: it ended without one."
            body = {"error": {"code": "NoResponse", "message": error}}
            return JsonResponse(body, 502, {"x-ms-workflow-run-id": run.name})
        await sleep(_LOOK)
    raise TimedOut("GatewayTimeout", "The run has not given its response in the time for which a caller waits.")


def _answer(run: Document, response: Mapping[str, Any]) -> Response:
    headers = {name: str(value) for name, value in response["headers"].items() if name.lower() not in _OWN}
    content = sent_body(response["body"], headers) or b""
    status = int(response["statusCode"])
    if status in (204, 304):
        content = b""
    return Response(content, status, {**headers, "x-ms-workflow-run-id": run.name})


def _content(services: Services, address: str, place: str) -> Any:
    workflow = workflow_of_address(services.state, address)
    holder, _, what = place.partition("/contents/")
    document = services.state.get(f"{workflow.id}{holder}") if workflow is not None else None
    if document is None:
        raise NotFound("WorkflowRunNotFound", "The workflow run could not be found.")
    return content_of(document, what)
