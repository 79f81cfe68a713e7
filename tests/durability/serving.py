"""Servers that durability tests start, kill and start again, and what they sent to them."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.clients.command import VEDETTE
from tests.clients.sdk import Ready

START_SECONDS = 60.0


class Ledger:
    """The batches that were sent, and those of them that were acknowledged."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        self.acknowledged: set[int] = set()

    def next_batch(self) -> int:
        with self._lock:
            self._sent += 1
            return self._sent

    def acknowledge(self, batch: int) -> None:
        with self._lock:
            self.acknowledged.add(batch)


def start(
    data: Path, *flags: str, before: Callable[[], None] | None = None, environment: Mapping[str, str] | None = None
) -> tuple[subprocess.Popen[bytes], Ready]:
    """A server on the directory that answers; `before` is called in its process before it begins."""
    ready_file = data / "ready.json"
    ready_file.unlink(missing_ok=True)  # left by the server that was killed
    command = [*VEDETTE, "up", "--data", str(data), "--port", "0", *flags]
    with (data.parent / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=before,
            env={**os.environ, **(environment or {})},
        )
    deadline = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail((data.parent / "server.log").read_text()[-4000:])
        time.sleep(0.02)
    return process, json.loads(ready_file.read_text())


def stop(process: subprocess.Popen[bytes]) -> None:
    """Tell a server to stop, and wait until it has."""
    process.terminate()
    process.wait(20)
