"""What a server counts of itself: counters, histograms and gauges of one server, read by `/metrics` and the status.

Names and units are as Prometheus recommends: https://prometheus.io/docs/practices/naming. They are kept in plain
dictionaries; the library that writes the exposition is loaded when somebody asks for it.
"""

import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Labels = tuple[str, ...]
"""The values of a metric's labels, in the order of their names."""

OTHER = "other"
"""The value of every label for what came after a metric had as many series as it may have."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)
_ROWS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_SERIES = 500


@dataclass(frozen=True, slots=True)
class Described:
    """A metric's name without `vedette_` and without the ending of its kind, its help, its unit and its labels' names.

    The name ends with the unit.
    """

    name: str
    help: str
    unit: str
    labels: tuple[str, ...] = ()


class Counter:
    """A number for each set of labels that only grows. Its methods may be called from any thread."""

    def __init__(self, described: Described) -> None:
        self.described = described
        self._lock = threading.Lock()
        self._values: dict[Labels, float] = {}

    def add(self, amount: float, *labels: str) -> None:
        """Count so much more for these labels."""
        with self._lock:
            key = _bounded(self._values, labels)
            self._values[key] = self._values.get(key, 0) + amount

    def values(self) -> dict[Labels, float]:
        """The counts so far."""
        with self._lock:
            return dict(self._values)


@dataclass(slots=True)
class Distribution:
    """How often a value was at most each bound and above the one before; the last count is of those above all."""

    counts: list[int]
    sum: float = 0.0


class Histogram:
    """A distribution of values for each set of labels. Its methods may be called from any thread."""

    def __init__(self, described: Described, bounds: tuple[float, ...] = SECONDS) -> None:
        self.described = described
        self.bounds = bounds
        self._lock = threading.Lock()
        self._values: dict[Labels, Distribution] = {}

    def observe(self, value: float, *labels: str) -> None:
        """Count one value for these labels."""
        index = bisect_left(self.bounds, value)
        with self._lock:
            key = _bounded(self._values, labels)
            found = self._values.get(key)
            if found is None:
                found = self._values[key] = Distribution([0] * (len(self.bounds) + 1))
            found.counts[index] += 1
            found.sum += value

    def values(self) -> dict[Labels, Distribution]:
        """The distributions so far."""
        with self._lock:
            return {labels: Distribution(list(each.counts), each.sum) for labels, each in self._values.items()}


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number for each set of labels, found out when somebody asks; `grows` if it only grows, as a counter's does."""

    described: Described
    values: Callable[[], Mapping[Labels, float]]
    grows: bool = False


class Metrics:
    """The metrics of one server. Whoever has something to count is given this object and calls its metric.

    `way` is the way in: collector, ingestion, syslog, otlp, server …
    """

    def __init__(self) -> None:
        self._gauges: list[Gauge] = []
        self.requests = Counter(
            Described("http_requests", "Requests answered.", "requests", ("plane", "method", "status"))
        )
        self.request_seconds = Histogram(
            Described(
                "http_request_duration_seconds", "From a request's head to its answer's end.", "seconds", ("plane",)
            )
        )
        self.refused_requests = Counter(
            Described("http_refused_requests", "Requests answered with an error.", "requests", ("plane", "code"))
        )
        self.rows = Counter(Described("ingested_rows", "Rows that are on the disk.", "rows", ("table", "way")))
        self.bytes = Counter(
            Described("ingested_bytes", "Bytes of those rows, as _BilledSize counts them.", "bytes", ("table", "way"))
        )
        self.ack_seconds = Histogram(
            Described(
                "ingest_ack_duration_seconds", "From a batch handed to the writer to its fsync.", "seconds", ("way",)
            )
        )
        self.dropped_rows = Counter(
            Described("ingest_dropped_rows", "Rows that came in and were not kept.", "rows", ("way", "reason"))
        )
        self.commit_seconds = Histogram(
            Described("log_commit_duration_seconds", "One commit of the log writer, fsync included.", "seconds")
        )
        self.commit_rows = Histogram(
            Described("log_commit_rows", "Rows of one commit of the log writer.", "rows"), tuple(map(float, _ROWS))
        )
        self.checkpoint_seconds = Histogram(
            Described(
                "log_checkpoint_duration_seconds", "One checkpoint of the log file that was asked for.", "seconds"
            )
        )
        self.query_seconds = Histogram(
            Described("query_duration_seconds", "One KQL query, compiled and run.", "seconds", ("origin",))
        )
        self.query_rows = Counter(Described("query_result_rows", "Rows that queries gave.", "rows", ("origin",)))
        self.truncated_queries = Counter(
            Described("query_truncated_queries", "Queries whose result a limit cut short.", "queries", ("origin",))
        )
        self.failed_queries = Counter(
            Described("query_failed_queries", "Queries that gave an error.", "queries", ("origin", "code"))
        )
        self.plan_lookups = Counter(
            Described("query_plan_cache_lookups", "Looks into the cache of plans.", "lookups", ("found",))
        )
        self.rule_seconds = Histogram(
            Described("rule_run_duration_seconds", "One run of an analytics rule.", "seconds", ("status",))
        )
        self.rule_lag_seconds = Histogram(
            Described("rule_run_lag_seconds", "From the instant a rule was due to its run.", "seconds")
        )

    def gauge(self, described: Described, values: Callable[[], Mapping[Labels, float]], *, grows: bool = False) -> None:
        """Have a number found out at each look; `values` is called from any thread. One that `grows` is a counter that
        somebody else keeps."""
        self._gauges.append(Gauge(described, values, grows))

    def all(self) -> list[Counter | Histogram | Gauge]:
        """Every metric, counted or to be found out."""
        counted = [each for each in vars(self).values() if isinstance(each, Counter | Histogram)]
        return [*counted, *self._gauges]


def _bounded(series: Mapping[Labels, object], labels: Labels) -> Labels:
    if labels in series or len(series) < _SERIES:
        return labels
    return (OTHER,) * len(labels)
