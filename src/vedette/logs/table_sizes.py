"""How large the tables of a workspace are, quickly, however large that is.

Rows and times come from the engine's statistics at every look. Bytes take longer to find out: they are kept, found out
anew when the table has changed and a while has passed, and a look has a bound on the time that it spends on them.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from vedette.core.errors import Overtaken, VedetteError
from vedette.engine.engine import LogEngine
from vedette.kql.catalog import Table
from vedette.logs.standard_names import TIME_GENERATED

_LOOK_SECONDS: Final = 0.3
_AT_LEAST_SECONDS: Final = 30.0
_TIMES_ITS_COST: Final = 50


@dataclass(frozen=True, slots=True)
class TableSize:
    """Rows of a table, the bytes of the log file that they take (None while nobody has found out), and the earliest
    and latest TimeGenerated."""

    name: str
    rows: int
    bytes_on_disk: int | None
    oldest: datetime | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class _Measured:
    rows: int
    bytes: int
    at: float
    cost: float


class TableSizes:
    """Looks, and remembers. Its methods may be called from any thread."""

    def __init__(self, engine: LogEngine, clock: Callable[[], float] = monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._measured: dict[tuple[str, ...], _Measured] = {}

    def of(self, tables: Sequence[Table], still_there: Callable[[Table], bool]) -> list[TableSize]:
        """The sizes of stored tables; one that goes meanwhile is left out."""
        until = self._clock() + _LOOK_SECONDS
        sizes: list[TableSize] = []
        for table in tables:
            try:
                sizes.append(self._size(table, until))
            except Overtaken:
                continue
            except VedetteError:
                if still_there(table):
                    raise
        return sizes

    def _size(self, table: Table, until: float) -> TableSize:
        extent = self._engine.extent(table, TIME_GENERATED)
        return TableSize(table.name, extent.rows, self._bytes(table, extent.rows, until), extent.oldest, extent.newest)

    def _bytes(self, table: Table, rows: int, until: float) -> int | None:
        assert table.relation is not None
        began = self._clock()
        with self._lock:
            known = self._measured.get(table.relation)
        if known is not None:
            rest = max(_AT_LEAST_SECONDS, _TIMES_ITS_COST * known.cost)
            if known.rows == rows or began < known.at + rest:
                return known.bytes
        if began > until:
            return None if known is None else known.bytes
        found = self._engine.bytes_on_disk(table)
        ended = self._clock()
        with self._lock:
            self._measured[table.relation] = _Measured(rows, found, ended, ended - began)
        return found
