"""The slowest queries, the running ones, and what is counted of them."""

from datetime import UTC, datetime

import pytest

from vedette.core.errors import InvalidInput
from vedette.core.metrics import Metrics
from vedette.logs import query_record
from vedette.logs.query import QueryText
from vedette.logs.query_record import TEXT_CHARACTERS, Caller, EndedQuery, QueryRecord

ANN = Caller("api", "ann")
NOW = datetime(2024, 3, 1, tzinfo=UTC)
TEXT = QueryText("T", NOW)


def test_a_query_is_running_until_it_ends() -> None:
    record = QueryRecord(Metrics())
    with record.running("w", TEXT, ANN):
        assert record.running_now() == {("api",): 1}
    assert record.running_now() == {("api",): 0}


def test_a_failure_is_kept_with_its_code() -> None:
    metrics = Metrics()
    record = QueryRecord(metrics)
    with pytest.raises(InvalidInput), record.running("w", TEXT, ANN):
        raise InvalidInput("BadOne", "no")
    (ran,) = record.slowest(5)
    assert (ran.code, ran.rows, ran.caller) == ("BadOne", 0, ANN)
    assert metrics.failed_queries.values() == {("api", "BadOne"): 1}


def test_the_slowest_of_the_last_hour_are_kept_and_their_text_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, stopwatch = [0.0], [0.0]
    monkeypatch.setattr(query_record, "monotonic", lambda: clock[0])
    monkeypatch.setattr(query_record, "perf_counter", lambda: stopwatch[0])
    record = QueryRecord(Metrics())
    for minute in range(90):
        clock[0] = minute * 60.0
        for query in range(50):
            with record.running("w", QueryText(f"{minute}/{query} {'x' * 1000}", NOW), ANN):
                stopwatch[0] += minute + query / 100
    told = record.slowest(3)
    assert [ran.text.split()[0] for ran in told] == ["89/49", "89/48", "89/47"]
    assert {len(ran.text) for ran in told} == {TEXT_CHARACTERS}
    everything = record.slowest(10_000)
    assert len(everything) <= 61 * 5
    assert all(clock[0] - ran.ended <= 3600 for ran in everything)


def test_who_listens_is_told_of_every_query_whole() -> None:
    told: list[EndedQuery] = []
    record = QueryRecord(Metrics())
    record.on_end = told.append
    error = InvalidInput("BadOne", "no")
    with pytest.raises(InvalidInput), record.running("w", QueryText("x" * 1000, NOW, (NOW, None)), ANN):
        raise error
    (ended,) = told
    assert (ended.text, ended.timespan, ended.asked) == ("x" * 1000, (NOW, None), NOW)
    assert ended.error is error
