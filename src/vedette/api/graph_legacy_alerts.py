"""`/security/alerts`, the first generation: https://learn.microsoft.com/graph/api/alert-list.

The service has deprecated it; here it stays, for it is what scripts and connectors of that time speak.
"""

from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final, cast

from starlette.responses import Response

from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import page
from vedette.api.graph_security_access import tenant_of
from vedette.api.graph_security_answers import alert_of, counted, keep, not_found, one
from vedette.api.graph_security_query import FURTHEST_SKIP, answer_list
from vedette.api.json_response import JsonResponse
from vedette.core.errors import InvalidInput, NotFound
from vedette.graph_security.alert_changes import read_legacy_change
from vedette.graph_security.collections import NEWEST_ALERTS, Tenant
from vedette.graph_security.found_alert import FoundAlert
from vedette.graph_security.legacy_alert import vendor_information
from vedette.graph_security.names import SENTINEL

MOST_UPDATES: Final = 100
_NAME: Final = "alerts"
_WHAT: Final = "security/alerts"
_PREFERS: Final = "return=representation"


def legacy_alerts(call: GraphCall) -> Response:
    """List, get and change alerts. Raises InvalidInput, Forbidden, NotFound, Unsupported."""
    match call.method, call.segments[2:]:
        case "GET", ():
            collection = tenant_of(call, _NAME).legacy_alerts()
            return answer_list(call, collection, _WHAT, NEWEST_ALERTS, furthest=FURTHEST_SKIP)
        case "GET", (count,) if count.lower() == "$count":
            return counted(call, tenant_of(call, _NAME).legacy_alerts())
        case "GET", (id,):
            tenant = tenant_of(call, _NAME)
            return one(call, tenant.shown_legacy_alert(alert_of(tenant, id)), _WHAT)
        case "PATCH", (id,):
            tenant = tenant_of(call, _NAME, writing=True)
            shown = _change(call, tenant, id, call.sent())
            prefers = _PREFERS in call.headers.get("prefer", "").replace(" ", "").lower()
            return one(call, shown, _WHAT) if prefers else Response(status_code=204)
        case "POST", (action,) if action.lower().removeprefix("microsoft.graph.") == "updatealerts":
            return _update_several(call)
        case _:
            raise call.not_served()


def _change(call: GraphCall, tenant: Tenant, id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    information = sent.get("vendorInformation")
    told = cast("dict[str, Any]", information) if isinstance(information, dict) else {}
    if not all(isinstance(told.get(name), str) and told[name] for name in ("provider", "vendor")):
        raise InvalidInput("BadRequest", "'vendorInformation' with 'provider' and 'vendor' is required.")
    alert = alert_of(tenant, id)
    if not _is_of(alert, told):
        raise not_found(f"alert of {told['vendor'][:60]} {told['provider'][:60]}", id)
    now = call.services.clock.now()
    return tenant.shown_legacy_alert(keep(call, alert, lambda alert: read_legacy_change(sent, alert, now)))


def _is_of(alert: FoundAlert, told: Mapping[str, Any]) -> bool:
    """Whether an alert is of the vendor and provider that a caller names."""
    known = vendor_information(alert)
    providers = {known["provider"].lower()} | ({SENTINEL.keyword.lower()} if alert.rule_ids else set())
    return told["provider"].lower() in providers and told["vendor"].lower() == known["vendor"].lower()


def _update_several(call: GraphCall) -> Response:
    """https://learn.microsoft.com/graph/api/alert-updatealerts: what could be changed, and a warning for each that
    could not, with 206."""
    values: Any = call.sent().get("value")
    if not isinstance(values, list) or not 0 < len(cast("list[Any]", values)) <= MOST_UPDATES:
        raise InvalidInput("BadRequest", f"'value' must be a list of 1 to {MOST_UPDATES} alerts.")
    tenant = tenant_of(call, _NAME, writing=True)
    updated: list[dict[str, Any]] = []
    warnings: list[str] = []
    for value in cast("list[Any]", values):
        began = perf_counter()
        try:
            updated.append(_update_one(call, tenant, value))
        except (InvalidInput, NotFound) as error:
            status = 404 if isinstance(error, NotFound) else 400
            warnings.append(_warning(value, status, perf_counter() - began))
    if not updated:
        raise InvalidInput("BadRequest", f"None of the alerts could be updated: {'; '.join(warnings)[:1000]}.")
    headers = {"Warning": ", ".join(warnings)} if warnings else None
    return JsonResponse(page(updated, call.version, _WHAT), 206 if warnings else 200, headers)


def _update_one(call: GraphCall, tenant: Tenant, value: object) -> dict[str, Any]:
    sent = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    id = sent.get("id")
    if not isinstance(id, str):
        raise InvalidInput("BadRequest", "Each alert has an 'id'.")
    return _change(call, tenant, id, {name: each for name, each in sent.items() if name != "id"})


def _warning(value: object, status: int, seconds: float) -> str:
    """`199 - "{Vendor}/{Provider}/{status}/{milliseconds}"`."""
    sent = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    information = sent.get("vendorInformation")
    told = cast("dict[str, Any]", information) if isinstance(information, dict) else {}
    names = [
        _plain(told.get(name)) or usual for name, usual in (("vendor", "Microsoft"), ("provider", SENTINEL.keyword))
    ]
    return f'199 - "{names[0]}/{names[1]}/{status}/{round(seconds * 1000)}"'


def _plain(name: object) -> str:
    """A name as a header may hold it."""
    return "".join(each for each in str(name or "")[:60] if " " <= each <= "~" and each not in '"\\')
