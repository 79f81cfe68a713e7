"""Digests of how values are distributed, in the form in which Kusto shows its t-digests.

A digest is JSON `[[7], [values …], [weights …]]` in the order of the values; one of datetimes or timespans holds ticks,
and says so in its first part. Up to 4096 different values are kept as they are and their ranks are exact; of more, a
thousand are kept that stand for their neighbours.
https://learn.microsoft.com/kusto/query/tdigest-aggregation-function
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import orjson

from vedette.engine.python.function import PythonFunction
from vedette.kql.literals import parse_datetime, parse_timespan

_FORM = 7
_MOST_VALUES = 4096
_KEPT_VALUES = 1000
_YEAR_1 = datetime(1, 1, 1)
_DTYPES = {"long": np.int64, "real": np.float64, "datetime": np.int64, "timespan": np.int64}


@dataclass(frozen=True, slots=True)
class Digest:
    """Different values in order, how often each came, and of which type they are."""

    kind: str
    values: npt.NDArray[Any]
    weights: npt.NDArray[np.int64]

    def text(self) -> str:
        """As JSON."""
        head: list[Any] = [_FORM] if self.kind in ("long", "real") else [_FORM, self.kind]
        return orjson.dumps([head, self.values.tolist(), self.weights.tolist()]).decode()


def of_values(values: list[Any] | None, weights: list[int | None] | None, kind: str) -> str | None:
    """The digest of values, each counted once or by its weight; None where there is none."""
    pairs = [
        (value, weight)
        for value, weight in zip(values or (), weights or [1] * len(values or ()), strict=True)
        if value is not None and weight is not None and weight > 0 and value == value
    ]
    if not pairs:
        return None
    numbers, counts = zip(*pairs, strict=True)
    return _settled(kind, np.array(numbers, dtype=_DTYPES[kind]), np.array(counts, dtype=np.int64)).text()


def merged(texts: list[str | None] | None) -> str | None:
    """One digest of what several have seen; None where there is none. Raises ValueError for different types."""
    digests = [digest for text in texts or () if (digest := _read(text)) is not None]
    if not digests:
        return None
    kinds = {digest.kind for digest in digests}
    if kinds == {"long", "real"}:
        kinds = {"real"}
    if len(kinds) > 1:
        raise ValueError("digests of different types cannot be merged")
    values = np.concatenate([digest.values for digest in digests])
    return _settled(kinds.pop(), values, np.concatenate([digest.weights for digest in digests])).text()


def percentiles(text: str | None, percents: list[float | None] | None) -> str | None:
    """JSON array of the values at the percentiles, by nearest rank; None for what is no digest."""
    digest = _read(text)
    if digest is None or percents is None:
        return None
    reached = np.cumsum(digest.weights)
    found: list[Any] = []
    for percent in percents:
        if percent is None:
            found.append(None)
            continue
        rank = max(np.ceil(min(max(percent, 0.0), 100.0) / 100 * float(reached[-1]) - 1e-9), 1)
        place = min(int(np.searchsorted(reached, rank, side="left")), len(reached) - 1)
        found.append(_shown(digest.kind, digest.values[place].item()))
    return orjson.dumps(found).decode()


def rank(text: str | None, value: str | None) -> float | None:
    """How many of the values are at most a value, which is given as JSON; None for what is no digest or value."""
    digest = _read(text)
    limit = None if digest is None or value is None else _number(digest.kind, orjson.loads(value))
    if digest is None or limit is None:
        return None
    return float(digest.weights[digest.values <= limit].sum())


def percent_rank(text: str | None, value: str | None) -> float | None:
    """The same as a percentage of all values."""
    digest, below = _read(text), rank(text, value)
    return None if digest is None or below is None else below / float(digest.weights.sum()) * 100


def is_valid(text: str | None) -> bool:
    """Whether a text is a digest."""
    return _read(text) is not None


def _read(text: str | None) -> Digest | None:
    value: Any = None if text is None else orjson.loads(text)
    match value:
        case [[7, *kinds], [*values], [*weights]] if values and len(values) == len(weights):
            numbers = cast(list[Any], values)
            whole = all(isinstance(number, int) for number in numbers)
            kind = str(kinds[0]) if kinds else ("long" if whole else "real")
            if kind not in _DTYPES:
                return None
            try:
                return Digest(kind, np.array(numbers, dtype=_DTYPES[kind]), np.array(weights, dtype=np.int64))
            except (ValueError, TypeError, OverflowError):
                return None
        case _:
            return None


def _settled(kind: str, values: npt.NDArray[Any], weights: npt.NDArray[np.int64]) -> Digest:
    different, places = np.unique(values, return_inverse=True)
    counts = np.zeros(len(different), dtype=np.int64)
    np.add.at(counts, places, weights)
    if len(different) <= _MOST_VALUES:
        return Digest(kind, different, counts)
    return Digest(kind, *_compressed(different, counts))


def _compressed(
    values: npt.NDArray[Any], weights: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Neighbours put together, fewer of them at the ends, where ranks are to be most exact; the ends stay."""
    middles = (np.cumsum(weights) - weights / 2) / weights.sum()
    scale = (np.arcsin(2 * middles - 1) / np.pi + 0.5) * _KEPT_VALUES
    groups = np.floor(scale).astype(np.int64)
    groups[0], groups[-1] = -1, _KEPT_VALUES + 1
    starts = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    ends: Sequence[int] = [*starts[1:].tolist(), len(values)]
    kept = [start + (end - start) // 2 for start, end in zip(starts.tolist(), ends, strict=True)]
    return values[kept], np.add.reduceat(weights, starts)


def _shown(kind: str, value: float) -> Any:
    if kind == "datetime":
        return (_YEAR_1 + timedelta(microseconds=value // 10)).isoformat(timespec="microseconds") + "0Z"
    if kind == "timespan":
        return _timespan_text(int(value))
    return value


def _number(kind: str, value: Any) -> float | None:
    """A JSON value as the digest's values are kept."""
    if isinstance(value, str) and kind == "datetime":
        instant = parse_datetime(value)
        return None if instant is None else (instant.replace(tzinfo=None) - _YEAR_1) // timedelta(microseconds=1) * 10
    if isinstance(value, str) and kind == "timespan":
        return parse_timespan(value)
    return value if isinstance(value, int | float) and kind in ("long", "real") else None


def _timespan_text(ticks: int) -> str:
    sign, ticks = ("-", -ticks) if ticks < 0 else ("", ticks)
    seconds, fraction = divmod(ticks, 10_000_000)
    days, seconds = divmod(seconds, 86_400)
    head = f"{days}." if days else ""
    tail = f".{fraction:07d}" if fraction else ""
    return f"{sign}{head}{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}{tail}"


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_digests_of_longs": PythonFunction(of_values, ("BIGINT[]", "BIGINT[]", "VARCHAR"), "VARCHAR"),
    "py_digests_of_reals": PythonFunction(of_values, ("DOUBLE[]", "BIGINT[]", "VARCHAR"), "VARCHAR"),
    "py_digests_merged": PythonFunction(merged, ("VARCHAR[]",), "VARCHAR"),
    "py_digests_percentiles": PythonFunction(percentiles, ("VARCHAR", "DOUBLE[]"), "VARCHAR"),
    "py_digests_rank": PythonFunction(rank, ("VARCHAR", "VARCHAR"), "DOUBLE"),
    "py_digests_percent_rank": PythonFunction(percent_rank, ("VARCHAR", "VARCHAR"), "DOUBLE"),
    "py_digests_is_valid": PythonFunction(is_valid, ("VARCHAR",), "BOOLEAN"),
}
"""By the names that SQL calls them by."""
