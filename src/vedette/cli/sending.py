"""Sends batches of rows: built-in tables have an endpoint of the server's own, custom ones the Data Collector."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from vedette.cli.batches import Batch
from vedette.cli.client import Client
from vedette.core.clock import Clock

SUFFIX: Final = "_CL"


@cache
def is_built_in(table: str) -> bool:
    """Whether every workspace has the table."""
    from vedette.logs.tables import built_in_names

    return table in built_in_names()


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends to one server. `headers` go with posts to the Data Collector."""

    client: Client
    clock: Clock
    headers: Mapping[str, str]

    def send(self, batch: Batch, request_id: str) -> None:
        """Store the batch; it is on the server's disk on return. Raises Refused and Unavailable.

        Sent again with the same id within an hour, it is stored once.
        """
        for table, body in batch.bodies.items():
            if is_built_in(table):
                self.client.post_rows(table, body, request_id)
            else:
                own = {**self.headers, "x-ms-client-request-id": request_id}
                self.client.post_records(table.removesuffix(SUFFIX), body, self.clock.now(), own)
