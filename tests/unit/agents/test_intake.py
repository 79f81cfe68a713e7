"""The intake keeps what it was given until it is durable, and holds senders up when it is full."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from vedette.agents import intake as module
from vedette.agents.intake import Append, Intake, Received
from vedette.agents.sources import Sources
from vedette.core.errors import InvalidInput, Unavailable
from vedette.formats.rows import Row
from vedette.formats.syslog_rows import Relay

NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)
Fail = Callable[[str, Sequence[Row]], Exception | None]


def messages(*texts: str) -> list[Received]:
    return [Received(b"<13>Nov 26 15:00:00 host app: " + text.encode(), Relay("10.0.0.1"), NOW) for text in texts]


class Store:
    """Stores rows in a list, unless `fail` has something against them."""

    def __init__(self, fail: Fail) -> None:
        self.stored: list[tuple[str, Row]] = []
        self._fail = fail

    def append(self, table: str, rows: Sequence[Row]) -> Future[None]:
        done: Future[None] = Future()
        error = self._fail(table, rows)
        if error is None:
            self.stored += [(table, row) for row in rows]
            done.set_result(None)
        else:
            done.set_exception(error)
        return done


def run(append: Append, given: Sequence[Received]) -> Intake:
    async def main() -> Intake:
        intake = Intake(append, Sources(), lambda: None)
        intake.add(given)
        intake.close()
        await intake.run()
        return intake

    return asyncio.run(main())


def test_what_was_added_before_the_close_is_stored() -> None:
    store = Store(lambda _table, _rows: None)
    intake = run(store.append, messages("a", "b", "c"))
    assert [row["SyslogMessage"] for _, row in store.stored] == ["a", "b", "c"]
    assert (intake.counts.received, intake.counts.stored, intake.is_full) == (3, 3, False)


def test_what_cannot_be_stored_now_is_stored_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    failures = iter([Unavailable("ServiceUnavailable", "not now")] * 3)
    store = Store(lambda _table, _rows: next(failures, None))
    assert run(store.append, messages("a", "b")).counts.stored == 2


def test_a_row_that_does_not_fit_stops_no_other_and_is_told_of() -> None:
    def fail(table: str, rows: Sequence[Row]) -> Exception | None:
        bad = table == "Syslog" and any(row["SyslogMessage"] == "bad" for row in rows)
        return InvalidInput("InvalidDataFormat", "It does not fit.") if bad else None

    store = Store(fail)
    intake = run(store.append, messages("a", "b", "bad", "c", "d"))
    assert sorted(row["SyslogMessage"] for table, row in store.stored if table == "Syslog") == ["a", "b", "c", "d"]
    ((table, told),) = [each for each in store.stored if each[0] != "Syslog"]
    assert table == "Operation"
    assert "It does not fit." in told["Detail"]
    assert "bad" in told["Detail"]
    assert (intake.counts.refused, intake.counts.stored) == (1, 5)


def test_room_comes_back_when_rows_are_durable() -> None:
    async def main() -> list[bool]:
        pending: list[Future[None]] = []

        def append(_table: str, _rows: Sequence[Row]) -> Future[None]:
            pending.append(Future())
            return pending[-1]

        told: list[bool] = []
        intake = Intake(append, Sources(), lambda: told.append(intake.is_full))
        running = asyncio.create_task(intake.run())
        intake.add(messages("x" * module.WAITING_BYTES))
        full = intake.is_full
        while not pending:
            await asyncio.sleep(0.01)
        still = intake.is_full
        pending[0].set_result(None)
        while not told:
            await asyncio.sleep(0.01)
        intake.close()
        await running
        return [full, still, *told]

    assert asyncio.run(main()) == [True, True, False]
