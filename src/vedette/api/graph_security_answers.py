"""What the collections of Graph's security API answer alike: one object, a count, and that there is none."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.responses import PlainTextResponse, Response

from vedette.api.graph_call import GraphCall
from vedette.api.graph_query import selected
from vedette.api.graph_security_query import chosen, refuse_unknown
from vedette.api.json_response import JsonResponse
from vedette.arm.odata import parse_filter
from vedette.core.errors import NotFound
from vedette.graph_security.alert_changes import change_alert
from vedette.graph_security.alert_rows import last_rows
from vedette.graph_security.collections import Tenant
from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.listing import Collection, number
from vedette.graph_security.triage import Triage, triage_of

_CONTEXT: Final = "https://graph.microsoft.com/{version}/$metadata#{what}/$entity"


def one(call: GraphCall, shown: Mapping[str, Any], what: str) -> Response:
    """The answer with one object of a collection, or what `$select` leaves of it."""
    refuse_unknown(call.query)
    context = {"@odata.context": _CONTEXT.format(version=call.version, what=what)}
    return JsonResponse(context | chosen(shown, selected(call.query)))


def counted(call: GraphCall, collection: Collection) -> Response:
    """The answer to `…/$count`."""
    text = call.query.get("$filter", "")
    return PlainTextResponse(str(number(collection, parse_filter(text) if text.strip() else None)))


def alert_of(tenant: Tenant, id: str) -> FoundAlert:
    """The alert of an id. Raises NotFound."""
    found = tenant.alert(id)
    if found is None:
        raise not_found("alert", id)
    return found


def not_found(noun: str, id: str) -> NotFound:
    """What is said of an id that nothing has."""
    return NotFound("ResourceNotFound", f"The {noun} '{id[:100]}' does not exist.")


Read = Callable[[FoundAlert], tuple[str, Triage]]
"""What becomes of an alert as it is now: its status, and what Graph keeps of it."""


def keep(call: GraphCall, alert: FoundAlert, read: Read) -> FoundAlert:
    """Carry out a change of an alert, and give it as it is then. Raises what `read` raises, and NotFound."""
    services, now = call.services, call.services.clock.now()
    last = last_rows(services.logs, alert.workspace, [alert], now).get(alert.document.name)
    with services.state.transaction() as transaction:
        document = transaction.get(alert.document.id)
        if document is None:
            raise not_found("alert", alert.document.name)
        current = FoundAlert(alert.state, alert.workspace, document, triage_of(transaction, document.id))
        status, triage = read(current)
        return change_alert(transaction, current, status, triage, last, now)
