"""A request that is sent again is stored once: at the same time, later, after a restart; and not for ever."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from tests.unit.logs.running_store import NOW, WORKSPACE, Running

from vedette.core.errors import InvalidInput, Unavailable
from vedette.kql.types import ScalarType
from vedette.logs import known_requests
from vedette.logs.known_requests import WINDOW, KnownRequests, RequestId, StoredRequest

COLUMNS = {"n": ScalarType.long}
REQUEST = RequestId.of("request-1", b'[{"n":1}]')


def send(running: Running, request: RequestId | None, table: str = "App_CL") -> Future[None]:
    return running.store.append(WORKSPACE, table, [{"n": 1}], columns=COLUMNS, request_id=request)


def count(running: Running, table: str = "App_CL") -> object:
    ((rows,),) = running.query(f"{table} | count")
    return rows


def test_a_request_is_stored_once_however_often_it_is_sent(running: Running) -> None:
    with ThreadPoolExecutor(8) as threads:
        for sent in threads.map(lambda _: send(running, REQUEST), range(40)):
            sent.result()
    send(running, REQUEST).result()
    assert count(running) == 1


def test_a_request_is_known_after_a_restart(running: Running) -> None:
    send(running, REQUEST).result()
    running.stop()
    running.start()
    send(running, REQUEST).result()
    assert count(running) == 1


def test_other_bodies_other_ids_other_tables_and_no_id_are_other_requests(running: Running) -> None:
    for request in (REQUEST, RequestId.of("request-1", b"other"), RequestId.of("request-2", b'[{"n":1}]'), None, None):
        send(running, request).result()
    send(running, REQUEST, "Other_CL").result()
    assert (count(running), count(running, "Other_CL")) == (5, 1)


def test_after_the_window_it_is_a_new_request_in_memory_and_on_the_disk(running: Running) -> None:
    send(running, REQUEST).result()
    running.clock.advance(WINDOW + timedelta(seconds=1))
    send(running, REQUEST).result()
    assert count(running) == 2
    assert list(running.engine.requests().values()) == [running.clock.now()]


def test_one_who_gives_up_takes_nothing_from_the_others(running: Running) -> None:
    sent = [send(running, REQUEST) for _ in range(20)]
    sent[0].cancel()
    for each in sent[1:]:
        each.result()
    assert count(running) == 1


def test_what_failed_may_be_sent_again_and_all_who_wait_learn_it() -> None:
    requests = KnownRequests({})
    attempts: list[Future[None]] = []

    def store(_: StoredRequest) -> Future[None]:
        attempts.append(Future())
        return attempts[-1]

    waiting = [requests.once("key", NOW, store) for _ in range(3)]
    attempts[0].set_exception(Unavailable("LogStorageFailure", "full"))
    assert [type(each.exception()) for each in waiting] == [Unavailable] * 3
    again = requests.once("key", NOW, store)
    attempts[1].set_result(None)
    again.result()
    assert len(attempts) == 2


def test_what_is_refused_at_once_is_not_known() -> None:
    requests = KnownRequests({})

    def refuse(_: StoredRequest) -> Future[None]:
        raise InvalidInput("InvalidDataFormat", "no")

    for _ in range(2):
        with pytest.raises(InvalidInput):
            requests.once("key", NOW, refuse)


def test_no_more_are_known_than_memory_is_set_aside_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_requests, "MOST", 10)
    requests = KnownRequests({})
    stored: list[str] = []

    def store(request: StoredRequest) -> Future[None]:
        stored.append(request.key)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    for key in (*map(str, range(30)), "29", "0"):
        requests.once(key, NOW, store).result()
    assert stored == [*map(str, range(30)), "0"]


def test_storage_is_told_now_and_then_what_it_may_forget() -> None:
    requests = KnownRequests({})
    told: list[datetime | None] = []

    def store(request: StoredRequest) -> Future[None]:
        told.append(request.forget_before)
        return Future()

    for minutes in (0, 1, 4, 5, 6, -600):  # the last: a clock that was set back
        requests.once(str(minutes), NOW + timedelta(minutes=minutes), store)
    assert told == [
        NOW - WINDOW,
        None,
        None,
        NOW + timedelta(minutes=5) - WINDOW,
        None,
        NOW - timedelta(minutes=600) - WINDOW,
    ]
