"""The queries that run and ran: who asks what, how long it takes; counted, and the slowest of the last hour kept."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import nlargest
from time import monotonic, perf_counter

from vedette.core.errors import VedetteError
from vedette.core.metrics import Metrics
from vedette.logs.result import QueryResult

TEXT_CHARACTERS = 300
_HOUR = 3600.0
_MINUTE = 60
_SLOWEST_OF_A_MINUTE = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `origin` is api, rule or server; `name` is the principal's or the rule's."""

    origin: str
    name: str = ""


SERVER = Caller("server")


@dataclass(frozen=True, slots=True)
class RanQuery:
    """A query that ended: the head of its text, and what came of it. `code` is empty unless it failed; `ended` is
    seconds of a clock that only runs forward."""

    workspace_id: str
    text: str
    caller: Caller
    seconds: float
    rows: int
    code: str
    ended: float

    @property
    def age(self) -> float:
        """Seconds since it ended."""
        return monotonic() - self.ended


@dataclass(slots=True)
class _Running:
    result: QueryResult | None = None


class QueryRecord:
    """Its methods may be called from any thread."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}
        self._minutes: deque[tuple[int, list[RanQuery]]] = deque()

    @contextmanager
    def running(self, workspace_id: str, text: str, caller: Caller) -> Iterator[_Running]:
        """Around the run of a query, which puts its result in what it is given."""
        began = perf_counter()
        self._count(caller.origin, 1)
        run, code = _Running(), ""
        try:
            yield run
        except VedetteError as error:
            code = error.code
            raise
        except BaseException:
            code = "InternalServerError"
            raise
        finally:
            self._count(caller.origin, -1)
            rows = 0 if run.result is None else run.result.statistics.rows
            ran = RanQuery(
                workspace_id, text[:TEXT_CHARACTERS], caller, perf_counter() - began, rows, code, monotonic()
            )
            self._keep(ran)
            self._measure(ran, run.result is not None and run.result.truncated)

    def running_now(self) -> dict[tuple[str, ...], float]:
        """How many queries run, by origin."""
        with self._lock:
            return {(origin,): count for origin, count in self._running.items()}

    def slowest(self, count: int) -> list[RanQuery]:
        """The slowest queries of the last hour, slowest first."""
        with self._lock:
            kept = [each for _, minute in self._minutes for each in minute]
        now = monotonic()
        return nlargest(count, (each for each in kept if now - each.ended <= _HOUR), key=lambda each: each.seconds)

    def _count(self, origin: str, change: int) -> None:
        with self._lock:
            self._running[origin] = self._running.get(origin, 0) + change

    def _keep(self, ran: RanQuery) -> None:
        """Keep the slowest of each minute, so that an hour's memory is bounded however many queries there are."""
        minute = int(ran.ended) // _MINUTE
        with self._lock:
            while self._minutes and self._minutes[0][0] < minute - _MINUTE:
                self._minutes.popleft()
            if not self._minutes or self._minutes[-1][0] != minute:
                self._minutes.append((minute, []))
            slowest = self._minutes[-1][1]
            slowest.append(ran)
            if len(slowest) > _SLOWEST_OF_A_MINUTE:
                slowest.remove(min(slowest, key=lambda each: each.seconds))

    def _measure(self, ran: RanQuery, truncated: bool) -> None:
        origin = ran.caller.origin
        self._metrics.query_seconds.observe(ran.seconds, origin)
        if ran.code:
            self._metrics.failed_queries.add(1, origin, ran.code)
            return
        self._metrics.query_rows.add(ran.rows, origin)
        if truncated:
            self._metrics.truncated_queries.add(1, origin)
