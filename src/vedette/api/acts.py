"""Whose request a change is part of: told to whoever records it, and recorded for writes that changed no document."""

from collections.abc import Callable
from dataclasses import replace

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vedette.access.principals import Principal
from vedette.api.errors import status_of
from vedette.api.planes import Plane
from vedette.api.request_addresses import address_of
from vedette.arm.call import Answer, Call
from vedette.arm.resource import ResourceTypes
from vedette.core.acting import Act, Who, acting, current_act
from vedette.core.clock import Clock
from vedette.core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unsupported,
    VedetteError,
)
from vedette.log_management.audit import Audit

_RECORDED = (Conflict, Forbidden, InvalidInput, NotFound, PreconditionFailed, TooLarge, Unsupported)
_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}
_log = structlog.get_logger("vedette.api")


class Acts:
    """The middleware that says of all that a request does whose it is; it comes after the bearer check."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as an act of its caller."""
        principal = scope.get("state", {}).get("principal")
        if scope["type"] != "http" or not isinstance(principal, Principal):
            await self._app(scope, receive, send)
            return
        with acting(_act(Request(scope), principal, self._clock)):
            await self._app(scope, receive, send)


def _act(request: Request, principal: Principal, clock: Clock) -> Act:
    state = request.scope["state"]
    return Act(
        who_of(principal, address_of(request)),
        clock.now(),
        method=request.method,
        uri=str(request.url),
        request_id=state.get("request_id", ""),
        correlation_id=state.get("correlation_id", ""),
        client_request_id=state.get("client_request_id", ""),
    )


def who_of(principal: Principal, ip_address: str) -> Who:
    """A caller as records name it."""
    return Who(
        principal.name,
        principal.kind.value,
        principal.object_id,
        principal.application_id or "",
        principal.tenant_id,
        principal.user_name or "",
        ip_address,
    )


def recorded(audit: Audit, types: ResourceTypes, call: Call, work: Callable[[], Answer]) -> Answer:
    """What `work` answers to a call of the management plane, which is on record when it is a write.

    Call it in the request's own context, or in a thread that was lent to it; a request that holds several calls has
    each recorded for itself.
    """
    request = current_act()
    if request is None or call.method not in (*_VERBS, "POST"):
        return work()
    operation, resource_id = operation_of(types, call)
    act = replace(request, method=call.method, operation=operation, resource_id=resource_id, is_told=False)
    try:
        with acting(act):
            answer = work()
    except VedetteError as error:
        if isinstance(error, _RECORDED) and _is_attempt(call, error):
            _note(audit, act, status_of(Plane.ARM, error), error)
        raise
    if call.method != "POST" or answer.status == 202 or _hands_out(act.operation):
        audit.ended(act, answer.status)
    return answer


def operation_of(types: ResourceTypes, call: Call) -> tuple[str, str]:
    """The action of Azure that a write is, such as `Microsoft.X/things/write`, and the id of the resource it names."""
    owner = call.path.parent if call.method == "POST" and not call.path.is_item else None
    if call.method == "POST" and owner is not None:
        named = types.get(owner.type)
        return f"{named.type if named else owner.type}/{call.path.types[-1]}/action", owner.id or "/"
    named = types.get(call.path.type)
    type = named.type if named else call.path.type
    if call.method != "POST":
        return f"{type}/{_VERBS[call.method]}", call.path.id or "/"
    parts = (type, call.path.name if call.path.is_item else "", "action")
    return "/".join(part for part in parts if part), call.path.parent_id or "/"


def _hands_out(operation: str) -> bool:
    """Whether an action's answer is a secret, which leaves a trace as it does in Azure."""
    action = operation.split("/")[-2].lower() if "/" in operation else ""
    return any(word in action for word in ("key", "secret", "token", "callback"))


def _is_attempt(call: Call, error: VedetteError) -> bool:
    """Whether a failure is one to change something: of a POST, which may only ask, a refusal."""
    return call.method != "POST" or isinstance(error, Forbidden | Conflict | PreconditionFailed)


def _note(audit: Audit, act: Act, status: int, error: VedetteError) -> None:
    try:
        audit.ended(act, status, error.code, error.message)
    except VedetteError as failure:  # the caller is told what failed first
        _log.error("a failed write could not be recorded", reason=failure.message, request_id=act.request_id)
