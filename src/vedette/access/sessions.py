"""Sessions of people who signed in: refresh tokens of programs, and browsers' own.

A session is a state document that holds only hashes of what its owner presents. A refresh token is replaced each time
it is used; one that was replaced and comes again has been stolen by somebody, and ends the session
(RFC 9700 §4.14.2). For a minute it may come again, for programs that share a cache refresh at the same time; the
tokens that each of them got are then good side by side.

A session of the web console is bound to the browser instead: its tokens are good only in one in which the same person
is signed in, and there the replaced ones stay good, as they all do at Entra, for a tab that is duplicated has them too
(docs/decisions/0085-the-console-signs-in.md).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from vedette.core.clock import Clock
from vedette.core.ids import NewId
from vedette.state.conditions import Compare
from vedette.state.documents import Document
from vedette.state.store import StateStore, Transaction

SESSION: Final = "Vedette/sessions"  # the server's own bookkeeping, which is not audited
IDLE: Final = timedelta(days=90)
"""How long a refresh token lives that is not used: https://learn.microsoft.com/entra/identity-platform/refresh-tokens."""

BROWSER_LIFETIME: Final = timedelta(hours=12)

_GRACE: Final = timedelta(seconds=60)
_MOST_LIVE: Final = 20  # tokens of one session that are good side by side
_REMEMBERED: Final = 100  # replaced tokens of one session that are told from ones that were never given out


