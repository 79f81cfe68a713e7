"""Tells subscribers of changes: several notices in one request, again and again until it is taken, for four hours.

Each subscriber in its turn is told of the oldest, so that none waits for what another is still to be told; one that
does not take what it is sent is left alone for longer and longer, with all that there is for it.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final
from urllib.parse import quote

import orjson
import structlog

from vedette.core.clock import Clock
from vedette.core.errors import InvalidInput, VedetteError
from vedette.core.ids import NewId
from vedette.core.settings import EgressSettings
from vedette.graph_security.collections import Tenant
from vedette.graph_security.conditions import holds
from vedette.graph_security.notices import (
    NOTICE,
    Notice,
    lifecycle_notice,
    notice_id,
    put_notice,
    read_notice,
    told_of,
)
from vedette.graph_security.subscriptions import (
    SUBSCRIPTION,
    Subscription,
    document_id,
    put_subscription,
    read_subscription,
)
from vedette.state.conditions import And, Compare, Condition, In, Not, Order
from vedette.state.documents import Document
from vedette.state.store import StateStore

SECONDS: Final = 10.0
KEPT: Final = timedelta(hours=4)
_SOONEST: Final = timedelta(seconds=10)
_LATEST: Final = timedelta(minutes=10)
_AT_ONCE: Final = 100
_GIVEN_UP: Final = 1000  # at once
_OLDEST: Final = (Order(("due",)),)
_WARNING: Final = timedelta(hours=1)

log = structlog.get_logger(__name__)

Reach = Callable[[Subscription], Tenant | None]
"""The workspaces that a subscription's maker reaches now; None where it may not be told any more."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """Until when a subscription is sent nothing, after how many failures in a row."""

    failures: int
    until: datetime


class Delivery:
    """Sends what is noted. It works in a thread of its own, which there is while there is something to send."""

    def __init__(
        self, state: StateStore, settings: EgressSettings, clock: Clock, new_id: NewId, tenant_id: str, reach: Reach
    ) -> None:
        self._state = state
        self._tenant_id = tenant_id
        self._settings = settings
        self._clock = clock
        self._new_id = new_id
        self._reach = reach
        self._working = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._resting: Mapping[str, _Rest] = {}
        self._seen = -1
        self._due: datetime | None = None

    def look(self, now: datetime) -> None:
        """Begin to send what is due, and end what has expired; returns at once."""
        if self._stopped.is_set() or not self._is_something_due(now):
            return
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="change notifications", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Begin nothing more; what is not taken yet is sent by the next start."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=1)

    def send_due(self) -> int:
        """End what has expired, send what is due now, and give how many notices were taken."""
        with self._working:
            now = self._clock.now()
            self._resting = {id: each for id, each in self._resting.items() if now - each.until < KEPT}
            self._end_expired(now)
            taken, served = 0, set[str]()
            while not self._stopped.is_set() and (first := self._first(now, served, Compare(("due",), "le", now))):
                served.add(first.subscription)
                taken += self._send_to(first.subscription, now)
            return taken

    def _first(self, now: datetime, served: Iterable[str], *where: Condition) -> Notice | None:
        """The notice that has been due for longest, of those whose subscription is neither served nor resting."""
        others = (*served, *(id for id, each in self._resting.items() if each.until > now))
        if others:
            where = (*where, Not(In(("subscription",), others)))
        found = self._state.list(NOTICE, where=And(where) if where else None, order=_OLDEST, limit=1)
        return read_notice(found[0]) if found else None

    def _send_to(self, subscription: str, now: datetime) -> int:
        """Send one batch of what is due for a subscription; gives how many notices were taken."""
        is_due = And((Compare(("subscription",), "eq", subscription), Compare(("due",), "le", now)))
        groups: dict[str, list[Notice]] = {}
        for notice in map(read_notice, self._state.list(NOTICE, where=is_due, order=_OLDEST, limit=_AT_ONCE)):
            groups.setdefault(str(notice.lifecycle["url"]) if notice.lifecycle else "", []).append(notice)
        return sum(self._send(each, now) for each in groups.values())

    def _is_something_due(self, now: datetime) -> bool:
        version = self._state.version(NOTICE) + self._state.version(SUBSCRIPTION)
        if version == self._seen and self._due is not None and now < self._due:
            return False
        first = self._first(now, ())
        dues = [each.until for each in self._resting.values() if each.until > now] + ([first.due] if first else [])
        dues += [_turn(read_subscription(each)) for each in self._state.list(SUBSCRIPTION)]
        self._seen, self._due = version, min(dues, default=datetime.max.replace(tzinfo=now.tzinfo))
        return now >= self._due

    def _work(self) -> None:
        try:
            while self.send_due() and not self._stopped.is_set():
                pass
        except Exception:
            if not self._stopped.is_set():
                log.exception("sending change notifications failed; it is tried again")

    def _send(self, notices: Sequence[Notice], now: datetime) -> int:
        """Send notices of one subscription; gives how many were taken."""
        if notices[0].lifecycle is not None:
            return self._post(notices, None, str(notices[0].lifecycle["url"]), now)
        document = self._state.get(document_id(notices[0].subscription))
        subscription = None if document is None else read_subscription(document)
        tenant = None if subscription is None else self._reach(subscription)
        if subscription is None or tenant is None:
            self._end(subscription, notices, now)
            return 0
        meant = [each for each in notices if _is_meant(each, subscription, tenant)]
        self._forget([each for each in notices if each not in meant])
        return self._post(meant, subscription, subscription.notification_url, now) if meant else 0

    def _post(self, notices: Sequence[Notice], subscription: Subscription | None, url: str, now: datetime) -> int:
        body = orjson.dumps({"value": [told_of(each, subscription, self._tenant_id) for each in notices]})
        try:
            answer: Any = egress().send(
                "POST", url, self._settings, headers={"Content-Type": "application/json"}, body=body, seconds=SECONDS
            )
        except VedetteError as error:
            log.warning(
                "a change notification was not taken", subscription=notices[0].subscription, reason=error.message
            )
            self._put_off(notices, subscription)
            return 0
        if not 200 <= answer.status < 300:
            log.warning("a change notification was refused", subscription=notices[0].subscription, status=answer.status)
            self._put_off(notices, subscription)
            return 0
        self._resting = {id: each for id, each in self._resting.items() if id != notices[0].subscription}
        self._forget(notices)
        return len(notices)

    def _put_off(self, notices: Sequence[Notice], subscription: Subscription | None) -> None:
        """Try again later, whatever there is for the subscription; what has waited for four hours is given up, of which
        the subscriber is told."""
        now, id = self._clock.now(), notices[0].subscription
        attempts = max([each.attempts for each in notices] + [self._resting[id].failures if id in self._resting else 0])
        due = now + min(_SOONEST * 2 ** min(attempts, 10), _LATEST)
        self._resting = {**self._resting, id: _Rest(attempts + 1, due)}
        is_old = And((Compare(("subscription",), "eq", id), Compare(("noted",), "le", now - KEPT)))
        given_up = [each.name for each in self._state.list(NOTICE, where=is_old, limit=_GIVEN_UP)]
        with self._state.transaction() as transaction:
            for notice in notices:
                put_notice(transaction, replace(notice, attempts=notice.attempts + 1, due=due))
            for name in given_up:
                transaction.delete(notice_id(name))
            missed = (
                lifecycle_notice(subscription, "missed", self._new_id(), now) if subscription and given_up else None
            )
            if missed is not None:
                put_notice(transaction, missed)

    def _forget(self, notices: Sequence[Notice]) -> None:
        if notices:
            with self._state.transaction() as transaction:
                for notice in notices:
                    transaction.delete(notice_id(notice.name))

    def _end_expired(self, now: datetime) -> None:
        """Remove the subscriptions whose time is over, and warn of those whose time soon is."""
        for document in self._state.list(SUBSCRIPTION):
            subscription = read_subscription(document)
            if subscription.expires <= now:
                self._end(subscription, (), now)
            elif _turn(subscription) <= now:
                warning = lifecycle_notice(subscription, "reauthorizationRequired", self._new_id(), now)
                with self._state.transaction() as transaction:
                    put_subscription(transaction, replace(subscription, is_warned=True))
                    if warning is not None:
                        put_notice(transaction, warning)

    def _end(self, subscription: Subscription | None, notices: Sequence[Notice], now: datetime) -> None:
        with self._state.transaction() as transaction:
            for notice in notices:
                transaction.delete(notice_id(notice.name))
            if subscription is not None and transaction.delete(document_id(subscription.id)):
                removed = lifecycle_notice(subscription, "subscriptionRemoved", self._new_id(), now)
                if removed is not None:
                    put_notice(transaction, removed)


