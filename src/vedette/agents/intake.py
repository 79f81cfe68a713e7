"""What listeners have received and the log store has not yet: bounded, typed in batches, kept until it is durable."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from vedette.agents.sources import Source, Sources
from vedette.core.errors import Unavailable
from vedette.formats.rows import Row
from vedette.formats.syslog_rows import Relay, syslog_row

WAITING_BYTES: Final = 16_000_000
"""Received and not yet durable: beyond it TCP senders are not read, and datagrams are dropped."""

BATCH_SECONDS: Final = 0.2
BATCH_MESSAGES: Final = 5_000
_BATCHES: Final = 2  # at once: one is typed while the one before is written
_RETRY_SECONDS: Final = 1.0
_OPERATION: Final = "Operation"
_SHOWN: Final = 2_000  # characters of a refused row

Append = Callable[[str, Sequence[Row]], Future[None]]
"""Store rows of a table, as `LogStore.append` does."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came, from whom, and when."""

    data: bytes
    relay: Relay
    at: datetime


@dataclass(slots=True)
class Counts:
    """Messages since the start: `dropped` are datagrams for which there was no room, `refused` rows that do not fit."""

    received: int = 0
    stored: int = 0
    dropped: int = 0
    refused: int = 0


@dataclass(slots=True)
class _Waiting:
    messages: list[Received] = field(default_factory=list["Received"])
    bytes: int = 0


class Intake:
    """Belongs to one event loop; all methods are called there. `when_room` is called each time room comes back."""

    def __init__(self, append: Append, sources: Sources, when_room: Callable[[], None]) -> None:
        self._append = append
        self._sources = sources
        self._when_room = when_room
        self._waiting = _Waiting()
        self._unstored = 0  # bytes
        self._something = asyncio.Event()
        self._closing = False
        self._typing = CapacityLimiter(1)
        self.counts = Counts()

    @property
    def is_full(self) -> bool:
        """Whether there is no room for more."""
        return self._unstored >= WAITING_BYTES

    def add(self, messages: Sequence[Received]) -> None:
        """Take messages in; who adds to a full intake makes it fuller, so senders are held up before."""
        if not messages:
            return
        size = sum(len(message.data) for message in messages)
        self._waiting.messages.extend(messages)
        self._waiting.bytes += size
        self._unstored += size
        self.counts.received += len(messages)
        self._something.set()

    async def run(self) -> None:
        """Store what comes in, until `close` and everything is stored."""
        room = asyncio.Semaphore(_BATCHES)
        async with asyncio.TaskGroup() as storing:
            while not self._closing or self._waiting.messages:
                await self._something.wait()
                if not self._closing and len(self._waiting.messages) < BATCH_MESSAGES:
                    await asyncio.sleep(BATCH_SECONDS)
                if not self._waiting.messages:
                    continue
                await room.acquire()
                batch, self._waiting = self._waiting, _Waiting()
                if not self._closing:
                    self._something.clear()
                storing.create_task(self._store(batch, room))

    def close(self) -> None:
        """Let `run` end once everything is stored."""
        self._closing = True
        self._something.set()

    async def _store(self, batch: _Waiting, room: asyncio.Semaphore) -> None:
        tables = await run_sync(self._typed, batch.messages, limiter=self._typing)
        for table, rows in tables.items():
            await self._store_rows(table, rows)
        self._unstored -= batch.bytes
        room.release()
        if not self.is_full:
            self._when_room()

    async def _store_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Store the rows, however long it takes; a row that cannot be stored is told of, and stops no other."""
        while True:
            try:
                await asyncio.wrap_future(await run_sync(self._append, table, rows))
            except Unavailable as error:
                _log.warning("messages wait, for they cannot be stored now", table=table, reason=error.message)
                await asyncio.sleep(_RETRY_SECONDS)
            except Exception as error:
                await self._refuse(table, rows, error)
                return
            else:
                self.counts.stored += len(rows)
                return

    async def _refuse(self, table: str, rows: Sequence[Row], error: Exception) -> None:
        """Find the rows that cannot be stored by storing halves, and say in a row of Operation what they were."""
        if len(rows) > 1:
            half = len(rows) // 2
            await self._store_rows(table, rows[:half])
            await self._store_rows(table, rows[half:])
            return
        self.counts.refused += 1
        _log.error("message refused", table=table, exc_info=error)
        if table != _OPERATION:
            await self._store_rows(_OPERATION, [_refusal(table, rows[0], error)])

    def _typed(self, messages: Sequence[Received]) -> dict[str, list[Row]]:
        tables: dict[str, list[Row]] = {}
        sources: set[Source] = set()
        for message in messages:
            typed = syslog_row(message.data, message.at, message.relay)
            tables.setdefault(typed.table, []).append({"TimeGenerated": message.at} | typed.row)
            sources.add(Source(str(typed.row.get("Computer", "")), message.relay.address))
        self._sources.saw(sources)
        return tables


def _refusal(table: str, row: Row, error: Exception) -> Row:
    return {
        "OperationCategory": "Ingestion",
        "OperationStatus": "Error",
        "OperationKey": table,
        "Detail": f"A message for {table} could not be stored. {error} {str(row)[:_SHOWN]}",
    }
