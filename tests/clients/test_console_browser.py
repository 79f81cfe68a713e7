"""The core of the console's tests in a browser, which are the console's own; `make browser` runs all of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console"
CHROMIUM = ("chromium", "chromium-browser")
SECONDS = 600


def missing() -> str:
    """What such a test needs and is not there; empty where it can run."""
    if shutil.which("npm") is None:
        return "Node.js is not installed"
    if "CHROMIUM" not in os.environ and not any(map(shutil.which, CHROMIUM)):
        return "Chromium is not installed; on Debian: apt-get install chromium fonts-dejavu-core"
    if (
        not (CONSOLE / "node_modules" / "@playwright" / "test").is_dir()
        or not (CONSOLE / "dist" / "index.html").exists()
    ):
        return "the console is not built; make console does it"
    return ""


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_core_of_the_console() -> None:
    environment = os.environ | {"VEDETTE_PYTHON": sys.executable, "CI": "1", "BROWSER_WORKERS": "1"}
    done = subprocess.run(
        ["npm", "run", "--silent", "browser", "--", "--grep", "@core"],
        cwd=CONSOLE,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
