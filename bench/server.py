"""A server in a process of its own, started as `vedette up` starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vedette.cli.client import Client, connected
from vedette.cli.ready import read_ready_file
from vedette.core.clock import SystemClock

_START_SECONDS = 120.0
_STEP_SECONDS = 0.005


@contextmanager
def running(data: Path, *flags: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process, from its first instant; it is stopped, and waited for, at the end."""
    command = [sys.executable, "-m", "vedette.cli.main", "up", "--data", str(data), "--port", "0", *flags]
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, env=compiled, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def answering(data: Path, process: subprocess.Popen[bytes]) -> Iterator[Client]:
    """A client of the server on that directory, as soon as its ready file is there. Raises RuntimeError."""
    path = data / "ready.json"
    deadline = time.perf_counter() + _START_SECONDS
    while not path.exists():
        if process.poll() is not None or time.perf_counter() > deadline:
            raise RuntimeError(f"the server on {data} did not start (exit code {process.returncode})")
        time.sleep(_STEP_SECONDS)
    with connected(read_ready_file(path)) as client:
        yield client


def prepare(data: Path, rows: int) -> None:
    """A data directory that a server has run on, with a table `Bench_CL` of so many rows."""
    with running(data) as process, answering(data, process) as client:
        for start in range(0, rows, 10_000):
            records = ",".join(
                f'{{"n":{number},"user":"user{number % 50}"}}' for number in range(start, start + 10_000)
            )
            client.post_records("Bench", f"[{records}]".encode(), SystemClock().now(), {})
