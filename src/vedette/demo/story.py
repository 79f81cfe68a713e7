"""The whole story: every event of the day by table, oldest first."""

from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random
from typing import Any

from vedette.demo import connections, name_lookups, processes, sign_ins
from vedette.demo.intrusion import intruder_connections, intruder_lookups, intruder_processes, intruder_sign_ins
from vedette.demo.moments import Moments

SEED = 20240229

Tell = Callable[[Moments], Iterable[dict[str, Any]]]

_CHAPTERS: tuple[tuple[str, Tell, Tell], ...] = (
    (sign_ins.TABLE, sign_ins.benign_sign_ins, intruder_sign_ins),
    (processes.TABLE, processes.benign_processes, intruder_processes),
    (name_lookups.TABLE, name_lookups.benign_lookups, intruder_lookups),
    (connections.TABLE, connections.benign_connections, intruder_connections),
)


def tell(end: datetime, seed: int = SEED) -> dict[str, list[dict[str, Any]]]:
    """The events of the day that ends at `end`: the same for the same seed, whatever the day."""
    story: dict[str, list[dict[str, Any]]] = {}
    for table, benign, intruder in _CHAPTERS:
        moments = Moments(end, Random(f"{seed}/{table}"))
        events = [*benign(moments), *intruder(moments)]
        story[table] = sorted(events, key=lambda event: event["TimeGenerated"])
    return story
