"""Series as NumPy arrays: read from the JSON text of a dynamic array, written as one again."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TEXTS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, slots=True)
class Numbers:
    """A series: its values (NaN where one is missing), which are missing, and whether all the others are integers."""

    values: Reals
    missing: Bools
    is_whole: bool

    @property
    def is_complete(self) -> bool:
        """Whether there are numbers only, all of them finite."""
        return bool(np.isfinite(self.values).all())


def numbers(text: str | None) -> Numbers | None:
    """A series from JSON text; what is no number is missing. None for what is no array."""
    items = orjson.loads(text) if text is not None else None
    return _numbers(items) if isinstance(items, list) else None


def operand(text: str | None) -> Numbers | float | int | None:
    """A series or a single number from JSON text; None for anything else."""
    value = orjson.loads(text) if text is not None else None
    if isinstance(value, list):
        return _numbers(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def complete(text: str | None) -> Reals | None:
    """The values of a series in which no number is missing or infinite; None for any other."""
    series = numbers(text)
    return series.values if series is not None and series.is_complete else None


def _numbers(items: list[Any]) -> Numbers:
    kinds = set(map(type, items))
    if not kinds <= {int, float, type(None)}:
        items = [_number(item) for item in items]
        kinds = set(map(type, items))
    values = np.array(items, dtype=np.float64)
    missing = np.fromiter((item is None for item in items), np.bool_, len(items))
    return Numbers(values, missing, float not in kinds and int in kinds)


def _number(item: Any) -> float | int | None:
    if isinstance(item, str):
        return _TEXTS.get(item)
    return item if isinstance(item, int | float) and not isinstance(item, bool) else None


def json_text(value: Any) -> str:
    """JSON text of a value, of which NumPy arrays and infinities may be parts."""
    return orjson.dumps(plain(value), option=orjson.OPT_SERIALIZE_NUMPY).decode()


def plain(value: Any) -> Any:
    """A value as JSON can say it: what is not finite is a text, as in any dynamic."""
    match value:
        case np.ndarray():
            if value.dtype.kind != "f" or np.isfinite(value).all():
                return np.ascontiguousarray(value)
            return [real(item) for item in value.tolist()]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case np.generic():
            return plain(value.item())
        case float():
            return real(value)
        case _:
            return value


def real(value: float) -> float | str:
    """A real as it stands in JSON."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("inf" if value > 0 else "-inf")


def array_text(values: Reals, missing: Bools | None = None, *, is_whole: bool = False) -> str:
    """JSON text of an array, null where a value is missing."""
    typed = values
    if is_whole:
        typed = (values if missing is None else np.where(missing, 0, values)).astype(np.int64)
    if missing is None or not missing.any():
        return json_text(typed)
    return json_text([None if gone else plain(item) for item, gone in zip(typed.tolist(), missing, strict=True)])


def truth_text(values: Bools, missing: Bools) -> str:
    """JSON text of an array of bools, null where one is missing."""
    return json_text(_with_gaps(values.tolist(), missing))


def _with_gaps(items: Iterable[Any], missing: Bools) -> list[Any]:
    return [None if gone else item for item, gone in zip(items, missing, strict=True)]
