"""Time as an argument: the system's clock, and a virtual one that moves only when told."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until `advance` or `set` moves it; never backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant the clock was last moved to."""
        return self._now

    def advance(self, step: timedelta) -> datetime:
        """Move forward by `step` and say where that is. Raises ValueError for a negative step."""
        if step < timedelta(0):
            raise ValueError("a clock does not run backwards")
        with self._lock:
            self._now += step
            return self._now

    def set(self, instant: datetime) -> None:
        """Move forward to `instant`; an instant in the past is ignored."""
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))
