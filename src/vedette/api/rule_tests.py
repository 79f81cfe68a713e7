"""Tests of rules on a server: run for whoever may write rules, and kept beside the rule. An API of Vedette's own.

The tests are what a test file of `vedette test` says (docs/rule-tests.md); no files can be named in them. They run in a
process of their own, over the rows that they bring, and see nothing of what the workspace holds but its functions and
the columns of its tables.
"""

import re
from functools import partial
from typing import Any, Final, cast

import anyio
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from vedette.access.workspaces import Workspace
from vedette.api.authentication import authorize
from vedette.api.bodies import MEGABYTE, parse_json, read_body
from vedette.api.disconnection import in_thread, while_connected
from vedette.api.json_response import JsonResponse
from vedette.api.query_gate import QueryGate
from vedette.api.query_running import GONE
from vedette.api.readable_workspace import named_workspace
from vedette.api.services import Services
from vedette.core.errors import InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.engine.cancellation import Cancellation
from vedette.kql.catalog import Catalog
from vedette.logs.standard_names import STANDARD_COLUMNS
from vedette.logs.tables import built_in
from vedette.rule_tests.apart import MOST_BYTES, Asked, run_apart
from vedette.rule_tests.stored import StoredTests
from vedette.state.documents import Document

_READ: Final = "Microsoft.SecurityInsights/alertRules/read"
_WRITE: Final = "Microsoft.SecurityInsights/alertRules/write"
_AT_A_TIME: Final = 2
_NAME = re.compile(r"[A-Za-z_]\w*")


def routes(services: Services) -> list[BaseRoute]:
    """`POST …/rules/tests` runs tests, `GET …/rules/tests` lists whose are kept, and `…/rules/{rule}/tests` are those
    of one rule, to be read, put and deleted."""
    limiter, gate = anyio.CapacityLimiter(_AT_A_TIME), QueryGate(0, 1)
    stored = StoredTests(services.state)

    async def workspace_of(request: Request, action: str) -> Workspace:
        principal, workspace = await named_workspace(request, services)
        authorize(services, principal, action=action, scope=workspace.resource_id)
        return workspace

    async def run(request: Request) -> Response:
        workspace = await workspace_of(request, _WRITE)
        body = parse_json(await read_body(request, 2 * MEGABYTE))
        work = partial(_run, services, stored, workspace, body)
        caller = request.state.principal.object_id

        async def in_turn() -> dict[str, Any]:
            async with gate.running(caller):
                return await in_thread(work, limiter)

        try:
            return JsonResponse(await while_connected(request, services.stopping, in_turn))
        except ClientDisconnect:
            return Response(status_code=GONE)

    async def listed(request: Request) -> Response:
        workspace = await workspace_of(request, _READ)
        found = await run_sync(stored.of_workspace, workspace.resource_id)
        return JsonResponse({"value": [_shown(stored, each, with_text=False) for each in found]})

    async def read(request: Request) -> Response:
        workspace = await workspace_of(request, _READ)
        return await run_sync(_read, services, stored, workspace, request.path_params["rule"])

    async def put(request: Request) -> Response:
        workspace = await workspace_of(request, _WRITE)
        body = parse_json(await read_body(request, 2 * MEGABYTE))
        return await run_sync(_put, services, stored, workspace, request, body)

    async def delete(request: Request) -> Response:
        workspace = await workspace_of(request, _WRITE)
        rule = await run_sync(services.detections.rule_named, workspace, request.path_params["rule"])
        gone = await run_sync(stored.delete, rule.id, request.headers.get("if-match"))
        return Response(status_code=200 if gone else 204)

    base = "/vedette/workspaces/{workspace_id}/rules"
    return [
        Route(f"{base}/tests", run, methods=["POST"]),
        Route(f"{base}/tests", listed, methods=["GET"]),
        Route(f"{base}/{{rule}}/tests", read, methods=["GET"]),
        Route(f"{base}/{{rule}}/tests", put, methods=["PUT"]),
        Route(f"{base}/{{rule}}/tests", delete, methods=["DELETE"]),
    ]


