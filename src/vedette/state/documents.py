"""What the state store keeps: documents, and log rows that wait to be delivered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """A small JSON resource with an id, an etag and times.

    `id` and `name` keep the casing of the caller who created it. `scope` is the lower-cased id of the parent.
    `etag` is bare text, new at each write. `body` holds everything but id, name, type and etag.
    """

    id: str
    type: str
    scope: str
    name: str
    etag: str
    body: dict[str, Any]
    created: datetime
    modified: datetime


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row for a log table, committed with the documents it tells about and not yet in the table."""

    sequence: int
    workspace_id: str
    table: str
    row: dict[str, Any]
