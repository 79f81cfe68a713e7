"""Moves the times of a sample, all by the same step, so that its newest event is at a chosen instant."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vedette.core.errors import InvalidInput
from vedette.formats.event_times import read_time
from vedette.formats.rows import Row, TableRow

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*", re.ASCII)
_TEXT_TIMES: Final = frozenset(
    {"ReceiptTime", "DeviceCustomDate1", "DeviceCustomDate2", "FlexDate1", "FileCreateTime", "FileModificationTime"}
)
"""Columns of CommonSecurityLog that hold a time as text, in whichever form the device wrote it."""


def newest(rows: Iterable[TableRow], time_field: str | None) -> datetime:
    """The newest time of the rows, in the field that is named, or in TimeGenerated, or in any.

    Raises InvalidInput where no row has one.
    """
    best: datetime | None = None
    for each in rows:
        time = _event_time(each.row, time_field)
        if time is not None and (best is None or time > best):
            best = time
    if best is None:
        where = f"the field '{time_field}'" if time_field else "any field"
        raise InvalidInput("NoTimes", f"The files have no time in {where}, so there is nothing to move with --as-of.")
    return best


def moved(rows: Iterable[TableRow], step: timedelta) -> Iterator[TableRow]:
    """The rows with each of their times moved; times are datetimes and texts as ISO 8601 has them."""
    for each in rows:
        yield TableRow(each.table, {name: _moved(name, value, step) for name, value in each.row.items()})


def _event_time(row: Row, time_field: str | None) -> datetime | None:
    if time_field is not None:
        return _time(time_field, row.get(time_field))
    own = _time("TimeGenerated", row.get("TimeGenerated"))
    if own is not None:
        return own
    times = (_time(name, value) for name, value in row.items())
    return max((time for time in times if time is not None), default=None)


def _time(name: str, value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, str) and (_ISO.fullmatch(value) or name in _TEXT_TIMES):
        return read_time(value, datetime(9990, 1, 1, tzinfo=UTC) if _ISO.fullmatch(value) else _LATEST)
    return None


_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def _moved(name: str, value: Any, step: timedelta) -> Any:
    time = _time(name, value)
    if time is None:
        return value
    later = time + step
    return later if isinstance(value, datetime) else later.isoformat().replace("+00:00", "Z")
