"""Time limits, kept by one thread."""

import threading

from vedette.engine.watchdog import Watchdog


def test_it_calls_back_in_the_order_of_the_limits_and_not_for_what_is_done() -> None:
    watchdog, called, last = Watchdog(), list[str](), threading.Event()

    def finish() -> None:
        called.append("late")
        last.set()

    watchdog.watch(0.05, finish)
    done = watchdog.watch(0.02, lambda: called.append("done"))
    watchdog.watch(0.001, lambda: called.append("early"))
    watchdog.forget(done)
    assert last.wait(10)
    assert called == ["early", "late"]


def test_limits_that_are_met_do_not_pile_up() -> None:
    watchdog, called = Watchdog(), threading.Event()
    for _ in range(1000):
        watchdog.forget(watchdog.watch(3600, lambda: None))
    watchdog.watch(0.001, called.set)
    assert called.wait(10), "a limit is kept also after the queue was empty"
    assert watchdog.waiting == 0
