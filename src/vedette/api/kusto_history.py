"""The last queries of each caller of the Kusto API, for `.show queries`."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.access.principals import Principal
from vedette.core.clock import Clock
from vedette.core.errors import VedetteError
from vedette.kql.literals import format_datetime, format_timespan

_KEPT: Final = 100
_CALLERS: Final = 100
_TEXT_CHARACTERS: Final = 4000
_TICKS: Final = 10_000_000  # in a second


@dataclass(slots=True)
class _Asked:
    id: str
    client_id: str
    database: str
    text: str
    principal: Principal
    started: datetime
    updated: datetime
    state: str = "InProgress"
    failure: str = ""


class History:
    """Its methods may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_caller: OrderedDict[str, deque[_Asked]] = OrderedDict()

    @contextmanager
    def noting(self, principal: Principal, id: str, client_id: str, database: str, text: str) -> Iterator[None]:
        """Around a query of a caller; what it raises is noted as the reason why it failed."""
        now = self._clock.now()
        asked = _Asked(id, client_id, database, text[:_TEXT_CHARACTERS], principal, now, now)
        with self._lock:
            self._of(principal).appendleft(asked)
        try:
            yield
            asked.state = "Completed"
        except BaseException as error:
            asked.state = "Failed"
            asked.failure = error.message if isinstance(error, VedetteError) else "The query was given up."
            raise
        finally:
            asked.updated = self._clock.now()

    def rows(self, principal: Principal) -> list[list[Any]]:
        """The caller's queries, the last first, in the columns of `.show queries`."""
        with self._lock:
            asked = list(self._of(principal))
        return [_row(each, self._clock.now()) for each in asked]

    def _of(self, principal: Principal) -> deque[_Asked]:
        kept = self._by_caller.setdefault(principal.object_id, deque(maxlen=_KEPT))
        self._by_caller.move_to_end(principal.object_id)
        if len(self._by_caller) > _CALLERS:
            self._by_caller.popitem(last=False)
        return kept


def _row(asked: _Asked, now: datetime) -> list[Any]:
    updated = now if asked.state == "InProgress" else asked.updated
    return [
        asked.client_id,
        asked.text,
        asked.database,
        format_datetime(asked.started),
        format_datetime(updated),
        format_timespan(round((updated - asked.started).total_seconds() * _TICKS)),
        asked.state,
        asked.id,
        asked.principal.name,
        asked.failure,
        asked.principal.object_id,
    ]
