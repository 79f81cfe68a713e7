"""Operations: polled while they are at work, failing with a reason, canceled, and taken up again after a restart."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vedette.arm.operations import KEPT, Operations, Running, polling_headers
from vedette.core.clock import VirtualClock
from vedette.core.errors import InvalidInput, Unavailable
from vedette.core.ids import new_id
from vedette.state.store import StateStore

SOON = 10.0
Make = Callable[..., Operations]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2024, 1, 1, tzinfo=UTC))


@pytest.fixture
def state(tmp_path: Path, clock: VirtualClock) -> Iterator[StateStore]:
    state = StateStore(f"sqlite:///{tmp_path}/state.db", clock, new_id)
    yield state
    state.close()


@pytest.fixture
def make(state: StateStore, clock: VirtualClock) -> Iterator[Make]:
    """Operations over the state, as each start of a server makes them."""
    made: list[Operations] = []

    def operations(**works: Callable[[Running], Mapping[str, Any] | None]) -> Operations:
        made.append(Operations(state, clock, new_id))
        made[-1].serve(works)
        return made[-1]

    yield operations
    for each in made:
        each.stop()


def begin(operations: Operations, state: StateStore, kind: str, **parameters: Any) -> str:
    with state.transaction() as transaction:
        name = operations.record(transaction, kind, "/subscriptions/s/things/t", parameters)
    operations.start(name)
    return name


def body(operations: Operations, name: str) -> dict[str, Any]:
    document = operations.find(name)
    assert document is not None
    return document.body


def test_work_succeeds_with_properties(make: Make, state: StateStore, clock: VirtualClock) -> None:
    go = threading.Event()

    def double(running: Running) -> Mapping[str, Any]:
        assert go.wait(SOON)
        assert running.subject == "/subscriptions/s/things/t"
        return {"doubled": 2 * running.parameters["n"]}

    operations = make(double=double)
    name = begin(operations, state, "double", n=4)
    assert not operations.wait(name, 0.01)
    assert body(operations, name)["status"] == "InProgress"
    assert [each.name for each in operations.in_progress("double", "/SUBSCRIPTIONS/s/things")] == [name]
    clock.advance(timedelta(minutes=5))
    go.set()
    assert operations.wait(name, SOON)
    ended = body(operations, name)
    assert (ended["status"], ended["properties"]) == ("Succeeded", {"doubled": 8})
    assert ended["endTime"] == "2024-01-01T00:05:00+00:00"


def test_work_fails_with_its_reason_and_an_error_of_ours_without_it(make: Make, state: StateStore) -> None:
    def refuse(_running: Running) -> None:
        raise InvalidInput("Wrong", "It is wrong.")

    def break_down(_running: Running) -> None:
        raise LookupError("a secret")

    operations = make(refuse=refuse, break_down=break_down)
    refused, broken = begin(operations, state, "refuse"), begin(operations, state, "break_down")
    assert operations.wait(refused, SOON)
    assert operations.wait(broken, SOON)
    assert body(operations, refused)["error"] == {"code": "Wrong", "message": "It is wrong."}
    assert body(operations, broken)["status"] == "Failed"
    assert body(operations, broken)["error"]["code"] == "InternalServerError"
    assert "secret" not in str(body(operations, broken))


def test_work_is_canceled_between_its_steps(make: Make, state: StateStore) -> None:
    begun = threading.Event()

    def count(running: Running) -> None:
        while True:
            begun.set()
            running.check()

    operations = make(count=count)
    name = begin(operations, state, "count")
    assert begun.wait(SOON)
    operations.cancel(name)
    assert operations.wait(name, SOON)
    assert body(operations, name)["status"] == "Canceled"


def test_work_is_taken_up_by_the_next_server_where_it_stood(make: Make, state: StateStore) -> None:
    reported = threading.Event()

    def cut_off(running: Running) -> None:
        running.report(step=3)
        reported.set()
        while True:
            running.check()

    first = make(work=cut_off)
    name = begin(first, state, "work")
    assert reported.wait(SOON)
    first.stop()
    assert body(first, name)["status"] == "InProgress"

    second = make(work=lambda running: {"went on from": running.progress["step"]})
    assert second.wait(name, SOON)
    assert body(second, name)["properties"] == {"went on from": 3}


def test_what_fails_because_the_server_stops_is_done_again(make: Make, state: StateStore) -> None:
    begun = threading.Event()

    def fail_when_stopped(running: Running) -> None:
        begun.set()
        while not running.is_stopping:
            pass
        raise InvalidInput("Stopped", "The storage is closed.")

    first = make(work=fail_when_stopped)
    name = begin(first, state, "work")
    assert begun.wait(SOON)
    first.stop()
    second = make(work=lambda _running: None)
    assert second.wait(name, SOON)
    assert body(second, name)["status"] == "Succeeded"


def test_one_that_waits_long_does_not_hold_up_others(make: Make, state: StateStore) -> None:
    go = threading.Event()
    operations = make(slow=lambda _running: {"in time": go.wait(SOON)}, quick=lambda _running: None)
    slow = begin(operations, state, "slow")
    quick = [begin(operations, state, "quick") for _ in range(20)]
    assert all(operations.wait(name, SOON) for name in quick)
    go.set()
    assert operations.wait(slow, SOON)
    assert body(operations, slow)["properties"] == {"in time": True}


def test_operations_are_forgotten_long_after_their_end(make: Make, state: StateStore, clock: VirtualClock) -> None:
    operations = make(quick=lambda _running: None)
    name = begin(operations, state, "quick")
    assert operations.wait(name, SOON)
    operations.forget(clock.now() + KEPT)
    assert operations.find(name) is not None
    operations.forget(clock.now() + KEPT + timedelta(seconds=1))
    assert operations.find(name) is None


def test_headers_are_absolute() -> None:
    headers = polling_headers("https://localhost:1", "/subscriptions/s/providers/P/locations/l", "n", "2024-01-01")
    assert headers == {
        "Azure-AsyncOperation": "https://localhost:1/subscriptions/s/providers/P/locations/l/operationStatuses/n?api-version=2024-01-01",
        "Location": "https://localhost:1/subscriptions/s/providers/P/locations/l/operationResults/n?api-version=2024-01-01",
        "Retry-After": "1",
    }


def test_a_state_that_cannot_be_written_for_a_while_fails_no_work(
    make: Make, state: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = 0

    def work(running: Running) -> Mapping[str, Any]:
        running.report(step=1)
        return {"done": True}

    operations = make(work=work)
    update = operations.update

    def failing(name: str, changes: Mapping[str, Any]) -> bool:
        nonlocal failures
        failures += 1
        if failures in (1, 3):
            raise Unavailable("StateUnavailable", "The disk is full.")
        return update(name, changes)

    monkeypatch.setattr(operations, "update", failing)
    monkeypatch.setattr("vedette.arm.operations._FIRST_PAUSE", 0.01)
    name = begin(operations, state, "work")
    assert operations.wait(name, SOON)
    ended = body(operations, name)
    assert (ended["status"], ended["progress"], failures) == ("Succeeded", {"step": 1}, 4)


def test_a_finished_operation_is_not_kept_as_canceled(make: Make, state: StateStore) -> None:
    operations = make(work=lambda _running: None)
    name = begin(operations, state, "work")
    assert operations.wait(name, SOON)
    operations.cancel(name)
    operations.check(name)
