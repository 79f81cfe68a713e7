"""A client that goes away takes its query with it."""

import json
from collections.abc import MutableMapping
from typing import Any

import anyio
import pytest
from starlette.testclient import TestClient

from vedette.api.app import make_app
from vedette.api.services import Services

NUMBERS = "range {} from 1 to 100000 step 1 | extend k = 1"
PAIRS = f"{NUMBERS.format('a')} | join kind=inner ({NUMBERS.format('b')}) on k"
TEXT = f"{PAIRS} | where (a * b) % 7 == 3 | count"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_the_query_ends_when_the_client_leaves(services: Services, owner: TestClient) -> None:
    body = json.dumps({"query": TEXT}).encode()
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": f"/v1/workspaces/{services.estate.workspace_id}/query",
        "raw_path": b"",
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1:8443"),
            (b"content-type", b"application/json"),
            (b"authorization", owner.headers["authorization"].encode()),
        ],
        "server": ("127.0.0.1", 8443),
        "client": ("127.0.0.1", 50000),
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await anyio.sleep(0.3)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    with anyio.fail_after(30):
        await make_app(services)(scope, receive, send)
    assert sent[0]["status"] == 499
    assert owner.post(scope["path"], json={"query": "print 1"}).status_code == 200
