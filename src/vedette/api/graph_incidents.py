"""`/security/incidents`: https://learn.microsoft.com/graph/api/security-list-incidents."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from vedette.api.arm_context import arm_context
from vedette.api.graph_call import GraphCall
from vedette.api.graph_objects import page
from vedette.api.graph_security_access import tenant_of
from vedette.api.graph_security_answers import counted, not_found, one
from vedette.api.graph_security_query import answer_list
from vedette.api.json_response import JsonResponse
from vedette.core.errors import Unsupported
from vedette.detect.incidents import incident_alerts
from vedette.graph_security.alert_changes import comment_of
from vedette.graph_security.collections import NEWEST_INCIDENTS, Tenant
from vedette.graph_security.incident_changes import add_comment, update
from vedette.graph_security.listing import Collection
from vedette.state.documents import Document
from vedette.state.store import Transaction

_NAME = "incidents"
_WHAT = "security/incidents"


def incidents(call: GraphCall) -> Response:
    """List, get, change and comment on incidents. Raises InvalidInput, Forbidden, NotFound, Unsupported."""
    match call.method, call.segments[2:]:
        case "GET", ():
            return answer_list(call, _collection(call, tenant_of(call, _NAME)), _WHAT, NEWEST_INCIDENTS)
        case "GET", (count,) if count.lower() == "$count":
            return counted(call, tenant_of(call, _NAME).incidents())
        case "GET", (id,):
            tenant = tenant_of(call, _NAME)
            return one(call, _collection(call, tenant).show(_incident(tenant, id), True), _WHAT)
        case "GET", (id, alerts) if alerts.lower() == "alerts":
            tenant = tenant_of(call, _NAME)
            shown = _alerts(tenant, _incident(tenant, id))
            return JsonResponse(page(shown, call.version, f"{_WHAT}('{id}')/alerts"))
        case "PATCH", (id,):
            return _change(call, id)
        case "POST", (id, comments) if comments.lower() == "comments":
            return _comment(call, id)
        case _:
            raise call.not_served()


def _change(call: GraphCall, id: str) -> Response:
    tenant, sent = tenant_of(call, _NAME, writing=True), call.sent()
    context, by = arm_context(call.services), call.principal.user_name or call.principal.name
    with call.services.state.transaction() as transaction:
        incident = _current(transaction, tenant, id)
        changed = update(context, transaction, tenant.workspaces[incident.scope], incident, sent, by)
    return one(call, tenant.shown_incident(changed), _WHAT)


def _comment(call: GraphCall, id: str) -> Response:
    tenant, text = tenant_of(call, _NAME, writing=True), comment_of(call.sent())
    with call.services.state.transaction() as transaction:
        incident = _current(transaction, tenant, id)
        workspace = tenant.workspaces[incident.scope]
        changed = add_comment(arm_context(call.services), transaction, workspace, incident, text, call.principal)
    comments = tenant.shown_incident(changed)["comments"]
    return JsonResponse(page(comments, call.version, f"{_WHAT}('{id}')/comments"))


def _collection(call: GraphCall, tenant: Tenant) -> Collection:
    """The incidents, with their alerts where `$expand` asks for them."""
    plain = tenant.incidents()
    if not _expands(call):
        return plain

    def show(document: Document, whole: bool) -> dict[str, Any]:
        return plain.show(document, whole) | ({"alerts": _alerts(tenant, document)} if whole else {})

    return replace(plain, show=show, of_others=plain.of_others | {"alerts"})


def _expands(call: GraphCall) -> bool:
    asked = {name.strip().lower() for name in call.query.get("$expand", "").split(",") if name.strip()}
    if asked - {"alerts"}:
        raise Unsupported("NotImplemented", "'$expand' of an incident takes alerts, and nothing else of it.")
    return bool(asked)


def _alerts(tenant: Tenant, incident: Document) -> list[dict[str, Any]]:
    return [tenant.shown_alert(tenant.found(each)) for each in incident_alerts(tenant.state, incident.id)]


def _incident(tenant: Tenant, id: str) -> Document:
    found = tenant.incident(id)
    if found is None:
        raise not_found("incident", id)
    return found


def _current(transaction: Transaction, tenant: Tenant, id: str) -> Document:
    """The incident as it is in this transaction."""
    found = transaction.get(_incident(tenant, id).id)
    if found is None:
        raise not_found("incident", id)
    return found
