"""`onErrorDeployment`: after a failure an earlier deployment that succeeded is deployed again, in the mode Complete.

https://learn.microsoft.com/azure/azure-resource-manager/templates/rollback-on-error
"""

from collections.abc import Callable
from typing import Any

import structlog

from vedette.arm.context import Context
from vedette.arm.operations import Running, error_body
from vedette.core.errors import Conflict, NotFound, VedetteError
from vedette.core.instants import instant_of
from vedette.sentinel.deployments.ending import end_below, tell_failure
from vedette.sentinel.deployments.failures import own_error
from vedette.sentinel.deployments.places import DEPLOYMENT, deployment_id
from vedette.sentinel.deployments.records import change_properties, is_active, run_of, standing, write_properties
from vedette.sentinel.deployments.request import COMPLETE
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

Json = dict[str, Any]
Rerun = Callable[[str, Json, str], None]
"""Carries out a deployment of this id once more, by what was kept of it, in a mode. Raises VedetteError."""

_log = structlog.get_logger(__name__)


def roll_back(context: Context, id: str, rerun: Rerun, running: Running) -> None:
    """Deploy what a failed deployment wants instead of itself, unless that was done. It stays failed in any case."""
    document = context.state.get(id)
    properties = document.body["properties"] if document is not None else {}
    wanted = properties.get("onErrorDeployment")
    if wanted is None or properties.get("provisioningState") != "Failed":
        return
    if wanted.get("provisioningState") in ("Succeeded", "Failed"):
        return
    try:
        with context.state.transaction() as transaction:
            earlier = earlier_deployment(transaction, id, wanted)
            run = _run_to_repeat(transaction, earlier)
            wanted = {**wanted, "deploymentName": earlier.name}
            began = standing("Running", instant_of(run["began"]), context.clock.now())
            write_properties(transaction, earlier.id, began)  # both at once, so that nobody else begins it
            write_properties(transaction, id, {"onErrorDeployment": {**wanted, "provisioningState": "Running"}})
        _deploy_again(context, earlier, run, rerun, running)
        told = {**wanted, "provisioningState": "Succeeded"}
        changes: Json = {"onErrorDeployment": told}
    except VedetteError as error:
        if running.is_stopping:
            raise
        failure = properties["error"]
        details = [*failure.get("details", []), error_body(error)]
        changes = {
            "onErrorDeployment": {**wanted, "provisioningState": "Failed"},
            "error": failure | {"details": details},
        }
    change_properties(context.state, id, changes)


def earlier_deployment(state: StateStore | Transaction, id: str, wanted: Json) -> Document:
    """What the deployment with this id goes back to, as its `onErrorDeployment` says: one that succeeded and that no
    other deployment made, or one that is being deployed again for this one already. Raises NotFound."""
    scope = id.rpartition("/providers/")[0]
    name = wanted.get("deploymentName")
    if name:
        found = state.get(deployment_id(scope, name))
        held = [found] if found is not None else []
    else:
        held = state.list(DEPLOYMENT, scope)
    begun = bool(name) and wanted.get("provisioningState") == "Running"
    good = [
        each
        for each in held
        if each.id.lower() != id.lower()
        and (each.body["properties"]["provisioningState"] == "Succeeded" or (begun and is_active(each)))
    ]
    for each in sorted(good, key=lambda each: each.body["properties"]["timestamp"], reverse=True):
        run = run_of(state, each.id)
        if run is None or not run.get("parent"):
            return each
    raise NotFound(
        "RollbackDeploymentNotFound",
        f"There is no deployment '{name}' that succeeded, to go back to."
        if name
        else "There is no earlier deployment that succeeded, to go back to.",
    )


def _run_to_repeat(state: Transaction, earlier: Document) -> Json:
    """What the earlier deployment was begun with. Raises NotFound, Conflict."""
    run = run_of(state, earlier.id)
    if run is None:
        raise NotFound("RollbackDeploymentNotFound", f"The template of '{earlier.name}' is not kept any more.")
    if run["secure"]:
        raise Conflict(
            "RollbackNotPossible",
            f"The deployment '{earlier.name}' had secure parameters ({', '.join(run['secure'])}), which are not kept.",
        )
    return run


def _deploy_again(context: Context, earlier: Document, run: Json, rerun: Rerun, running: Running) -> None:
    try:
        rerun(earlier.id, run, COMPLETE)
    except VedetteError as error:
        if not running.is_stopping:
            _ended_badly(context, running, earlier, run, error)
        raise
    except Exception as error:
        _log.exception("a deployment could not be deployed again", operation=running.id, deployment=earlier.id)
        failure = own_error(running.id)
        _ended_badly(context, running, earlier, run, failure)
        raise failure from error


def _ended_badly(context: Context, running: Running, earlier: Document, run: Json, error: VedetteError) -> None:
    end_below(context, f"{running.id}/{run['operation']}", run["correlation"], error)
    tell_failure(context, earlier.id, instant_of(run["began"]), error)
