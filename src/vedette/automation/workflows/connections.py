"""The ApiConnection action: the Sentinel connector works against this server; every other one is told by its name.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#apiconnection-action
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vedette.automation.workflows.definition import Json, part
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.identities import CONNECTION, acting_identity, connection_owner
from vedette.automation.workflows.outcomes import Done, Later, failed
from vedette.automation.workflows.records import Record
from vedette.automation.workflows.retry_policy import RETRIED, again, read_policy
from vedette.expressions.values import text_of
from vedette.state.documents import Document

if TYPE_CHECKING:
    from vedette.automation.workflows.effects import Parts

SENTINEL = "azuresentinel"


def run_connector(
    parts: "Parts", run: Document, workflow: Document, version: Document, record: Record, place: Place
) -> Done | Later:
    """Do what an action of a connector asks for; what fails in passing is tried again by the action's policy.

    `version` is what runs of the workflow. Raises ExpressionError.
    """
    policy = read_policy(part(record.inputs).get("retryPolicy"))
    done = _done(parts, run, workflow, version, record, place)
    if done.status != "Failed" or part(done.outputs).get("statusCode") not in RETRIED - {501}:
        return done
    message = str((done.error or {}).get("message", ""))
    return again(record, policy, parts.clock.now(), done.code, message, done.outputs)


def _done(parts: "Parts", run: Document, workflow: Document, version: Document, record: Record, place: Place) -> Done:
    connection, named = _connection(record, place)
    document = _document(parts, connection)
    connector = _connector(document, named)
    if connector.lower() != SENTINEL:
        return failed(
            "ConnectorNotConnected",
            f"The connector '{connector or 'of this action'}' is not connected: this server connects playbooks to "
            "Microsoft Sentinel's own actions, and to web addresses that its settings name (action "
            f"'{record.name}').",
        )
    identity = _identity(named)
    if identity is not None:
        principal = acting_identity(parts, workflow, identity)
    else:
        principal = connection_owner(parts, workflow, version, document, connection)
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


def _document(parts: "Parts", connection: str) -> Document | None:
    """The connection of an id; None for what is none, whatever else there is of that id."""
    found = parts.state.get(connection) if connection.startswith("/") else None
    return found if found is not None and found.type.lower() == CONNECTION.lower() else None


def _connector(connection: Document | None, entry: Json) -> str:
    """What the connection is of; only of one that is not there the workflow's word is taken."""
    api = part(connection.body["properties"].get("api")) if connection is not None else entry
    return text_of(api.get("id")).rpartition("/")[2]


def _identity(entry: Json) -> str | None:
    """The identity of the workflow's that is to act, empty for its own; None where the connection's maker does."""
    authentication = part(part(entry.get("connectionProperties")).get("authentication"))
    if text_of(authentication.get("type")).lower() == "managedserviceidentity":
        return text_of(authentication.get("identity"))
    return None
