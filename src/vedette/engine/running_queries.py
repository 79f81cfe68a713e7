"""The queries that an engine runs, so that it can end them all and refuse others."""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from vedette.core.errors import Unavailable

_Q = TypeVar("_Q", bound=Hashable)


class RunningQueries(Generic[_Q]):
    """Those that run now, each by what ends it. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._running: set[_Q] = set()
        self._changed = threading.Condition()
        self._stopped = False

    @contextmanager
    def counted(self, query: _Q) -> Iterator[None]:
        """Keep a query among those that run. Raises Unavailable (QueryCancelled) after `stop`."""
        with self._changed:
            if self._stopped:
                raise Unavailable("QueryCancelled", "The server is stopping.")
            self._running.add(query)
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(query)
                self._changed.notify_all()

    def count(self) -> int:
        """How many run."""
        with self._changed:
            return len(self._running)

    def stop(self, end: Callable[[_Q], None]) -> None:
        """Refuse others, and `end` those that run; while it does, none can leave."""
        with self._changed:
            self._stopped = True
            for query in self._running:
                end(query)

    def wait(self, seconds: float) -> bool:
        """Wait until none runs, at most so long; says whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)
