"""ClickHouse within limits, in this process."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from vedette.core.errors import InvalidInput, TimedOut, TooLarge, Unavailable
from vedette.engine.cancellation import Cancellation
from vedette.engine.clickhouse import ClickHouseEngine
from vedette.engine.limits import Limits

SLOW = "SELECT count() AS c1 FROM numbers(100000000000) WHERE cityHash64(number) = 1"


@pytest.fixture(scope="module")
def engine() -> Iterator[ClickHouseEngine]:
    opened = ClickHouseEngine("chdb://memory", memory_limit=200_000_000)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE t",
        "SELECT 1; SELECT 2",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1/', 'CSV', 'a String')",
        "SELECT * FROM s3('http://127.0.0.1/b/k')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM mysql('127.0.0.1:3306', 'd', 't', 'u', 'p')",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
        "SELECT 1 SETTINGS max_memory_usage = 0",
        "INSERT INTO t SELECT 1",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT 1",
    ],
)
def test_only_selects_over_tables_run(engine: ClickHouseEngine, sql: str) -> None:
    with pytest.raises(ValueError, match="one SELECT"):
        engine.run(sql)


def test_words_in_texts_are_no_statements(engine: ClickHouseEngine) -> None:
    result = engine.run("SELECT 'it\\'s; DROP file(' AS c1")
    assert result.batches[0].to_pylist() == [{"c1": "it's; DROP file("}]


def test_rows_beyond_the_limit_are_cut_off(engine: ClickHouseEngine) -> None:
    result = engine.run("SELECT number AS c1 FROM numbers(1000000)", Limits(rows=10))
    assert (result.rows, result.truncated) == (10, True)
    result = engine.run("SELECT number AS c1 FROM numbers(10)", Limits(rows=10))
    assert (result.rows, result.truncated) == (10, False)


def test_a_query_that_takes_too_long_is_stopped(engine: ClickHouseEngine) -> None:
    with pytest.raises(TimedOut):
        engine.run(SLOW, Limits(timeout=timedelta(seconds=0.3)))


def test_a_query_that_needs_too_much_memory_is_stopped(engine: ClickHouseEngine) -> None:
    with pytest.raises(TooLarge):
        engine.run("SELECT length(groupArray(toString(number))) AS c1 FROM numbers(50000000)")


def test_a_query_is_cancelled(engine: ClickHouseEngine) -> None:
    cancellation = Cancellation()
    timer = threading.Timer(0.3, cancellation.cancel)
    timer.start()
    with pytest.raises(Unavailable, match="stopped"):
        engine.run(SLOW, Limits(timeout=timedelta(seconds=20)), cancellation)
    timer.join()


def test_a_pattern_that_cannot_be_read_is_a_value_that_cannot_be_used(engine: ClickHouseEngine) -> None:
    with pytest.raises(InvalidInput):
        engine.run("SELECT match('a', '(') AS c1")


def test_after_stopping_nothing_runs() -> None:
    engine = ClickHouseEngine("chdb://memory")
    engine.stop_queries()
    with pytest.raises(Unavailable):
        engine.run("SELECT 1 AS c1")
    engine.close()
