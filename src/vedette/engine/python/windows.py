"""Window functions whose value at a row follows from that at the row before: sessions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from vedette.engine.python.table_function import PythonTableFunction, Rows

_TICKS = 10  # in a microsecond


def sessions(rows: Rows, longest: int | None, widest: int | None) -> Sequence[Any]:
    """Each row's position and the first time of its session: columns are whether one begins at once, the position and
    the time; `longest` and `widest` are ticks, from the session's first time and from the time before.

    https://learn.microsoft.com/kusto/query/row-window-session-function
    """
    begins, positions, times = rows.columns
    micros = times.cast(pa.int64()).to_pylist()
    starts: list[int | None] = []
    start: int | None = None
    before: int | None = None
    for begin, time in zip(begins.to_pylist(), micros, strict=True):
        if time is None or start is None or begin or _reaches(start, longest, time) or _reaches(before, widest, time):
            start = time
        before = time
        starts.append(start)
    return positions, pa.array(starts, pa.int64()).cast(pa.timestamp("us"))


def _reaches(since: int | None, ticks: int | None, time: int) -> bool:
    return since is None or ticks is None or (time - since) * _TICKS >= ticks


TABLE_FUNCTIONS: Mapping[str, PythonTableFunction] = {"py_windows_sessions": PythonTableFunction(sessions)}
"""By the names that SQL calls them by."""
