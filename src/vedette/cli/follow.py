"""Follows files as they grow: what was added, through rotation and truncation, from a place that is remembered."""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

BATCH_BYTES: Final = 1_000_000
SETTLE_SECONDS: Final = 3.0
_HEAD = 1024  # bytes by which a file is known again: an inode is given to another file as soon as it is free


@dataclass(frozen=True, slots=True)
class Place:
    """A place in one incarnation of a file: `head` is the hash of its first `head_bytes` bytes."""

    inode: int
    offset: int
    head_bytes: int
    head: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines, from where they were read, and the place behind them."""

    data: bytes
    start: Place
    end: Place


class Follower:
    """Reads one path from the remembered place on; `at` None begins at the file's beginning."""

    def __init__(self, path: Path, at: Place | None, settle: float = SETTLE_SECONDS) -> None:
        self.path = path
        self._at = at
        self._settle = settle
        self._quiet_since = 0.0  # on the monotonic clock
        self._file: BinaryIO | None = None

    def read(self, *, to_the_end: bool = False) -> Iterator[Piece]:
        """The pieces that are there now; `to_the_end` gives a last line without its end too.

        A file that was renamed is read until nothing has come for a while, for its writer may have it open still, and
        then the one that has its name now.
        """
        while True:
            if self._file is None and not self._open():
                return
            replaced = self._is_replaced()
            yield from self._pieces(whole=to_the_end)
            if not replaced or not (to_the_end or time.monotonic() - self._quiet_since > self._settle):
                return
            yield from self._pieces(whole=True)
            self._close()
            self._at = None

    def reread(self, start: Place, end: int) -> Piece | None:
        """The very bytes between a place and an offset, if the file is still there: to send them again as they were."""
        for candidate in self._candidates(start.inode):
            with candidate.open("rb") as file:
                if _is_at(file, start) and os.fstat(file.fileno()).st_size >= end:
                    file.seek(start.offset)
                    data = file.read(end - start.offset)
                    return Piece(data, start, Place(start.inode, end, *_head(file)))
        return None

    def moved(self, to: Place) -> None:
        """Go on from that place at the next read."""
        self._close()
        self._at = to

    def _pieces(self, *, whole: bool) -> Iterator[Piece]:
        file = self._file
        while file is not None and self._at is not None:
            file.seek(self._at.offset)
            data = file.read(BATCH_BYTES)
            end = data.rfind(b"\n") + 1
            if end == 0 and (len(data) == BATCH_BYTES or whole):
                end = len(data)  # a line that is longer than a piece, or the last one
            if end == 0:
                return
            start = self._at
            self._quiet_since = time.monotonic()
            self._at = Place(start.inode, start.offset + end, *_head(file))
            yield Piece(data[:end], start, self._at)

    def _open(self) -> bool:
        """Open the file at the remembered place: the one of this name, or the one that had it and was renamed."""
        remembered = self._at
        if remembered is not None:
            for candidate in self._candidates(remembered.inode):
                file = candidate.open("rb")
                if _is_at(file, remembered):
                    self._file, self._quiet_since = file, time.monotonic()
                    return True
                file.close()
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError:
            return False
        self._at = Place(os.fstat(self._file.fileno()).st_ino, 0, *_head(self._file))
        self._quiet_since = time.monotonic()
        return True

    def _candidates(self, inode: int) -> Iterator[Path]:
        """The files beside this one, it first, that have the inode."""
        beside = (each for each in self.path.parent.glob(f"{_escaped(self.path.name)}*") if each != self.path)
        for candidate in (self.path, *beside):
            try:
                if candidate.stat().st_ino == inode and candidate.is_file():
                    yield candidate
            except OSError:
                continue

    def _is_replaced(self) -> bool:
        """Whether the name belongs to another file now, or the file has been cut off and written anew."""
        assert self._file is not None
        assert self._at is not None
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return False
        own = os.fstat(self._file.fileno())
        if now.st_ino != own.st_ino:
            return True
        if not _is_at(self._file, self._at):
            self._at = Place(own.st_ino, 0, *_head(self._file))
        return False

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _is_at(file: BinaryIO, place: Place) -> bool:
    """Whether the file reaches to the place and begins as it did."""
    file.seek(0)
    beginning = file.read(place.head_bytes)
    return (
        os.fstat(file.fileno()).st_size >= place.offset
        and len(beginning) == place.head_bytes
        and hashlib.sha256(beginning).hexdigest() == place.head
    )


def _head(file: BinaryIO) -> tuple[int, str]:
    file.seek(0)
    beginning = file.read(_HEAD)
    return len(beginning), hashlib.sha256(beginning).hexdigest()


def _escaped(name: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in name)
