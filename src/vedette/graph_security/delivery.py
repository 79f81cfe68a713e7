"""Tells subscribers of changes: several notices in one request, again and again until it is taken, for four hours.

https://learn.microsoft.com/graph/change-notifications-delivery-webhooks
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from itertools import groupby
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
from vedette.state.conditions import Compare, Order
from vedette.state.documents import Document
from vedette.state.store import StateStore

SECONDS: Final = 10.0
KEPT: Final = timedelta(hours=4)
_SOONEST: Final = timedelta(seconds=10)
_LATEST: Final = timedelta(minutes=10)
_AT_ONCE: Final = 100
_BATCH: Final = 500
_WARNING: Final = timedelta(hours=1)

log = structlog.get_logger(__name__)

Reach = Callable[[Subscription], Tenant | None]
"""The workspaces that a subscription's maker reaches now; None where it may not be told any more."""


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
            self._end_expired(now)
            is_due = Compare(("due",), "le", now)
            documents = self._state.list(NOTICE, where=is_due, order=(Order(("subscription",)),), limit=_BATCH)
            taken = 0
            for _, group in groupby(map(read_notice, documents), key=_addressee):
                notices = list(group)
                for first in range(0, len(notices), _AT_ONCE):
                    if self._stopped.is_set():
                        return taken
                    taken += self._send(notices[first : first + _AT_ONCE], now)
            return taken

    def _is_something_due(self, now: datetime) -> bool:
        version = self._state.version(NOTICE) + self._state.version(SUBSCRIPTION)
        if version == self._seen and self._due is not None and now < self._due:
            return False
        dues = [read_notice(each).due for each in self._state.list(NOTICE, order=(Order(("due",)),), limit=1)]
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
        meant = [each for each in notices if each.attempts or _is_meant(each, subscription, tenant)]
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
            self._put_off(notices, subscription, now)
            return 0
        if not 200 <= answer.status < 300:
            log.warning("a change notification was refused", subscription=notices[0].subscription, status=answer.status)
            self._put_off(notices, subscription, now)
            return 0
        self._forget(notices)
        return len(notices)

    def _put_off(self, notices: Sequence[Notice], subscription: Subscription | None, now: datetime) -> None:
        """Try again later; what has been tried for four hours is given up, of which the subscriber is told."""
        given_up = [each for each in notices if now - each.noted >= KEPT]
        with self._state.transaction() as transaction:
            for notice in notices:
                if notice in given_up:
                    transaction.delete(notice_id(notice.name))
                else:
                    wait = min(_SOONEST * 2 ** min(notice.attempts, 10), _LATEST)
                    put_notice(transaction, replace(notice, attempts=notice.attempts + 1, due=now + wait))
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


def _addressee(notice: Notice) -> tuple[str, str]:
    return notice.subscription, str(notice.lifecycle["url"]) if notice.lifecycle else ""


def _turn(subscription: Subscription) -> datetime:
    """When there is something to do about a subscription itself: it is warned once of its end, then ended."""
    life = subscription.expires - subscription.made
    return subscription.expires if subscription.is_warned else subscription.expires - min(life / 4, _WARNING)


def _is_meant(notice: Notice, subscription: Subscription, tenant: Tenant) -> bool:
    """Whether the subscription's condition holds for the object as it is now; of one that is gone nothing is asked."""
    where = subscription.subject.where
    document = tenant.state.get(notice.document)
    if where is None or document is None or notice.change == "deleted":
        return True
    return document.scope in tenant.workspaces and holds(where, _shown(notice, document, tenant))


def _shown(notice: Notice, document: Document, tenant: Tenant) -> Mapping[str, Any]:
    if notice.noun == "incidents":
        return tenant.shown_incident(document)
    found = tenant.found(document)
    return tenant.shown_alert(found) if notice.noun == "alerts_v2" else tenant.shown_legacy_alert(found)
