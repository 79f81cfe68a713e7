"""`onErrorDeployment`: after a failure an earlier deployment that succeeded is deployed again, in the mode Complete.

https://learn.microsoft.com/azure/azure-resource-manager/templates/rollback-on-error
"""

from collections.abc import Callable
from typing import Any

from vedette.arm.context import Context
from vedette.arm.operations import error_body
from vedette.core.errors import Conflict, NotFound, VedetteError
from vedette.core.instants import instant_of
from vedette.sentinel.deployments.places import DEPLOYMENT, deployment_id
from vedette.sentinel.deployments.records import change_properties, is_active, run_of, standing
from vedette.sentinel.deployments.request import COMPLETE
from vedette.state.documents import Document

Json = dict[str, Any]
Rerun = Callable[[str, Json, str], None]
"""Carries out a deployment of this id once more, by what was kept of it, in a mode. Raises VedetteError."""


def roll_back(context: Context, id: str, rerun: Rerun) -> None:
    """Deploy what a failed deployment wants instead of itself, unless that was done. It stays failed in any case."""
    document = context.state.get(id)
    properties = document.body["properties"] if document is not None else {}
    wanted = properties.get("onErrorDeployment")
    if wanted is None or properties.get("provisioningState") != "Failed":
        return
    if wanted.get("provisioningState") in ("Succeeded", "Failed"):
        return
    try:
        earlier = _earlier(context, id, wanted)
        wanted = {**wanted, "deploymentName": earlier.name}
        change_properties(context.state, id, {"onErrorDeployment": {**wanted, "provisioningState": "Running"}})
        _deploy_again(context, earlier, rerun)
        told = {**wanted, "provisioningState": "Succeeded"}
        changes: Json = {"onErrorDeployment": told}
    except VedetteError as error:
        failure = properties["error"]
        details = [*failure.get("details", []), error_body(error)]
        changes = {
            "onErrorDeployment": {**wanted, "provisioningState": "Failed"},
            "error": failure | {"details": details},
        }
    change_properties(context.state, id, changes)


def _earlier(context: Context, id: str, wanted: Json) -> Document:
    scope = id.rpartition("/providers/")[0]
    name = wanted.get("deploymentName")
    if name:
        found = context.state.get(deployment_id(scope, name))
        held = [found] if found is not None else []
    else:
        held = context.state.list(DEPLOYMENT, scope)
    good = [
        each
        for each in held
        if each.id.lower() != id.lower()
        and (each.body["properties"]["provisioningState"] == "Succeeded" or is_active(each))
    ]
    if not good:
        raise NotFound(
            "RollbackDeploymentNotFound",
            f"There is no deployment '{name}' that succeeded, to go back to."
            if name
            else "There is no earlier deployment that succeeded, to go back to.",
        )
    return max(good, key=lambda each: each.body["properties"]["timestamp"])


def _deploy_again(context: Context, earlier: Document, rerun: Rerun) -> None:
    run = run_of(context.state, earlier.id)
    if run is None:
        raise NotFound("RollbackDeploymentNotFound", f"The template of '{earlier.name}' is not kept any more.")
    if run["secure"]:
        raise Conflict(
            "RollbackNotPossible",
            f"The deployment '{earlier.name}' had secure parameters ({', '.join(run['secure'])}), which are not kept.",
        )
    try:
        rerun(earlier.id, run, COMPLETE)
    except VedetteError as error:
        began = instant_of(run["began"])
        changes = {**standing("Failed", began, context.clock.now()), "error": error_body(error)}
        change_properties(context.state, earlier.id, changes)
        raise
