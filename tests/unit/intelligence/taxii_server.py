"""A real TAXII 2.1 server, medallion, in a process of its own, with one collection that may be written to."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxii2client.v21 import Collection

COLLECTION = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
USER, PASSWORD = "reader", "a secret of the feed"


@dataclass(frozen=True)
class TaxiiServer:
    port: int

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}/api1/"

    def add(self, *objects: dict[str, Any]) -> None:
        """Add objects the way others do, by the client of the specification's own authors."""
        place = f"{self.root}collections/{COLLECTION}/"
        Collection(place, user=USER, password=PASSWORD).add_objects({"objects": list(objects)})


@contextmanager
def taxii_server(directory: Path, page: int) -> Iterator[TaxiiServer]:
    """The server, whose pages have so many objects."""
    collection = {
        "id": COLLECTION,
        "title": "Feed",
        "can_read": True,
        "can_write": True,
        "media_types": ["application/stix+json;version=2.1"],
        "objects": [],
        "manifest": [],
    }
    information = {
        "title": "A root",
        "versions": ["application/taxii+json;version=2.1"],
        "max_content_length": 10_000_000,
    }
    data = {
        "/discovery": {"title": "A server", "api_roots": []},
        "api1": {"information": information, "status": [], "collections": [collection]},
    }
    (directory / "data.json").write_text(json.dumps(data))
    backend = {
        "module": "medallion.backends.memory_backend",
        "module_class": "MemoryBackend",
        "filename": str(directory / "data.json"),
    }
    config = {"backend": backend, "users": {USER: PASSWORD}, "taxii": {"max_page_size": page}}
    (directory / "config.json").write_text(json.dumps(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "medallion.scripts.run", "--port", str(port), str(directory / "config.json")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield TaxiiServer(port)
    finally:
        process.kill()
        process.wait()


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the TAXII server did not begin to listen")