def _run(
    services: Services, stored: StoredTests, workspace: Workspace, body: Any, cancellation: Cancellation
) -> dict[str, Any]:
    if not isinstance(body, dict) or not isinstance(body.get("rule"), str | dict):
        raise InvalidInput("InvalidRequestContent", "The body must be an object with 'rule', and perhaps 'tests'.")
    sent = cast("dict[str, Any]", body)
    kept: Document | None = None
    rule_etag = ""
    if isinstance(sent["rule"], str):
        document = _document(services, workspace, sent["rule"])
        name, rule, rule_etag = document.name, document.body, document.etag
        kept = stored.get(document.id) if sent.get("tests") is None else None
    else:
        name, rule = "rule", sent["rule"]
    services.detections.rule_of(workspace, {"kind": rule.get("kind"), "properties": rule.get("properties")})
    tests = kept.body["tests"] if kept is not None else _tests(sent.get("tests"))
    functions, tables = _names(services.logs.catalog(workspace.id), f"{rule['properties'].get('query')}\n{tests}")
    asked = Asked(name, {"kind": rule["kind"], "properties": rule["properties"]}, tests, functions, tables)
    cases = run_apart(asked, cancellation)
    if kept is not None:
        stored.ended(kept, rule_etag, cases, services.clock.now())
    statuses = [each["status"] for each in cases]
    return {
        "passed": sum(each in ("passed", "expectedFailure") for each in statuses),
        "skipped": statuses.count("skipped"),
        "failed": sum(each not in ("passed", "expectedFailure", "skipped") for each in statuses),
        "cases": cases,
    }


def _tests(tests: Any) -> str | dict[str, Any]:
    if tests is None:
        raise InvalidInput("InvalidRequestContent", "The rule has no tests here; send some as 'tests'.")
    if isinstance(tests, str):
        if len(tests.encode()) > MOST_BYTES:
            raise InvalidInput("InvalidRequestContent", f"Tests may have {MOST_BYTES:,} bytes.")
        return tests
    if isinstance(tests, dict):
        return cast("dict[str, Any]", tests)
    raise InvalidInput("InvalidRequestContent", "'tests' is the text of a test file, or the object that it says.")


def _names(catalog: Catalog, text: str) -> tuple[list[dict[str, str]], dict[str, dict[str, str]]]:
    """Of the workspace the functions that a text names, and those that they name, and the columns of its own tables."""
    functions, tables = dict[str, dict[str, str]](), dict[str, dict[str, str]]()
    known = set(catalog.function_names())
    waiting = [text]
    while waiting:
        for name in set(_NAME.findall(waiting.pop())):
            function = catalog.function(name) if name in known and name not in functions else None
            if function is not None:
                functions[name] = {"name": name, "parameters": function.parameters, "body": function.body}
                waiting.append(f"{function.parameters}\n{function.body}")
            elif name not in tables and built_in(name) is None:
                table = catalog.table(name)
                if table is not None:
                    columns = {each.name: each.type.value for each in table.columns}
                    tables[name] = {each: type for each, type in columns.items() if each not in STANDARD_COLUMNS}
    return list(functions.values()), tables


def _document(services: Services, workspace: Workspace, name: str) -> Document:
    document = services.state.get(services.detections.rule_named(workspace, name).id)
    if document is None:
        raise NotFound("RuleNotFound", f"There is no rule '{name[:100]}' here any more.")
    return document


def _read(services: Services, stored: StoredTests, workspace: Workspace, name: str) -> Response:
    tests = stored.get(services.detections.rule_named(workspace, name).id)
    if tests is None:
        raise NotFound("NoTests", f"The rule '{name[:100]}' has no tests here.")
    return JsonResponse(_shown(stored, tests, with_text=True), headers={"ETag": f'"{tests.etag}"'})


def _put(services: Services, stored: StoredTests, workspace: Workspace, request: Request, body: Any) -> Response:
    rule = services.detections.rule_named(workspace, request.path_params["rule"])
    text = cast("dict[str, Any]", body).get("tests") if isinstance(body, dict) else None
    if not isinstance(text, str) or len(text.encode()) > MOST_BYTES:
        message = f"The body must be an object with 'tests', the text of a test file, of at most {MOST_BYTES:,} bytes."
        raise InvalidInput("InvalidRequestContent", message)
    is_new = request.headers.get("if-none-match", "").strip() == "*"
    tests = stored.put(rule.id, text, if_match=request.headers.get("if-match"), must_be_new=is_new)
    return JsonResponse(_shown(stored, tests, with_text=True), headers={"ETag": f'"{tests.etag}"'})


def _shown(stored: StoredTests, tests: Document, *, with_text: bool) -> dict[str, Any]:
    return {
        "rule": tests.body["rule"],
        "name": tests.name,
        "etag": tests.etag,
        "changed": arm_time(tests.modified),
        "lastRun": stored.last_run(tests),
        **({"tests": tests.body["tests"]} if with_text else {}),
    }
