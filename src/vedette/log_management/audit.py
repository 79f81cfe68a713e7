"""The audit: for every change a record in the chain, and for what the management plane did its rows in the logs.

A record and its rows are committed with the change that they tell of, so that neither is there without the other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson

from vedette.access.workspaces import Workspace, Workspaces
from vedette.core.acting import SYSTEM, Act, Who, current_act
from vedette.core.clock import Clock
from vedette.core.ids import new_id
from vedette.core.instants import arm_time
from vedette.core.redaction import redacted
from vedette.log_management.activity import ADMINISTRATIVE, activity_of, activity_rows
from vedette.log_management.checkpoints import noted_heads
from vedette.log_management.diagnostic_setting import DIAGNOSTIC_SETTING, read_setting
from vedette.log_management.resource_log_types import ALL_LOGS
from vedette.log_management.sentinel_audit import SENTINEL, sentinel_audit_row
from vedette.state.audit_chain import AuditChain, Entry, Head, Verdict
from vedette.state.changes import Change, ManyChanges
from vedette.state.documents import Document
from vedette.state.store import StateStore
from vedette.state.transaction import Transaction

KEPT: Final = timedelta(days=730)
"""How long records are kept."""

_GROUPS: Final = ["providers", "microsoft.management", "managementgroups"]
_MOST_CHANGES: Final = 100
_LARGEST_STATE: Final = 32_768  # bytes of JSON; what is larger is told by its digest


class Audit:
    """Records what is changed. Its methods may be called from any thread."""

    def __init__(
        self, state: StateStore, chain: AuditChain, clock: Clock, workspaces: Workspaces, checkpoint: Path
    ) -> None:
        self._state = state
        self._chain = chain
        self._clock = clock
        self._workspaces = workspaces
        self._checkpoint = checkpoint

    def committing(self, transaction: Transaction) -> None:
        """Record what a transaction changed, as its last step."""
        act = current_act()
        changes = transaction.changes
        if not changes:
            return
        named = None if act is None else _named(act, changes)
        status = _status(act, named)
        told = act is not None and bool(act.operation) and (not act.is_told or named is not None)
        self._record(transaction, act, named, changes, int(status), told=told)
        if act is not None and told:
            act.is_told = True

    def ended(self, act: Act, status: int, code: str = "", message: str = "") -> None:
        """Record how a write of the management plane ended that failed, or changed no document."""
        if not act.operation or (act.is_told and status < HTTPStatus.BAD_REQUEST):
            return
        with self._state.transaction() as transaction:
            before = transaction.get(act.resource_id) if status != HTTPStatus.FORBIDDEN else None
            named = None if before is None else Change(before, before)
            self._record(transaction, act, named, (), status, code, message, told=True)
        act.is_told = True

    def verify(self, heads: Sequence[Head] = ()) -> Verdict:
        """Look through the whole chain; `heads` are records that must be in it, beside those that were noted."""
        return self._chain.verify(self._state.all_audit_records(), [*noted_heads(self._checkpoint), *heads])

    def prune(self, now: datetime) -> None:
        """Remove records that are older than `KEPT`; the chain says so itself."""
        with self._state.transaction() as transaction:
            removed = transaction.remove_audit(now - KEPT)
            if removed is not None:
                content = {
                    "who": _who(SYSTEM),
                    "what": {"operation": "audit/prune"},
                    "pruned": {"sequence": removed.sequence, "seal": removed.seal},
                }
                transaction.append_audit(self._chain, Entry(content))

    def _record(
        self,
        transaction: Transaction,
        act: Act | None,
        named: Change | None,
        changes: Sequence[Change | ManyChanges],
        status: int,
        code: str = "",
        message: str = "",
        *,
        told: bool,
    ) -> None:
        now = self._clock.now()
        failed = status >= HTTPStatus.BAD_REQUEST
        content: dict[str, Any] = {
            "at": arm_time(now, "microseconds"),
            **(
                {"event": new_id(), "began": arm_time(min(act.began, now), "microseconds")}
                if act is not None and told
                else {}
            ),
            "who": _who(act.who if act is not None else SYSTEM),
            "what": _what(act),
            "outcome": {"status": "Failed" if failed else "Succeeded", "code": status if told else None}
            | ({"error": code, "message": message} if failed else {}),
            "changes": [self._change(each) for each in changes[:_MOST_CHANGES]],
        }
        if len(changes) > _MOST_CHANGES:
            content["moreChanges"] = len(changes) - _MOST_CHANGES
        if named is not None:
            content["before"] = self._shown(named.before)
            content["after"] = None if failed else self._shown(named.after)
        if act is None or not told:
            transaction.append_audit(self._chain, Entry(content))
            return
        subject = act.resource_id.lower()
        provider = activity_of(content).provider.lower()
        transaction.append_audit(self._chain, Entry(content, subject, provider, act.correlation_id.lower()))
        self._emit(transaction, act, content)

    def _emit(self, transaction: Transaction, act: Act, content: dict[str, Any]) -> None:
        every = self._workspaces.all()
        affected = _affected(act.resource_id, every)
        if affected is not None and act.method == "DELETE" and act.resource_id.lower() == affected.resource_id.lower():
            every = [each for each in every if each.id != affected.id]  # its own logs go with it
            affected = None
        for workspace in _destinations(transaction, act.resource_id, affected, every):
            transaction.emit_all(workspace.id, "AzureActivity", activity_rows(content), soon=False)
        if affected is not None and SENTINEL in act.resource_id.lower():
            row = sentinel_audit_row(content, affected)
            transaction.emit_all(affected.id, "SentinelAudit", [row], soon=False)

    def _change(self, change: Change | ManyChanges) -> dict[str, Any]:
        if isinstance(change, ManyChanges):
            return {
                "type": change.type,
                "below": change.scope,
                "created": change.created,
                "deleted": change.deleted,
                "types": dict(sorted(change.types.items())),
                "digest": self._chain.digest_of_many(change.states),
            }
        document = change.document
        return {
            "type": document.type,
            "id": document.id,
            "before": self._chain.digest(change.before),
            "after": self._chain.digest(change.after),
        }

    def _shown(self, document: Document | None) -> dict[str, Any] | None:
        if document is None:
            return None
        shown = redacted({"etag": document.etag, **document.body})
        if len(orjson.dumps(shown)) > _LARGEST_STATE:
            return {"etag": document.etag, "tooLarge": True, "digest": self._chain.digest(document)}
        return shown


def _named(act: Act, changes: Sequence[Change | ManyChanges]) -> Change | None:
    """The change of the resource that the act names, from the first state to the last."""
    id = act.resource_id.lower()
    own = [each for each in changes if isinstance(each, Change) and each.document.id.lower() == id]
    return Change(own[0].before, own[-1].after) if own else None


def _status(act: Act | None, named: Change | None) -> HTTPStatus:
    """What the write is going to be answered, as far as its change says."""
    if named is None or act is None:
        return HTTPStatus.OK
    if act.method == "DELETE" and named.after is not None:
        return HTTPStatus.ACCEPTED  # it is marked, and deleted by work that this began
    return HTTPStatus.CREATED if named.before is None else HTTPStatus.OK


def _affected(resource_id: str, every: Sequence[Workspace]) -> Workspace | None:
    """The workspace that a resource is or is below of."""
    subject = f"{resource_id.lower()}/"
    return next((each for each in every if subject.startswith(f"{each.resource_id.lower()}/")), None)


def _destinations(
    transaction: Transaction, resource_id: str, affected: Workspace | None, every: Sequence[Workspace]
) -> list[Workspace]:
    """Where the activity log of a resource's subscription goes: to the workspace that the write is about, else to the
    first one; and to those that the diagnostic settings of the subscription, or of the management group, name."""
    parts = resource_id.lower().split("/")
    subscription = "/".join(parts[:3]) if parts[1:2] == ["subscriptions"] else ""
    logged = subscription or ("/".join(parts[:5]) if parts[1:4] == _GROUPS else "")
    own = [each for each in every if each.resource_id.lower().startswith(f"{subscription}/")]
    found = [affected] if affected is not None else own[:1]
    for document in transaction.list(DIAGNOSTIC_SETTING, logged) if logged else ():
        setting = read_setting(document.body["properties"])
        named = next((each for each in every if each.resource_id.lower() == setting.workspace), None)
        if named is not None and setting.wants(ADMINISTRATIVE, (ALL_LOGS,)) and named not in found:
            found.append(named)
    return found


def _who(who: Who) -> dict[str, str]:
    told = {
        "name": who.name,
        "kind": who.kind,
        "objectId": who.object_id,
        "applicationId": who.application_id,
        "tenantId": who.tenant_id,
        "userName": who.user_name,
        "ipAddress": who.ip_address,
    }
    return {name: value for name, value in told.items() if value}


def _what(act: Act | None) -> dict[str, str]:
    if act is None:
        return {}
    told = {
        "operation": act.operation,
        "resourceId": act.resource_id,
        "method": act.method,
        "uri": redacted(act.uri),
        "requestId": act.request_id,
        "correlationId": act.correlation_id,
        "clientRequestId": act.client_request_id,
    }
    return {name: value for name, value in told.items() if value}
