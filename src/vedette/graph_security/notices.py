"""What is to be told of changes: noted in the transaction that makes the change, so that none is lost, for each
subscription one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.access.workspaces import Workspaces
from vedette.core.clock import Clock
from vedette.core.ids import NewId
from vedette.core.instants import arm_time, instant_of
from vedette.detect.alert import ALERT_KIND
from vedette.detect.entity_documents import ENTITY
from vedette.detect.incidents import INCIDENT
from vedette.graph_security.incident_ids import shown_incident_id
from vedette.graph_security.subscriptions import SUBSCRIPTION, Subscription, read_subscription
from vedette.state.changes import Change
from vedette.state.documents import Document
from vedette.state.store import Transaction

NOTICE: Final = "Vedette/notices"
SCOPE: Final = "/graph/notices"
_TYPES: Final = {
    "alerts": "#microsoft.graph.alert",
    "alerts_v2": "#microsoft.graph.security.alert",
    "incidents": "#microsoft.graph.security.incident",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a subscriber: a change of an object (`change`, with the object's `id`, the id of its document
    and the resource id of its workspace in lower case), or what becomes of the subscription (`lifecycle`, with `url`
    and the rest of it, for it may be gone).

    It was `noted` first, is `due` next, and was tried `attempts` times.
    """

    name: str
    subscription: str
    noted: datetime
    due: datetime
    attempts: int = 0
    change: str = ""
    noun: str = ""
    id: str = ""
    document: str = ""
    workspace: str = ""
    lifecycle: Mapping[str, Any] | None = None


class Notices:
    """Notes what subscriptions ask for; called with each transaction as its last step."""

    def __init__(self, workspaces: Workspaces, own_workspace: str, clock: Clock, new_id: NewId) -> None:
        self._workspaces = workspaces
        self._own_workspace = own_workspace
        self._clock = clock
        self._new_id = new_id

    def committing(self, transaction: Transaction) -> None:
        """Note the transaction's changes of alerts and incidents for whoever asked to be told of them."""
        changed = list(_changed(transaction.changes))
        if not changed:
            return
        now = self._clock.now()
        subscriptions = [read_subscription(each) for each in transaction.list(SUBSCRIPTION)]
        for before, after in changed:
            for subscription in subscriptions:
                if subscription.expires > now:
                    self._note(transaction, subscription, before, after, now)

    def _note(
        self,
        transaction: Transaction,
        subscription: Subscription,
        before: Document | None,
        after: Document | None,
        now: datetime,
    ) -> None:
        document = after or before
        assert document is not None
        kind = "created" if before is None else "updated" if after is not None else "deleted"
        subject = subscription.subject
        is_incident = document.type == INCIDENT
        if kind not in subscription.change_types or is_incident != (subject.noun == "incidents"):
            return
        workspace = self._workspaces.by_resource_id(document.scope)
        if workspace is None or (subscription.reach is not None and workspace.resource_id not in subscription.reach):
            return
        id = shown_incident_id(document, workspace, self._own_workspace) if is_incident else document.name
        if subject.id and subject.id.lower() != id.lower():
            return
        notice = Notice(
            self._new_id(),
            subscription.id,
            now,
            now,
            change=kind,
            noun=subject.noun,
            id=id,
            document=document.id,
            workspace=workspace.resource_id.lower(),
        )
        put_notice(transaction, notice)


def lifecycle_notice(subscription: Subscription, event: str, name: str, now: datetime) -> Notice | None:
    """The notice of an event in the life of a subscription; None where nobody asked to be told.

    https://learn.microsoft.com/graph/change-notifications-lifecycle-events
    """
    if not subscription.lifecycle_url:
        return None
    told = {
        "event": event,
        "url": subscription.lifecycle_url,
        "clientState": subscription.state,
        "expires": arm_time(subscription.expires),
    }
    return Notice(name, subscription.id, now, now, lifecycle=told)


def put_notice(transaction: Transaction, notice: Notice) -> None:
    """Keep a notice until it is told or given up."""
    held = {
        "subscription": notice.subscription,
        "noted": arm_time(notice.noted),
        "due": arm_time(notice.due),
        "attempts": notice.attempts,
        "change": notice.change,
        "noun": notice.noun,
        "id": notice.id,
        "document": notice.document,
        "workspace": notice.workspace,
        "lifecycle": notice.lifecycle,
    }
    transaction.put(id=notice_id(notice.name), type=NOTICE, scope=SCOPE, name=notice.name, body=held)


def read_notice(document: Document) -> Notice:
    """The notice in a document."""
    held = document.body
    return Notice(
        document.name,
        held["subscription"],
        instant_of(held["noted"]),
        instant_of(held["due"]),
        held["attempts"],
        held["change"],
        held["noun"],
        held["id"],
        held["document"],
        held.get("workspace", ""),
        held["lifecycle"],
    )


def notice_id(name: str) -> str:
    """Where a notice is kept."""
    return f"{SCOPE}/{name}"


def told_of(notice: Notice, subscription: Subscription | None, tenant_id: str) -> dict[str, Any]:
    """The notice as the subscriber is sent it; the same id at each attempt.

    https://learn.microsoft.com/graph/api/resources/changenotification
    """
    if notice.lifecycle is not None:
        return {
            "subscriptionId": notice.subscription,
            "subscriptionExpirationDateTime": notice.lifecycle["expires"],
            "tenantId": tenant_id,
            "clientState": notice.lifecycle["clientState"],
            "lifecycleEvent": notice.lifecycle["event"],
        }
    assert subscription is not None
    path = f"security/{notice.noun}/{notice.id}"
    return {
        "id": notice.name,
        "subscriptionId": notice.subscription,
        "subscriptionExpirationDateTime": arm_time(subscription.expires),
        "clientState": subscription.state,
        "changeType": notice.change,
        "resource": path,
        "tenantId": tenant_id,
        "resourceData": {"@odata.type": _TYPES[notice.noun], "@odata.id": path, "id": notice.id},
    }


def _changed(changes: Sequence[object]) -> Iterator[tuple[Document | None, Document | None]]:
    """The alerts and incidents that a transaction changed, each from its first state to its last."""
    states: dict[str, tuple[Document | None, Document | None]] = {}
    for change in changes:
        if isinstance(change, Change) and _is_told(change.document):
            key = change.document.id.lower()
            states[key] = (states[key][0] if key in states else change.before, change.after)
    yield from (state for state in states.values() if state != (None, None))


def _is_told(document: Document) -> bool:
    return document.type == INCIDENT or (document.type == ENTITY and document.body.get("kind") == ALERT_KIND)
