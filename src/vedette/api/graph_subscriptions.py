"""`/subscriptions`: who is told of changes of alerts and incidents, and where.

https://learn.microsoft.com/graph/api/resources/subscription
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from vedette.access.principals import Principal, PrincipalKind
from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import page
from vedette.api.graph_permissions import TENANT_ADMINISTRATION
from vedette.api.graph_security_access import PERMISSIONS, READ, tenant_of
from vedette.api.graph_security_answers import not_found
from vedette.api.json_response import JsonResponse
from vedette.api.services import Services
from vedette.core.errors import Conflict, InvalidInput
from vedette.graph_security.collections import Tenant
from vedette.graph_security.delivery import validate
from vedette.graph_security.subscriptions import (
    MOST,
    SUBSCRIPTION,
    Subscription,
    document_id,
    put_subscription,
    read_change,
    read_new,
    read_subscription,
    shown,
)
from vedette.sentinel.onboarding_states import is_onboarded

_WHAT: Final = "subscriptions"
_CONTEXT: Final = "https://graph.microsoft.com/{version}/$metadata#subscriptions/$entity"


def subscriptions(call: GraphCall) -> Response:
    """Make, list, renew and end subscriptions. Raises InvalidInput, Forbidden, NotFound, Conflict, Unsupported."""
    match call.method, call.segments[1:]:
        case "GET", ():
            told = [shown(each) for each in _own(call)]
            return JsonResponse(page(told, call.version, _WHAT))
        case "POST", ():
            return _make(call)
        case "GET", (id,):
            return _one(call, shown(_found(call, id)))
        case "PATCH", (id,):
            return _change(call, id)
        case "DELETE", (id,):
            with call.services.state.transaction() as transaction:
                transaction.delete(document_id(_found(call, id).id))
            return Response(status_code=204)
        case "POST", (id, action) if action.lower().removeprefix("microsoft.graph.") == "reauthorize":
            return _reauthorize(call, id)
        case _:
            raise call.not_served()


def reach_of(services: Services, subscription: Subscription) -> Tenant | None:
    """The workspaces that a subscription's maker reaches now; None where they may not be told any more."""
    maker, permissions = subscription.creator_id, PERMISSIONS[subscription.subject.noun][0]
    if services.directory.caller(maker) is None:
        return None
    access = services.roles.access_of([maker, *services.directory.groups_of(maker)])
    every = [each for each in services.workspaces.all() if is_onboarded(services.state, each.resource_id)]
    if subscription.reach is None:
        granted = services.directory.permissions_of(maker) & permissions
        if not granted and not access.allows(TENANT_ADMINISTRATION, "/"):
            return None
    else:
        held = set(subscription.reach)
        every = [each for each in every if each.resource_id in held and access.allows(READ, each.resource_id)]
        if not every:
            return None
    reached = {each.resource_id.lower(): each for each in every}
    return Tenant(services.state, services.estate.tenant_id, services.estate.workspace_id, reached)


def _make(call: GraphCall) -> Response:
    services, principal = call.services, call.principal
    made = read_new(
        call.sent(),
        services.clock.now(),
        id=services.new_id(),
        application_id=principal.application_id,
        creator_id=principal.object_id,
    )
    tenant = tenant_of(call, made.subject.noun)
    made = replace(made, reach=_reach(services, principal, tenant, made))
    if sum(1 for _ in _own(call)) >= MOST:
        raise Conflict("Conflict", f"The caller has {MOST} subscriptions already, which is the most.")
    for url in filter(None, (made.notification_url, made.lifecycle_url)):
        validate(url, f"Validation: {services.new_id()}", services.settings.egress)
    with services.state.transaction() as transaction:
        put_subscription(transaction, made)
    return JsonResponse(_entity(call, shown(made, with_state=True)), 201)


def _reach(services: Services, principal: Principal, tenant: Tenant, made: Subscription) -> tuple[str, ...] | None:
    """None for who may see the whole tenant; of a person the workspaces that it is."""
    if principal.kind is not PrincipalKind.USER or reach_of(services, made) is not None:
        return None
    return tuple(each.resource_id for each in tenant.workspaces.values())


def _change(call: GraphCall, id: str) -> Response:
    services, found = call.services, _found(call, id)
    changed = replace(found, **read_change(call.sent(), services.clock.now()))
    if changed.notification_url != found.notification_url:
        validate(changed.notification_url, f"Validation: {services.new_id()}", services.settings.egress)
    return _put(call, changed)


def _reauthorize(call: GraphCall, id: str) -> Response:
    """The caller may still read it: that is all there is to see."""
    found = _found(call, id)
    tenant_of(call, found.subject.noun)
    _put(call, replace(found, is_warned=False, made=call.services.clock.now()))
    return Response(status_code=204)


def _put(call: GraphCall, changed: Subscription) -> Response:
    with call.services.state.transaction() as transaction:
        if transaction.get(document_id(changed.id)) is None:
            raise not_found("subscription", changed.id)
        put_subscription(transaction, changed)
    return _one(call, shown(changed))


def _own(call: GraphCall) -> Iterator[Subscription]:
    """The caller's own, the oldest first."""
    _check_any(call)
    for document in call.services.state.list(SUBSCRIPTION):
        subscription = read_subscription(document)
        if subscription.creator_id == call.principal.object_id:
            yield subscription


def _found(call: GraphCall, id: str) -> Subscription:
    """One of the caller's own. Raises NotFound."""
    found = next((each for each in _own(call) if each.id.lower() == id.lower()), None)
    if found is None:
        raise not_found("subscription", id)
    return found


def _check_any(call: GraphCall) -> None:
    """Return if the caller is of this tenant; whose subscription it is says the rest. Raises InvalidInput."""
    if call.principal.tenant_id != call.services.estate.tenant_id:
        raise InvalidInput("InvalidRequest", "Subscriptions are for callers of this server's own tenant.")


def _one(call: GraphCall, told: dict[str, Any]) -> Response:
    return JsonResponse(_entity(call, told))


def _entity(call: GraphCall, told: dict[str, Any]) -> dict[str, Any]:
    return {"@odata.context": _CONTEXT.format(version=call.version), **told}
