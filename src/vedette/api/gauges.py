"""The gauges of a server: what is found out when somebody looks, and not counted as it happens."""

import shutil
from pathlib import Path

from vedette.api.services import Services
from vedette.core.metrics import Described, Labels

_FILES = {
    "logs": "logs.duckdb",
    "logs_wal": "logs.duckdb.wal",
    "logs_spill": "logs.duckdb.spill",
    "state": "state.db",
    "state_wal": "state.db-wal",
}
"""The files that grow, by the name that metrics and the status give them."""


def add_gauges(services: Services) -> None:
    """Have `services.metrics` ask the parts of the server how they are."""
    metrics, logs = services.metrics, services.logs
    metrics.gauge(
        Described("log_writer_waiting_batches", "Batches that wait for a commit or are in it.", "batches"),
        lambda: {(): logs.waiting[0]},
    )
    metrics.gauge(
        Described("log_writer_waiting_bytes", "Their bytes in memory.", "bytes"), lambda: {(): logs.waiting[1]}
    )
    metrics.gauge(
        Described("query_running_queries", "Queries that run now.", "queries", ("origin",)), logs.queries.running_now
    )
    metrics.gauge(
        Described("outbox_pending_rows", "Log rows of committed documents on their way to their tables.", "rows"),
        lambda: {(): services.state.pending_count()},
    )
    metrics.gauge(
        Described("rule_failing_rules", "Enabled rules whose last run failed.", "rules"),
        lambda: {(): len(services.detections.failing())},
    )
    metrics.gauge(
        Described("data_file_size_bytes", "Sizes of the files of the data directory.", "bytes", ("file",)),
        lambda: _labelled(file_sizes(services.settings.data)),
    )
    metrics.gauge(
        Described("data_disk_free_bytes", "Bytes that are free on the disk of the data directory.", "bytes"),
        lambda: {(): shutil.disk_usage(services.settings.data).free},
    )


def file_sizes(data: Path) -> dict[str, int]:
    """Bytes of each file of the data directory that grows; zero for one that is not there."""
    return {name: _size(data / file) for name, file in _FILES.items()}


def _labelled(sizes: dict[str, int]) -> dict[Labels, float]:
    return {(name,): size for name, size in sizes.items()}


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_size(each) for each in path.iterdir())
        return path.stat().st_size
    except FileNotFoundError:  # it was there a moment ago: files of the engine come and go
        return 0
