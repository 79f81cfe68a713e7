"""What a run does outside of itself, by the type of its action; and how its records are kept."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from vedette.access.directory import Directory
from vedette.access.principals import Principal
from vedette.access.roles import Roles
from vedette.access.workspaces import Workspaces
from vedette.arm.call import Answer
from vedette.automation.workflows.connections import run_connector
from vedette.automation.workflows.definition import part
from vedette.automation.workflows.environment import Place
from vedette.automation.workflows.http_bodies import check_headers, sent_body
from vedette.automation.workflows.identities import acting_identity
from vedette.automation.workflows.management import is_own_management, manage_over_http
from vedette.automation.workflows.nested import call_workflow
from vedette.automation.workflows.outcomes import Done, Later, Stopped, failed
from vedette.automation.workflows.records import Record
from vedette.automation.workflows.retry_policy import again_interrupted
from vedette.core.clock import Clock
from vedette.core.ids import NewId
from vedette.core.settings import EgressSettings
from vedette.expressions.errors import ExpressionError
from vedette.expressions.values import Json, text_of
from vedette.logs.store import LogStore
from vedette.state.documents import Document
from vedette.state.store import StateStore


class Manage(Protocol):
    """A request to this server's own management plane, as a principal. Raises VedetteError."""

    def __call__(self, principal: Principal, method: str, address: str, body: Any = None) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What playbooks work with; `stopping` says that the server is to stop."""

    state: StateStore
    logs: LogStore
    clock: Clock
    new_id: NewId
    tenant_id: str
    workspaces: Workspaces
    directory: Directory
    roles: Roles
    manage: Manage
    egress: EgressSettings
    stopping: Callable[[], bool]


_KINDS = frozenset({"http", "apiconnection", "response", "workflow"})
_REFUSED = {
    "apiconnectionwebhook": "waits for a call from a service that is not connected",
    "httpwebhook": "waits for a call of a service that is told its address, which this server does not give out",
    "function": "calls an Azure function, of which there are none here",
    "javascriptcode": "runs JavaScript, which this server does not",
}


class RunEffects:
    """`interpreter.Effects` of one run, of a version of a workflow. `keep_changes` keeps what has changed."""

    def __init__(
        self,
        parts: Parts,
        run: Document,
        workflow: Document,
        version: Document,
        keep_changes: Callable[..., None],
    ) -> None:
        self.parts = parts
        self.run = run
        self.workflow = workflow
        self.version = version
        self.response: Json | None = None
        self._keep = keep_changes

    def is_known(self, kind: str) -> bool:
        """`Effects.is_known`."""
        return kind in _KINDS or kind in _REFUSED

    def keep(self, *, now: bool) -> None:
        """`Effects.keep`."""
        if self.parts.stopping():
            raise Stopped
        self._keep(now=now)

    def carry_out(self, record: Record, action: Json, place: Place) -> Done | Later:
        """`Effects.carry_out`."""
        match record.kind:
            case "http":
                return self._http(record, action)
            case "apiconnection":
                return run_connector(self.parts, self.run, self.workflow, self.version, record, place)
            case "response":
                return self._respond(record)
            case "workflow":
                return call_workflow(self.parts, self.run, self.workflow, self.version, record)
            case kind:
                why = _REFUSED.get(kind, "is not carried out here")
                return failed(
                    "ActionTypeNotSupported",
                    f"The action '{record.name}' of type '{action.get('type')}' {why}.",
                )

    def _http(self, record: Record, action: Json) -> Done | Later:
        if record.state.get("interrupted"):
            return again_interrupted(record, self.parts.clock.now())
        inputs = part(record.inputs)
        if is_own_management(text_of(inputs.get("uri"))):
            principal = self._caller(part(inputs.get("authentication")))
            return manage_over_http(self.parts.manage, principal, record)
        outgoing: Any = import_module("vedette.automation.workflows.outgoing")  # what it imports is large
        return outgoing.carry_out(record, action, self.parts.egress, self.parts.clock.now())

    def _caller(self, authentication: Json) -> Principal:
        """Who a request to the management API is from."""
        if text_of(authentication.get("type")).lower() != "managedserviceidentity":
            raise ExpressionError(
                "Requests to the management API are sent as the workflow's managed identity: authentication of type "
                "ManagedServiceIdentity."
            )
        return acting_identity(self.parts, self.workflow, text_of(authentication.get("identity")))

    def _respond(self, record: Record) -> Done:
        kept = self.run.body["kept"]
        if not kept.get("isAsked") or self.response is not None or kept.get("response") is not None:
            return Done(
                None,
                "Skipped",
                "ActionSkipped",
                {
                    "code": "ActionResponseSkipped",
                    "message": f"The execution of template action '{record.name}' is skipped: the client application "
                    "is not waiting for a response from service.",
                },
            )
        inputs = part(record.inputs)
        status = inputs.get("statusCode", 200)
        if isinstance(status, str) and status.isdecimal():
            status = int(status)
        if not isinstance(status, int) or not 200 <= status < 600:
            raise ExpressionError("The 'statusCode' of a response is an integer from 200 to 599.")
        headers = {name: text_of(value) for name, value in part(inputs.get("headers")).items()}
        sent = dict(headers)
        sent_body(inputs.get("body"), sent)  # who waits is told by it, and cannot be told of what it lacks
        check_headers(sent, "latin-1")
        outputs = {"statusCode": status, "headers": headers, "body": inputs.get("body")}
        self.response = outputs
        return Done(outputs)
