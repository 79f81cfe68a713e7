"""A remediation carried out: its resources found, and a deployment for each, some at a time.

Going on after a restart, what is done stays done, and deployments that were begun are waited for.
"""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final

from vedette.access.scopes import covers
from vedette.arm.changes import is_same_location
from vedette.arm.operations import Canceled, Running
from vedette.core.errors import VedetteError
from vedette.core.ids import derived_id
from vedette.core.instants import arm_time
from vedette.policy.compliance import NON_COMPLIANT
from vedette.policy.target import Target
from vedette.policy.use import Use
from vedette.sentinel.policies.deploying import Outcome, deploy
from vedette.sentinel.policies.remediations import DEPLOYMENT, change, use_of
from vedette.sentinel.policies.states import look, note, note_deployment
from vedette.sentinel.policies.sweeping import sweep
from vedette.sentinel.policies.targets import find_target
from vedette.sentinel.policies.types import STATE, TASK
from vedette.state.documents import Document

if TYPE_CHECKING:
    from vedette.sentinel.policies.engine import PolicyEngine

Json = dict[str, Any]
_LOOK: Final = 0.2
_PATIENCE: Final = 300  # looks, each of which waits `_LOOK` seconds, for states that are being found


def remediate(engine: "PolicyEngine", running: Running) -> None:
    """The work of a remediation. Raises VedetteError, Canceled too, where it failed."""
    try:
        state, message = _remediated(engine, running)
    except Canceled:
        _tell(engine, running.subject, {"provisioningState": "Canceled"})
        raise
    except VedetteError as error:
        _tell(engine, running.subject, {"provisioningState": "Failed", "statusMessage": error.message})
        raise
    _tell(engine, running.subject, {"provisioningState": state} | ({"statusMessage": message} if message else {}))


def _remediated(engine: "PolicyEngine", running: Running) -> tuple[str, str]:
    context = engine.context
    document = context.state.get(running.subject)
    if document is None:
        return "Canceled", ""
    properties = document.body["properties"]
    scope = document.id.rpartition("/providers/")[0]
    assignment = context.state.get(properties["policyAssignmentId"])
    if assignment is None:
        return "Failed", f"The policy assignment '{properties['policyAssignmentId']}' is gone."
    use = use_of(context, document.name, assignment, str(properties.get("policyDefinitionReferenceId") or ""))
    _tell(engine, running.subject, {"provisioningState": "Evaluating"})
    if properties["resourceDiscoveryMode"] == "ReEvaluateCompliance":
        sweep(engine, scope)
    _wait_for_states(engine, running)
    targets = _chosen(engine, use, scope, properties)
    _tell(engine, running.subject, {"provisioningState": "InProgress"} | _counts(engine, document.id, len(targets)))
    return _carried_out(engine, running, document, use, targets)


def _wait_for_states(engine: "PolicyEngine", running: Running) -> None:
    """States are found behind a change; one that was just made is not left out."""
    for _ in range(_PATIENCE):
        if not engine.context.state.count(TASK):
            return
        running.check()
        engine.context.operations.wait("", _LOOK)


def _chosen(engine: "PolicyEngine", use: Use, scope: str, properties: Json) -> list[Target]:
    filters: Json = {name.lower(): each for name, each in (properties.get("filters") or {}).items()}
    found: list[Target] = []
    for target in _non_compliant(engine, use, scope):
        locations = filters.get("locations") or []
        ids = [str(each).lower() for each in filters.get("resourceids") or []]
        is_there = not locations or any(is_same_location(target.location, str(each)) for each in locations)
        if is_there and (not ids or target.id.lower() in ids):
            found.append(target)
        if len(found) >= properties["resourceCount"]:
            break
    return found


def _non_compliant(engine: "PolicyEngine", use: Use, scope: str) -> Iterator[Target]:
    context = engine.context
    subscription = context.estate.subscription_resource_id
    inside = scope if covers(subscription, scope or "/") else subscription
    held = context.state.list(STATE, inside, below=True)
    for document in held:
        for record in document.body["states"]:
            key = (record["assignment"].lower(), record["reference"].lower())
            if record["state"] == NON_COMPLIANT and key == (use.assignment.id.lower(), use.reference_id.lower()):
                target = find_target(context, document.body["resource"]["id"])
                if target is not None:
                    yield target


