"""Runs hunting queries over a stretch of time in one go: how much each finds, and how much more than the time before.

https://learn.microsoft.com/azure/sentinel/hunting#use-the-hunting-dashboard
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from vedette.core.errors import VedetteError
from vedette.core.instants import arm_time
from vedette.engine.limits import Limits
from vedette.logs.result import QueryResult
from vedette.sentinel.hunting_queries import HuntingQuery

MOST_RESULTS = 10_000
"""Results of a query that are counted; of more it is said that there are more."""

LIMITS = Limits(timeout=timedelta(seconds=60), rows=MOST_RESULTS)
ALL_SECONDS = 540.0
"""How long all queries together may take; what is not run by then is told."""

Ask = Callable[[str, datetime, datetime, Limits], QueryResult]
"""Runs a text over a stretch of time as of its end."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that is hunted over, from `start` to `end`."""

    start: datetime
    end: datetime

    @property
    def before(self) -> "Stretch":
        """As much time just before it."""
        return Stretch(self.start - (self.end - self.start), self.start)


def run_hunt(ask: Ask, queries: Sequence[HuntingQuery], stretch: Stretch, *, compare: bool) -> dict[str, Any]:
    """The outcome of every query, those with most results first; a query that fails says why and stops no other."""
    outcomes = list(_outcomes(ask, queries, stretch, compare))
    outcomes.sort(key=lambda each: -(each["resultsCount"] or 0))
    ran = [each for each in outcomes if each["status"] == "Succeeded"]
    return {
        "value": outcomes,
        "metaData": {
            "startTimeUtc": arm_time(stretch.start),
            "endTimeUtc": arm_time(stretch.end),
            "queriesCount": len(outcomes),
            "succeededCount": len(ran),
            "withResultsCount": sum(bool(each["resultsCount"]) for each in ran),
        },
    }


def _outcomes(ask: Ask, queries: Sequence[HuntingQuery], stretch: Stretch, compare: bool) -> Iterator[dict[str, Any]]:
    began = perf_counter()
    for query in queries:
        if perf_counter() - began > ALL_SECONDS:
            yield _told(query, status="NotRun")
            continue
        started = perf_counter()
        try:
            now = ask(query.query, stretch.start, stretch.end, LIMITS)
            before = ask(query.query, stretch.before.start, stretch.before.end, LIMITS) if compare else None
        except VedetteError as error:
            failure = {"code": error.code, "message": error.message}
            yield _told(query, status="Failed", error=failure, seconds=perf_counter() - started)
            continue
        counts = (_count(now), None if before is None else _count(before))
        yield _told(query, "Succeeded", counts, now.truncated, seconds=perf_counter() - started)


def _told(
    query: HuntingQuery,
    status: str,
    counts: tuple[int | None, int | None] = (None, None),
    truncated: bool = False,
    error: dict[str, str] | None = None,
    seconds: float = 0.0,
) -> dict[str, Any]:
    results, previous = counts
    delta = None if results is None or previous is None else results - previous
    return {
        "id": query.id,
        "name": query.name,
        "displayName": query.display_name,
        "tactics": list(query.tactics),
        "techniques": list(query.techniques),
        "status": status,
        "resultsCount": results,
        "isTruncated": truncated,
        "previousResultsCount": previous,
        "resultsDelta": delta,
        "resultsDeltaPercentage": round(100 * delta / previous, 1) if delta is not None and previous else None,
        "seconds": round(seconds, 3),
        **({"error": error} if error else {}),
    }


def _count(result: QueryResult) -> int:
    return sum(batch.num_rows for batch in result.batches)
