"""The ApiConnection action: the Sentinel connector works against this server; every other one is told by its name.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#apiconnection-action
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vedette.access.principals import Principal
from vedette.automation.expressions.values import text_of
from vedette.automation.workflows.definition import Json, part
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.identities import acting_identity, connection_owner
from vedette.automation.workflows.outcomes import Done, Later, failed
from vedette.automation.workflows.records import Record
from vedette.automation.workflows.retry_policy import RETRIED, again, read_policy
from vedette.state.documents import Document

if TYPE_CHECKING:
    from vedette.automation.workflows.effects import Parts

SENTINEL = "azuresentinel"


def run_connector(parts: "Parts", run: Document, workflow: Document, record: Record, place: Place) -> Done | Later:
    """Do what an action of a connector asks for; what fails in passing is tried again by the action's policy.

    Raises ExpressionError.
    """
    policy = read_policy(part(record.inputs).get("retryPolicy"))
    done = _done(parts, run, workflow, record, place)
    if done.status != "Failed" or part(done.outputs).get("statusCode") not in RETRIED - {501}:
        return done
    message = str((done.error or {}).get("message", ""))
    return again(record, policy, parts.clock.now(), done.code, message, done.outputs)


def _done(parts: "Parts", run: Document, workflow: Document, record: Record, place: Place) -> Done:
    connection, named = _connection(record, place)
    connector = _connector(parts, connection, named)
    if connector.lower() != SENTINEL:
        return failed(
            "ConnectorNotConnected",
            f"The connector '{connector or 'of this action'}' is not connected: this server connects playbooks to "
            "Microsoft Sentinel's own actions, and to web addresses that its settings name (action "
            f"'{record.name}').",
        )
    principal = _principal(parts, workflow, connection, named)
    sentinel: Any = import_module("vedette.automation.workflows.sentinel_connector")
    return sentinel.carry_out(parts, principal, run, record)


def connector_of(definition: Json, action: Json, given: Json) -> str:
    """The connector that a trigger or an action names, from the values of `$connections`; empty when it is not said."""
    name = text_of(part(part(part(action.get("inputs")).get("host")).get("connection")).get("name"))
    for alias, each in given.items():
        if f"['{alias}']" in name:
            return text_of(part(part(each).get("api")).get("name") or part(each).get("id")).rpartition("/")[2]
    return ""


def _connection(record: Record, place: Place) -> tuple[str, Json]:
    """The id of the connection that an action names, and what `$connections` says of it."""
    host = part(part(record.inputs).get("host"))
    connection = text_of(part(host.get("connection")).get("name"))
    known = part(place.facts.given.get("$connections"))
    for alias, each in known.items():
        entry = part(each)
        if connection and connection.lower() in (text_of(entry.get("connectionId")).lower(), alias.lower()):
            return text_of(entry.get("connectionId")), entry
    return connection, {}


def _connector(parts: "Parts", connection: str, entry: Json) -> str:
    named = text_of(entry.get("id")).rpartition("/")[2]
    if named:
        return named
    document = parts.state.get(connection) if connection.startswith("/") else None
    api = part(document.body["properties"].get("api")) if document is not None else {}
    return text_of(api.get("id")).rpartition("/")[2]


def _principal(parts: "Parts", workflow: Document, connection: str, entry: Json) -> Principal:
    authentication = part(part(entry.get("connectionProperties")).get("authentication"))
    if text_of(authentication.get("type")).lower() == "managedserviceidentity":
        return acting_identity(parts, workflow, text_of(authentication.get("identity")))
    return connection_owner(parts, workflow, connection)
