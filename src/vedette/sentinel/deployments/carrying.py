"""A template carried out: resources side by side where none waits for another, then deletions, then outputs.

A resource whose predecessor failed is not begun; all others are, as Azure does it. One that was refused while others
were still to come is put once more behind them, for templates leave out dependencies that are only in a query. Going on
after a restart, resources that are done stay done, and those that were begun are put again.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from vedette.arm.templates.errors import OutputsFailed
from vedette.arm.templates.evaluate import Evaluated
from vedette.arm.templates.resource import TemplateResource
from vedette.core.errors import VedetteError
from vedette.sentinel.deployments.complete import delete_others
from vedette.sentinel.deployments.failures import ENDED_BADLY, deployment_failed, outputs_failed
from vedette.sentinel.deployments.records import operation_name, put_operation, standing, succeeded_operations
from vedette.sentinel.deployments.request import COMPLETE
from vedette.sentinel.deployments.steps import Carried, carry_out

_SIDE_BY_SIDE: Final = (4, 2)
"""Steps at a time, of a deployment and of one inside it; deeper ones have one, in the thread that carries them out."""
_LOOK: Final = 0.2  # seconds between looks whether the deployment is to go on
Json = dict[str, Any]


@dataclass(slots=True)
class _Progress:
    """Resources by their folded ids: those that wait, those at work, those that are done or will never be."""

    waiting: dict[str, TemplateResource]
    done: set[str] = field(default_factory=set[str])
    at_work: dict["Future[Json | None]", TemplateResource] = field(
        default_factory=dict["Future[Json | None]", TemplateResource]
    )
    failures: list[Json] = field(default_factory=list[Json])
    begun_at: dict[str, int] = field(default_factory=dict[str, int])
    """How many were done when a step began for the first time."""

    again: list[tuple[TemplateResource, Json]] = field(default_factory=list[tuple[TemplateResource, Json]])
    """Steps that failed for the first time, and how: they may have needed others without saying so."""

    tried: set[str] = field(default_factory=set[str])


def carry(deployment: Carried, plan: Evaluated, mode: str) -> Json:
    """Carry a plan out and give its outputs, `{name: {type, value}}`.

    Raises DeploymentFailed, and what `deployment.check` raises.
    """
    finished = succeeded_operations(deployment.context.state, deployment.id, deployment.run)
    steps = {each.id.lower(): each for each in plan.resources if each.deployed}
    progress = _Progress({id: step for id, step in steps.items() if id not in finished})
    progress.done = steps.keys() - progress.waiting.keys()
    with _executor(deployment.depth) as threads:
        while progress.waiting or progress.at_work or progress.again:
            deployment.check()
            _begin(deployment, progress, threads)
            if not progress.at_work:
                if not _wait_again(progress):
                    break
                continue
            ended, _ = wait(progress.at_work, _LOOK, FIRST_COMPLETED)
            for future in ended:
                _end(progress, progress.at_work.pop(future), future.result())
    if progress.failures:
        raise deployment_failed(deployment.id, progress.failures)
    if mode == COMPLETE:
        failed = delete_others(deployment, plan)
        if failed:
            raise deployment_failed(deployment.id, failed)
    return _outputs(deployment, plan)


class _OwnThread(Executor):
    """Does what it is given at once, in the thread that gives it: threads would be as many as powers of the depth."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def _executor(depth: int) -> Executor:
    if depth < len(_SIDE_BY_SIDE):
        return ThreadPoolExecutor(_SIDE_BY_SIDE[depth], thread_name_prefix="deployment")
    return _OwnThread()


def _begin(deployment: Carried, progress: _Progress, threads: Executor) -> None:
    """Begin every step that waits for none any more."""
    for step in [each for each in progress.waiting.values() if _folded(each.depends_on) <= progress.done]:
        del progress.waiting[step.id.lower()]
        progress.begun_at.setdefault(step.id.lower(), len(progress.done))
        progress.at_work[threads.submit(copy_context().run, carry_out, deployment, step)] = step


def _wait_again(progress: _Progress) -> bool:
    """Once nothing more can be done, have steps wait again that failed before others were done. Whether there are."""
    failed, progress.again = progress.again, []
    for step, failure in failed:
        if len(progress.done) > progress.begun_at[step.id.lower()]:
            progress.waiting[step.id.lower()] = step
        else:
            progress.failures.append(failure)
    return any(step.id.lower() in progress.waiting for step, _ in failed)


def _folded(ids: Iterable[str]) -> set[str]:
    return {each.lower() for each in ids}


def _end(progress: _Progress, step: TemplateResource, failure: Json | None) -> None:
    id = step.id.lower()
    if failure is None:
        progress.done.add(id)
    elif id in progress.tried or failure["code"] == ENDED_BADLY:
        progress.failures.append(failure)
    else:
        progress.tried.add(id)
        progress.again.append((step, failure))


def _outputs(deployment: Carried, plan: Evaluated) -> Json:
    began = deployment.context.clock.now()
    try:
        outputs = {name: each.shown() for name, each in plan.outputs(deployment.machine).items()}
    except VedetteError as error:
        failures = error.details["details"] if isinstance(error, OutputsFailed) else [_of_all(error)]
        failure = failures[0] if len(failures) == 1 else _of_all(error) | {"details": failures}
        told = {"statusCode": "BadRequest", "statusMessage": {"status": "Failed", "error": failure}}
        _note(deployment, "Failed", began, told)
        raise outputs_failed(failures) from error
    if outputs:
        _note(deployment, "Succeeded", began, {"statusCode": "OK"})
    return outputs


def _of_all(error: VedetteError) -> Json:
    return {"code": "DeploymentOutputEvaluationFailed", "target": "outputs", "message": error.message}


def _note(deployment: Carried, state: str, began: datetime, told: Json) -> None:
    properties = {
        "provisioningOperation": "EvaluateDeploymentOutput",
        **standing(state, began, deployment.context.clock.now()),
        "trackingId": deployment.run,
        **told,
    }
    with deployment.context.state.transaction() as transaction:
        put_operation(transaction, deployment.id, operation_name(deployment.run, "outputs"), properties)
