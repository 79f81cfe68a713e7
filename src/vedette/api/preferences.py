"""What a query request asks for in its `Prefer` header.

https://learn.microsoft.com/azure/azure-monitor/logs/api/timeouts
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from vedette.engine.limits import DEFAULT_LIMITS, Limits

DEFAULT_WAIT: Final = timedelta(minutes=3)
LONGEST_WAIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Preferences:
    """How long the query may run, and what the answer has besides its tables. `as_kusto` wants it in the shape of the
    first version of Kusto's API, as the portal and notebooks do."""

    wait: timedelta = DEFAULT_WAIT
    statistics: bool = False
    render: bool = False
    data_sources: bool = False
    permissions: bool = False
    as_kusto: bool = False

    @property
    def limits(self) -> Limits:
        """The limits of a query that may run so long."""
        return replace(DEFAULT_LIMITS, timeout=self.wait)


def parse_preferences(header: str) -> Preferences:
    """The preferences of a header such as `wait=30,include-statistics=true`; what is not known there is passed over.

    A wait over ten minutes is ten minutes; one that is not a positive number of seconds is the default.
    """
    asked: dict[str, str] = {}
    for preference in re.split("[,;]", header):
        name, equals, value = preference.partition("=")
        asked[name.strip().lower()] = value.strip().strip('"').lower() if equals else "true"
    return Preferences(
        wait=_wait(asked.get("wait", "")),
        statistics=asked.get("include-statistics") == "true",
        render=asked.get("include-render") == "true",
        data_sources=asked.get("include-datasources") == "true",
        permissions=asked.get("include-permissions") == "true",
        as_kusto=asked.get("ai.response-thinning") == "false",
    )


def _wait(seconds: str) -> timedelta:
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", seconds) is None or float(seconds) == 0:
        return DEFAULT_WAIT
    return min(timedelta(seconds=float(seconds)), LONGEST_WAIT)
