"""Refresh tokens: replaced at each use, side by side for programs that share a cache, and stolen ones noticed."""

from datetime import UTC, datetime, timedelta

import pytest

from vedette.access.sessions import SESSION, BadSession, SessionRefused, Sessions
from vedette.core.clock import VirtualClock
from vedette.core.ids import new_id
from vedette.state.store import StateStore

CLIENT = "client"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def sessions(state: StateStore, clock: VirtualClock) -> Sessions:
    return Sessions(state, "tenant", clock, new_id)


def later(clock: VirtualClock, seconds: int) -> None:
    clock.set(clock.now() + timedelta(seconds=seconds))


def refused(sessions: Sessions, token: str) -> BadSession:
    with pytest.raises(SessionRefused) as caught:
        sessions.refresh(token, CLIENT)
    return caught.value.reason


def test_programs_that_share_a_cache_stay_in(sessions: Sessions, clock: VirtualClock) -> None:
    _, first = sessions.start("user", CLIENT)
    one, other, third = (sessions.refresh(first, CLIENT)[1] for _ in range(3))
    later(clock, 3600)
    for _ in range(3):
        one, other, third = (sessions.refresh(each, CLIENT)[1] for each in (one, other, third))
        later(clock, 3600)


def test_the_minute_begins_when_the_token_itself_was_replaced(sessions: Sessions, clock: VirtualClock) -> None:
    _, first = sessions.start("user", CLIENT)
    current = sessions.refresh(first, CLIENT)[1]
    for _ in range(2):  # neither its reuse nor the use of others makes it longer
        later(clock, 25)
        current = sessions.refresh(current, CLIENT)[1]
        sessions.refresh(first, CLIENT)
    later(clock, 25)
    assert refused(sessions, first) is BadSession.REUSED
    assert refused(sessions, current) is BadSession.UNKNOWN


def test_no_session_grows_without_end(sessions: Sessions, state: StateStore) -> None:
    _, first = sessions.start("user", CLIENT)
    for _ in range(60):
        sessions.refresh(first, CLIENT)
    current = first
    for _ in range(150):
        current = sessions.refresh(current, CLIENT)[1]
    (document,) = state.list(SESSION)
    assert len(document.body["live"]) == 20
    assert len(document.body["replaced"]) <= 100


def test_sessions_of_earlier_releases_go_on(sessions: Sessions, state: StateStore) -> None:
    session, token = sessions.start("user", CLIENT)
    (document,) = state.list(SESSION)
    (current,) = document.body["live"]
    old = {name: document.body[name] for name in ("userId", "clientId", "signedIn", "used")}
    with state.transaction() as transaction:
        body = old | {"current": current, "replaced": ["0" * 64]}
        transaction.put(id=document.id, type=SESSION, scope=document.scope, name=document.name, body=body)
    found, renewed = sessions.refresh(token, CLIENT)
    assert found == session
    assert sessions.refresh(renewed, CLIENT)[0] == session


def test_who_proved_it_once_proves_it_again(sessions: Sessions) -> None:
    _, token = sessions.start("user", CLIENT, proven=True)
    assert refused(sessions, token) is BadSession.NOT_PROVEN
    assert sessions.refresh(token, CLIENT, proven=True)[1]


def test_a_browsers_session_is_good_in_that_persons_browser_alone(sessions: Sessions, clock: VirtualClock) -> None:
    _, first = sessions.start("User", CLIENT, bound=True)
    _, second = sessions.refresh(first, CLIENT, browser_user="user")
    later(clock, 3600)
    _, third = sessions.refresh(first, CLIENT, browser_user="USER")  # a tab that was duplicated
    for token in (first, second, third):
        for other in ("", "other"):
            with pytest.raises(SessionRefused) as caught:
                sessions.refresh(token, CLIENT, browser_user=other)
            assert caught.value.reason is BadSession.SIGNED_OUT
    sessions.refresh(second, CLIENT, browser_user="user")  # who was refused has ended nothing
