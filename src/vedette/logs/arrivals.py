"""What arrived of late: rows, bytes and lag by table over the last minute, from memory alone."""

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vedette.logs.standard_names import TIME_GENERATED

_NEVER = datetime.min.replace(tzinfo=UTC)

WINDOW = 60
"""Seconds that are looked back."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Rows of one table that were stored: how many, their bytes as `_BilledSize` counts them, and how long their
    events had been over when they were received, in seconds summed up and at most."""

    rows: int = 0
    bytes: float = 0.0
    lag_sum: float = 0.0
    lag_most: float = 0.0

    def __add__(self, other: "Arrived") -> "Arrived":
        return Arrived(
            self.rows + other.rows,
            self.bytes + other.bytes,
            self.lag_sum + other.lag_sum,
            max(self.lag_most, other.lag_most),
        )


@dataclass(frozen=True, slots=True)
class LastMinute:
    """What arrived in a table in the last minute, and when rows arrived there last, within this server's life."""

    arrived: Arrived
    last: datetime


@dataclass(slots=True)
class _Ring:
    seconds: list[int] = field(default_factory=lambda: [-WINDOW] * WINDOW)
    arrived: list[Arrived] = field(default_factory=lambda: [Arrived()] * WINDOW)
    last: datetime = _NEVER


def arrived(rows: pa.Table, received: datetime) -> Arrived:
    """What a batch with its standard columns brings."""
    if not rows.num_rows:
        return Arrived()
    size = pc.call_function("sum", [rows["_BilledSize"]]).as_py() or 0.0
    generated: Any = rows[TIME_GENERATED].cast(pa.int64())
    now = received.timestamp()
    mean = pc.call_function("mean", [generated]).as_py()
    oldest = pc.call_function("min", [generated]).as_py()
    if mean is None:
        return Arrived(rows.num_rows, size)
    return Arrived(rows.num_rows, size, max(0.0, now - mean / 1e6) * rows.num_rows, max(0.0, now - oldest / 1e6))


class Arrivals:
    """A ring of seconds for each table. Its methods may be called from any thread."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._rings: dict[tuple[str, str], _Ring] = {}

    def note(self, workspace_id: str, table: str, batch: Arrived, received: datetime) -> None:
        """Remember a batch that was stored."""
        second = int(self._seconds())
        slot = second % WINDOW
        with self._lock:
            ring = self._rings.setdefault((workspace_id.lower(), table), _Ring())
            stale = ring.seconds[slot] != second
            ring.arrived[slot] = batch if stale else ring.arrived[slot] + batch
            ring.seconds[slot] = second
            ring.last = max(ring.last, received)

    def last_minute(self, workspace_id: str) -> Mapping[str, LastMinute]:
        """By table, for those that rows arrived in since the server started."""
        oldest = int(self._seconds()) - WINDOW
        with self._lock:
            rings = {table: replace(ring) for (id, table), ring in self._rings.items() if id == workspace_id.lower()}
            return {table: LastMinute(_sum(ring, oldest), ring.last) for table, ring in rings.items()}

    def last(self, workspace_id: str, tables: Collection[str]) -> datetime | None:
        """When rows last arrived in any of these tables, by their lower-cased names, since the server started."""
        with self._lock:
            rings = self._rings.items()
            found = [ring.last for (id, table), ring in rings if id == workspace_id.lower() and table.lower() in tables]
        return max(found, default=None)

    def forget(self, workspace_id: str) -> None:
        """Let go of a workspace that is no more."""
        with self._lock:
            for key in [key for key in self._rings if key[0] == workspace_id.lower()]:
                del self._rings[key]


def _sum(ring: _Ring, oldest: int) -> Arrived:
    recent = (each for second, each in zip(ring.seconds, ring.arrived, strict=True) if second > oldest)
    return sum(recent, Arrived())
