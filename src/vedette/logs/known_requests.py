"""Requests that were stored lately, so that one that is sent again, because its answer was lost, is stored once."""

import hashlib
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(hours=1)
"""How long after it was stored a request is known."""

MOST: Final = 250_000
"""How many requests are known at most; beyond it the oldest are forgotten before their time."""

_SWEEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RequestId:
    """What tells a request from all others: the id that its sender gave it, and its body.

    The body is part of it because there are senders that give each of their requests the same id.
    """

    id: str
    digest: bytes

    @classmethod
    def of(cls, id: str, body: bytes) -> "RequestId":
        """The id of a request with this body."""
        return cls(id, hashlib.sha256(body).digest())

    def key(self, workspace_id: str, table: str) -> str:
        """A GUID that stands for this request's rows for one table of a workspace."""
        named = "\0".join((self.id, workspace_id.lower(), table)).encode(errors="surrogatepass")
        return str(uuid.UUID(bytes=hashlib.sha256(self.digest + named).digest()[:16]))


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request's key, when it was received, and the instant before which keys may be forgotten, if any may."""

    key: str
    received: datetime
    forget_before: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    received: datetime
    outcome: Future[None] | None  # None: stored


class KnownRequests:
    """The requests of the last WINDOW, those that wait to be stored included. May be called from any thread."""

    def __init__(self, stored: Mapping[str, datetime]) -> None:
        self._lock = threading.Lock()
        self._known = {key: _Known(received, None) for key, received in stored.items()}
        self._swept: datetime | None = None

    def once(self, key: str, now: datetime, store: Callable[[StoredRequest], Future[None]]) -> Future[None]:
        """Have the request stored, unless it is or is about to be; the future resolves when it is.

        What `store` raises, or its future, ends all that wait for the same request, and it may be sent again.
        """
        outcome: Future[None] = Future()
        with self._lock:
            forget_before = self._forget(now)
            known = self._known.get(key)
            if known is None:
                self._known[key] = _Known(now, outcome)
        if known is not None:
            return _following(known.outcome)
        try:
            stored = store(StoredRequest(key, now, forget_before))
        except BaseException as error:
            self._failed(key, outcome, error)
            raise
        answer = _following(outcome)
        stored.add_done_callback(lambda stored: self._settle(key, now, outcome, stored.exception()))
        return answer

    def _settle(self, key: str, received: datetime, outcome: Future[None], error: BaseException | None) -> None:
        if error is not None:
            self._failed(key, outcome, error)
            return
        with self._lock:
            if key in self._known:
                self._known[key] = _Known(received, None)
        outcome.set_result(None)

    def _failed(self, key: str, outcome: Future[None], error: BaseException) -> None:
        with self._lock:
            self._known.pop(key, None)
        outcome.set_exception(error)

    def _forget(self, now: datetime) -> datetime | None:
        """Drop what is older than the window; now and then say until when storage may do the same."""
        oldest = now - WINDOW
        while self._known:
            key, known = next(iter(self._known.items()))
            if known.outcome is not None or (known.received >= oldest and len(self._known) < MOST):
                break
            del self._known[key]
        if self._swept is not None and self._swept <= now < self._swept + _SWEEP:
            return None
        self._swept = now
        return oldest


def _following(outcome: Future[None] | None) -> Future[None]:
    """A future of the caller's own, so that one who gives up takes nothing from the others."""
    own: Future[None] = Future()
    if outcome is None:
        own.set_result(None)
        return own

    def follow(done: Future[None]) -> None:
        if not own.set_running_or_notify_cancel():
            return
        error = done.exception()
        if error is None:
            own.set_result(None)
        else:
            own.set_exception(error)

    outcome.add_done_callback(follow)
    return own
