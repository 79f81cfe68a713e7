"""How long a query may take and how much it may answer."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one query; the defaults are those of the Log Analytics query API.

    `rows` and `bytes` cut the answer short (it is then marked as truncated); `timeout` ends the query with TimedOut.
    https://learn.microsoft.com/azure/azure-monitor/service-limits#log-queries-and-language
    """

    timeout: timedelta = timedelta(seconds=180)
    rows: int = 500_000
    bytes: int = 100_000_000


DEFAULT_LIMITS = Limits()
