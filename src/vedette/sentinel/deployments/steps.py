"""One resource of a template carried out: its body evaluated, put, waited for, and its operation kept."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from vedette.access.principals import Principal
from vedette.arm.call import Answer
from vedette.arm.context import Context
from vedette.arm.templates.resource import TemplateResource
from vedette.core.errors import Conflict, NotFound, Passing, Throttled, TimedOut, VedetteError
from vedette.sentinel.deployments.facts import Machine, addressed, management_of, replacing
from vedette.sentinel.deployments.failures import ended_badly, failed_resource, status_code
from vedette.sentinel.deployments.inside import Begun, Inside, inside
from vedette.sentinel.deployments.links import Linked
from vedette.sentinel.deployments.records import has_begun, operation_name, put_operation, standing

_ATTEMPTS: Final = 5
_FIRST_PAUSE: Final = 0.5  # seconds before something that could not be done at the time is tried again
_POLL: Final = 0.2  # seconds between looks at a resource's own operation
_LONGEST: Final = 25 * 3600.0  # seconds until a resource has to be ready; a script may take a day
_ENDED: Final = frozenset({"succeeded", "failed", "canceled"})
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Carried:
    """A deployment as its steps see it. `check` raises where it is not to go on; `run` is the id of the run."""

    context: Context
    principal: Principal
    id: str
    run: str
    correlation: str
    base: str
    linked: Linked
    depth: int
    check: Callable[[], None]
    secret: bool = False
    """Whether it has secure parameters, or a template that one with such has evaluated."""
    begun: Begun = field(default_factory=Begun)

    @property
    def machine(self) -> Machine:
        """The resources that are there, as whoever deploys sees them."""
        return Machine(self.context, self.principal, self.base)


def carry_out(deployment: Carried, step: TemplateResource) -> Json | None:
    """Put a resource and wait until it is there. What failed, as the deployment tells of it, or None."""
    began = deployment.context.clock.now()
    again = has_begun(deployment.context.state, deployment.id, deployment.run, step.id)
    _note(deployment, step, "Create", "Running", began, {})
    try:
        answer = _put(deployment, step, again=again)
        failure = _waited(deployment, step, answer)
    except VedetteError as error:
        failure = failed_resource(step.id, error)
        code = status_code(error)
    else:
        code = "OK" if answer.status == 200 else "Created"
        code = code if failure is None else "Conflict"
    if failure is None:
        _note(deployment, step, "Create", "Succeeded", began, {"statusCode": code})
        return None
    told = {"statusCode": code, "statusMessage": {"status": "Failed", "error": failure}}
    _note(deployment, step, "Create", "Failed", began, told)
    return failure


def _put(deployment: Carried, step: TemplateResource, *, again: bool) -> Answer:
    """Put the resource; `again` where that was begun before a restart, so that it may still be at work on that."""
    settled: Json | None = None
    body = replacing(deployment.context, step.id, step.body(deployment.machine))
    within = Inside(
        deployment.run,
        deployment.correlation,
        deployment.linked,
        deployment.depth + 1,
        deployment.check,
        deployment.secret,
        deployment.begun,
    )
    pause = _FIRST_PAUSE
    for attempt in range(_ATTEMPTS):
        deployment.check()
        try:
            with inside(within if step.is_deployment else None):
                return management_of(deployment.context).call(
                    deployment.principal, "PUT", addressed(step.id, step.api_version), body, base=deployment.base
                )
        except Conflict:
            if not again:
                raise
            if settled is not None and _is_good(_state_of(settled)):
                return Answer(200, settled)
            found = None if settled is not None else _at_work(deployment, step)
            if found is None:
                raise
            settled = _settled(deployment, step, found)
        except (Passing, Throttled):
            if attempt == _ATTEMPTS - 1:
                raise
            threading.Event().wait(pause)
            pause *= 2
    raise AssertionError("the last attempt returns or raises")


def _waited(deployment: Carried, step: TemplateResource, answer: Answer) -> Json | None:
    """Wait for what a resource does after it was accepted. Its failure, or None."""
    address = answer.headers.get("Azure-AsyncOperation")
    if address is not None:
        return _operation_ended(deployment, step, address)
    if answer.status in (201, 202) and "Location" in answer.headers:
        return _location_ended(deployment, step, answer.headers["Location"])
    state = _state_of(_settled(deployment, step, answer.body))
    return None if state is None or _is_good(state) else ended_badly(step.id, state, None)


def _is_good(state: str | None) -> bool:
    return state is not None and state.lower() == "succeeded"


def _is_at_work(body: Any) -> bool:
    state = _state_of(body)
    return state is not None and state.lower() not in _ENDED


def _at_work(deployment: Carried, step: TemplateResource) -> Json | None:
    """The resource, where it is there and not ready yet."""
    try:
        found = deployment.machine.resource(step.id, step.api_version)
    except NotFound:
        return None
    return found if _is_at_work(found) else None


def _settled(deployment: Carried, step: TemplateResource, body: Any) -> Any:
    """The resource once it is ready, or has failed. Raises TimedOut."""
    until = time.monotonic() + _LONGEST
    while _is_at_work(body):
        _pause(deployment, step, until)
        body = deployment.machine.resource(step.id, step.api_version)
    return body


def _operation_ended(deployment: Carried, step: TemplateResource, address: str) -> Json | None:
    parts, until = urlsplit(address), time.monotonic() + _LONGEST
    while True:
        asked = management_of(deployment.context).call(deployment.principal, "GET", f"{parts.path}?{parts.query}")
        body = cast("Json", asked.body or {})
        state = str(body.get("status", "Succeeded"))
        if state.lower() in _ENDED:
            return None if state.lower() == "succeeded" else ended_badly(step.id, state, body.get("error"))
        _pause(deployment, step, until)


def _location_ended(deployment: Carried, step: TemplateResource, address: str) -> Json | None:
    parts, until = urlsplit(address), time.monotonic() + _LONGEST
    while True:
        try:
            asked = management_of(deployment.context).call(deployment.principal, "GET", f"{parts.path}?{parts.query}")
        except NotFound:
            return None
        except VedetteError as error:
            return ended_badly(step.id, "Failed", failed_resource(step.id, error))
        if asked.status != 202:
            return None
        _pause(deployment, step, until)


def _pause(deployment: Carried, step: TemplateResource, until: float) -> None:
    """Wait a while. Raises TimedOut where that was done for too long, and what `deployment.check` raises."""
    deployment.check()
    if time.monotonic() > until:
        raise TimedOut("ResourceDeploymentTimeout", f"The resource '{step.id}' did not become ready in time.")
    threading.Event().wait(_POLL)


def _state_of(body: Any) -> str | None:
    """The provisioning state that a resource tells of itself, if it does."""
    properties = cast("Json", body).get("properties") if isinstance(body, dict) else None
    state = cast("Json", properties).get("provisioningState") if isinstance(properties, dict) else None
    return state if isinstance(state, str) else None


def _note(
    deployment: Carried, step: TemplateResource, operation: str, state: str, began: datetime, more: Mapping[str, Any]
) -> None:
    now = deployment.context.clock.now()
    properties: Json = {
        "provisioningOperation": operation,
        **standing(state, began, now),
        "trackingId": deployment.run,
        "targetResource": {"id": step.id, "resourceType": step.type, "resourceName": step.name},
        **more,
    }
    if step.symbolic_name:
        properties["targetResource"]["symbolicName"] = step.symbolic_name
    with deployment.context.state.transaction() as transaction:
        put_operation(transaction, deployment.id, operation_name(deployment.run, step.id), properties)
