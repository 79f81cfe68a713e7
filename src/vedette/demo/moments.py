"""Moments of the demo's day, counted back from its end, so that the story is the same whenever it is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

FIRST = timedelta(hours=23, minutes=50)
LAST = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Moments:
    """The day that ends at `end`, and the chance that places the benign events in it."""

    end: datetime
    chance: Random

    def before_end(self, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """So long before the end."""
        return self.end - timedelta(hours=hours, minutes=minutes, seconds=seconds)

    def any(self, earliest: timedelta = FIRST, latest: timedelta = LAST) -> datetime:
        """Any moment between two distances from the end."""
        distance = self.chance.uniform(latest.total_seconds(), earliest.total_seconds())
        return self.end - timedelta(milliseconds=round(distance * 1000))