def _carried_out(
    engine: "PolicyEngine", running: Running, document: Document, use: Use, targets: list[Target]
) -> tuple[str, str]:
    done = {each.body["remediatedResourceId"].lower() for each in _deployments(engine, document.id) if _is_over(each)}
    waiting = [each for each in targets if each.id.lower() not in done]
    threshold = (document.body["properties"].get("failureThreshold") or {}).get("percentage")
    at_work: dict[Future[Outcome], Target] = {}
    with ThreadPoolExecutor(
        document.body["properties"]["parallelDeployments"], thread_name_prefix="remediation"
    ) as threads:
        while waiting or at_work:
            running.check()
            while waiting and len(at_work) < document.body["properties"]["parallelDeployments"]:
                target = waiting.pop(0)
                _note(engine, document, target, None)
                work = copy_context().run
                at_work[threads.submit(work, deploy, engine.context, engine.directory, use, target, running)] = target
            ended, _ = wait(at_work, _LOOK, FIRST_COMPLETED)
            for future in ended:
                target = at_work.pop(future)
                _settled(engine, use, target, future.result())
                _note(engine, document, target, future.result())
            if ended:
                _tell(engine, document.id, _counts(engine, document.id, len(targets)))
            if threshold is not None and _failed(engine, document.id) > threshold * max(len(targets), 1):
                waiting.clear()
    failed = [each for each in _deployments(engine, document.id) if each.body["status"] != "Succeeded"]
    if failed:
        return "Failed", f"{len(failed)} of {len(targets)} deployments failed."
    return "Succeeded", ""


def _settled(engine: "PolicyEngine", use: Use, target: Target, outcome: Outcome) -> None:
    """Look at the resource again, and keep what came of its deployment beside its state."""
    context = engine.context
    again = find_target(context, target.id)
    if again is not None:
        found = look(context, engine.catalogs.now(), again)
        with context.state.transaction() as transaction:
            note(transaction, found, context.clock.now(), is_written=False)
    note_deployment(context, target.id, (use.assignment.id, use.reference_id), outcome.told)


def _deployments(engine: "PolicyEngine", id: str) -> list[Document]:
    return engine.context.state.list(DEPLOYMENT, id)


def _is_over(deployment: Document) -> bool:
    return deployment.body["status"] in ("Succeeded", "Failed", "Canceled")


def _failed(engine: "PolicyEngine", id: str) -> int:
    return sum(1 for each in _deployments(engine, id) if each.body["status"] in ("Failed", "Canceled"))


def _counts(engine: "PolicyEngine", id: str, total: int) -> Json:
    states = [each.body["status"] for each in _deployments(engine, id)]
    counts = {
        "totalDeployments": total,
        "successfulDeployments": states.count("Succeeded"),
        "failedDeployments": states.count("Failed") + states.count("Canceled"),
    }
    return {"deploymentStatus": counts}


def _note(engine: "PolicyEngine", remediation: Document, target: Target, outcome: Outcome | None) -> None:
    """Keep how the deployment for a resource stands; None where it begins."""
    name = derived_id("remediation deployment", remediation.id.lower(), target.id.lower())
    id = f"{remediation.id}/vedette/{name}"
    now = arm_time(engine.context.clock.now(), "microseconds")
    with engine.context.state.transaction() as transaction:
        if transaction.get(remediation.id) is None:
            return
        existing = transaction.get(id)
        body: Json = {
            "remediatedResourceId": target.id,
            "deploymentId": outcome.id if outcome else "",
            "status": outcome.state if outcome else "Running",
            "resourceLocation": target.location,
            "createdOn": existing.body["createdOn"] if existing else now,
            "lastUpdatedOn": now,
        }
        if outcome is not None and outcome.error:
            body["error"] = outcome.error
        transaction.put(id=id, type=DEPLOYMENT, scope=remediation.id, name=name, body=body)


def _tell(engine: "PolicyEngine", id: str, changes: Json) -> None:
    now = arm_time(engine.context.clock.now(), "microseconds")
    with engine.context.state.transaction() as transaction:
        document = transaction.get(id)
        if document is not None:
            change(transaction, document, changes | {"lastUpdatedOn": now})
