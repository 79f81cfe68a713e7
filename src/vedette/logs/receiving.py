"""Which batches have been received and are not on the disk yet: up to when everything that came is there."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Received:
    """A batch on its way. `stored`, once set, is what it waits for."""

    at: datetime
    stored: Future[None] | None = field(default=None)

    def until(self, stored: Future[None]) -> Future[None]:
        """Keep the batch on its way until this is done."""
        self.stored = stored
        return stored


class Receiving:
    """The batches on their way. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._batches: dict[int, datetime] = {}

    @contextmanager
    def batch(self, at: datetime) -> Iterator[Received]:
        """Around what is done with a batch received at an instant; it is on its way until it is stored or refused."""
        received = Received(at)
        with self._lock:
            self._batches[id(received)] = at
        try:
            yield received
        finally:
            if received.stored is None:
                self._end(received)
            else:
                received.stored.add_done_callback(lambda _: self._end(received))

    def settled(self, now: datetime) -> datetime:
        """The instant before which nothing was received that is still on its way."""
        with self._lock:
            return min((now, *self._batches.values()))

    def _end(self, received: Received) -> None:
        with self._lock:
            del self._batches[id(received)]
