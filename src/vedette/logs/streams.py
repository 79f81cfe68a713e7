"""The names of streams, and the tables that they mean.

https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure#data-flows
"""

import re
from functools import cache
from typing import Final

from vedette.logs.tables import built_in_names

CUSTOM: Final = "Custom-"
MICROSOFT: Final = "Microsoft-"
WORKSPACE_TABLE: Final = "Microsoft-Table-"
"""Before the name of a table: what arrives for it by any way that has no rule of its own."""

_SUFFIX = "_CL"
_CUSTOM_TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")

_WITHOUT_TABLE = frozenset(
    {
        "Microsoft-ContainerInsights-Group-Default",
        "Microsoft-Metrics",
        "Microsoft-OperationLog",
        "Microsoft-PrometheusMetrics",
        "Microsoft-ServiceMap",
    }
)
"""Streams of agents that go to other places than one table."""

_KEPT_BY_THE_SERVER = frozenset(
    {"LAQueryLogs", "Operation", "SecurityAlert", "SecurityIncident", "SentinelAudit", "SentinelHealth", "Usage"}
)
"""What the server itself writes, and no sender may."""


def table_of_stream(stream: str) -> str | None:
    """The built-in table whose records a stream of Microsoft's carries; None where there is none."""
    for prefix in (WORKSPACE_TABLE, MICROSOFT):
        if stream.startswith(prefix):
            return _by_folded_name().get(stream.removeprefix(prefix).lower())
    return None


def is_agent_stream(stream: str) -> bool:
    """Whether agents may send a stream of Microsoft's: one of a table, or one that goes elsewhere."""
    return stream in _WITHOUT_TABLE or (not stream.startswith(WORKSPACE_TABLE) and table_of_stream(stream) is not None)


def table_of_output(stream: str) -> str | None:
    """The table that an output stream names; None where it can be none."""
    if stream.startswith(CUSTOM):
        name = stream.removeprefix(CUSTOM)
        return name if name.endswith(_SUFFIX) and _CUSTOM_TABLE.fullmatch(name) else None
    if stream.startswith(WORKSPACE_TABLE):
        return None
    return table_of_stream(stream)


def takes_records(table: str) -> bool:
    """Whether senders may write to a table."""
    return table not in _KEPT_BY_THE_SERVER


@cache
def _by_folded_name() -> dict[str, str]:
    """Azure's tables; custom logs of published connectors are known by their columns and are none of these."""
    return {name.lower(): name for name in built_in_names() if not name.endswith(_SUFFIX)}
