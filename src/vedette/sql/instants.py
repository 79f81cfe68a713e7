"""Instants in SQL text: holes where each run of a kept plan writes its own now and timespan."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_HOLE = re.compile("\0(now|start|end)([+-][0-9]+)\0")


def hole(of: str, offset: int) -> str:
    """A place in SQL text for an instant moved by `offset` ticks of 100 ns. NUL cannot come from a query's own text:
    `quote` leaves it out."""
    return f"\0{of}{offset:+d}\0"


def fill(sql: str, instants: Mapping[str, datetime | None]) -> str:
    """The text with `YYYY-MM-DD hh:mm:ss.ffffff` in each hole. An instant out of a datetime's range is its end."""
    return _HOLE.sub(lambda match: _text(instants[match[1]], int(match[2])), sql) if "\0" in sql else sql


def _text(instant: datetime | None, offset: int) -> str:
    if instant is None:
        raise LookupError("the plan was made with a bound that this run does not have")
    utc = (instant.astimezone(UTC) if instant.tzinfo else instant).replace(tzinfo=None)
    try:
        moved = utc + timedelta(microseconds=offset // 10)
    except OverflowError:
        moved = datetime.max if offset > 0 else datetime.min
    return moved.isoformat(sep=" ", timespec="microseconds")
