"""Ending a query from another thread, because nobody waits for its answer any more."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vedette.core.errors import Unavailable


class Cancellation:
    """One asker's wish to stop. It may come before the query has begun, while it runs, or too late to matter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_cancelled = False
        self._stop: Callable[[], None] | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether it has been wished."""
        return self._is_cancelled

    def cancel(self) -> None:
        """End what runs under this, now, and what would run under it later."""
        with self._lock:
            self._is_cancelled = True
            stop = self._stop
        if stop is not None:
            stop()

    @contextmanager
    def ending(self, stop: Callable[[], None]) -> Iterator[None]:
        """Within the context, cancelling calls `stop`. Raises Unavailable (QueryCancelled) where it was cancelled
        before."""
        with self._lock:
            self._stop = stop
            if self._is_cancelled:
                raise Unavailable("QueryCancelled", "The query was stopped before it began.")
        try:
            yield
        finally:
            with self._lock:
                self._stop = None
