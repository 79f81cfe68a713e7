"""The disk of `disk.c`, compiled where there is a compiler, as the environment of a program that is to run on it."""

import shutil
import subprocess
from pathlib import Path

import pytest


def disk(folder: Path) -> dict[str, str]:
    """The environment in which a program's log files are on a disk that can fail; skips where none can be made."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: the disk that fails cannot be made")
    library, control = folder / "disk.so", folder / "control"
    control.mkdir()
    source = Path(__file__).with_name("disk.c")
    command = [compiler, "-O1", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl", "-lpthread"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"the disk that fails cannot be compiled: {made.stderr[:300]}")
    return {"LD_PRELOAD": str(library), "DISK_FILES": ".duckdb", "DISK_CONTROL": str(control)}
