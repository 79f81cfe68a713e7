"""Ending a query from another thread, because nobody waits for its answer any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vedette.core.errors import Unavailable


class Cancellation:
    """One asker's wish to stop. It may come before a query has begun, while some run, or too late to matter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._stops: list[Callable[[], None]] = []

    @property
    def is_cancelled(self) -> bool:
        """Whether it has been wished."""
        return self._is_cancelled

    def cancel(self) -> None:
        """End what runs under this, now, and what would run under it later."""
        with self._lock:
            self._is_cancelled = True
            stops = tuple(self._stops)
        for stop in stops:
            stop()

    @contextmanager
    def ending(self, stop: Callable[[], None]) -> Iterator[None]:
        """Within the context, cancelling calls `stop`. Raises Unavailable (QueryCancelled) where it was cancelled
        before."""
        with self._lock:
            if self._is_cancelled:
                raise Unavailable("QueryCancelled", "The query was stopped before it began.")
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)
