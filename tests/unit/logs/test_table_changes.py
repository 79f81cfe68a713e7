"""Tables and columns that come and go while rows arrive: a batch is stored whole, or it is refused."""

import itertools
import threading
import time
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.logs.running_store import NOW, WORKSPACE, Running

from vedette.core.errors import Conflict, NotFound, StorageFull, Unavailable, VedetteError
from vedette.engine import disk_space
from vedette.kql.diagnostics import KqlError
from vedette.kql.types import ScalarType
from vedette.logs.standard_names import TIME_GENERATED
from vedette.logs.writer import Batch, Change

COLUMNS = {"batch": ScalarType.string, "n": ScalarType.long}


def test_a_table_is_made_empty_and_dropped_for_good(running: Running) -> None:
    tables = running.store.tables
    tables.create(WORKSPACE, "A_CL", COLUMNS)
    assert running.query("A_CL | count") == [[0]]
    assert running.query("A_CL | getschema | project ColumnName | take 3") == [["TimeGenerated"], ["batch"], ["n"]]
    running.store.append(WORKSPACE, "A_CL", [{"n": 1}]).result()
    tables.drop(WORKSPACE, "A_CL")
    for _ in range(2):
        with pytest.raises(KqlError):
            running.query("A_CL")
        with pytest.raises(NotFound):
            running.store.append(WORKSPACE, "A_CL", [{"n": 1}])
        running.stop()
        running.start()
    running.store.append(WORKSPACE, "A_CL", [{"n": "2"}], columns={"n": ScalarType.string}).result()
    assert running.query("A_CL | project n") == [["2"]]


def test_a_column_keeps_its_type_until_it_is_dropped(running: Running) -> None:
    tables = running.store.tables
    tables.create(WORKSPACE, "A_CL", COLUMNS)
    with pytest.raises(Conflict):
        tables.create(WORKSPACE, "A_CL", {"n": ScalarType.string})
    running.store.append(WORKSPACE, "A_CL", [{"batch": "b", "n": 1}]).result()
    tables.drop_columns(WORKSPACE, "A_CL", {"n", "unknown"})
    with pytest.raises(KqlError):
        running.query("A_CL | project n")
    running.stop()
    running.start()
    assert running.query("A_CL | project batch") == [["b"]]
    running.store.tables.create(WORKSPACE, "A_CL", {"n": ScalarType.string})
    assert running.query("A_CL | project batch, n") == [["b", ""]]


def test_a_batch_that_a_drop_overtakes_is_refused_and_can_be_sent_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.store.append(WORKSPACE, "A_CL", [{"n": 1}], columns=COLUMNS).result()
    queued = threading.Event()
    submit = running.store.tables._writer.submit  # pyright: ignore[reportPrivateUsage]

    def submit_and_say_so(change: Batch | Change) -> Future[Any]:
        future = submit(change)
        queued.set()
        return future

    with running.engine.write():  # holds the writer up, so that what follows waits in its order
        waiting = [running.store.append(WORKSPACE, "A_CL", [{"n": 2}])]
        monkeypatch.setattr(running.store.tables._writer, "submit", submit_and_say_so)
        dropping = threading.Thread(target=running.store.tables.drop, args=(WORKSPACE, "A_CL"))
        dropping.start()
        assert queued.wait(10)
        waiting.append(running.store.append(WORKSPACE, "A_CL", [{"n": 3}]))
    dropping.join()
    waiting[0].result()
    with pytest.raises(Unavailable, match="Send them again"):
        waiting[1].result()
    running.store.append(WORKSPACE, "A_CL", [{"n": 3}], columns=COLUMNS).result()
    assert running.query("A_CL | project n") == [[3]]


def test_appends_go_on_while_tables_and_columns_come_and_go(running: Running) -> None:
    done = threading.Event()
    refused: list[str] = []
    strange: list[BaseException] = []
    acknowledged: list[str] = []

    def append(name: str) -> None:
        for number in range(1000):
            batch = f"{name}-{number}"
            rows = [{"batch": batch, "n": n} for n in range(10)]
            try:
                running.store.append(WORKSPACE, "A_CL", rows, columns=COLUMNS).result()
                acknowledged.append(batch)
            except Unavailable:
                refused.append(batch)
            except Exception as error:
                strange.append(error)
            if done.is_set():
                return

    senders = [threading.Thread(target=append, args=(str(number),)) for number in range(3)]
    for sender in senders:
        sender.start()
    for round in range(12):
        if round % 3 == 2:
            running.store.tables.drop(WORKSPACE, "A_CL")
        else:
            running.store.tables.drop_columns(WORKSPACE, "A_CL", {"n"})
        assert len(running.store.tables.stored_names(WORKSPACE)) < 2
    deadline = time.monotonic() + 10
    while not acknowledged and time.monotonic() < deadline:  # the rounds may be over before a batch fell between two
        time.sleep(0.01)
    done.set()
    for sender in senders:
        sender.join()
    assert not strange
    running.store.append(WORKSPACE, "A_CL", [{"batch": "last", "n": n} for n in range(10)], columns=COLUMNS).result()
    running.stop()
    running.start()
    counts = dict(running.query("A_CL | summarize count() by batch"))
    assert set(counts.values()) <= {10}, "a batch is there in part"
    assert {"last"} <= counts.keys() <= {*acknowledged, "last"}
    assert acknowledged


