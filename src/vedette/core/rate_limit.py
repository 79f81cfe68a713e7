"""So much in a period for each key, no more: buckets that fill steadily."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_MOST_KEYS: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    level: float
    at: datetime


class RateLimit:
    """At most `amount` in `period` for each key, after a pause that long. May be called from any thread."""

    def __init__(self, amount: float, period: timedelta) -> None:
        self._amount = amount
        self._per_second = amount / period.total_seconds()
        self._lock = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, amount: float, now: datetime) -> float:
        """Take an amount; gives 0.0, or the seconds after which there is enough, and then nothing is taken.

        What is more than the whole bucket holds is let through when the bucket is full, and paid back afterwards.
        """
        with self._lock:
            bucket = self._filled(key, now)
            missing = min(amount, self._amount) - bucket.level
            if missing > 0:
                return missing / self._per_second
            bucket.level -= amount
            return 0.0

    def _filled(self, key: str, now: datetime) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= _MOST_KEYS:
                self._forget_full(now)
            bucket = self._buckets[key] = _Bucket(self._amount, now)
        passed = max(0.0, (now - bucket.at).total_seconds())  # a clock that was set back fills nothing
        bucket.level = min(self._amount, bucket.level + passed * self._per_second)
        bucket.at = now
        return bucket

    def _forget_full(self, now: datetime) -> None:
        """Drop the buckets that are full by now: a new one is the same."""
        for key, bucket in list(self._buckets.items()):
            if bucket.level + (now - bucket.at).total_seconds() * self._per_second >= self._amount:
                del self._buckets[key]
