"""Azure's JavaScript clients, run by Node over scripts of this folder."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.clients.sdk import Ready

FOLDER = Path(__file__).parent / "node"


def missing() -> str | None:
    """Why the clients cannot be run here; None when they can."""
    if shutil.which("node") is None:
        return "no node on this machine"
    return None if (FOLDER / "node_modules").is_dir() else "no clients: npm ci --prefix tests/clients/node"


def run(ready: Ready, script: str, told: Mapping[str, Any]) -> Any:
    """What a script says that is told where the server is, and `told`."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    answered = subprocess.run(
        ["node", str(FOLDER / script)],
        input=json.dumps({**ready, **told}),
        env={**environment, "NODE_EXTRA_CA_CERTS": ready["ca"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answered.returncode == 0, answered.stderr
    return json.loads(answered.stdout)
