"""How much one caller may ask at a time, by a clock of the test's own."""

import anyio
import pytest

from vedette.api import query_gate
from vedette.api.query_gate import QueryGate
from vedette.core.errors import Throttled


class Seconds:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_requests_are_counted_over_half_a_minute_and_for_each_caller() -> None:
    clock = Seconds()
    gate = QueryGate(3, 5, clock)
    for step in range(3):
        clock.now += step
        gate.count("one")
    with pytest.raises(Throttled) as refused:
        gate.count("one")
    assert refused.value.seconds == 27
    gate.count("two")
    clock.now += 27
    gate.count("one")
    with pytest.raises(Throttled):
        gate.count("one")


def test_no_bound() -> None:
    gate = QueryGate(0, 0)
    for _ in range(1000):
        gate.count("one")


def test_callers_that_no_longer_ask_are_forgotten() -> None:
    clock = Seconds()
    gate = QueryGate(3, 5, clock)
    for number in range(query_gate._CALLERS):  # pyright: ignore[reportPrivateUsage]
        gate.count(f"caller {number}")
    clock.now += 31
    gate.count("one more")
    assert len(gate._callers) == 1  # pyright: ignore[reportPrivateUsage]


def test_so_many_run_at_once_and_the_rest_wait_in_line() -> None:
    gate = QueryGate(0, 2)
    running: list[int] = []
    most: list[int] = []

    async def one(number: int, release: anyio.Event) -> None:
        async with gate.running("caller"):
            running.append(number)
            most.append(len(running))
            await release.wait()
            running.remove(number)

    async def all_of_them() -> None:
        release = anyio.Event()
        async with anyio.create_task_group() as group:
            for number in range(6):
                group.start_soon(one, number, release)
            await anyio.wait_all_tasks_blocked()
            assert len(running) == 2
            async with gate.running("another caller"):
                release.set()

    anyio.run(all_of_them)
    assert max(most) == 2
    assert len(most) == 6


def test_a_line_that_is_full_or_does_not_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_gate, "QUEUE", 1)
    monkeypatch.setattr(query_gate, "QUEUE_SECONDS", 0.05)
    gate = QueryGate(0, 1)
    refused: list[str] = []

    async def wait() -> None:
        try:
            async with gate.running("caller"):
                pass
        except Throttled as error:
            refused.append(error.message)

    async def fill() -> None:
        async with gate.running("caller"), anyio.create_task_group() as group:
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Throttled, match="wait already"):
                async with gate.running("caller"):
                    pass

    anyio.run(fill)
    assert len(refused) == 1
    assert "waited" in refused[0]
