"""How much room a disk must keep: writing stops before the disk is full, while what is stored is still whole."""

import os
from pathlib import Path
from typing import Final

from vedette.core.errors import StorageFull

_LEAST: Final = 100_000_000
_MOST: Final = 256_000_000
_SHARE: Final = 50  # a fiftieth of the disk
_TO_DELETE: Final = 16_000_000


def reserve(disk: int) -> int:
    """The bytes that are left alone on a disk of so many bytes: room for the largest group of batches that may be
    written next, once in the write-ahead log and once in the file."""
    return max(_LEAST, min(_MOST, disk // _SHARE))


def check_room(folder: Path, waiting: int, *, makes_room: bool = False) -> None:
    """Raises StorageFull where less is free than the reserve and a checkpoint of `waiting` bytes need; what
    `makes_room` may use the reserve and needs little of it."""
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    kept = (_TO_DELETE if makes_room else reserve(found.f_blocks * found.f_frsize)) + waiting
    if free < kept:
        raise StorageFull(
            "InsufficientStorage",
            f"The disk is full: {free // 1_000_000} MB are free, and {kept // 1_000_000} MB are kept in reserve. "
            "Nothing is stored until there is more room; what is stored can be read.",
        )
