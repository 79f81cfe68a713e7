"""The data directory: its owner's only, opened by one process at a time."""

import fcntl
import json
import os
from pathlib import Path

from vedette.core.errors import Conflict

LOCK_NAME = "lock"


def make_data_directory(path: Path) -> None:
    """Make the directory if it is absent, readable by its owner only; an existing one keeps its mode."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


class DataDirectoryLock:
    """An exclusive hold on a data directory that ends with the process, however it ends."""

    def __init__(self, directory: Path) -> None:
        """Take the lock. Raises Conflict (code DataDirectoryInUse) naming the process that has it."""
        self._directory = directory
        self._file = (directory / LOCK_NAME).open("a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(self._file.name)
            self._file.close()
            raise Conflict("DataDirectoryInUse", _in_use(directory, holder)) from error
        self.announce(None)

    def announce(self, address: str | None) -> None:
        """Write down who holds the directory and where it answers, for whoever is refused."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps({"pid": os.getpid(), "address": address}))
        self._file.flush()

    def release(self) -> None:
        """Give the directory back."""
        if not self._file.closed:
            self._file.seek(0)
            self._file.truncate()
            self._file.close()


def _holder(path: str) -> dict[str, object]:
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _in_use(directory: Path, holder: dict[str, object]) -> str:
    process = f"process {holder['pid']}" if holder.get("pid") else "another process"
    where = f" at {holder['address']}" if holder.get("address") else ""
    return (
        f"The data directory '{directory}' is in use by Vedette, {process}{where}. "
        "Stop that one first, or choose another directory with --data."
    )
