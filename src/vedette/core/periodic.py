"""Work that returns: what the server does each minute, hour or day on its own account."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from vedette.core.clock import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Work = Callable[[datetime], None]
"""Does what is to be done at an instant, which is a whole multiple of its interval since 1970."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Entry:
    name: str
    every: timedelta
    work: Work
    due: datetime


class Periodic:
    """The entries and when each is due. Its methods may be called from any thread; work is done one after another.

    An entry that is late, because the server was down or a virtual clock was moved far, is done once, for the last
    instant that has passed; work that must not leave a gap has to remember itself where it stood.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[_Entry] = []
        self._running = threading.Lock()

    def add(self, name: str, every: timedelta, work: Work) -> None:
        """Do `work` at each multiple of `every` from now on."""
        self._entries.append(_Entry(name, every, work, _last(self._clock.now(), every) + every))

    def next_due(self) -> datetime | None:
        """When there is something to do next; None where there are no entries."""
        return min((entry.due for entry in self._entries), default=None)

    def run_due(self, now: datetime) -> None:
        """Do what is due. What fails is logged and done again at its next time; it stops nothing else."""
        with self._running:
            for entry in self._entries:
                if entry.due > now:
                    continue
                at = _last(now, entry.every)
                entry.due = at + entry.every
                try:
                    entry.work(at)
                except Exception:
                    _log.exception("periodic work failed; it is tried again at its next time", name=entry.name)


def _last(now: datetime, every: timedelta) -> datetime:
    """The last multiple of `every` since 1970 that is not after `now`."""
    return now - (now - _EPOCH) % every
