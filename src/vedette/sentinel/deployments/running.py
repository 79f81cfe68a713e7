"""The work of a deployment, from its beginning to what its document says at its end.

It is an operation of the server, so one that a restart interrupts goes on with the next start, by what was kept of it.
Deployments inside it are carried out by the step that makes them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from vedette.access.principals import Principal
from vedette.arm.call import Call
from vedette.arm.context import Context
from vedette.arm.operations import Canceled, Running
from vedette.arm.templates.evaluate import Evaluated, evaluate_template
from vedette.core.acting import acting, current_act
from vedette.core.errors import Conflict, Forbidden, VedetteError
from vedette.core.ids import derived_id
from vedette.core.instants import instant_of
from vedette.sentinel.deployments.begin import holds_secrets, prepare, refuse_active, write
from vedette.sentinel.deployments.carrying import carry
from vedette.sentinel.deployments.ending import end_below, gone, tell_failure
from vedette.sentinel.deployments.facts import facts_of, management_of
from vedette.sentinel.deployments.failures import own_error
from vedette.sentinel.deployments.inside import around
from vedette.sentinel.deployments.itself import itself, itself_again
from vedette.sentinel.deployments.links import QUERY, Linked
from vedette.sentinel.deployments.places import deployment_id, scope_of
from vedette.sentinel.deployments.records import change_properties, is_active, principal_from, run_of, standing
from vedette.sentinel.deployments.rollback import roll_back
from vedette.sentinel.deployments.spellings import with_places
from vedette.sentinel.deployments.steps import Carried
from vedette.state.documents import Document

Json = dict[str, Any]


def deploy(context: Context, running: Running) -> None:
    """Carry a deployment out that was begun. Raises VedetteError, Canceled too, where it failed."""
    id = running.subject
    document, run = context.state.get(id), run_of(context.state, id)
    if document is None or run is None or run["operation"] != running.id:
        raise Conflict("DeploymentReplaced", f"The deployment '{id}' was replaced or deleted.")
    act = current_act()
    assert act is not None
    with acting(replace(act, correlation_id=run["correlation"])):
        if is_active(document):
            try:
                _carried_out(context, running, id, run)
            except VedetteError as error:
                if running.is_stopping:
                    raise
                _ended_badly(context, id, run, error)
            except Exception:
                _ended_badly(context, id, run, own_error(running.id))
                raise
        asked_by = run["principal"]
        roll_back(context, id, lambda each, kept, mode: rerun(context, running, asked_by, each, kept, mode), running)
    _raise_failure(context, id)


def _carried_out(context: Context, running: Running, id: str, run: Json) -> None:
    running.check()
    missing = [name for name in run["secure"] if name not in running.unkept]
    if missing:
        raise Conflict(
            "DeploymentInterrupted",
            f"The server was restarted while '{id.rpartition('/')[2]}' was deployed, and secure parameters "
            f"({', '.join(missing)}) are not kept: deploy it again.",
        )
    secure = dict(running.unkept)
    query = str(secure.pop(QUERY, ""))
    parameters = run["parameters"] | secure
    deployment = _carried(context, running.check, id, run, running.id, run["correlation"], query)
    _carry(context, deployment, run, parameters, run["mode"])


def rerun(context: Context, running: Running, asked_by: Json, id: str, run: Json, mode: str) -> None:
    """Carry a deployment of the history out once more, with the rights of the kept principal whose deployment failed
    and not of who made the earlier one. Raises VedetteError."""
    run = run | {"principal": asked_by}
    deployment = _carried(context, running.check, id, run, f"{running.id}/{run['operation']}", run["correlation"])
    _carry(context, deployment, run, run["parameters"], mode)


def _carried(
    context: Context, check: Callable[[], None], id: str, run: Json, name: str, correlation: str, query: str = ""
) -> Carried:
    linked = Linked(run["template"], run.get("link"), run["uri"], run["beside"], run["path"], query)
    principal, secret = _caller_now(context, run["principal"]), any(each != QUERY for each in run["secure"])
    return Carried(context, principal, id, name, correlation, run["base"], linked, 0, check, secret)


def _caller_now(context: Context, kept: Json) -> Principal:
    """The caller that was remembered, with the groups that they are in now; one of another tenant as they were then.

    Raises Forbidden for one who may not sign in any more.
    """
    principal = principal_from(kept)
    if principal.tenant_id != context.estate.tenant_id:
        return principal
    known = management_of(context).caller(principal.object_id)
    if known is None:
        raise Forbidden(
            "AuthorizationFailed",
            f"The client '{principal.name}' with object id '{principal.object_id}', who asked for the deployment, is "
            "gone from the directory or may not sign in any more.",
        )
    return replace(principal, groups=known.groups)


def _carry(context: Context, deployment: Carried, run: Json, parameters: Json, mode: str) -> None:
    """Evaluate what was kept, and carry it out."""
    id, began = deployment.id, instant_of(run["began"])
    document = context.state.get(id)
    if document is None:
        raise gone(id)
    shown = itself_again(run)
    told = itself(document.name, document.body.get("location"), deployment.linked, shown, mode)
    scope = id.rpartition("/providers/")[0]
    facts = facts_of(context, deployment.principal, scope, told, deployment.base, began)
    given = {name: {"value": each} for name, each in parameters.items()}
    evaluated = evaluate_template(with_places(run["template"]), given, facts)
    carry_and_tell(deployment, evaluated, mode, began)


def carry_and_tell(deployment: Carried, evaluated: Evaluated, mode: str, began: datetime) -> Document:
    """Carry a deployment out; at its end its document has what came of it. Raises VedetteError where it failed."""
    context = deployment.context
    change_properties(context.state, deployment.id, standing("Running", began, context.clock.now()))
    outputs = carry(deployment, evaluated, mode)
    resources = [{"id": each.id} for each in evaluated.resources if each.deployed and not each.is_deployment]
    nested = [
        one
        for each in evaluated.resources
        if each.deployed and each.is_deployment
        for one in _output_resources(context, each.id)
    ]
    document = change_properties(
        context.state,
        deployment.id,
        {
            **standing("Succeeded", began, context.clock.now()),
            "outputs": outputs,
            "outputResources": [*resources, *nested],
        },
    )
    if document is None:
        raise gone(deployment.id)
    return document


def _output_resources(context: Context, id: str) -> list[Json]:
    document = context.state.get(id)
    return document.body["properties"].get("outputResources", []) if document is not None else []


def run_inside(context: Context, call: Call) -> Json:
    """Carry out a deployment that another one makes, in its thread. Raises VedetteError where it failed."""
    made_by = around()
    assert made_by is not None
    id = deployment_id(scope_of(call.path), call.path.name)
    existing, run = context.state.get(id), run_of(context.state, id)
    goes_on = is_active(existing) and run is not None and run["parent"] == made_by.run
    if not goes_on:
        refuse_active(existing)
    known = run["parameters"] if goes_on and run is not None else None
    prepared = prepare(context, call, made_by, known)
    name = derived_id("nested deployment", made_by.run, id.lower())
    began = prepared.began
    if not goes_on:
        with context.state.transaction() as transaction:
            refuse_active(transaction.get(id))
            write(context, transaction, call, prepared, name, made_by)
    deployment = Carried(
        context,
        call.principal,
        id,
        name,
        prepared.correlation,
        call.base,
        prepared.request.linked,
        made_by.depth,
        made_by.check,
        holds_secrets(prepared, made_by) or any(each.secure for each in prepared.evaluated.parameters),
        made_by.begun,
    )
    try:
        document = carry_and_tell(deployment, prepared.evaluated, prepared.request.mode, began)
    except VedetteError as error:
        tell_failure(context, id, began, error)
        raise
    except Exception:
        tell_failure(context, id, began, own_error(made_by.run))
        raise
    return {"id": document.id, "name": document.name, "type": document.type, **document.body}


def _ended_badly(context: Context, id: str, run: Json, error: VedetteError) -> None:
    """Say of a deployment, and of those inside it that were interrupted, that they are over."""
    began = instant_of(run["began"])
    end_below(context, run["operation"], run["correlation"], error)
    tell_failure(context, id, began, error)


def _raise_failure(context: Context, id: str) -> None:
    """The operation ends as its deployment did."""
    document = context.state.get(id)
    if document is None:
        raise gone(id)
    properties = document.body["properties"]
    error = properties.get("error")
    if error is None:
        return
    kind = Canceled if properties["provisioningState"] == "Canceled" else VedetteError
    raise kind(
        error["code"], error["message"], **{name: error[name] for name in ("target", "details") if name in error}
    )
