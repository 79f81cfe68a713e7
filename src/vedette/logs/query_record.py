"""The queries that run and ran: who asks what, how long it takes; counted, and the slowest of the last hour kept."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from time import monotonic, perf_counter

from vedette.core.errors import VedetteError
from vedette.core.metrics import Metrics
from vedette.logs.query import QueryText, Timespan
from vedette.logs.result import QueryResult

TEXT_CHARACTERS = 300
_HOUR = 3600.0
_MINUTE = 60
_SLOWEST_OF_A_MINUTE = 5


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: `origin` is api, rule or server; `name` is the principal's or the rule's. The rest is of a request:
    the ids of the principal, the client's own program, the id of the request and the address that it went to."""

    origin: str
    name: str = ""
    object_id: str = ""
    application_id: str = ""
    tenant_id: str = ""
    program: str = ""
    correlation_id: str = ""
    target: str = ""


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


@dataclass(frozen=True, slots=True)
class EndedQuery:
    """A query that has just ended, whole: `asked` is its now(), and `error` what it gave instead of rows."""

    workspace_id: str
    text: str
    timespan: Timespan | None
    asked: datetime
    caller: Caller
    seconds: float
    rows: int
    error: BaseException | None


@dataclass(slots=True)
class _Running:
    result: QueryResult | None = None


class QueryRecord:
    """Its methods may be called from any thread. `on_end`, when set, is told of every query that ends."""

    def __init__(self, metrics: Metrics) -> None:
        self.on_end: Callable[[EndedQuery], None] | None = None
        self._metrics = metrics
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}
        self._minutes: deque[tuple[int, list[RanQuery]]] = deque()

    @contextmanager
    def running(self, workspace_id: str, query: QueryText, caller: Caller) -> Iterator[_Running]:
        """Around the run of a query, which puts its result in what it is given."""
        began = perf_counter()
        self._count(caller.origin, 1)
        run, failure = _Running(), None
        try:
            yield run
        except BaseException as error:
            failure = error
            raise
        finally:
            self._count(caller.origin, -1)
            rows = 0 if run.result is None else run.result.statistics.rows
            seconds = perf_counter() - began
            self._end(EndedQuery(workspace_id, query.text, query.timespan, query.now, caller, seconds, rows, failure))
            if run.result is not None and run.result.truncated:
                self._metrics.truncated_queries.add(1, caller.origin)

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

    def _end(self, ended: EndedQuery) -> None:
        origin, code = ended.caller.origin, _code(ended.error)
        self._metrics.query_seconds.observe(ended.seconds, origin)
        if code:
            self._metrics.failed_queries.add(1, origin, code)
        else:
            self._metrics.query_rows.add(ended.rows, origin)
        text = ended.text[:TEXT_CHARACTERS]
        self._keep(RanQuery(ended.workspace_id, text, ended.caller, ended.seconds, ended.rows, code, monotonic()))
        if self.on_end is not None:
            self.on_end(ended)

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


def _code(error: BaseException | None) -> str:
    """The code of a query's failure; empty for one that succeeded."""
    if error is None:
        return ""
    return error.code if isinstance(error, VedetteError) else "InternalServerError"
