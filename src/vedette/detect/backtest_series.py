"""What a backtest shows as a chart: the windows in the order of time, neighbours taken together where they are many."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Point:
    """Windows that lie side by side: the ends of the first and the last of them, how many they are, and of these how
    many fired, were suppressed, or could not be evaluated; the most results that one had, and all alerts."""

    first: datetime
    last: datetime
    windows: int = 0
    results: int = 0
    fired: int = 0
    suppressed: int = 0
    failed: int = 0
    alerts: int = 0


class Series:
    """The points of `windows` windows, no more than `most` of them; each but the last has as many windows as the
    others."""

    def __init__(self, windows: int, most: int) -> None:
        self._of_a_point = max(-(-windows // most), 1) if most else 0
        self.points: list[Point] = []

    def add(
        self, end: datetime, *, results: int = 0, alerts: int = 0, suppressed: bool = False, failed: bool = False
    ) -> None:
        """Take up the next window, by its end."""
        if not self._of_a_point:
            return
        if not self.points or self.points[-1].windows == self._of_a_point:
            self.points.append(Point(end, end))
        point = self.points[-1]
        point.last = end
        point.windows += 1
        point.results = max(point.results, results)
        point.alerts += alerts
        point.fired += alerts > 0
        point.suppressed += suppressed
        point.failed += failed
