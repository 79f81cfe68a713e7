"""HyperLogLog sketches of distinct values, in the form in which Kusto shows them.

A sketch is JSON `[[1024, bits], [hashes …], [registers …]]`: up to 1024 different hashes are kept as they are, and
their count is exact; more become 2 ** bits registers.
https://learn.microsoft.com/kusto/query/hll-aggregation-function
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import orjson

from vedette.engine.python.function import PythonFunction

_MOST_HASHES = 1024
_BITS = {0: 12, 1: 14, 2: 16, 3: 17, 4: 18}


@dataclass(frozen=True, slots=True)
class Sketch:
    """Either different hashes or registers."""

    bits: int
    hashes: frozenset[int]
    registers: npt.NDArray[np.uint8] | None

    def text(self) -> str:
        """As JSON."""
        hashes = [str(number) for number in sorted(self.hashes)]
        registers: list[int] = [] if self.registers is None else self.registers.tolist()
        return orjson.dumps([[_MOST_HASHES, self.bits], hashes, registers]).decode()


def of_hashes(hashes: list[int | None] | None, accuracy: int | None) -> str | None:
    """The sketch of values by their hashes; None where there is none.

    Raises ValueError for an accuracy beyond 0 to 4.
    """
    if accuracy not in _BITS:
        raise ValueError(f"the accuracy of a distinct count is 0 to 4, not {accuracy}")
    different = frozenset(number for number in hashes or () if number is not None)
    return _settled(_BITS[accuracy], different, None).text() if different else None


def merged(texts: list[str | None] | None) -> str | None:
    """One sketch of what several have seen; None where there is none.

    Raises ValueError where they were not made with one accuracy.
    """
    sketches = [sketch for text in texts or () if (sketch := _read(text)) is not None]
    if not sketches:
        return None
    bits = {sketch.bits for sketch in sketches}
    if len(bits) > 1:
        raise ValueError("sketches of different accuracy cannot be merged")
    hashes = frozenset[int]().union(*(sketch.hashes for sketch in sketches))
    dense = [sketch.registers for sketch in sketches if sketch.registers is not None]
    registers = np.maximum.reduce(dense) if dense else None
    return _settled(bits.pop(), hashes, registers).text()


def count(text: str | None) -> int | None:
    """How many different values a sketch has seen; None for what is no sketch."""
    sketch = _read(text)
    if sketch is None:
        return None
    return len(sketch.hashes) if sketch.registers is None else _estimate(sketch.registers)


def is_valid(text: str | None) -> bool:
    """Whether a text is a sketch."""
    return _read(text) is not None


def _read(text: str | None) -> Sketch | None:
    value: Any = None if text is None else orjson.loads(text)
    match value:
        case [[int(), int(bits)], [*hashes], [*registers]] if bits in _BITS.values():
            dense = cast(list[int], registers)
            if dense and len(dense) != 1 << bits:
                return None
            try:
                sparse = frozenset(int(number) for number in cast(list[str], hashes))
                return Sketch(bits, sparse, np.array(dense, dtype=np.uint8) if dense else None)
            except (ValueError, OverflowError, TypeError):
                return None
        case _:
            return None


def _settled(bits: int, hashes: frozenset[int], registers: npt.NDArray[np.uint8] | None) -> Sketch:
    """Hashes as long as they are few, registers from then on."""
    if registers is None and len(hashes) <= _MOST_HASHES:
        return Sketch(bits, hashes, None)
    full = np.zeros(1 << bits, dtype=np.uint8) if registers is None else registers.copy()
    _observe(full, bits, hashes)
    return Sketch(bits, frozenset(), full)


def _observe(registers: npt.NDArray[np.uint8], bits: int, hashes: Iterable[int]) -> None:
    """Each hash's first bits choose a register, which keeps the most zeros seen before a one in the rest, and one."""
    words = np.array(list(hashes), dtype=np.int64).view(np.uint64)
    chosen = (words >> np.uint64(64 - bits)).astype(np.int64)
    rest = (words << np.uint64(bits)) | np.uint64(1 << (bits - 1))
    length = np.floor(np.log2(rest.astype(np.float64))).astype(np.int64)
    np.maximum.at(registers, chosen, (64 - length).astype(np.uint8))


def _estimate(registers: npt.NDArray[np.uint8]) -> int:
    size = len(registers)
    raw = 0.7213 / (1 + 1.079 / size) * size * size / float(np.sum(np.exp2(-registers.astype(np.float64))))
    empty = int(np.count_nonzero(registers == 0))
    if raw <= 2.5 * size and empty:
        return round(size * float(np.log(size / empty)))
    return round(raw)


FUNCTIONS: Mapping[str, PythonFunction] = {
    "py_sketches_of_hashes": PythonFunction(of_hashes, ("BIGINT[]", "BIGINT"), "VARCHAR"),
    "py_sketches_merged": PythonFunction(merged, ("VARCHAR[]",), "VARCHAR"),
    "py_sketches_count": PythonFunction(count, ("VARCHAR",), "BIGINT"),
    "py_sketches_is_valid": PythonFunction(is_valid, ("VARCHAR",), "BOOLEAN"),
}
"""By the names that SQL calls them by."""
