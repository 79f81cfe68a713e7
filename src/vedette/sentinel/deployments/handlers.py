"""What deployments answer: PUT, DELETE, lists, cancel, validate and the export of a template.

https://learn.microsoft.com/rest/api/resources/deployments
"""

import re
from typing import Any

import orjson

from vedette.arm.call import Answer, Call
from vedette.arm.context import Context
from vedette.arm.operations import RETRY_HEADERS
from vedette.arm.paging import next_link, requested_page
from vedette.arm.templates.functions.hashes import template_hash
from vedette.core.errors import Conflict, InvalidInput, NotFound
from vedette.core.instants import arm_time
from vedette.sentinel.deployments.begin import begin, prepare
from vedette.sentinel.deployments.inside import around
from vedette.sentinel.deployments.places import DELETION, DEPLOYMENT, deployment_id, scope_of
from vedette.sentinel.deployments.records import is_active, remove, run_of
from vedette.sentinel.deployments.running import run_inside
from vedette.state.documents import Document

_PAGE = 1000
_FILTER = re.compile(r"\s*(?:properties/)?provisioningState\s+eq\s+'(\w+)'\s*", re.IGNORECASE)


def put(context: Context, call: Call) -> Answer:
    """Begin a deployment; one that is made by another is carried out before it is answered."""
    if around() is not None:
        return Answer(200, run_inside(context, call))
    document, operation, is_new = begin(context, call)
    address = f"{call.base}{document.id}/operationStatuses/{operation}?api-version={call.query['api-version']}"
    headers = {"Azure-AsyncOperation": address, **RETRY_HEADERS}
    return Answer(201 if is_new else 200, _body(document), headers)


def listed(context: Context, call: Call) -> Answer:
    """Those of a scope, the newest first, or with `$filter` those in one state."""
    wanted = _state(call.query.get("$filter"))
    page = requested_page(call.query, default=_PAGE, largest=_PAGE)
    found = [
        each
        for each in context.state.list(DEPLOYMENT, scope_of(call.path))
        if wanted is None or each.body["properties"]["provisioningState"].lower() == wanted
    ]
    found.sort(key=lambda each: each.body["properties"]["timestamp"], reverse=True)
    value = [_body(each) for each in found[page.offset : page.offset + page.size]]
    if len(found) <= page.offset + page.size:
        return Answer(200, {"value": value})
    return Answer(200, {"value": value, "nextLink": next_link(call.base, call.path.id, call.query, page, None)})


def delete(context: Context, call: Call) -> Answer:
    """Remove it from the history; what it made stays."""
    id = deployment_id(scope_of(call.path), call.path.name)
    with context.state.transaction() as transaction:
        document = transaction.get(id)
        if document is None:
            return Answer(204)
        if is_active(document):
            raise Conflict(
                "DeploymentActive",
                f"Unable to delete deployment '{document.name}': it is still active. Cancel it, or wait for its end.",
            )
        remove(transaction, document)
        name = context.operations.record(transaction, DELETION, id, {})
    context.operations.start(name)
    root = f"{call.base}{context.estate.subscription_resource_id}/operationresults/{name}"
    return Answer(202, None, {"Location": f"{root}?api-version={call.query['api-version']}", **RETRY_HEADERS})


def cancel(context: Context, call: Call, document: Document) -> Answer:
    """End it at its next step; what is put already stays."""
    run = run_of(context.state, document.id)
    if not is_active(document) or run is None:
        raise Conflict(
            "DeploymentCannotBeCancelled",
            f"The deployment '{document.name}' cannot be canceled, because it is over: it is "
            f"{document.body['properties']['provisioningState']}.",
        )
    if run.get("parent"):
        raise Conflict(
            "DeploymentCannotBeCancelled",
            f"The deployment '{document.name}' is part of another one. Cancel that one.",
        )
    context.operations.cancel(run["operation"])
    return Answer(204)


def validate(context: Context, call: Call) -> Answer:
    """Everything that is checked before a deployment begins, and nothing more."""
    prepared = prepare(context, call)
    properties = prepared.properties | {
        "provisioningState": "Succeeded",
        "timestamp": arm_time(context.clock.now(), "microseconds"),
        "duration": "PT0S",
        "validatedResources": [{"id": each.resource.id} for each in prepared.resources],
    }
    return Answer(200, {"id": prepared.id, "name": call.path.name, "type": DEPLOYMENT, "properties": properties})


def export(context: Context, _call: Call, document: Document) -> Answer:
    """The template as it was deployed."""
    run = run_of(context.state, document.id)
    if run is None or not run.get("template"):
        raise NotFound("DeploymentTemplateNotFound", f"The template of '{document.name}' is not kept any more.")
    return Answer(200, {"template": run["template"]})


def _body(document: Document) -> dict[str, Any]:
    return {"id": document.id, "name": document.name, "type": document.type, **document.body}


def _state(text: str | None) -> str | None:
    if not text:
        return None
    match = _FILTER.fullmatch(text)
    if match is None:
        raise InvalidInput("InvalidFilter", "Deployments are filtered by: provisioningState eq 'a state'.")
    return match.group(1).lower()


def calculate_hash(_context: Context, call: Call) -> Answer:
    """The hash of the template in the body, and the template on one line."""
    if not isinstance(call.body, dict):
        raise InvalidInput("InvalidRequestContent", "The request content is a template, which is an object.")
    return Answer(200, {"minifiedTemplate": orjson.dumps(call.body).decode(), "templateHash": template_hash(call.body)})
