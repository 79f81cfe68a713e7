"""Requests of playbooks to this server's own management plane, which do not leave it."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from vedette.access.principals import Principal
from vedette.arm.statuses import usual_status
from vedette.automation.workflows.definition import part
from vedette.automation.workflows.outcomes import Done, failed
from vedette.automation.workflows.records import Record
from vedette.core.errors import VedetteError
from vedette.expressions.values import Json, text_of

_HOSTS = frozenset({"management.azure.com", "management.core.windows.net"})


def is_own_management(uri: str) -> bool:
    """Whether an address is of Azure's management plane, which is this server's here."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    return parts.scheme == "https" and (parts.hostname or "").lower() in _HOSTS


def manage_over_http(manage: Any, principal: Principal, record: Record) -> Done:
    """What an HTTP action to the management plane gives."""
    inputs = part(record.inputs)
    parts = urlsplit(str(inputs.get("uri")))
    queries = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **part(inputs.get("queries"))}
    address = f"{parts.path}?{urlencode({name: text_of(value) for name, value in queries.items()})}"
    return managed(manage, principal, str(inputs.get("method") or "GET").upper(), address, inputs.get("body"))


def managed(manage: Any, principal: Principal, method: str, address: str, body: Any = None) -> Done:
    """A request to the management plane as an action's outcome."""
    try:
        answer = manage(principal, method, address, body)
    except VedetteError as error:
        return failed(error.code, error.message, refused(error))
    outputs = {"statusCode": answer.status, "headers": dict(answer.headers), "body": answer.body}
    return Done(outputs)


def refused(error: VedetteError) -> Json:
    """The outputs of an action whose request was refused."""
    return {
        "statusCode": usual_status(error),
        "headers": {"Content-Type": "application/json"},
        "body": {"error": {"code": error.code, "message": error.message}},
    }
