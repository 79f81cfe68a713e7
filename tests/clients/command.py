"""The `vedette` program, run as a person runs it, against a live server."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

Ready = Mapping[str, str]
VEDETTE = (sys.executable, "-m", "vedette.cli.main")


def environment(ready: Ready, folder: Path) -> dict[str, str]:
    """This process's environment, and which server is meant."""
    path = folder / "ready.json"
    path.write_text(json.dumps(dict(ready)))
    return os.environ | {"VEDETTE_READY_FILE": str(path)}


def vedette(
    ready: Ready, folder: Path, *arguments: str | Path, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run to the end; what it says and its exit code."""
    return subprocess.run(
        [*VEDETTE, *arguments],
        cwd=folder,
        env=environment(ready, folder) | variables,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
