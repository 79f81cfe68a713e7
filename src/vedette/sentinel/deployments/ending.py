"""A deployment that ends badly, with those inside it that go on no more."""

from datetime import datetime
from typing import Any

from vedette.arm.context import Context
from vedette.arm.operations import Canceled, error_body
from vedette.core.errors import NotFound, VedetteError
from vedette.core.instants import instant_of
from vedette.sentinel.deployments.places import is_group
from vedette.sentinel.deployments.records import change_properties, runs_below, standing

Json = dict[str, Any]


def end_below(context: Context, run: str, correlation: str, error: VedetteError) -> None:
    """Say of every deployment inside a run, however deep, that still goes on, that it is over."""
    for document, kept in runs_below(context.state, run, correlation):
        tell_failure(context, document.id, instant_of(kept["began"]), error)


def tell_failure(context: Context, id: str, began: datetime, error: VedetteError) -> None:
    """Write into a deployment's document that it failed, or that it was canceled."""
    state = "Canceled" if isinstance(error, Canceled) else "Failed"
    failure = error_body(error)
    if isinstance(error, Canceled):
        failure = {"code": "DeploymentCanceled", "message": "The deployment was canceled."}
    change_properties(context.state, id, {**standing(state, began, context.clock.now()), "error": failure})


def gone(id: str) -> NotFound:
    """The error of a deployment that was deleted while it was carried out, as its resource group was."""
    scope, _, name = id.rpartition("/providers/")
    if is_group(scope):
        group = scope.rpartition("/")[2]
        return NotFound("ResourceGroupNotFound", f"Resource group '{group}' could not be found.")
    return NotFound("DeploymentNotFound", f"Deployment '{name.rpartition('/')[2]}' could not be found.")