class BadSession(StrEnum):
    """Why what was presented opens nothing."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REUSED = "reused"
    OTHER_CLIENT = "other client"
    NOT_PROVEN = "not proven"
    SIGNED_OUT = "signed out"


class SessionRefused(Exception):
    """What was presented opens nothing; `reason` says why."""

    def __init__(self, reason: BadSession) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Session:
    """Who signed in, to which program (empty for the browser itself), and when."""

    id: str
    user_id: str
    client_id: str
    signed_in: datetime


class Sessions:
    """The sessions of one tenant. `clock` is the machine's own."""

    def __init__(self, state: StateStore, tenant_id: str, clock: Clock, new_id: NewId) -> None:
        self._state = state
        self._tenant_id = tenant_id
        self._clock = clock
        self._new_id = new_id

    def start(
        self,
        user_id: str,
        client_id: str = "",
        *,
        signed_in: datetime | None = None,
        proven: bool = False,
        bound: bool = False,
    ) -> tuple[Session, str]:
        """A new session, and the text by which its owner presents it.

        The user signed in now, unless `signed_in` says when. A program that has `proven` who it is must do so at each
        refresh; one that is `bound` is refreshed only in a browser in which the user is signed in.
        """
        now = self._clock.now()
        session, secret = Session(self._new_id(), user_id, client_id, signed_in or now), secrets.token_urlsafe(32)
        body = {
            "userId": user_id.lower(),
            "clientId": client_id,
            "signedIn": session.signed_in.isoformat(),
            "used": now.isoformat(),
            "live": [_hash(secret)],
            "replaced": {},
            "proven": proven,
            **({"bound": True} if bound else {}),
        }
        with self._state.transaction() as transaction:
            self._put(transaction, session.id, body)
        return session, f"{session.id}.{secret}"

    def refresh(
        self, presented: str, client_id: str, *, proven: bool = False, browser_user: str = ""
    ) -> tuple[Session, str]:
        """The session of a refresh token, and the token that takes its place; `proven` says whether the program proved
        who it is, `browser_user` who is signed in in the browser that it runs in. Raises SessionRefused."""
        id, _, secret = presented.partition(".")
        renewed = secrets.token_urlsafe(32)
        with self._state.transaction() as transaction:
            document = transaction.get(self._id(id)) if _is_plain(id) else None
            body = self._checked(document, secret, client_id, proven, browser_user)
            if body is None:
                transaction.delete(self._id(id))
            else:
                self._put(transaction, id, self._renewed(body, secret, renewed))
        if body is None:
            raise SessionRefused(BadSession.REUSED)
        return _session(id, body), f"{id}.{renewed}"

    def browser(self, presented: str) -> Session | None:
        """The session of a browser's cookie, while it lasts."""
        id, _, secret = presented.partition(".")
        document = self._state.get(self._id(id)) if _is_plain(id) else None
        if document is None or document.body["clientId"] or not _holds(_live(document.body), secret):
            return None
        session = _session(id, document.body)
        return session if self._clock.now() < session.signed_in + BROWSER_LIFETIME else None

    def end(self, session_id: str) -> None:
        """End one session."""
        with self._state.transaction() as transaction:
            transaction.delete(self._id(session_id))

    def end_all(self, transaction: Transaction, user_id: str) -> int:
        """End every session of a user; gives how many there were."""
        found = transaction.list(SESSION, where=Compare(("userId",), "eq", user_id.lower()))
        for document in found:
            transaction.delete(document.id)
        return len(found)

    def forget(self, _at: datetime) -> None:
        """Drop the sessions that have run out."""
        now = self._clock.now()
        ended = [document.id for document in self._state.list(SESSION) if _ended(document, now)]
        with self._state.transaction() as transaction:
            for id in ended:
                transaction.delete(id)

    def _checked(
        self, document: Document | None, secret: str, client_id: str, proven: bool, browser_user: str
    ) -> dict[str, Any] | None:
        """The body of a session whose token may be used; None where its token was used before."""
        if document is None or not document.body["clientId"]:
            raise SessionRefused(BadSession.UNKNOWN)
        body = document.body
        now, replaced = self._clock.now(), _replaced(body)
        bound = body.get("bound") is True
        recent = [each for each, at in replaced.items() if at and (bound or now - datetime.fromisoformat(at) < _GRACE)]
        if not _holds((*_live(body), *recent), secret):
            if _holds(replaced, secret):
                return None
            raise SessionRefused(BadSession.UNKNOWN)
        if body["clientId"].lower() != client_id.lower():
            raise SessionRefused(BadSession.OTHER_CLIENT)
        if _ended(document, self._clock.now()):
            raise SessionRefused(BadSession.EXPIRED)
        if body.get("proven") and not proven:
            raise SessionRefused(BadSession.NOT_PROVEN)
        if bound and browser_user.lower() != body["userId"]:
            raise SessionRefused(BadSession.SIGNED_OUT)
        return body

    def _renewed(self, body: dict[str, Any], presented: str, renewed: str) -> dict[str, Any]:
        used, now = _hash(presented), self._clock.now().isoformat()
        live = [each for each in _live(body) if each != used]
        dropped = live[: -_MOST_LIVE + 1]
        replaced = {**_replaced(body), **dict.fromkeys(dropped, now)}
        replaced.setdefault(used, now)
        return {
            **{name: value for name, value in body.items() if name != "current"},
            "used": now,
            "live": [*live[len(dropped) :], _hash(renewed)],
            "replaced": dict([*replaced.items()][-_REMEMBERED:]),
        }

    def _put(self, transaction: Transaction, id: str, body: dict[str, Any]) -> None:
        transaction.put(id=self._id(id), type=SESSION, scope=f"/tenants/{self._tenant_id}/sessions", name=id, body=body)

    def _id(self, session_id: str) -> str:
        return f"/tenants/{self._tenant_id}/sessions/{session_id.lower()}"


def _session(id: str, body: dict[str, Any]) -> Session:
    return Session(id, body["userId"], body["clientId"], datetime.fromisoformat(body["signedIn"]))


def _live(body: dict[str, Any]) -> list[str]:
    """The hashes of the tokens that are good; earlier releases kept one."""
    return body["live"] if "live" in body else [body["current"]]


def _replaced(body: dict[str, Any]) -> dict[str, str]:
    """The hashes of the tokens that were replaced, oldest first, and when; earlier releases did not say."""
    kept = body["replaced"]
    return dict(kept) if isinstance(kept, dict) else dict.fromkeys(kept, "")


def _ended(document: Document, now: datetime) -> bool:
    is_browser = not document.body["clientId"]
    since = datetime.fromisoformat(document.body["signedIn" if is_browser else "used"])
    return now >= since + (BROWSER_LIFETIME if is_browser else IDLE)


def _hash(secret: str) -> str:
    """Of 256 random bits a plain hash is enough: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _holds(hashes: Iterable[str], secret: str) -> bool:
    hashed = _hash(secret)
    return any(hmac.compare_digest(hashed, each) for each in hashes)


def _is_plain(id: str) -> bool:
    return len(id) == 36 and "/" not in id
