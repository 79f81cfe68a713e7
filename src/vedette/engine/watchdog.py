"""One thread that keeps the time limits of all queries."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Watchdog:
    """Calls back when a time limit is up. Most limits are met, so keeping one must cost next to nothing: no thread of
    its own, and no waking of this one unless it is the next to end."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int]] = []
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def watch(self, seconds: float, callback: Callable[[], None]) -> int:
        """Call back after so many seconds, on the watchdog's thread; the number is for `forget`."""
        end = time.monotonic() + seconds
        with self._changed:
            number = next(self._numbers)
            self._callbacks[number] = callback
            heapq.heappush(self._waiting, (end, number))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif self._waiting[0][1] == number:
                self._changed.notify()
        return number

    def forget(self, number: int) -> None:
        """The work is done; nothing is called any more."""
        with self._changed:
            self._callbacks.pop(number, None)
            self._drop_forgotten()

    @property
    def waiting(self) -> int:
        """How many limits are kept in mind."""
        with self._changed:
            return len(self._waiting)

    def _run(self) -> None:
        while True:
            with self._changed:
                callback = self._next()
            callback()

    def _next(self) -> Callable[[], None]:
        """Wait for the next limit that is up and not forgotten."""
        while True:
            self._drop_forgotten()
            remaining = self._waiting[0][0] - time.monotonic() if self._waiting else None
            if remaining is not None and remaining <= 0:
                return self._callbacks.pop(heapq.heappop(self._waiting)[1])
            self._changed.wait(remaining)

    def _drop_forgotten(self) -> None:
        """Limits that are met leave the queue as they come to its head; it grows with the queries at work, not with all
        of the last minutes."""
        while self._waiting and self._waiting[0][1] not in self._callbacks:
            heapq.heappop(self._waiting)
