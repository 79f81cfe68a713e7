"""Who has sent something lately, and the Heartbeat rows that say so each minute."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vedette import __version__
from vedette.formats.rows import Row

CATEGORY: Final = "Vedette syslog"
"""The Heartbeat column Category of a source that sends to the listener and has no agent."""

MOST: Final = 10_000
"""Most sources that are told apart in a minute; addresses in datagrams can be made up."""


@dataclass(frozen=True, slots=True)
class Source:
    """A machine that sends: the name it gives itself and the address it sends from."""

    computer: str
    address: str


class Sources:
    """The sources of the present minute. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._seen: set[Source] = set()
        self._lock = threading.Lock()

    def saw(self, sources: set[Source]) -> None:
        """Note who has sent something."""
        with self._lock:
            if len(self._seen) < MOST:
                self._seen |= sources

    def heartbeats(self, now: datetime, resource_id: str) -> list[Row]:
        """A row for each source since the last call."""
        with self._lock:
            seen, self._seen = self._seen, set()
        return [_heartbeat(source, now, resource_id) for source in sorted(seen, key=lambda each: each.computer)]


def _heartbeat(source: Source, now: datetime, resource_id: str) -> Row:
    row = {
        "TimeGenerated": now,
        "SourceSystem": "Linux",
        "Category": CATEGORY,
        "Computer": source.computer,
        "ComputerIP": source.address,
        "SCAgentChannel": "Direct",
        "Version": __version__,
        "IsGatewayInstalled": False,
    }
    return row | ({"_ResourceId": resource_id} if resource_id else {})
