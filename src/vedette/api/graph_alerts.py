"""`/security/alerts_v2`: https://learn.microsoft.com/graph/api/security-list-alerts_v2."""

from starlette.responses import Response

from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import page
from vedette.api.graph_security_access import tenant_of
from vedette.api.graph_security_answers import alert_of, counted, keep, one
from vedette.api.graph_security_query import answer_list
from vedette.api.json_response import JsonResponse
from vedette.graph_security.alert_changes import add_comment, comment_of, read_change
from vedette.graph_security.collections import NEWEST_ALERTS

_NAME = "alerts_v2"
_WHAT = "security/alerts_v2"


def alerts(call: GraphCall) -> Response:
    """List, get, change and comment on alerts. Raises InvalidInput, Forbidden, NotFound, Unsupported."""
    match call.method, call.segments[2:]:
        case "GET", ():
            return answer_list(call, tenant_of(call, _NAME).alerts(), _WHAT, NEWEST_ALERTS)
        case "GET", (count,) if count.lower() == "$count":
            return counted(call, tenant_of(call, _NAME).alerts())
        case "GET", (id,):
            tenant = tenant_of(call, _NAME)
            return one(call, tenant.shown_alert(alert_of(tenant, id)), _WHAT)
        case "GET", (id, comments) if comments.lower() == "comments":
            alert = alert_of(tenant_of(call, _NAME), id)
            return JsonResponse(page(alert.triage.comments, call.version, f"{_WHAT}('{id}')/comments"))
        case "PATCH", (id,):
            return _change(call, id)
        case "POST", (id, comments) if comments.lower() == "comments":
            return _comment(call, id)
        case _:
            raise call.not_served()


def _change(call: GraphCall, id: str) -> Response:
    tenant = tenant_of(call, _NAME, writing=True)
    sent, now = call.sent(), call.services.clock.now()
    changed = keep(call, alert_of(tenant, id), lambda alert: read_change(sent, alert, now))
    return one(call, tenant.shown_alert(changed), _WHAT)


def _comment(call: GraphCall, id: str) -> Response:
    alert = alert_of(tenant_of(call, _NAME, writing=True), id)
    author, now = call.principal.user_name or call.principal.name, call.services.clock.now()
    text = comment_of(call.sent())
    changed = keep(call, alert, lambda alert: (alert.status, add_comment(alert.triage, text, author, now)))
    return JsonResponse(page(changed.triage.comments, call.version, f"{_WHAT}('{id}')/comments"))