def validate(url: str, token: str, settings: EgressSettings) -> None:
    """Ask a subscriber to say a token back, as proof that it wants to be told. Raises InvalidInput (ValidationError).

    https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation
    """
    separator = "&" if "?" in url else "?"
    try:
        answer: Any = egress().send(
            "POST",
            f"{url}{separator}validationToken={quote(token, safe='')}",
            settings,
            headers={"Content-Type": "text/plain; charset=utf-8"},
            seconds=SECONDS,
        )
    except VedetteError as error:
        raise InvalidInput("ValidationError", f"Subscription validation request failed. {error.message}") from error
    if answer.status != 200:
        raise InvalidInput(
            "ValidationError",
            f"Subscription validation request failed. HTTP status code is {answer.status}; it must be 200.",
        )
    if answer.body.decode(errors="replace").strip() != token:
        raise InvalidInput(
            "ValidationError",
            "Subscription validation request failed. Response must exactly match validationToken query parameter.",
        )


def egress() -> Any:
    """What sends requests; loaded by the first one that is sent."""
    return import_module("vedette.core.egress")


def _turn(subscription: Subscription) -> datetime:
    """When there is something to do about a subscription itself: it is warned once of its end, then ended."""
    life = subscription.expires - subscription.made
    return subscription.expires if subscription.is_warned else subscription.expires - min(life / 4, _WARNING)


def _is_meant(notice: Notice, subscription: Subscription, tenant: Tenant) -> bool:
    """Whether the object is in a workspace that the maker reaches, and the subscription's condition holds for it as it
    was at the first attempt; of one that is gone only the workspace is asked."""
    if notice.workspace not in tenant.workspaces:
        return False
    where = subscription.subject.where
    if where is None or notice.attempts or notice.change == "deleted":
        return True
    document = tenant.state.get(notice.document)
    return document is None or holds(where, _shown(notice, document, tenant))


def _shown(notice: Notice, document: Document, tenant: Tenant) -> Mapping[str, Any]:
    if notice.noun == "incidents":
        return tenant.shown_incident(document)
    found = tenant.found(document)
    return tenant.shown_alert(found) if notice.noun == "alerts_v2" else tenant.shown_legacy_alert(found)
