"""Solutions in a workspace. `SecurityInsights(<workspace>)` is how Sentinel was switched on before onboarding states.

https://learn.microsoft.com/rest/api/operationsmanagement/solutions
"""

import re
from typing import Any

from vedette.access.workspaces import WORKSPACE
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.resource import PATCHED_METHODS, Body, Resource, readable
from vedette.arm.shapes import any_text, arm_id, fields, list_of, text, wrong
from vedette.sentinel.onboarding_states import offboard_in, onboard_in
from vedette.state.documents import Document
from vedette.state.store import Transaction

SOLUTION = "Microsoft.OperationsManagement/solutions"
_NAME = re.compile(r"(?P<product>[\w.-]+)\((?P<workspace>[\w-]+)\)")
_SENTINEL = "securityinsights"

_plan = fields(
    {"name": text, "product": text, "publisher": text, "promotionCode": any_text, "version": any_text},
    required=("product", "publisher"),
)
_properties = fields(
    {
        "workspaceResourceId": arm_id,
        "containedResources": list_of(text),
        "referencedResources": list_of(text),
    },
    required=("workspaceResourceId",),
)


def _validate(context: Context, call: Call, body: Body) -> Body:
    named = _NAME.fullmatch(call.path.name)
    if named is None:
        raise wrong("name", "is the product's with the workspace's in parentheses, such as SecurityInsights(name)")
    properties = _properties("properties", body["properties"])
    place = "properties.workspaceResourceId"
    given = properties["workspaceResourceId"]
    context.roles.check_linked(call.principal, f"{SOLUTION}/write", call.path.id, f"{WORKSPACE}/read", [given])
    workspace = context.workspaces.by_resource_id(given)
    if workspace is None:
        raise wrong(place, f"is the id of a workspace that does not exist: {given}")
    if workspace.name.lower() != named["workspace"].lower():
        raise wrong(place, f"is the id of '{workspace.name}', and the solution is named for '{named['workspace']}'")
    plan = _plan("plan", body.get("plan"))
    return body | {"plan": {"name": call.path.name, "promotionCode": ""} | plan, "properties": properties}


def _fill(_context: Context, _call: Call, _transaction: Transaction, body: Body, _existing: Document | None) -> Body:
    own: dict[str, Any] = {"containedResources": [], "referencedResources": []}
    return body | {"properties": own | body["properties"] | {"provisioningState": "Succeeded"}}


def _switch_on(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    workspace = _switched(context, call, document)
    if workspace is not None:
        onboard_in(transaction, workspace)


def _switch_off(context: Context, call: Call, transaction: Transaction, document: Document) -> None:
    workspace = _switched(context, call, document)
    if workspace is not None:
        offboard_in(transaction, workspace)


def sentinel_of(solution: Document) -> str | None:
    """The ARM id of the workspace in which a solution switches Sentinel; None for another product's solution."""
    is_sentinel = solution.name.lower().startswith(f"{_SENTINEL}(")
    return solution.body["properties"]["workspaceResourceId"] if is_sentinel else None


def _switched(context: Context, call: Call, document: Document) -> str | None:
    """`sentinel_of`; the solution may be in another resource group than its workspace, so it takes a permission there
    too. Raises Forbidden."""
    workspace = sentinel_of(document)
    if workspace is not None:
        context.roles.check(call.principal, f"{WORKSPACE}/write", workspace)
    return workspace


SOLUTIONS = Resource(
    SOLUTION,
    key="solutionName",
    methods=PATCHED_METHODS,
    tracked=True,
    visible=readable(SOLUTION),
    read_only=frozenset({"provisioningState", "creationTime", "sku", "lastModifiedTime"}),
    validate=_validate,
    fill=_fill,
    after_put=_switch_on,
    after_delete=_switch_off,
)
