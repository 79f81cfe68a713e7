"""The order in which Kusto lists some sets of cells: that of the hash table of texts that it gathers them in."""

from bisect import bisect_left
from collections.abc import Sequence

_SIZES = (
    *(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 103, 109, 113),
    *(127, 137, 139, 149, 157, 167, 179, 193, 199, 211, 227, 241, 257, 277, 293, 313, 337, 359, 383, 409, 439, 467),
    *(503, 541, 577, 619, 661, 709, 761, 823, 887, 953, 1031, 1109, 1193, 1289, 1381, 1493, 1613, 1741, 1879, 2029),
    *(2179, 2357, 2549, 2753, 2971, 3209, 3469, 3739, 4027, 4349, 4703, 5087, 5503, 5953, 6427, 6949, 7517, 8123),
    *(8783, 9497, 10273, 11113, 12011, 12983, 14033, 15173, 16411, 17749, 19183, 20753, 22447, 24281, 26267, 28411),
    *(30727, 33223, 35933, 38873, 42043, 45481, 49201, 53201, 57557, 62233, 67307),
)
"""The table's sizes: the first that is not below the number of texts is taken."""
_MASK = (1 << 64) - 1
_FACTOR = 0xC6A4A7935BD1E995
_SEED = 0xC70F6907


def as_listed(texts: Sequence[str]) -> list[str]:
    """The texts, put into the table one after the other: a new slot stands before all others, a text before those that
    share its slot."""
    size = _SIZES[min(bisect_left(_SIZES, len(texts)), len(_SIZES) - 1)]
    slots: dict[int, list[str]] = {}
    for text in texts:
        slots.setdefault(_hash(text.encode()) % size, []).append(text)
    return [text for slot in reversed(slots.values()) for text in reversed(slot)]


def _hash(data: bytes) -> int:
    """MurmurHash64A."""
    found = _SEED ^ (len(data) * _FACTOR & _MASK)
    whole = len(data) // 8 * 8
    for at in range(0, whole, 8):
        part = int.from_bytes(data[at : at + 8], "little") * _FACTOR & _MASK
        part = (part ^ part >> 47) * _FACTOR & _MASK
        found = (found ^ part) * _FACTOR & _MASK
    if data[whole:]:
        found = (found ^ int.from_bytes(data[whole:], "little")) * _FACTOR & _MASK
    found = (found ^ found >> 47) * _FACTOR & _MASK
    return found ^ found >> 47
