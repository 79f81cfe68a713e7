"""A server's ready file, as the command line reads it."""

import json
from pathlib import Path

import pytest

from vedette.cli.ready import Server, read_ready_file

READY = {
    "https": "https://127.0.0.1:1",
    "http": "http://127.0.0.1:2",
    "proxy": "http://127.0.0.1:3",
    "ca": "/nowhere/ca's.pem",
    "tenant_id": "11111111-1111-1111-1111-111111111111",
    "subscription_id": "22222222-2222-2222-2222-222222222222",
    "resource_group": "group",
    "workspace_name": "workspace",
    "workspace_id": "33333333-3333-3333-3333-333333333333",
    "primary_shared_key": "cHJpbWFyeQ==",
    "secondary_shared_key": "c2Vjb25kYXJ5",
    "client_id": "44444444-4444-4444-4444-444444444444",
    "client_secret": "a'b c",
    "identity_endpoint": "http://127.0.0.1:2/msi/token",
    "identity_header": "header",
}


@pytest.fixture
def ready_file(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "ready.json"
    path.parent.mkdir()
    path.write_text(json.dumps(READY))
    return path


@pytest.fixture
def server(ready_file: Path) -> Server:
    return read_ready_file(ready_file)