def test_queries_of_a_table_that_comes_and_goes_give_its_rows_or_say_that_it_is_not_there(running: Running) -> None:
    tables, stop = running.store.tables, threading.Event()
    refused: set[str] = set()
    answers: set[int] = set()

    def ask(text: str) -> None:
        while not stop.is_set():
            try:
                answers.add(int(str(running.query(text)[0][0])))
            except VedetteError as error:
                refused.add(error.code)

    asking = [
        threading.Thread(target=ask, args=(text,))
        for text in (
            "A_CL | where batch == 'x' | summarize sum(n)",
            "union A_CL | count",
            "search in (A_CL) 'x' | count",
        )
    ]
    for thread in asking:
        thread.start()
    for column in ("n", "batch") * 3:
        tables.create(WORKSPACE, "A_CL", COLUMNS)
        running.store.append(WORKSPACE, "A_CL", [{"n": 1, "batch": "x"}]).result()
        running.query("A_CL | count")
        tables.drop_columns(WORKSPACE, "A_CL", [column])
        tables.drop(WORKSPACE, "A_CL")
    stop.set()
    for thread in asking:
        thread.join()
    assert refused <= {"SEM0100"}
    assert answers <= {0, 1}


def test_a_query_that_a_drop_overtakes_is_compiled_again(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = running.store.tables
    tables.create(WORKSPACE, "A_CL", COLUMNS)
    run = running.engine.run
    left = iter([lambda: tables.drop_columns(WORKSPACE, "A_CL", ["n"]), None, lambda: tables.drop(WORKSPACE, "A_CL")])

    def overtaken(*arguments: Any) -> Any:
        change = next(left)
        if change is not None:
            change()
        return run(*arguments)

    monkeypatch.setattr(running.engine, "run", overtaken)
    assert running.query("A_CL | summarize sum(column_ifexists('n', 0))") == [[0]]
    with pytest.raises(KqlError, match="A_CL"):
        running.query("A_CL | where batch == 'x'")


def test_a_fault_of_ours_is_said_as_one(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    run = running.engine.run
    monkeypatch.setattr(running.engine, "run", lambda _sql, *rest: run("SELECT missing FROM nowhere", *rest))
    with pytest.raises(VedetteError) as caught:
        running.query("print 1")
    assert not isinstance(caught.value, Unavailable)
    assert caught.value.code == "InternalServerError"


def test_rows_are_deleted_by_a_condition_in_pieces(running: Running) -> None:
    tables = running.store.tables
    rows = [{"n": n, TIME_GENERATED: NOW + timedelta(minutes=10 * n)} for n in range(300)]
    running.store.append(WORKSPACE, "A_CL", rows, columns=COLUMNS).result()
    pieces = tables.slices(WORKSPACE, "A_CL", "n < 200", TIME_GENERATED, 50, NOW)
    assert sum(piece.rows for piece in pieces) == 200
    assert all(piece.rows <= 50 and piece.start.date() == (piece.end - timedelta(seconds=1)).date() for piece in pieces)
    assert all(one.end <= other.start for one, other in itertools.pairwise(pieces))
    deleted = [tables.delete(WORKSPACE, "A_CL", "n < 200", NOW, piece, TIME_GENERATED) for piece in pieces]
    assert sum(deleted) == 200
    assert running.query("A_CL | summarize min(n), count()") == [[200, 100]]
    assert tables.delete(WORKSPACE, "Nothing_CL", "true", NOW, None, TIME_GENERATED) == 0
    with pytest.raises(KqlError):
        tables.delete(WORKSPACE, "A_CL", "nothing == 1", NOW, None, TIME_GENERATED)
    assert tables.delete(WORKSPACE, "A_CL", "true", NOW, None, TIME_GENERATED) == 100


def test_an_hour_with_many_rows_is_cut(running: Running) -> None:
    rows = [{"n": n, TIME_GENERATED: NOW + timedelta(seconds=n)} for n in range(3000)]
    running.store.append(WORKSPACE, "A_CL", rows, columns=COLUMNS).result()
    pieces = running.store.tables.slices(WORKSPACE, "A_CL", "true", TIME_GENERATED, 700, NOW)
    assert len(pieces) == 5
    assert (pieces[0].start, pieces[-1].end) == (NOW, NOW + timedelta(hours=1))


def test_deleting_goes_on_when_the_disk_is_full(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    running.store.append(WORKSPACE, "A_CL", [{"n": n} for n in range(10)], columns=COLUMNS).result()
    running.store.append(WORKSPACE, "B_CL", [{"n": 1}], columns=COLUMNS).result()
    monkeypatch.setattr(disk_space, "reserve", lambda _disk: 2**62)
    with pytest.raises(StorageFull):
        running.store.append(WORKSPACE, "A_CL", [{"n": 11}]).result()
    assert running.store.tables.delete(WORKSPACE, "A_CL", "n < 5", NOW, None, TIME_GENERATED) == 5
    running.store.tables.drop(WORKSPACE, "B_CL")
    monkeypatch.undo()
    running.store.append(WORKSPACE, "A_CL", [{"n": 11}]).result()
    assert running.query("A_CL | count") == [[6]]
