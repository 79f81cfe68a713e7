"""A query ends when nobody waits for it."""

import threading
import time

import pytest

from vedette.core.errors import Unavailable
from vedette.engine.cancellation import Cancellation
from vedette.engine.duckdb import DuckDBEngine

ENDLESS = "SELECT count(*) FROM range(10000000) AS a(i), range(10000000) AS b(j) WHERE (i * j) % 7 = 3"


def test_cancelling_ends_a_running_query() -> None:
    engine, cancellation = DuckDBEngine(None), Cancellation()
    timer = threading.Timer(0.2, cancellation.cancel)
    began = time.perf_counter()
    timer.start()
    with pytest.raises(Unavailable, match="stopped"):
        engine.run(ENDLESS, cancellation=cancellation)
    assert time.perf_counter() - began < 30
    assert engine.run("SELECT 1 AS x").rows == 1
    engine.close()


def test_what_was_cancelled_before_does_not_begin() -> None:
    engine, cancellation = DuckDBEngine(None), Cancellation()
    cancellation.cancel()
    with pytest.raises(Unavailable, match="before it began"):
        engine.run(ENDLESS, cancellation=cancellation)
    engine.close()
