"""How long does `vedette --help` take?"""

import subprocess
import sys
import time
from pathlib import Path

from bench.question import Finding, interleaved

RUNS = 15
TARGET = 0.15


def ask() -> list[Finding]:
    """Median over RUNS, the start of Python included."""
    program = Path(sys.executable).with_name("vedette")
    seconds, python = interleaved(RUNS, lambda: _run(program, "--help"), lambda: _run(sys.executable, "-c", "pass"))
    note = f"an empty Python program takes {python:.3f} s; median of {RUNS}"
    return [Finding("vedette --help", seconds, TARGET, "s", note)]


def _run(*command: str | Path) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
